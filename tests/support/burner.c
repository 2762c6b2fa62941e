/* SPDX-License-Identifier: Apache-2.0 */
/* A thread of a test: waits, burns, faults and sleeps as told. */
#include "tests/support/burner.h"

#include "base/clock.h"
#include "tests/support/cmocka_all.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void burn(int64_t burn_ns)
{
	struct timespec now;
	int64_t until_ns = 0;

	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
		int64_t now_ns = now.tv_sec * CLOCK_NS_PER_S + now.tv_nsec;

		if (until_ns == 0)
			until_ns = now_ns + burn_ns;
		if (now_ns >= until_ns)
			return;
	} while (true);
}

static void touch(size_t pages)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (pages == 0)
		return;
	char *memory = mmap(NULL, pages * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	assert_ptr_not_equal(memory, MAP_FAILED);
	madvise(memory, pages * size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < pages; i++)
		memory[i * size] = 1;
	munmap(memory, pages * size);
}

static void *work(void *user)
{
	struct burner *burner = user;

	pthread_mutex_lock(&burner->lock);
	burner->tid = (pid_t)syscall(SYS_gettid);
	pthread_cond_broadcast(&burner->changed);
	while (!burner->stop) {
		if (burner->burn_ns) {
			burn(burner->burn_ns);
			touch(burner->touch_pages);
			for (size_t i = 0; i < burner->naps; i++)
				usleep(1);
			burner->burn_ns = 0;
			pthread_cond_broadcast(&burner->changed);
		}
		pthread_cond_wait(&burner->changed, &burner->lock);
	}
	pthread_mutex_unlock(&burner->lock);
	return NULL;
}

void burner_start(struct burner *burner)
{
	memset(burner, 0, sizeof(*burner));
	pthread_mutex_init(&burner->lock, NULL);
	pthread_cond_init(&burner->changed, NULL);
	assert_int_equal(pthread_create(&burner->thread, NULL, work, burner), 0);
	pthread_mutex_lock(&burner->lock);
	while (!burner->tid)
		pthread_cond_wait(&burner->changed, &burner->lock);
	pthread_mutex_unlock(&burner->lock);
}

void burner_burn(struct burner *burner, int64_t burn_ns)
{
	pthread_mutex_lock(&burner->lock);
	burner->burn_ns = burn_ns;
	pthread_cond_broadcast(&burner->changed);
	while (burner->burn_ns)
		pthread_cond_wait(&burner->changed, &burner->lock);
	pthread_mutex_unlock(&burner->lock);
}

void burner_stop(struct burner *burner)
{
	pthread_mutex_lock(&burner->lock);
	burner->stop = true;
	pthread_cond_broadcast(&burner->changed);
	pthread_mutex_unlock(&burner->lock);
	pthread_join(burner->thread, NULL);
}
