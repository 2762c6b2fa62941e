/* SPDX-License-Identifier: Apache-2.0 */
/* What is required of the memory controllers' events, on made-up machines and with counters that the test holds. */
#include "tests/support/cmocka_all.h"
#include "tests/support/heard.h"
#include "tests/support/probed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define DEVICE	  "sys/bus/event_source/devices/"
#define CPU	  "sys/devices/system/cpu/cpu"
#define GROUPS	  16
#define MEMBERS	  4
#define SCALE	  "6.103515625e-5"
#define SECOND_NS CLOCK_NS_PER_S

extern const struct probe probe_traffic;

/* What the kernel says: groups in the order in which they were opened. */
static struct {
	struct perf_event_attr attrs[MEMBERS];
	int cpu, fd;
	size_t count;
	struct perfevent_reading now;
} groups[GROUPS];
static size_t group_count;
static int open_code, read_code;

int __wrap_perfevent_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd);
int __wrap_perfevent_read(int leader_fd, struct perfevent_reading *reading);

int __wrap_perfevent_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd)
{
	size_t index = 0;

	assert_int_equal(pid, -1);
	assert_false(attr->exclude_kernel || attr->exclude_hv || attr->exclude_guest);
	if (open_code < 0)
		return open_code;
	while (index < group_count && (group_fd < 0 || groups[index].fd != group_fd))
		index++;
	assert_true(index < GROUPS && groups[index].count < MEMBERS);
	if (index == group_count) {
		assert_int_equal(group_fd, -1);
		groups[index].cpu = cpu;
		group_count++;
	}
	groups[index].attrs[groups[index].count++] = *attr;
	groups[index].now.count++;

	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (group_fd < 0)
		groups[index].fd = fd;
	return fd;
}

int __wrap_perfevent_read(int leader_fd, struct perfevent_reading *reading)
{
	for (size_t i = 0; i < group_count; i++) {
		if (groups[i].fd == leader_fd)
			*reading = groups[i].now;
	}
	return read_code;
}

/* All groups count this much of each event in a second of which they ran a part. */
static void count(uint64_t reads, uint64_t writes, uint64_t running_percent)
{
	for (size_t i = 0; i < group_count; i++) {
		for (size_t k = 0; k < groups[i].count; k++)
			groups[i].now.values[k] += k % 2 ? writes : reads;
		groups[i].now.enabled_ns += (uint64_t)SECOND_NS;
		groups[i].now.running_ns += (uint64_t)SECOND_NS / 100 * running_percent;
	}
}

#define IMC_FORMAT(name)                                 \
	"file " DEVICE name "/format/event config:0-7\n" \
	"file " DEVICE name "/format/umask config:8-15\n"
#define IMC_EVENT(name, event, terms)                             \
	"file " DEVICE name "/events/" event " " terms "\n"       \
	"file " DEVICE name "/events/" event ".scale " SCALE "\n" \
	"file " DEVICE name "/events/" event ".unit MiB\n"
#define IMC(name, type, cpus)                                              \
	"file " DEVICE name "/type " type "\n"                             \
	"file " DEVICE name "/cpumask " cpus "\n" IMC_FORMAT(name)         \
		IMC_EVENT(name, "cas_count_read", "event=0x04,umask=0x03") \
			IMC_EVENT(name, "cas_count_write", "event=0x04,umask=0x0c")
#define SOCKETS                                          \
	"file " CPU "0/topology/physical_package_id 0\n" \
	"file " CPU "8/topology/physical_package_id 1\n"

static int set_up(void **state)
{
	static struct probed probed;

	memset(groups, 0, sizeof(groups));
	group_count = 0;
	open_code = read_code = 0;
	probed_begin(&probed, &probe_traffic);
	*state = &probed;
	return 0;
}

static int tear_down(void **state)
{
	probed_end(*state);
	return 0;
}

static void start(struct probed *probed, const char *text)
{
	probed_use_text(probed, text);
	probed->root.recorded = false;
	probed_must_open(probed);
	probed_sample(probed);
}

