/* SPDX-License-Identifier: Apache-2.0 */
/* Reads marks as they come and stamps them with the time of the read. */
#include "probes/marks/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGES     32
#define MESSAGE_SIZE 4096
#define SENDERS	     64
#define READS_A_TAKE 16 /* as many messages as a socket holds */

/* Who sent how many messages. */
struct sender {
	pid_t pid;
	uint32_t messages;
};

struct control {
	_Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(struct ucred))];
};

struct mark_listener {
	pthread_t thread;
	int fd, stop_fd;
	bool is_fifo;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];

	pthread_mutex_t reading;   /* the descriptor and the buffers below */
	pthread_mutex_t lock;	   /* filling, which pile it is, senders */
	struct mark_pile *filling; /* the thread's */
	struct mark_pile *taken;   /* the reader's */

	struct sender senders[SENDERS]; /* ring: the longest silent is forgotten */
	size_t newest;

	struct mark_stream stream;
	struct control controls[MESSAGES];
	struct mmsghdr headers[MESSAGES];
	struct iovec parts[MESSAGES];
	char bytes[MESSAGES * MESSAGE_SIZE];
};

static pid_t sender_of(struct msghdr *header)
{
	struct cmsghdr *part = CMSG_FIRSTHDR(header);
	struct ucred credentials;

	if (!part || part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS)
		return 0;
	memcpy(&credentials, CMSG_DATA(part), sizeof(credentials));
	return credentials.pid;
}

static void count_message(struct mark_listener *listener, pid_t pid)
{
	struct sender *senders = listener->senders;

	for (size_t i = 0; i < SENDERS; i++) {
		struct sender *sender = &senders[(listener->newest + i) % SENDERS];

		if (sender->pid == pid) {
			sender->messages += sender->messages < UINT32_MAX;
			return;
		}
	}
	listener->newest = (listener->newest + SENDERS - 1) % SENDERS;
	senders[listener->newest] = (struct sender){pid, 1};
}

/* True = there was something. */
static bool read_messages(struct mark_listener *listener)
{
	int count;
	int64_t now_ns;

	/* the kernel writes the length that was used into it */
	for (size_t i = 0; i < MESSAGES; i++)
		listener->headers[i].msg_hdr.msg_controllen = sizeof(struct control);
	count = recvmmsg(listener->fd, listener->headers, MESSAGES, MSG_DONTWAIT, NULL);
	now_ns = clock_now_ns();
	if (count <= 0)
		return false;
	pthread_mutex_lock(&listener->lock);
	for (size_t i = 0; i < (size_t)count; i++) {
		struct msghdr *header = &listener->headers[i].msg_hdr;

		listener->filling->sender = sender_of(header);
		count_message(listener, listener->filling->sender);
		mark_pile_message(listener->filling, now_ns, listener->bytes + i * MESSAGE_SIZE,
				  listener->headers[i].msg_len, header->msg_flags & MSG_TRUNC);
	}
	pthread_mutex_unlock(&listener->lock);
	return true;
}

static bool read_fifo(struct mark_listener *listener)
{
	ssize_t size = read(listener->fd, listener->bytes, sizeof(listener->bytes));
	int64_t now_ns = clock_now_ns();

	if (size <= 0)
		return false;
	pthread_mutex_lock(&listener->lock);
	mark_stream_bytes(&listener->stream, listener->filling, now_ns, listener->bytes,
			  (size_t)size);
	pthread_mutex_unlock(&listener->lock);
	return true;
}

static bool read_some(struct mark_listener *listener)
{
	pthread_mutex_lock(&listener->reading);
	bool found = listener->is_fifo ? read_fifo(listener) : read_messages(listener);

	pthread_mutex_unlock(&listener->reading);
	return found;
}

static void *listen_main(void *user)
{
	struct mark_listener *listener = user;
	struct pollfd fds[] = {{.fd = listener->fd, .events = POLLIN},
			       {.fd = listener->stop_fd, .events = POLLIN}};

	for (;;) {
		int ready = poll(fds, 2, -1);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0 || fds[1].revents)
			return NULL;
		read_some(listener);
	}
}

