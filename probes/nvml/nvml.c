/* SPDX-License-Identifier: Apache-2.0 */
/* GPUs of NVIDIA by the driver's own library: energy, power, clocks, use, processes. */
#include "probes/nvml/gpu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME	      "nvml"
#define GIVES	      "energy, power, clocks, use, processes of GPUs"
#define NVML_GPUS_MAX 64

/* The driver's counters move ten times a second at most. */
#define PERIOD_NS (100 * CLOCK_NS_PER_MS)

/* How long a reading is waited for, and from when on a GPU counts as hanging and is no longer waited for. */
#define WAIT_MAX_NS CLOCK_NS_PER_S
#define HANG_NS	    (2 * CLOCK_NS_PER_S)

/* A driver that went away is looked for so often. */
#define RETRY_NS     (5 * CLOCK_NS_PER_S)
#define SWEEP_NS     CLOCK_NS_PER_S
#define STOP_WAIT_NS (100 * CLOCK_NS_PER_MS)

struct nvml {
	struct library *library; /* NULL = the driver is gone at the moment */
	struct gpu *gpus;
	size_t count;
	struct users users;
	char driver[80];
	int64_t sweep_ns, retry_ns;
	enum source_state state; /* as last told, with the reason */
	char reason[256];
};

struct search {
	const struct sysroot *root;
	size_t found, asleep;
};

static int look_at_pci_device(void *user, const char *id)
{
	struct search *search = user;
	char path[96], text[32];

	text_print(path, sizeof(path), "bus/pci/devices/%s/vendor", id);
	if (sysroot_read(search->root, SYSROOT_SYS, path, text, sizeof(text)) < 0 ||
	    strcmp(text, "0x10de") != 0)
		return 0;
	text_print(path, sizeof(path), "bus/pci/devices/%s/class", id);
	if (sysroot_read(search->root, SYSROOT_SYS, path, text, sizeof(text)) < 0 ||
	    !text_starts_with(text, "0x03"))
		return 0;
	search->found++;
	text_print(path, sizeof(path), "bus/pci/devices/%s/power/runtime_status", id);
	search->asleep += sysroot_read(search->root, SYSROOT_SYS, path, text, sizeof(text)) > 0 &&
			  strcmp(text, "suspended") == 0;
	return 0;
}

/* To start the library would wake them. */
static bool all_are_asleep(const struct sysroot *root)
{
	struct search search = {.root = root};

	sysroot_list(root, SYSROOT_SYS, "bus/pci/devices", look_at_pci_device, &search);
	return search.found > 0 && search.asleep == search.found;
}

static int start(struct nvml *nvml, const struct probe_context *context, struct error *err)
{
	struct nvml_api api;
	unsigned count = 0;

	int code = api_load(&api, err);
	if (code < 0)
		return code;
	int answer = api.init();
	if (answer != NVML_OK)
		return error_set(err, answer == NVML_DRIVER_NOT_LOADED ? ENODEV : EIO,
				 "the library of NVIDIA's driver does not start: %s",
				 api_reason(answer));
	nvml->library = library_create(&api);
	answer = api.device_count(&count);
	if (answer != NVML_OK)
		return error_set(err, EIO, "the GPUs cannot be counted: %s", api_reason(answer));
	if (count == 0)
		return error_set(err, ENODEV, "the driver of NVIDIA knows no GPU");
	if (!api.driver_version ||
	    api.driver_version(nvml->driver, sizeof(nvml->driver)) != NVML_OK)
		nvml->driver[0] = '\0';
	nvml->driver[sizeof(nvml->driver) - 1] = '\0';
	if (count > NVML_GPUS_MAX)
		count = NVML_GPUS_MAX;
	if (!nvml->gpus)
		nvml->gpus = memory_zeroed(NVML_GPUS_MAX, sizeof(*nvml->gpus));
	nvml->count = count;
	for (unsigned i = 0; i < count; i++) {
		if (nvml->gpus[i].domain == 0)
			nvml->gpus[i].index = i;
		nvml->gpus[i].reader = reader_start(nvml->library, context->root, i);
		if (!nvml->gpus[i].reader)
			return error_set(err, EAGAIN,
					 "cannot start a thread for gpu%u; see ulimit -u", i);
	}
	return 0;
}

static void stop(struct nvml *nvml)
{
	int64_t until_ns = clock_now_ns() + STOP_WAIT_NS;

	for (size_t i = 0; i < nvml->count; i++) {
		reader_stop(nvml->gpus[i].reader, until_ns);
		nvml->gpus[i].reader = NULL;
	}
	library_release(nvml->library);
	nvml->library = NULL;
}

static void nvml_close(void *self)
{
	struct nvml *nvml = self;

	stop(nvml);
	users_finish(&nvml->users);
	free(nvml->gpus);
	nvml->gpus = NULL;
	nvml->count = 0;
}

static void say(struct nvml *nvml, const struct probe_context *context, enum source_state state,
		const char *reason)
{
	char gives[128];

	if (nvml->state == state && strcmp(nvml->reason, reason) == 0)
		return;
	nvml->state = state;
	text_print(nvml->reason, sizeof(nvml->reason), "%s", reason);
	text_print(gives, sizeof(gives), "%s of %zu GPU%s, driver %s", "energy, power, clocks, use",
		   nvml->count, nvml->count == 1 ? "" : "s",
		   nvml->driver[0] ? nvml->driver : "unknown");
	feed_source(context->feed, NAME, state, gives, reason, "");
}