static int64_t told(struct probed *probed, const char *key, const char *source, enum metric metric)
{
	int64_t value;

	return heard_value(probed->feed, heard_series(probed->feed, key, source), metric, &value)
		       ? value
		       : -1;
}

static void channels_are_added_in_the_package_of_their_cpu(void **state)
{
	struct probed *probed = *state;

	start(probed, IMC("uncore_imc_0", "30", "0,8") IMC("uncore_imc_1", "31", "0,8") SOCKETS);
	assert_int_equal(group_count, 4);
	assert_int_equal(groups[0].attrs[0].config, 0x0304);
	assert_int_equal(groups[0].attrs[1].config, 0x0c04);
	assert_int_equal(groups[0].attrs[0].type, 30);
	assert_int_equal(groups[3].cpu, 8);
	count(1000, 500, 100);
	groups[3].now.values[0] += 7;
	probed_sample(probed);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_READ_BYTES), 128000);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_WRITE_BYTES), 64000);
	assert_int_equal(told(probed, "package-1", "traffic:imc", METRIC_READ_BYTES), 128448);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_RUNNING_PPM), -1);
	assert_int_equal(heard_source(probed->feed, "traffic", NULL, NULL), SOURCE_OK);
}

static void counters_that_take_turns_are_scaled_and_it_is_said(void **state)
{
	struct probed *probed = *state;

	start(probed, IMC("uncore_imc_0", "30", "0") SOCKETS);
	count(1000, 500, 50);
	probed_sample(probed);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_READ_BYTES), 128000);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_RUNNING_PPM), 500000);
	count(0, 0, 0);
	probed_sample(probed);
	assert_int_equal(heard_gap(probed->feed,
				   heard_series(probed->feed, "package-0", "traffic:imc"),
				   METRIC_READ_BYTES, NULL),
			 ENODATA);
}

static void a_controller_that_missed_its_turn_loses_no_bytes(void **state)
{
	struct probed *probed = *state;
	const char *reason = "";

	start(probed, IMC("uncore_imc_0", "30", "0") IMC("uncore_imc_1", "31", "0") SOCKETS);
	count(1000, 500, 100);
	probed_sample(probed);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_READ_BYTES), 128000);
	/* One of two channels has no turn. */
	groups[0].now.values[0] += 1000;
	groups[0].now.values[1] += 500;
	groups[0].now.enabled_ns += (uint64_t)SECOND_NS;
	groups[0].now.running_ns += (uint64_t)SECOND_NS;
	groups[1].now.enabled_ns += (uint64_t)SECOND_NS;
	probed_sample(probed);
	assert_int_equal(heard_gap(probed->feed,
				   heard_series(probed->feed, "package-0", "traffic:imc"),
				   METRIC_READ_BYTES, &reason),
			 ENODATA);
	assert_non_null(strstr(reason, "did not run"));
	count(1000, 500, 100);
	probed_sample(probed);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_READ_BYTES), 3 * 128000);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_WRITE_BYTES), 3 * 64000);
}

static void free_running_counters_count_where_the_others_have_no_events(void **state)
{
	struct probed *probed = *state;

	start(probed,
	      "file " DEVICE "uncore_imc_0/type 20\n"
	      "file " DEVICE "uncore_imc_0/cpumask 0\n"
	      "file " DEVICE "uncore_imc_free_running_0/type 40\n"
	      "file " DEVICE
	      "uncore_imc_free_running_0/cpumask 0\n" IMC_FORMAT("uncore_imc_free_running_0")
		      IMC_EVENT("uncore_imc_free_running_0", "data_read", "event=0xff,umask=0x20")
			      IMC_EVENT("uncore_imc_free_running_0", "data_write",
					"event=0xff,umask=0x30") SOCKETS);
	assert_int_equal(group_count, 1);
	assert_int_equal(groups[0].attrs[1].config, 0x30ff);
	count(10, 20, 100);
	probed_sample(probed);
	assert_int_equal(told(probed, "package-0", "traffic:imc-free", METRIC_WRITE_BYTES), 1280);
}

