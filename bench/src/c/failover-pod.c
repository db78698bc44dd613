/* Stands in for a pod: what a Service leads to. Each datagram comes back with the name behind it, and
 * each connection is taken and ended.
 *
 *     failover-pod NAME PORT ADDRESS...
 *
 * One socket an address: from a wildcard socket an answer would leave from the node's own address.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>
#include "host.h"

enum { MOST_SOCKETS = 16, BACKLOG = 1024 };

static int open_socket(const char *address, int port, int type)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int is_v6 = strchr(address, ':') != NULL;
	const struct sockaddr *local = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
	socklen_t length = is_v6 ? sizeof v6 : sizeof v4;
	int fd = socket(local->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	parse_address(local->sa_family, address, is_v6 ? (void *)&v6.sin6_addr : &v4.sin_addr);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
		die("socket");
	if (bind(fd, local, length) < 0)
		die(address);
	if (type == SOCK_STREAM && listen(fd, BACKLOG) < 0)
		die("listen");
	return fd;
}

static void echo(int fd, const char *name)
{
	struct sockaddr_storage peer;
	char packet[2048];
	ssize_t length;

	for (;;) {
		socklen_t size = sizeof peer;
		length = recvfrom(fd, packet, 1024, 0, (struct sockaddr *)&peer, &size);
		if (length < 0)
			return;
		strcpy(&packet[length], name);
		(void)sendto(fd, packet, (size_t)length + strlen(name), 0, (struct sockaddr *)&peer,
			     size);
	}
}

static void take(int fd)
{
	int connection;

	while ((connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		close(connection);
}

int main(int argc, char **argv)
{
	struct pollfd polled[MOST_SOCKETS];
	int count = 0;

	if (argc < 4 || argc > 3 + MOST_SOCKETS / 2 || strlen(argv[1]) > 64) {
		fprintf(stderr, "usage: failover-pod NAME PORT ADDRESS...\n");
		return 2;
	}
	for (int i = 3; i < argc; i++) {
		int port = number_of(argv[2], 1, 65535);
		polled[count++].fd = open_socket(argv[i], port, SOCK_DGRAM);
		polled[count++].fd = open_socket(argv[i], port, SOCK_STREAM);
	}
	for (int i = 0; i < count; i++)
		polled[i].events = POLLIN;
	puts("ready");
	fflush(stdout);
	for (;;) {
		if (poll(polled, (nfds_t)count, -1) < 0 && errno != EINTR)
			die("poll");
		for (int i = 0; i < count; i++) {
			if (polled[i].revents == 0)
				continue;
			if (i % 2 == 0)
				echo(polled[i].fd, argv[1]);
			else
				take(polled[i].fd);
		}
	}
}
