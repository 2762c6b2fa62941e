#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Guests: x86
# Sensors of boards: a hwmon driver, an ACPI power meter, an i2c chip; and one that is slow.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

machine sensors=1 sensor_mw=25000
busybox insmod "$RIG_MODULES/acpi_power_meter.ko"
busybox insmod "$RIG_MODULES/i2c-dev.ko" 2>/dev/null
busybox insmod "$RIG_MODULES/i2c-stub.ko" chip_addr=0x44
busybox insmod "$RIG_MODULES/ltc4215.ko"
bus=$(grep -l 'SMBus stub' /sys/bus/i2c/devices/i2c-*/name | sed -nE 's/.*i2c-([0-9]+).*/\1/p' | head -n 1)
# Sense voltage and output voltage: some 22 W.
busybox i2cset -y "$bus" 0x44 0x04 0x20 b >/dev/null
busybox i2cset -y "$bus" 0x44 0x05 0x80 b >/dev/null
busybox i2cset -y "$bus" 0x44 0x06 0xc0 b >/dev/null
echo ltc4215 0x44 >"/sys/bus/i2c/devices/i2c-$bus/new_device"
chip=$(cat /sys/class/hwmon/hwmon*/power1_input 2>/dev/null | sort -n | head -n 1)
run -d 0.5 --duration 6
result "$code" 'the run ends well' "$err"
sensor() { awk -v kind="$1" -v part="$2" -v column="$3" "$table"'$2 == kind && index($3, part) && $at[column] != "" { last = $at[column] } END { print last }' s.csv; }
near "$(sensor board ina226 sensor_power_watts)" 25 0.5 'power of the hwmon chip'
near "$(sensor sensor ina226 temperature_celsius)" 45 0.5 'its temperature'
near "$(sensor wall power_meter sensor_power_watts)" 47 0.5 'power of the ACPI meter, whose files lie beside its device'
near "$(sensor board ltc4215 sensor_power_watts)" "$(awk -v uw="$chip" 'BEGIN { print uw / 1e6 }')" 0.5 'power of the i2c chip'
rig sensor_mw=50000
run -d 0.5 --duration 4
near "$(sensor board ina226 sensor_power_watts)" 50 0.5 'a change is seen'

# A reading that takes a second is no reason for the others to wait.
ticks() { grep -c ',tick,' s.csv; }
rig sensor_delay_ms=0
run -d 0.1 --duration 8
quick=$(ticks)
quick_ms=$(displacement 0.1)
rig sensor_delay_ms=1000
run -d 0.1 --duration 8
result "$code" 'a run with a slow sensor ends well' "$err"
between "$(ticks)" "$((quick * 8 / 10))" 90 "a slow sensor does not hold the samples up ($quick without it)"
# Half an interval is the noise of an emulated machine on a busy host; a reading that held the ticks up would be a second.
between "$(displacement 0.1)" 0 "$(awk -v ms="$quick_ms" 'BEGIN { print 2 * (ms > 50 ? ms : 50) }')" \
	"nor does it move them (99 % within $(displacement 0.1) ms, $quick_ms ms without it)"
