/* SPDX-License-Identifier: Apache-2.0 */
/* Answers one connection after the other. */
#include "tests/support/page_server.h"

#include "base/memory.h"
#include "base/text.h"
#include "tests/support/cmocka_all.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct page_server {
	pthread_t thread;
	pthread_mutex_t lock; /* all below */
	int fd, stop_fd;
	char url[64];
	char *text, *type, *more;
	int status;
	enum page_manner manner;
	size_t requests, sent;
};

/* False once the server is to stop. */
static bool wait_for(const struct page_server *server, int fd, short events)
{
	struct pollfd fds[] = {{.fd = fd, .events = events},
			       {.fd = server->stop_fd, .events = POLLIN}};

	while (poll(fds, 2, -1) < 0)
		continue;
	return fds[1].revents == 0;
}

static bool send_all(struct page_server *server, int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t sent = wait_for(server, fd, POLLOUT)
				       ? send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT)
				       : -1;

		if (sent <= 0)
			return false;
		bytes += sent;
		size -= (size_t)sent;
		pthread_mutex_lock(&server->lock);
		server->sent += (size_t)sent;
		pthread_mutex_unlock(&server->lock);
	}
	return true;
}

/* Reads up to the empty line that ends the request. */
static bool take_request(struct page_server *server, int fd)
{
	char request[4096];
	size_t size = 0;

	while (size < sizeof(request) - 1) {
		ssize_t part;

		if (!wait_for(server, fd, POLLIN))
			return false;
		part = recv(fd, request + size, sizeof(request) - 1 - size, 0);
		if (part <= 0)
			return false;
		size += (size_t)part;
		request[size] = '\0';
		if (strstr(request, "\r\n\r\n"))
			return true;
	}
	return false;
}

static void answer(struct page_server *server, int fd)
{
	char head[1024], length[64] = "";
	enum page_manner manner;
	char *text;
	size_t size;

	pthread_mutex_lock(&server->lock);
	text = memory_text(server->text);
	size = strlen(text);
	manner = server->manner;
	server->requests++;
	if (manner != PAGE_ENDLESS)
		text_print(length, sizeof(length), "Content-Length: %zu\r\n", size);
	text_print(head, sizeof(head),
		   "HTTP/1.1 %d X\r\nConnection: close\r\nContent-Type: %s\r\n%s%s\r\n",
		   server->status, server->type, length, server->more);
	pthread_mutex_unlock(&server->lock);
	if (manner == PAGE_SILENT)
		wait_for(server, -1, 0);
	else if (send_all(server, fd, head, strlen(head))) {
		bool goes_on = send_all(server, fd, text, manner == PAGE_BROKEN ? size / 2 : size);

		while (goes_on && manner == PAGE_ENDLESS)
			goes_on = send_all(server, fd, text, size);
	}
	free(text);
}

static void *serve(void *user)
{
	struct page_server *server = user;

	while (wait_for(server, server->fd, POLLIN)) {
		int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			continue;
		if (take_request(server, fd))
			answer(server, fd);
		close(fd);
	}
	return NULL;
}

struct page_server *page_server_start(void)
{
	struct page_server *server = memory_zeroed(1, sizeof(*server));
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);

	pthread_mutex_init(&server->lock, NULL);
	server->stop_fd = eventfd(0, EFD_CLOEXEC);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(server->fd >= 0);
	assert_int_equal(bind(server->fd, (const struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(server->fd, 4), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
	text_print(server->url, sizeof(server->url), "http://127.0.0.1:%d/metrics",
		   ntohs(address.sin_port));
	page_server_give(server, &(struct page_answer){.text = ""});
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
	return server;
}

void page_server_stop(struct page_server *server)
{
	uint64_t one = 1;

	if (!server)
		return;
	assert_int_equal(write(server->stop_fd, &one, sizeof(one)), sizeof(one));
	pthread_join(server->thread, NULL);
	close(server->fd);
	close(server->stop_fd);
	free(server->text);
	free(server->type);
	free(server->more);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

void page_server_give(struct page_server *server, const struct page_answer *answer)
{
	pthread_mutex_lock(&server->lock);
	free(server->text);
	free(server->type);
	free(server->more);
	server->text = memory_text(answer->text);
	server->type = memory_text(answer->type ? answer->type : "text/plain; version=0.0.4");
	server->more = memory_text(answer->more ? answer->more : "");
	server->status = answer->status ? answer->status : 200;
	server->manner = answer->manner;
	pthread_mutex_unlock(&server->lock);
}

const char *page_server_url(const struct page_server *server)
{
	return server->url;
}

static size_t locked(struct page_server *server, const size_t *number)
{
	size_t value;

	pthread_mutex_lock(&server->lock);
	value = *number;
	pthread_mutex_unlock(&server->lock);
	return value;
}

size_t page_server_requests(struct page_server *server)
{
	return locked(server, &server->requests);
}

size_t page_server_sent(struct page_server *server)
{
	return locked(server, &server->sent);
}