static void two_ways_to_count_the_same_bytes_are_not_added(void **state)
{
	struct probed *probed = *state;

	start(probed, IMC("uncore_imc_0", "30",
			  "0") "file " DEVICE "uncore_imc_free_running_0/type 40\n"
			       "file " DEVICE "uncore_imc_free_running_0/cpumask 0\n" IMC_FORMAT(
				       "uncore_imc_free_running_0")
				       IMC_EVENT("uncore_imc_free_running_0", "data_read",
						 "event=0xff,umask=0x20")
					       IMC_EVENT("uncore_imc_free_running_0", "data_write",
							 "event=0xff,umask=0x30") SOCKETS);
	assert_int_equal(group_count, 1);
	assert_int_equal(groups[0].attrs[0].type, 30);
}

static void both_halves_of_a_channel_of_granite_rapids_are_added(void **state)
{
	struct probed *probed = *state;

	start(probed,
	      "file " DEVICE "uncore_imc_0/type 30\n"
	      "file " DEVICE "uncore_imc_0/cpumask 0\n" IMC_FORMAT("uncore_imc_0") IMC_EVENT(
		      "uncore_imc_0", "cas_count_read_sch0", "event=0x05,umask=0xcf")
		      IMC_EVENT("uncore_imc_0", "cas_count_write_sch0", "event=0x05,umask=0xf0")
			      IMC_EVENT("uncore_imc_0", "cas_count_read_sch1",
					"event=0x06,umask=0xcf")
				      IMC_EVENT("uncore_imc_0", "cas_count_write_sch1",
						"event=0x06,umask=0xf0") SOCKETS);
	count(100, 50, 100);
	probed_sample(probed);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_READ_BYTES), 12800);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_WRITE_BYTES), 6400);
}

static void amd_and_grace_count_without_scales(void **state)
{
	struct probed *probed = *state;

	start(probed, "file " DEVICE "amd_umc_0/type 50\n"
		      "file " DEVICE "amd_umc_0/cpumask 0\n"
		      "file " DEVICE "amd_umc_0/format/event config:0-7\n"
		      "file " DEVICE "amd_umc_0/format/rdwrmask config:8-9\n" SOCKETS);
	assert_int_equal(groups[0].attrs[0].config, 0x10a);
	assert_int_equal(groups[0].attrs[1].config, 0x20a);
	count(100, 50, 100);
	probed_sample(probed);
	assert_int_equal(told(probed, "package-0", "traffic:umc", METRIC_READ_BYTES), 6400);
	assert_int_equal(told(probed, "package-0", "traffic:umc", METRIC_WRITE_BYTES), 3200);
}

static void grace_reads_beats_and_writes_bytes(void **state)
{
	struct probed *probed = *state;

	start(probed,
	      "file " DEVICE "nvidia_scf_pmu_1/type 60\n"
	      "file " DEVICE "nvidia_scf_pmu_1/cpumask 8\n"
	      "file " DEVICE "nvidia_scf_pmu_1/format/event config:0-31\n"
	      "file " DEVICE "nvidia_scf_pmu_1/events/cmem_rd_data event=0x1a5\n"
	      "file " DEVICE "nvidia_scf_pmu_1/events/cmem_wr_total_bytes event=0x1b2\n" SOCKETS);
	count(100, 50, 100);
	probed_sample(probed);
	assert_int_equal(told(probed, "package-1", "traffic:scf", METRIC_READ_BYTES), 3200);
	assert_int_equal(told(probed, "package-1", "traffic:scf", METRIC_WRITE_BYTES), 50);
}

static void dies_share_the_controllers_of_their_socket(void **state)
{
	struct probed *probed = *state;

	start(probed, IMC("uncore_imc_0", "30", "0") SOCKETS
	      "file " CPU "0/topology/die_cpus_list 0-3\n"
	      "file " CPU "0/topology/package_cpus_list 0-7\n");
	count(1, 1, 100);
	probed_sample(probed);
	assert_int_equal(told(probed, "socket-0", "traffic:imc", METRIC_READ_BYTES), 64);
	assert_int_equal(heard_domain(probed->feed, "package-0"), 0);
}

