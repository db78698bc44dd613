/* Asks for addresses of three responders, each on an interface of its own, by Neighbor Solicitation, and
 * times each answer.
 *
 *     ndp-generator REQUESTS WARM_UP INTERVAL_US TIMEOUT_MS (INTERFACE FIRST_ADDRESS COUNT){3}
 *
 * The loop is closed: one solicitation is under way at a time, and the next is sent INTERVAL_US after
 * the last one at the earliest. Each goes to the solicited-node group of one of the COUNT addresses,
 * drawn at random. Each responder gets REQUESTS, after WARM_UP without a pause that are not counted.
 * Prints a line for each: the number of the responder (0, 1 or 2), and the nanoseconds from before the send
 * to after the receipt, or "-" when no answer came in time. Fails when one is silent for too long.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <unistd.h>
#include "ndp-asking.h"

enum { TARGETS = 3, SENDERS = 16, LIMIT_SECONDS = 120, MOST_SILENT = 20 };

/* Through all of them in turn, so that nobody is always asked right after the same other. */
static const int orders[][TARGETS] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 2, 0 },
				       { 1, 0, 2 }, { 2, 0, 1 }, { 2, 1, 0 } };
enum { ORDERS = sizeof orders / sizeof *orders };

#define UNANSWERED (-1)

struct target {
	int fd;
	const char *name;
	struct in6_addr first;
	int count;
	/* How many of its last requests were not answered. */
	int silent;
	union ndp_packet request;
};

/* The addresses differ in their last two octets, and are counted from the first. */
static struct in6_addr address_of(const struct target *target, int chosen)
{
	struct in6_addr address = target->first;
	unsigned last = (unsigned)(address.s6_addr[14] << 8 | address.s6_addr[15]) + (unsigned)chosen;

	address.s6_addr[14] = (unsigned char)(last >> 8);
	address.s6_addr[15] = (unsigned char)last;
	return address;
}

static int is_answer(const struct neighbour_message *message, const struct neighbour_message *request)
{
	return memcmp(&message->icmp.nd_ns_target, &request->icmp.nd_ns_target, 16) == 0 &&
	       memcmp(&message->ip.ip6_dst, &request->ip.ip6_src, 16) == 0;
}

static int64_t await_answer(const struct target *target, int64_t start, int64_t timeout_ns)
{
	struct pollfd poll = { .fd = target->fd, .events = POLLIN };
	union ndp_packet packet;

	for (;;) {
		ssize_t length = receive(target->fd, &packet, sizeof packet);
		if (length >= (ssize_t)sizeof packet.message &&
		    is_answer(&packet.message, &target->request.message))
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

static int64_t ask(struct target *target, int number, int64_t timeout_ns)
{
	struct in6_addr address = address_of(target, (int)(random() % target->count));
	union ndp_packet stale;

	/* Another sender each time, so that an answer that is too late answers nothing else. */
	aim(&target->request.message, &address, (uint32_t)(number % SENDERS));
	while (receive(target->fd, &stale, sizeof stale) >= 0)
		continue;
	int64_t start = now_ns();
	if (send(target->fd, &target->request, sizeof target->request.message, MSG_DONTWAIT) < 0)
		die("send");
	return await_answer(target, start, timeout_ns);
}

static void check_silence(struct target *target, int64_t latency)
{
	target->silent = latency == UNANSWERED ? target->silent + 1 : 0;
	if (target->silent < MOST_SILENT)
		return;
	fprintf(stderr, "ndp-generator: no answer on %s to %d requests in a row\n", target->name,
		target->silent);
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

int main(int argc, char **argv)
{
	struct target targets[TARGETS] = { 0 };
	unsigned char mac[ETH_ALEN];

	if (argc != 5 + 3 * TARGETS) {
		fprintf(stderr, "usage: ndp-generator REQUESTS WARM_UP INTERVAL_US TIMEOUT_MS "
				"(INTERFACE FIRST_ADDRESS COUNT){3}\n");
		return 2;
	}
	int requests = number_of(argv[1], 1, 1000000), warm_up = number_of(argv[2], 0, 1000000);
	int64_t interval_ns = number_of(argv[3], 0, 1000000) * INT64_C(1000);
	int64_t timeout_ns = number_of(argv[4], 1, 10000) * NS_PER_MS;
	for (int i = 0; i < TARGETS; i++) {
		struct target *target = &targets[i];
		target->name = argv[5 + 3 * i];
		parse_address(AF_INET6, argv[6 + 3 * i], &target->first);
		target->count = number_of(argv[7 + 3 * i], 1, 60000);
		target->fd = open_advertisements(target->name, mac);
		make_solicitation(&target->request.message, mac);
	}

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
