/* SPDX-License-Identifier: Apache-2.0 */
/* An ACPI power meter of 47 W, as servers have: the driver acpi_power_meter takes it. */
DefinitionBlock ("", "SSDT", 2, "JTOP", "METER", 1)
{
    Scope (\_SB)
    {
        Device (PMTR)
        {
            Name (_HID, "ACPI000D")
            Name (_UID, 1)

            /* Measures input power in milliwatts, averaged over a second; no limits, no trip points. */
            Name (_PMC, Package ()
            {
                0x1, 0x0, 0x0, 0x3E8, 0x64, 0x3E8, 0x3E8, 0xFFFFFFFF, 0x0, 0x0, 0x0,
                "JOULETOP", "0001", "System Power"
            })

            /* Of no device in particular. */
            Name (_PMD, Package () {})

            Method (_PMM, 0, NotSerialized)
            {
                Return (0xB798)
            }

            Method (_GAI, 0, NotSerialized)
            {
                Return (0x3E8)
            }

            Method (_PAI, 1, NotSerialized)
            {
                Return (Zero)
            }
        }
    }
}
