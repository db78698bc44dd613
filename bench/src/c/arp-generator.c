/* Asks three addresses, each on an interface of its own, by ARP, and times each answer.
 *
 *     arp-generator REQUESTS WARM_UP INTERVAL_US TIMEOUT_MS (INTERFACE ADDRESS){3}
 *
 * The loop is closed: one request is under way at a time, and the next is sent INTERVAL_US after the
 * last one at the earliest. Each address gets REQUESTS requests, after WARM_UP requests without a
 * pause that are not counted. Prints a line for each request: the number of the address (0 to 2), and
 * the nanoseconds from before the send to after the receipt, or "-" when no answer came in time. Fails
 * when an address is silent for too long.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TARGETS = 3, FRAME_BYTES = 60, SENDERS = 16, FIRST_SENDER = 100, LIMIT_SECONDS = 120,
       MOST_SILENT = 20 };

#define UNANSWERED (-1)

/* Taken in turn, so that none of them profits from what ran just before it. */
static const int orders[][TARGETS] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 2, 0 },
				       { 1, 0, 2 }, { 2, 0, 1 }, { 2, 1, 0 } };
enum { ORDERS = sizeof orders / sizeof *orders };

struct arp_frame {
	struct ether_header eth;
	struct ether_arp arp;
} __attribute__((packed));

union packet {
	struct arp_frame frame;
	unsigned char bytes[2048];
};

struct target {
	int fd;
	const char *address;
	/* How many of its last requests were not answered. */
	int silent;
	/* Its sender address changes from one to the next. */
	union packet request;
};