/* Under sudo the command is not root's, but its directory is already its own. */
static void give_to_owner_of_directory(const char *path)
{
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat status;
	char *slash;

	text_print(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (geteuid() != 0 || !slash || slash == directory)
		return;
	*slash = '\0';
	if (stat(directory, &status) == 0 && status.st_uid != 0 &&
	    fchownat(AT_FDCWD, path, status.st_uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0)
		return; /* then the sender is told that it may not */
}

/* True when somebody reads at the other end; a socket left behind by a crash has nobody. */
static bool is_heard(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool heard =
		fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

	if (fd >= 0)
		close(fd);
	return heard;
}

static int open_socket(struct mark_listener *listener, bool exists, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memcpy(address.sun_path, listener->path, sizeof(address.sun_path));
	if (exists && is_heard(&address))
		return error_set(err, EADDRINUSE,
				 "another jouletop listens at %s; give --marks another place",
				 listener->path);
	if (exists)
		unlink(listener->path);
	listener->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* before bind: there is no moment in which others may send */
	if (listener->fd < 0 || fchmod(listener->fd, 0600) < 0 ||
	    bind(listener->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return error_set(err, errno, "no socket for marks at %s: %s", listener->path,
				 strerror(errno));
	give_to_owner_of_directory(listener->path);
	/* Who sends, so that phases of a program that died can end with it; without, they stay open. */
	setsockopt(listener->fd, SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
	return 0;
}

static int open_path(struct mark_listener *listener, struct error *err)
{
	struct stat status;
	bool exists = lstat(listener->path, &status) == 0;

	if (!exists || S_ISSOCK(status.st_mode))
		return open_socket(listener, exists, err);
	if (!S_ISFIFO(status.st_mode))
		return error_set(err, EEXIST,
				 "%s is neither a socket nor a FIFO; give --marks another place",
				 listener->path);
	/* for writing too: else it would be at its end whenever no sender has it open */
	listener->fd = open(listener->path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (listener->fd < 0)
		return error_set(err, errno, "marks cannot be read from %s: %s", listener->path,
				 strerror(errno));
	listener->is_fifo = true;
	return 0;
}

static int run(struct mark_listener *listener, struct error *err)
{
	int code;

	for (size_t i = 0; i < MESSAGES; i++) {
		listener->parts[i] =
			(struct iovec){listener->bytes + i * MESSAGE_SIZE, MESSAGE_SIZE};
		listener->headers[i].msg_hdr =
			(struct msghdr){.msg_iov = &listener->parts[i],
					.msg_iovlen = 1,
					.msg_control = &listener->controls[i]};
	}
	code = thread_start(&listener->thread, "marks", listen_main, listener);
	return code ? error_set(err, -code, "no thread for marks: %s", strerror(-code)) : 0;
}

static void listener_destroy(struct mark_listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	if (listener->stop_fd >= 0)
		close(listener->stop_fd);
	pthread_mutex_destroy(&listener->reading);
	pthread_mutex_destroy(&listener->lock);
	free(listener->filling);
	free(listener->taken);
	free(listener);
}

struct mark_listener *mark_listener_start(const char *path, struct error *err)
{
	struct mark_listener *listener = memory_zeroed(1, sizeof(*listener));
	int result;

	pthread_mutex_init(&listener->reading, NULL);
	pthread_mutex_init(&listener->lock, NULL);
	listener->filling = memory_zeroed(1, sizeof(*listener->filling));
	listener->taken = memory_zeroed(1, sizeof(*listener->taken));
	listener->fd = -1;
	listener->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (listener->stop_fd < 0)
		result = error_set(err, errno, "no descriptor for marks: %s", strerror(errno));
	else if (text_print(listener->path, sizeof(listener->path), "%s", path) < strlen(path))
		result =
			error_set(err, ENAMETOOLONG,
				  "%s is too long for a socket; give --marks a shorter path", path);
	else
		result = open_path(listener, err);
	if (result == 0)
		result = run(listener, err);
	if (result == 0)
		return listener;
	listener_destroy(listener);
	return NULL;
}

const struct mark_pile *mark_listener_take(struct mark_listener *listener)
{
	struct mark_pile *full;

	/* A command may be at its end before our thread has had its turn. */
	for (int i = 0; i < READS_A_TAKE && read_some(listener); i++)
		continue;
	mark_pile_clear(listener->taken);
	pthread_mutex_lock(&listener->lock);
	full = listener->filling;
	listener->filling = listener->taken;
	memcpy(listener->filling->skipped, full->skipped, sizeof(full->skipped));
	pthread_mutex_unlock(&listener->lock);
	listener->taken = full;
	return full;
}

bool mark_listener_knows(struct mark_listener *listener, pid_t sender)
{
	bool knows = false;

	pthread_mutex_lock(&listener->lock);
	for (size_t i = 0; i < SENDERS && sender != 0; i++)
		knows |= listener->senders[i].pid == sender && listener->senders[i].messages > 1;
	pthread_mutex_unlock(&listener->lock);
	return knows;
}

void mark_listener_stop(struct mark_listener *listener)
{
	uint64_t one = 1;

	if (!listener)
		return;
	if (write(listener->stop_fd, &one, sizeof(one)) == (ssize_t)sizeof(one))
		pthread_join(listener->thread, NULL);
	if (!listener->is_fifo)
		unlink(listener->path);
	listener_destroy(listener);
}
