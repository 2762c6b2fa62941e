/* SPDX-License-Identifier: Apache-2.0 */
/* Watts of a machine without sensors: a table by CPU model, a curve over utilisation, memory by size, and a wide band. */
#include "model/estimate.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Watts of one logical CPU, idle and fully used: Cloud Carbon Footprint, coefficients for AWS (from SPECpower_ssj2008
 * results of servers with these processors), rounded to two decimals. */
struct estimate_family {
	const char *name;
	double idle_w, full_w;
};

enum family {
	FAMILY_GRAVITON,
	FAMILY_IVY_BRIDGE,
	FAMILY_SANDY_BRIDGE,
	FAMILY_HASWELL,
	FAMILY_SKY_LAKE,
	FAMILY_CASCADE_LAKE,
	FAMILY_EPYC_2,
	FAMILY_BROADWELL,
	FAMILY_EPYC_1,
	FAMILY_COFFEE_LAKE,
	FAMILY_AVERAGE,
};

static const struct estimate_family families[] = {
	[FAMILY_GRAVITON] = {"Graviton", 0.47, 1.69},
	[FAMILY_IVY_BRIDGE] = {"Ivy Bridge", 3.04, 8.25},
	[FAMILY_SANDY_BRIDGE] = {"Sandy Bridge", 2.17, 8.58},
	[FAMILY_HASWELL] = {"Haswell", 1.90, 6.01},
	[FAMILY_SKY_LAKE] = {"Sky Lake", 0.64, 4.19},
	[FAMILY_CASCADE_LAKE] = {"Cascade Lake", 0.64, 3.97},
	[FAMILY_EPYC_2] = {"EPYC 2nd Gen", 0.47, 1.69},
	[FAMILY_BROADWELL] = {"Broadwell", 0.71, 3.69},
	[FAMILY_EPYC_1] = {"EPYC 1st Gen", 0.82, 2.55},
	[FAMILY_COFFEE_LAKE] = {"Coffee Lake", 1.14, 5.42},
	/* The mean of the rows above, for every CPU that the table does not know. */
	[FAMILY_AVERAGE] = {"average", 1.20, 4.60},
};

/* Text of /proc/cpuinfo's model name; '#' stands for one digit. The first row that is found in it holds. */
static const struct {
	const char *text;
	enum family family;
} models[] = {
	{"Graviton", FAMILY_GRAVITON},
	{"Neoverse-N1", FAMILY_GRAVITON},
	{"Ivy Bridge", FAMILY_IVY_BRIDGE},
	{"IvyBridge", FAMILY_IVY_BRIDGE},
	{"Sandy Bridge", FAMILY_SANDY_BRIDGE},
	{"SandyBridge", FAMILY_SANDY_BRIDGE},
	{"Haswell", FAMILY_HASWELL},
	{"Broadwell", FAMILY_BROADWELL},
	{"Skylake", FAMILY_SKY_LAKE},
	{"Cascadelake", FAMILY_CASCADE_LAKE},
	{"Cascade Lake", FAMILY_CASCADE_LAKE},
	{"Coffee Lake", FAMILY_COFFEE_LAKE},
	/* Xeon E3/E5/E7 by their version; without one it is Sandy Bridge. */
	{"E#-#### v2", FAMILY_IVY_BRIDGE},
	{"E#-####L v2", FAMILY_IVY_BRIDGE},
	{"E#-#### v3", FAMILY_HASWELL},
	{"E#-####L v3", FAMILY_HASWELL},
	{"E#-#### v4", FAMILY_BROADWELL},
	{"E#-####L v4", FAMILY_BROADWELL},
	{"E#-#### v5", FAMILY_SKY_LAKE},
	{"E#-#### v6", FAMILY_SKY_LAKE},
	{"E#-####", FAMILY_SANDY_BRIDGE},
	{"E-21##", FAMILY_COFFEE_LAKE},
	{"E-22##", FAMILY_COFFEE_LAKE},
	/* Xeon Scalable: the second digit is the generation. */
	{"Platinum 81##", FAMILY_SKY_LAKE},
	{"Platinum 82##", FAMILY_CASCADE_LAKE},
	{"Gold 51##", FAMILY_SKY_LAKE},
	{"Gold 61##", FAMILY_SKY_LAKE},
	{"Gold 52##", FAMILY_CASCADE_LAKE},
	{"Gold 62##", FAMILY_CASCADE_LAKE},
	{"Silver 41##", FAMILY_SKY_LAKE},
	{"Silver 42##", FAMILY_CASCADE_LAKE},
	{"Bronze 31##", FAMILY_SKY_LAKE},
	{"Bronze 32##", FAMILY_CASCADE_LAKE},
	/* EPYC 7000 and the cloud's 7R: the last digit is the generation. */
	{"EPYC 7##1", FAMILY_EPYC_1},
	{"EPYC 7##2", FAMILY_EPYC_2},
	{"EPYC 7R32", FAMILY_EPYC_2},
	{"EPYC-Rome", FAMILY_EPYC_2},
	{"EPYC 7B12", FAMILY_EPYC_2},
};