static int nvml_open(void *self, const struct probe_context *context, struct error *err)
{
	struct nvml *nvml = self;

	nvml->state = SOURCE_STATE_COUNT;
	if (context->root->recorded)
		return error_set(err, ENODEV,
				 "not with --root: the driver knows only this machine");
	if (all_are_asleep(context->root)) {
		say(nvml, context, SOURCE_OFF, api_reason(NVML_ASLEEP));
		return 0;
	}
	return start(nvml, context, err);
}

/* What is wrong with a GPU; NULL = nothing. */
static const char *complaint_of(const struct gpu *gpu)
{
	int code = gpu->energy_code;

	if (gpu->hangs)
		return api_reason(NVML_HANGS);
	if (gpu->reading.identity.code != NVML_OK)
		return api_reason(gpu->reading.identity.code);
	if (api_never_comes(code))
		return "has no energy counter: its power is integrated";
	return code == NVML_GPU_IS_LOST || code == NVML_RESET_REQUIRED || code == NVML_ASLEEP
		       ? api_reason(code)
		       : NULL;
}

static void tell_state(struct nvml *nvml, const struct probe_context *context)
{
	char reason[256] = "";
	size_t bad = 0, dead = 0;

	for (size_t i = 0; i < nvml->count; i++) {
		const char *complaint = complaint_of(&nvml->gpus[i]);
		dead += complaint && !api_never_comes(nvml->gpus[i].energy_code);
		if (complaint && bad++ == 0)
			text_print(reason, sizeof(reason), "gpu%u: %s", nvml->gpus[i].index,
				   complaint);
	}
	say(nvml, context,
	    bad == 0		  ? SOURCE_OK
	    : dead == nvml->count ? SOURCE_FAILED
				  : SOURCE_PARTIAL,
	    reason);
}

static void take(struct nvml *nvml, struct gpu *gpu, const struct probe_context *context,
		 int64_t until_ns)
{
	int64_t now_ns = clock_now_ns();
	bool hung = gpu->hangs;

	if (reader_take(gpu->reader, hung ? 0 : until_ns, &gpu->reading)) {
		gpu->hangs = false;
		if (gpu->reading.identity.code == NVML_OK)
			gpu_tell(gpu, context, &nvml->users, nvml->driver);
		return;
	}
	gpu->hangs = reader_busy_ns(gpu->reader, now_ns) > HANG_NS;
	if (gpu->hangs && !hung)
		gpu_tell_gaps(gpu, context, NVML_HANGS);
}

static bool driver_is_gone(const struct nvml *nvml)
{
	for (size_t i = 0; i < nvml->count; i++) {
		const struct reading *reading = &nvml->gpus[i].reading;
		if (!nvml->gpus[i].hangs &&
		    (api_driver_is_gone(reading->values[READING_ENERGY].code) ||
		     api_driver_is_gone(reading->values[READING_UTILIZATION].code) ||
		     api_driver_is_gone(reading->identity.code)))
			return true;
	}
	return false;
}

/* A driver that was loaded again has forgotten us: all begins anew, under the same names. */
static void look_for_driver(struct nvml *nvml, const struct probe_context *context)
{
	struct error err = {0};
	int64_t now_ns = clock_now_ns();

	if (now_ns < nvml->retry_ns)
		return;
	nvml->retry_ns = now_ns + RETRY_NS;
	if (all_are_asleep(context->root))
		return;
	if (start(nvml, context, &err) == 0) {
		feed_note(context->feed, now_ns, NOTE_INFO, 0, "NVIDIA's driver is there");
		return;
	}
	stop(nvml);
	say(nvml, context, SOURCE_FAILED, err.text);
}

static void lose_driver(struct nvml *nvml, const struct probe_context *context)
{
	int64_t now_ns = clock_now_ns();

	nvml->retry_ns = now_ns + RETRY_NS;
	for (size_t i = 0; i < nvml->count; i++)
		gpu_tell_gaps(&nvml->gpus[i], context, NVML_UNINITIALIZED);
	feed_note(context->feed, now_ns, NOTE_WARN, 0, "NVIDIA's driver went away");
	say(nvml, context, SOURCE_FAILED, api_reason(NVML_UNINITIALIZED));
	stop(nvml);
}

static int nvml_sample(void *self, const struct probe_context *context, const struct watch *watch)
{
	struct nvml *nvml = self;
	int64_t now_ns = clock_now_ns(), wait_ns = context->interval_ns / 2;

	(void)watch;
	if (!nvml->library) {
		look_for_driver(nvml, context);
		if (!nvml->library)
			return 0;
	}
	for (size_t i = 0; i < nvml->count; i++)
		reader_ask(nvml->gpus[i].reader);
	for (size_t i = 0; i < nvml->count; i++)
		take(nvml, &nvml->gpus[i], context,
		     now_ns + (wait_ns < WAIT_MAX_NS ? wait_ns : WAIT_MAX_NS));
	if (now_ns >= nvml->sweep_ns) {
		users_sweep(&nvml->users, context, now_ns);
		nvml->sweep_ns = now_ns + SWEEP_NS;
	}
	tell_state(nvml, context);
	if (driver_is_gone(nvml))
		lose_driver(nvml, context);
	return 0;
}

const struct probe probe_nvml = {
	.name = NAME,
	.gives = GIVES,
	.private_size = sizeof(struct nvml),
	.slow = true,
	.period_ns = PERIOD_NS,
	.open = nvml_open,
	.sample = nvml_sample,
	.close = nvml_close,
};
