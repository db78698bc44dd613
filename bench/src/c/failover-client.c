/* A client of a Service: a datagram every so many µs from one socket, and a new TCP connection every so
 * many µs, until it is told to end (SIGTERM). It says "ready" once 50 datagrams were answered.
 *
 *     failover-client ADDRESS PORT DATAGRAM_US CONNECT_US
 *
 * At the end it prints a line for each datagram, and one for each connection; times are nanoseconds of
 * the monotonic clock, and "-" is what never came:
 *
 *     d SENT RECEIVED NAME       NAME is that of the pod that answered
 *     c BEGAN ENDED connected|timeout|ERROR
 *
 * A connection is given 900 ms, less than the kernel waits before it repeats a SYN: each lost SYN counts.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>
#include "host.h"

#define PATIENCE_NS (900 * NS_PER_MS)
#define LINGER_NS (300 * NS_PER_MS)
enum { MOST_DATAGRAMS = 1 << 20, MOST_CONNECTS = 1 << 18, MOST_OPEN = 512, NAME_BYTES = 12 };

struct datagram {
	int64_t sent, received;
	char name[NAME_BYTES];
};

struct connect {
	int64_t began, ended;
	/* 0: connected, -1: not within the time. */
	int error;
};

struct open_connection {
	int fd;
	int number;
};

static struct datagram *datagrams;
static struct connect *connects;
static int sent, answered, connected;
/* The first is that of the datagrams. */
static struct pollfd polled[1 + MOST_OPEN];
static int numbers[1 + MOST_OPEN];
static nfds_t open_count = 1;
static struct sockaddr_storage service;
static socklen_t service_bytes;
static volatile sig_atomic_t told_to_end;

static void end(int signal)
{
	(void)signal;
	told_to_end = 1;
}

static void aim_at(const char *address, int port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&service;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&service;

	if (strchr(address, ':') != NULL) {
		*v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
					     .sin6_port = htons((uint16_t)port) };
		parse_address(AF_INET6, address, &v6->sin6_addr);
		service_bytes = sizeof *v6;
	} else {
		*v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
		parse_address(AF_INET, address, &v4->sin_addr);
		service_bytes = sizeof *v4;
	}
}

static int open_socket(int type)
{
	int fd = socket(service.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	return fd;
}

static void send_datagram(void)
{
	uint32_t number = (uint32_t)sent;

	if (sent == MOST_DATAGRAMS)
		return;
	datagrams[sent++].sent = now_ns();
	/* The first attempt may only tell what became of an earlier one. */
	for (int attempt = 0; attempt < 2; attempt++)
		if (send(polled[0].fd, &number, sizeof number, 0) >= 0)
			return;
}

static void take_answers(void)
{
	char packet[2048];
	uint32_t number;
	ssize_t length;

	do {
		length = recv(polled[0].fd, packet, sizeof packet, 0);
		if (length < (ssize_t)sizeof number)
			continue;
		memcpy(&number, packet, sizeof number);
		if (number >= (uint32_t)sent || datagrams[number].received != 0)
			continue;
		datagrams[number].received = now_ns();
		length -= (ssize_t)sizeof number;
		if (length >= NAME_BYTES)
			length = NAME_BYTES - 1;
		memcpy(datagrams[number].name, &packet[sizeof number], (size_t)length);
		if (++answered == 50) {
			puts("ready");
			fflush(stdout);
		}
	} while (length >= 0 || errno != EAGAIN);
}

/* Whoever is connected resets the connection: nothing of it is to be waited for. */
static void finish(nfds_t place, int error)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct connect *connect = &connects[numbers[place]];

	connect->ended = now_ns();
	connect->error = error;
	(void)setsockopt(polled[place].fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	close(polled[place].fd);
	open_count--;
	polled[place] = polled[open_count];
	numbers[place] = numbers[open_count];
}

static void begin_connect(void)
{
	nfds_t place = open_count;

	if (connected == MOST_CONNECTS || place > MOST_OPEN)
		return;
	polled[place] = (struct pollfd){ .fd = open_socket(SOCK_STREAM), .events = POLLOUT };
	numbers[place] = connected;
	connects[connected++].began = now_ns();
	open_count++;
	if (connect(polled[place].fd, (struct sockaddr *)&service, service_bytes) == 0)
		finish(place, 0);
	else if (errno != EINPROGRESS)
		finish(place, errno);
}

static void take_connects(void)
{
	for (nfds_t place = open_count; place-- > 1;) {
		int error = 0;
		socklen_t size = sizeof error;
		if (polled[place].revents != 0) {
			if (getsockopt(polled[place].fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
				die("SO_ERROR");
			finish(place, error);
		} else if (now_ns() - connects[numbers[place]].began > PATIENCE_NS) {
			finish(place, -1);
		}
	}
}

static void wait_until(int64_t ns)
{
	int64_t left = ns - now_ns();
	struct timespec time = timespec_of(left > 0 ? left : 0);

	if (ppoll(polled, open_count, &time, NULL) < 0 && errno != EINTR)
		die("poll");
	take_answers();
	take_connects();
}

static void print(void)
{
	for (int i = 0; i < sent; i++) {
		const struct datagram *each = &datagrams[i];
		if (each->received == 0)
			printf("d %lld - -\n", (long long)each->sent);
		else
			printf("d %lld %lld %s\n", (long long)each->sent, (long long)each->received,
			       each->name);
	}
	for (int i = 0; i < connected; i++) {
		const struct connect *each = &connects[i];
		const char *how = each->error == 0  ? "connected" :
				  each->error == -1 ? "timeout" :
						      strerrorname_np(each->error);
		if (each->ended != 0)
			printf("c %lld %lld %s\n", (long long)each->began, (long long)each->ended, how);
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = end };

	if (argc != 5) {
		fprintf(stderr, "usage: failover-client ADDRESS PORT DATAGRAM_US CONNECT_US\n");
		return 2;
	}
	aim_at(argv[1], number_of(argv[2], 1, 65535));
	int64_t datagram_ns = number_of(argv[3], 100, 1000000) * INT64_C(1000);
	int64_t connect_ns = number_of(argv[4], 1000, 1000000) * INT64_C(1000);
	datagrams = calloc(MOST_DATAGRAMS, sizeof *datagrams);
	connects = calloc(MOST_CONNECTS, sizeof *connects);
	if (datagrams == NULL || connects == NULL)
		die("calloc");
	sigaction(SIGTERM, &action, NULL);
	polled[0] = (struct pollfd){ .fd = open_socket(SOCK_DGRAM), .events = POLLIN };
	if (connect(polled[0].fd, (struct sockaddr *)&service, service_bytes) < 0)
		die(argv[1]);

	int64_t next_datagram = now_ns(), next_connect = next_datagram;
	while (!told_to_end) {
		if (now_ns() >= next_datagram) {
			send_datagram();
			next_datagram += datagram_ns;
		}
		if (now_ns() >= next_connect) {
			begin_connect();
			next_connect += connect_ns;
		}
		wait_until(next_datagram < next_connect ? next_datagram : next_connect);
	}
	for (int64_t last = now_ns() + LINGER_NS; now_ns() < last;)
		wait_until(last);
	print();
	return 0;
}
