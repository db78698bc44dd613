/* What the programs that ask have in common: time, a packet socket, and how they give up. */
#ifndef HOST_H
#define HOST_H

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_SECOND INT64_C(1000000000)

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(1);
}

static inline int64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * NS_PER_SECOND + time.tv_nsec;
}

static inline struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NS_PER_SECOND, .tv_nsec = ns % NS_PER_SECOND };
}

static inline void sleep_until(int64_t ns)
{
	struct timespec time = timespec_of(ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		continue;
}

static inline int number_of(const char *text, int least, int most)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || number < least || number > most) {
		fprintf(stderr, "%s: not a number from %d to %d: %s\n",
			program_invocation_short_name, least, most, text);
		exit(2);
	}
	return (int)number;
}

static inline void parse_address(int family, const char *text, void *address)
{
	if (inet_pton(family, text, address) == 1)
		return;
	fprintf(stderr, "%s: not an address: %s\n", program_invocation_short_name, text);
	exit(2);
}

/* Sees the frames of one type that the filter accepts; reads the interface's hardware address. */
static inline int open_packets(const char *interface, int ether_type, const struct sock_fprog *filter,
			       unsigned char *mac)
{
	struct sockaddr_ll link = { .sll_family = AF_PACKET,
				    .sll_protocol = htons((uint16_t)ether_type),
				    .sll_ifindex = (int)if_nametoindex(interface) };
	struct ifreq request = { 0 };
	int bytes = 64 << 20;
	/* Protocol 0 until it is bound: no frame of another interface enters the queue. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	if (filter != NULL &&
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, filter, sizeof *filter) < 0)
		die("SO_ATTACH_FILTER");
	/* An answer that is lost here would count against whoever sent it. Both are only tried. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	if (link.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&link, sizeof link) < 0)
		die(interface);
	strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		die(interface);
	memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	return fd;
}

/* The next frame, or -1 when the queue is empty. */
static inline ssize_t receive(int fd, void *packet, size_t size)
{
	ssize_t length;

	do
		length = recv(fd, packet, size, MSG_DONTWAIT);
	while (length < 0 && errno == EINTR);
	if (length < 0 && errno != EAGAIN)
		die("recv");
	return length;
}

/* Sends the next of many: a full queue is no failure, and told by the result. */
static inline int send_frame(int fd, const void *frame, size_t length)
{
	if (send(fd, frame, length, MSG_DONTWAIT) >= 0)
		return 1;
	if (errno != ENOBUFS && errno != EAGAIN)
		die("send");
	return 0;
}

/* Frames that the socket's queue had no room for, since this was last asked. */
static inline unsigned lost_frames(int fd)
{
	struct tpacket_stats stats = { 0 };
	socklen_t size = sizeof stats;

	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) < 0)
		die("PACKET_STATISTICS");
	return stats.tp_drops;
}

#endif