static void die(const char *what)
{
	fprintf(stderr, "arp-generator: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
}

static void sleep_until(int64_t ns)
{
	struct timespec time = timespec_of(ns);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		continue;
}

static void make_request(struct target *target, const unsigned char *mac, const char *address)
{
	struct arp_frame *frame = &target->request.frame;

	memset(frame->eth.ether_dhost, 0xff, ETH_ALEN);
	memcpy(frame->eth.ether_shost, mac, ETH_ALEN);
	frame->eth.ether_type = htons(ETHERTYPE_ARP);
	frame->arp.arp_hrd = htons(ARPHRD_ETHER);
	frame->arp.arp_pro = htons(ETHERTYPE_IP);
	frame->arp.arp_hln = ETH_ALEN;
	frame->arp.arp_pln = 4;
	frame->arp.arp_op = htons(ARPOP_REQUEST);
	memcpy(frame->arp.arp_sha, mac, ETH_ALEN);
	if (inet_pton(AF_INET, address, frame->arp.arp_tpa) != 1) {
		fprintf(stderr, "arp-generator: not an IPv4 address: %s\n", address);
		exit(2);
	}
	memcpy(frame->arp.arp_spa, frame->arp.arp_tpa, 4);
}

static void open_target(struct target *target, const char *interface, const char *address)
{
	struct sockaddr_ll link = { .sll_family = AF_PACKET,
				    .sll_protocol = htons(ETHERTYPE_ARP),
				    .sll_ifindex = (int)if_nametoindex(interface) };
	struct ifreq request = { 0 };

	target->address = address;
	/* Protocol 0 until it is bound: no frame of another interface enters the queue. */
	target->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (target->fd < 0)
		die("socket");
	if (link.sll_ifindex == 0 || bind(target->fd, (struct sockaddr *)&link, sizeof link) < 0)
		die(interface);
	strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
	if (ioctl(target->fd, SIOCGIFHWADDR, &request) < 0)
		die(interface);
	make_request(target, (const unsigned char *)request.ifr_hwaddr.sa_data, address);
}

/* What the responder announces of itself is not an answer: it is not meant for our address. */
static int is_answer(const struct arp_frame *frame, const struct arp_frame *request)
{
	return frame->arp.arp_op == htons(ARPOP_REPLY) &&
	       memcmp(frame->arp.arp_spa, request->arp.arp_tpa, 4) == 0 &&
	       memcmp(frame->arp.arp_tpa, request->arp.arp_spa, 4) == 0;
}

/* The next frame, or -1 when the queue is empty. */
static ssize_t receive(int fd, union packet *packet)
{
	ssize_t length;

	do
		length = recv(fd, packet, sizeof *packet, MSG_DONTWAIT);
	while (length < 0 && errno == EINTR);
	if (length < 0 && errno != EAGAIN)
		die("recv");
	return length;
}

static int64_t await_answer(const struct target *target, int64_t start, int64_t timeout_ns)
{
	struct pollfd poll = { .fd = target->fd, .events = POLLIN };
	union packet packet;

	for (;;) {
		ssize_t length = receive(target->fd, &packet);
		if (length >= (ssize_t)sizeof packet.frame &&
		    is_answer(&packet.frame, &target->request.frame))
			return now_ns() - start;
		if (length >= 0)
			continue;
		int64_t left = start + timeout_ns - now_ns();
		if (left <= 0)
			return UNANSWERED;
		struct timespec wait = timespec_of(left);
		if (ppoll(&poll, 1, &wait, NULL) < 0 && errno != EINTR)
			die("ppoll");
	}
}

/* Another sender address each time, so that an answer that is too late answers nothing else. */
static int64_t ask(struct target *target, int number, int64_t timeout_ns)
{
	union packet stale;

	target->request.frame.arp.arp_spa[3] = (unsigned char)(FIRST_SENDER + number % SENDERS);
	while (receive(target->fd, &stale) >= 0)
		continue;
	int64_t start = now_ns();
	if (send(target->fd, &target->request, FRAME_BYTES, MSG_DONTWAIT) < 0)
		die("send");
	return await_answer(target, start, timeout_ns);
}

static void check_silence(struct target *target, int64_t latency)
{
	target->silent = latency == UNANSWERED ? target->silent + 1 : 0;
	if (target->silent < MOST_SILENT)
		return;
	fprintf(stderr, "arp-generator: no answer for %s to %d requests in a row\n",
		target->address, target->silent);
	exit(1);
}

static void run(struct target *targets, int requests, int64_t interval_ns, int64_t timeout_ns,
		int64_t *latencies)
{
	int64_t next = now_ns();

	for (int i = 0; i < requests; i++) {
		for (int j = 0; j < TARGETS; j++) {
			int which = orders[i % ORDERS][j];
			sleep_until(next);
			next = now_ns() + interval_ns;
			int64_t latency = ask(&targets[which], i, timeout_ns);
			check_silence(&targets[which], latency);
			latencies[i * TARGETS + which] = latency;
		}
	}
}

static int number_of(const char *text, int least)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || number < least || number > 1000000) {
		fprintf(stderr, "arp-generator: not a number from %d to 1000000: %s\n", least, text);
		exit(2);
	}
	return (int)number;
}

int main(int argc, char **argv)
{
	struct target targets[TARGETS] = { 0 };

	if (argc != 5 + 2 * TARGETS) {
		fprintf(stderr, "usage: arp-generator REQUESTS WARM_UP INTERVAL_US TIMEOUT_MS "
				"(INTERFACE ADDRESS){3}\n");
		return 2;
	}
	int requests = number_of(argv[1], 1), warm_up = number_of(argv[2], 0);
	int64_t interval_ns = number_of(argv[3], 0) * INT64_C(1000);
	int64_t timeout_ns = number_of(argv[4], 1) * INT64_C(1000000);
	for (int i = 0; i < TARGETS; i++)
		open_target(&targets[i], argv[5 + 2 * i], argv[6 + 2 * i]);

	int most = requests > warm_up ? requests : warm_up;
	int64_t *latencies = calloc((size_t)most * TARGETS, sizeof *latencies);
	if (latencies == NULL)
		die("calloc");
	alarm(LIMIT_SECONDS);
	run(targets, warm_up, 0, timeout_ns, latencies);
	run(targets, requests, interval_ns, timeout_ns, latencies);
	for (int i = 0; i < requests * TARGETS; i++) {
		if (latencies[i] == UNANSWERED)
			printf("%d -\n", i % TARGETS);
		else
			printf("%d %lld\n", i % TARGETS, (long long)latencies[i]);
	}
	return 0;
}
