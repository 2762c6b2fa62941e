#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The program on the made-up driver of NVIDIA GPUs: watts, books, a slow start, GPUs that hang, replay. Speaks TAP.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../support/tap.sh"
jouletop=${JOULETOP:?}
driver=${top_builddir:?}/tests/support/nvml
support=$(cd "${top_srcdir:?}" && pwd)/tests/support
place=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$place"' EXIT
cd "$place" || exit 1
export FAKE_NVML=$place/script
record() { # NAME OPTION...: NAME.csv and NAME.txt
	local name=$1
	shift
	LD_LIBRARY_PATH=$driver "$jouletop" -b --record-period 0 -o "$name.csv" "$@" 2>"$name.txt" </dev/null
}

# Mean watts of a domain between its first and last rows of a source; "" when it has no energy.
watts() { # NAME ID SOURCE
	awk -F, -v id="$2" -v source="$3" '$3 == id && $6 == source && $8 != "" { if (!n++) { t = $1; e = $8 } T = $1; E = $8 }
		END { if (n > 1 && T > t && E > e) printf "%.3f", (E - e) / (T - t) }' "$1.csv"
}

near() { # A B: within 5 %
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a > b * 0.95 && a < b * 1.05) }'
}

sleep 60 & pids+=($!)
sleep 60 & pids+=($!)
cat >script <<END
all gpus 2
all power_mw 300000
1 power_mw 80000
1 utilization 0
0 process ${pids[0]} 60 4096
0 process ${pids[1]} 20 1024
END
record two -d 0.1 -n 35 -p "${pids[0]},${pids[1]}"
seen=$(watts two gpu-0000:1b:00.0 nvml:energy); near "$seen" 300; result $? "the first GPU draws 300 W by its counter" "$seen"
seen=$(watts two gpu-0000:1c:00.0 nvml:energy); near "$seen" 80; result $? "the second GPU draws 80 W by its counter" "$seen"
seen=$(watts two gpu-0000:1b:00.0 nvml:instant); near "$seen" 300; result $? "its sensor, integrated, says the same" "$seen"
if command -v python3 >/dev/null; then
	seen=$(python3 "$support/check_books.py" --gpus two.csv 10 2>&1); result $? "the books of the GPUs balance at every tick" "$seen"
else
	omitted "the books of the GPUs balance at every tick" "no python3"
fi
share() { awk -F, -v pid="$1@" 'index($3, pid) == 1 && $6 == "weight:gpu-0000:1b:00.0" && $8 != "" { e = $8 } END { print e }' two.csv; }
seen="$(share "${pids[0]}") $(share "${pids[1]}")"
awk -v s="$seen" 'BEGIN { split(s, e, " "); exit !(e[2] > 0 && e[1] / e[2] > 2.9 && e[1] / e[2] < 3.1) }'
result $? "energy goes to the processes by the time that the GPU worked for each" "$seen"
grep -q '^[0-9.]*,idle,gpu-0000:1c:00.0/idle,' two.csv
result $? "a GPU that does not work has an idle row" "$(grep gpu-0000:1c two.csv | tail -5)"
"$jouletop" replay -b -o again.csv two.csv 2>/dev/null
cmp -s two.csv again.csv; result $? "a replay recorded again is the same file" "$(diff two.csv again.csv | head -8)"

# Work of which the command says how many operations it is, on the first of two GPUs.
printf 'all gpus 2\nall utilization 90\n1 utilization 0\n' >script
# shellcheck disable=SC2016 # the command's own pid
record work -d 0.1 --flops-per-work 20T --data-type bf16 -- bash -c 'echo "0 process $$ 90 4096" >>"$FAKE_NVML"
	for i in $(seq 25); do "$0" mark work step 1; sleep 0.1; done' "$jouletop"
seen=$(grep 'by --flops-per-work' work.txt)
grep -q 'MFU [0-9.]* % of 989 TFLOP/s bf16, 1x H200 SXM, data sheet' <<<"$seen"; result $? "MFU is of the GPU that the command works on" "$(cat work.txt)"
"$jouletop" replay -b -o again.csv work.csv 2>again.txt
cmp -s work.csv again.csv && grep -qF -- "$seen" again.txt; result $? "a replay has its peaks and says the same" "$(cat again.txt)"

# A GPU in two slices, of which the driver tells neither energy nor time.
cat >script <<END
all slice 3g.71gb 1
all slice 1g.18gb 9
all power_mw 300000
all utilization -
all fail:nvmlDeviceGetUtilizationRates 3
all fail:nvmlDeviceGetProcessUtilization 3
all gpm_2/1 20
all gpm_2/9 40
0 process ${pids[0]} 0 4096 1
0 process ${pids[1]} 0 1024 9
END
record slices -d 0.1 -n 35 -p "${pids[0]},${pids[1]}"
if command -v python3 >/dev/null; then
	seen=$(python3 "$support/check_books.py" --gpus slices.csv 10 2>&1); result $? "the books of a GPU in slices balance at every tick" "$seen"
else
	omitted "the books of a GPU in slices balance at every tick" "no python3"
fi
slice() { awk -F, -v id="gpu-0000:1b:00.0/slice-$1" '$3 == id && $6 == "weight:slice-activity" && $7 == "attributed" && $8 != "" { e = $8 } END { print e }' slices.csv; }
seen="$(slice 1) $(slice 9)"
awk -v s="$seen" 'BEGIN { split(s, e, " "); exit !(e[2] > 0 && e[1] / e[2] > 1.45 && e[1] / e[2] < 1.55) }'
result $? "slices share it by activity times size, and the CSV says that it is attributed" "$seen"

echo "all delay:nvmlInit_v2 3000" >script
record slow -d 0.1 -n 3; code=$?
[ "$code" -le 2 ] && [ "$(grep -c '^[0-9.]*,tick,' slow.csv)" = 3 ] && ! grep -q ',source,nvml,ok,' slow.csv
result $? "a library that takes 3 s to start delays no tick" "$code $(grep -E ',tick,|source,nvml' slow.csv)"

printf 'all gpus 3\n1 hang:nvmlDeviceGetHandleByIndex_v2 1\n' >script
record hanging -d 0.1 -n 40
seen=$(watts hanging gpu-0000:1d:00.0 nvml:energy); near "$seen" 100; result $? "a GPU that hangs stalls no other" "$seen"
grep -q 'source,nvml,partial,.*gpu1: the driver does not come back' hanging.csv
result $? "a GPU that hangs is named in the sources" "$(grep source,nvml hanging.csv)"

"$jouletop" -b -n 2 -d 0.1 -o none.csv 2>none.txt </dev/null
if [ -e /dev/nvidiactl ]; then
	omitted "without a driver there is one line in the sources" "a driver is here"
else
	[ "$(grep -c ',source,nvml,none,' none.csv)" = 1 ] && ! grep -q '^[0-9.]*,gpu,gpu-0000:1b' none.csv
	result $? "without a driver there is one line in the sources" "$(grep source,nvml none.csv)"
fi
echo "1..$count"