static void a_refusal_is_no_access_with_a_remedy_and_gaps(void **state)
{
	struct probed *probed = *state;
	const char *remedy = "", *reason = "";

	open_code = -EACCES;
	start(probed, IMC("uncore_imc_0", "30", "0") SOCKETS);
	assert_int_equal(heard_source(probed->feed, "traffic", NULL, &remedy), SOURCE_NO_ACCESS);
	assert_non_null(strstr(remedy, "perf_event_paranoid=0"));
	assert_int_equal(heard_gap(probed->feed,
				   heard_series(probed->feed, "package-0", "traffic:imc"),
				   METRIC_READ_BYTES, &reason),
			 EACCES);
	assert_non_null(strstr(reason, "no permission"));
}

static void a_controller_that_vanishes_makes_the_total_unknown(void **state)
{
	struct probed *probed = *state;

	start(probed, IMC("uncore_imc_0", "30", "0") SOCKETS);
	count(1000, 500, 100);
	read_code = -ENODEV;
	probed_sample(probed);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_READ_BYTES), -1);
	read_code = 0;
	probed_sample(probed);
	count(1000, 500, 100);
	probed_sample(probed);
	/* What was counted meanwhile is not told as of one tick. */
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_READ_BYTES), 64000);
}

static void what_was_counted_in_a_suspension_is_left_out(void **state)
{
	struct probed *probed = *state;

	start(probed, IMC("uncore_imc_0", "30", "0") SOCKETS);
	count(1000, 500, 100);
	probed->context.slept_ns = SECOND_NS;
	probed_sample(probed);
	assert_int_equal(told(probed, "package-0", "traffic:imc", METRIC_READ_BYTES), 0);
}

static void nonsense_in_the_files_is_no_controller(void **state)
{
	static const char *const terms[] = {"event=",
					    "event=0x100",
					    "event=0x04,odd=1",
					    "../type=1",
					    "event=99999999999999999999",
					    "=3"};
	struct probed *probed = *state;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(terms); i++) {
		char text[2048];

		text_print(text, sizeof(text),
			   IMC("uncore_imc_0", "30", "0") "file " DEVICE
							  "uncore_imc_0/events/cas_count_read %s\n",
			   terms[i]);
		probed_use_text(probed, text);
		probed->root.recorded = false;
		if (probed_open(probed, &err) != -ENODEV)
			fail_msg("taken: %s", terms[i]);
		assert_int_equal(group_count, 0);
	}
}

static void no_controller_is_no_fault(void **state)
{
	struct probed *probed = *state;
	struct error err;

	probed_use_text(probed, "file " DEVICE "amd_df/type 9\n");
	probed->root.recorded = false;
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "amd_df"));
	probed->root.recorded = true;
	assert_int_equal(probed_open(probed, &err), -ENODEV);
	assert_non_null(strstr(err.text, "--root"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(channels_are_added_in_the_package_of_their_cpu),
		TEST(counters_that_take_turns_are_scaled_and_it_is_said),
		TEST(a_controller_that_missed_its_turn_loses_no_bytes),
		TEST(free_running_counters_count_where_the_others_have_no_events),
		TEST(two_ways_to_count_the_same_bytes_are_not_added),
		TEST(both_halves_of_a_channel_of_granite_rapids_are_added),
		TEST(amd_and_grace_count_without_scales),
		TEST(grace_reads_beats_and_writes_bytes),
		TEST(dies_share_the_controllers_of_their_socket),
		TEST(a_refusal_is_no_access_with_a_remedy_and_gaps),
		TEST(a_controller_that_vanishes_makes_the_total_unknown),
		TEST(what_was_counted_in_a_suspension_is_left_out),
		TEST(nonsense_in_the_files_is_no_controller),
		TEST(no_controller_is_no_fault),
	};

	return cmocka_run_group_tests_name("traffic", tests, NULL, NULL);
}