/* SPECpower and the load runs that CodeCarbon recorded beside RAPL (EPYC 8024P, Xeon E3-1240 v2, 0..100 % in eleven
 * steps) agree that power rises faster at first: the exponent is the one that keeps most of those runs in the band. */
#define CURVE_EXPONENT 0.75

/* With the TDP known: in the same runs a package never drew more than 0.6 of it, 0.05 at rest; the square root of the load times
 * the part of the highest frequency keeps 37 of 38 points within the band, the load alone 33. */
#define TDP_IDLE_PART 0.05
#define TDP_BUSY_PART 0.55
#define TDP_EXPONENT  0.5

/* In those runs no curve stays within a factor of two of RAPL; with this factor seven of eight points above idle lie in
 * the band. */
#define BAND_FACTOR 2.2

/* Cloud Carbon Footprint: the mean of Crucial's and Micron's figures. */
#define MEMORY_W_PER_GB 0.392

static bool matches_here(const char *text, const char *pattern)
{
	for (; *pattern; pattern++, text++) {
		bool digit = *text >= '0' && *text <= '9';

		if (*pattern == '#' ? !digit : strncasecmp(text, pattern, 1) != 0)
			return false;
	}
	return true;
}

static bool contains_pattern(const char *text, const char *pattern)
{
	for (; *text; text++) {
		if (matches_here(text, pattern))
			return true;
	}
	return false;
}

static const struct estimate_family *find_family(const char *cpu_model)
{
	for (size_t i = 0; cpu_model && i < ARRAY_SIZE(models); i++) {
		if (contains_pattern(cpu_model, models[i].text))
			return &families[models[i].family];
	}
	return &families[FAMILY_AVERAGE];
}

static double clamp_ratio(double ratio)
{
	if (!(ratio > 0)) /* NAN as well */
		return 0;
	return ratio < 1 ? ratio : 1;
}

static double package_by_tdp_w(const struct estimate_machine *machine, double load_ratio)
{
	double speed = machine->speed_ratio > 0 ? clamp_ratio(machine->speed_ratio) : 1;
	double used = pow(clamp_ratio(load_ratio), TDP_EXPONENT) * speed;

	return machine->tdp_w * (TDP_IDLE_PART + TDP_BUSY_PART * used);
}

static double package_by_table_w(const struct estimate_machine *machine, double load_ratio)
{
	const struct estimate_family *family = find_family(machine->cpu_model);
	double load = pow(clamp_ratio(load_ratio), CURVE_EXPONENT);
	double cpus = machine->cpus > 0 ? machine->cpus : 0;

	return cpus * (family->idle_w + (family->full_w - family->idle_w) * load);
}

struct estimate_power estimate_power(const struct estimate_machine *machine, double load_ratio)
{
	double package_w = machine->tdp_w > 0 ? package_by_tdp_w(machine, load_ratio)
					      : package_by_table_w(machine, load_ratio);
	double dram_w = machine->memory_bytes > 0
				? (double)machine->memory_bytes / 1e9 * MEMORY_W_PER_GB
				: 0;

	return (struct estimate_power){
		.package_uw = llround(package_w * 1e6),
		.package_low_uw = llround(package_w / BAND_FACTOR * 1e6),
		.package_high_uw = llround(package_w * BAND_FACTOR * 1e6),
		.dram_uw = llround(dram_w * 1e6),
		.dram_low_uw = llround(dram_w / BAND_FACTOR * 1e6),
		.dram_high_uw = llround(dram_w * BAND_FACTOR * 1e6),
	};
}

const char *estimate_describe(const struct estimate_machine *machine, char *out, unsigned size)
{
	const struct estimate_family *family = find_family(machine->cpu_model);

	if (machine->tdp_w > 0) {
		text_print(
			out, size,
			"TDP of %.0f W by load and frequency, memory 0.39 W/GB, band a factor of %.1f",
			machine->tdp_w, BAND_FACTOR);
		return out;
	}
	text_print(out, size,
		   "CPU table '%s' %.2f-%.2f W per %s, memory 0.39 W/GB, band a factor of %.1f",
		   family->name, family->idle_w, family->full_w,
		   machine->hypervisor ? "vCPU" : "CPU", BAND_FACTOR);
	return out;
}
