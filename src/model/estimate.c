/* SPDX-License-Identifier: Apache-2.0 */
/* Watts of a machine without sensors: what the processor may draw, a curve over load and frequency, memory, and a wide band. */
#include "model/estimate.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* Watts of one logical CPU, idle and fully used, where no TDP and no number of threads is known: Cloud Carbon Footprint,
 * coefficients for AWS (from SPECpower_ssj2008 results of servers with these processors), rounded to two decimals. */
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
	/* The mean of the rows above, for every CPU that no table knows. */
	[FAMILY_AVERAGE] = {"average", 1.20, 4.60},
};

/* Text of /proc/cpuinfo's model name. The first row that is found in it holds. */
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
	/* EPYC 7000: the last digit is the generation. */
	{"EPYC 7##1", FAMILY_EPYC_1},
	{"EPYC 7##2", FAMILY_EPYC_2},
	{"EPYC-Rome", FAMILY_EPYC_2},
};

/* Cloud Carbon Footprint: the mean of Crucial's and Micron's figures. */
#define MEMORY_W_PER_GB 0.392

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool matches_here(const char *text, const char *pattern)
{
	for (; *pattern; pattern++, text++) {
		if (*pattern == '#' ? !is_digit(*text) : strncasecmp(text, pattern, 1) != 0)
			return false;
	}
	return !is_digit(*text);
}

bool estimate_matches(const char *text, const char *pattern)
{
	char before = ' ';

	for (; *text; before = *text++) {
		if (!is_digit(before) && !is_letter(before) && matches_here(text, pattern))
			return true;
	}
	return false;
}

static const struct estimate_family *find_family(const char *cpu_model)
{
	for (size_t i = 0; cpu_model && i < ARRAY_SIZE(models); i++) {
		if (estimate_matches(cpu_model, models[i].text))
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

/* A core works while either of its two threads does, which is why power rises fast at first: 1 - (1 - load)^2 of the cores;
 * and it follows the frequency. */
double estimate_shape(double load_ratio, double speed_ratio)
{
	double resting = 1 - clamp_ratio(load_ratio);

	return (1 - resting * resting) * (speed_ratio > 0 ? clamp_ratio(speed_ratio) : 1);
}

/* Where the figure comes from, best first. */
struct basis {
	const struct estimate_calibration *calibration;
	const struct estimate_tdp *row;
	const struct estimate_family *family;
	double tdp_w;
	double part; /* of the processor that the CPUs seen are */
};

static struct basis find_basis(const struct estimate_machine *machine)
{
	struct basis basis = {.part = 1};
	int cpus = machine->cpus > 0 ? machine->cpus : 0;

	basis.calibration = machine->calibration;
	if (basis.calibration) {
		if (machine->hypervisor && basis.calibration->cpus > 0)
			basis.part = (double)cpus / basis.calibration->cpus;
		return basis;
	}
	basis.tdp_w = machine->tdp_w;
	if (basis.tdp_w > 0)
		return basis;
	basis.row = machine->row;
	/* A VM sees some threads of a processor: without their number its part is not known. */
	if (basis.row && (!machine->hypervisor || basis.row->threads > 0)) {
		basis.tdp_w = basis.row->tdp_w;
		if (machine->hypervisor)
			basis.part = (double)cpus / basis.row->threads;
		return basis;
	}
	basis.row = NULL;
	basis.family = find_family(machine->cpu_model);
	basis.part = cpus;
	return basis;
}

static double package_w(const struct estimate_machine *machine, double load_ratio)
{
	struct basis basis = find_basis(machine);
	double shape = estimate_shape(load_ratio, machine->speed_ratio);

	if (basis.calibration)
		return basis.part * estimate_calibrated_w(basis.calibration,
							  clamp_ratio(load_ratio),
							  machine->speed_ratio);
	if (basis.family)
		return basis.part * (basis.family->idle_w +
				     (basis.family->full_w - basis.family->idle_w) * shape);
	return basis.part * basis.tdp_w *
	       (ESTIMATE_IDLE_PART + (ESTIMATE_FULL_PART - ESTIMATE_IDLE_PART) * shape);
}

struct estimate_power estimate_power(const struct estimate_machine *machine, double load_ratio)
{
	double watts = package_w(machine, load_ratio);
	double band = machine->calibration ? ESTIMATE_BAND_CALIBRATED : ESTIMATE_BAND;
	double dram_w = machine->memory_bytes > 0
				? (double)machine->memory_bytes / 1e9 * MEMORY_W_PER_GB
				: 0;

	return (struct estimate_power){
		.package_uw = llround(watts * 1e6),
		.package_low_uw = llround(watts / band * 1e6),
		.package_high_uw = llround(watts * band * 1e6),
		.dram_uw = llround(dram_w * 1e6),
		.dram_low_uw = llround(dram_w / ESTIMATE_BAND * 1e6),
		.dram_high_uw = llround(dram_w * ESTIMATE_BAND * 1e6),
	};
}

static void describe_basis(const struct estimate_machine *machine, const struct basis *basis,
			   char *out, size_t size)
{
	char part[48] = "";

	if (machine->hypervisor && basis->calibration)
		text_print(part, sizeof(part), ", %d of %d threads", machine->cpus,
			   basis->calibration->cpus);
	else if (machine->hypervisor && basis->row)
		text_print(part, sizeof(part), ", %d of %d threads", machine->cpus,
			   basis->row->threads);
	if (basis->calibration)
		text_print(out, size, "calibrated on this model: %.0f-%.0f W by load%s",
			   basis->calibration->idle_w, basis->calibration->full_w, part);
	else if (basis->row)
		text_print(out, size, "TDP of %.0f W (table '%s')%s by load and frequency",
			   basis->tdp_w, basis->row->text, part);
	else if (basis->family)
		text_print(out, size, "CPU table '%s' %.2f-%.2f W per %s", basis->family->name,
			   basis->family->idle_w, basis->family->full_w,
			   machine->hypervisor ? "vCPU" : "CPU");
	else
		text_print(out, size, "TDP of %.0f W by load and frequency", basis->tdp_w);
}

const char *estimate_describe(const struct estimate_machine *machine, char *out, unsigned size)
{
	struct basis basis = find_basis(machine);
	char text[128];

	describe_basis(machine, &basis, text, sizeof(text));
	text_print(out, size, "%s, memory 0.39 W/GB, the truth is within a factor of %.1f", text,
		   machine->calibration ? ESTIMATE_BAND_CALIBRATED : ESTIMATE_BAND);
	return out;
}
