/* Asks for addresses of two responders, each on an interface of its own, by Neighbor Solicitation, and
 * times each answer.
 *
 *     ndp-generator REQUESTS WARM_UP INTERVAL_US TIMEOUT_MS (INTERFACE FIRST_ADDRESS COUNT){2}
 *
 * The loop is closed: one solicitation is under way at a time, and the next is sent INTERVAL_US after
 * the last one at the earliest. Each goes to the solicited-node group of one of the COUNT addresses,
 * drawn at random. Each responder gets REQUESTS, after WARM_UP without a pause that are not counted.
 * Prints a line for each: the number of the responder (0 or 1), and the nanoseconds from before the send
 * to after the receipt, or "-" when no answer came in time. Fails when one is silent for too long.
 */
#define _GNU_SOURCE
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <unistd.h>
#include "host.h"

enum { TARGETS = 2, SENDERS = 16, LIMIT_SECONDS = 120, MOST_SILENT = 20, HOP_LIMIT = 255,
       GROUP_OCTETS = 3 };

#define UNANSWERED (-1)

struct neighbour_message {
	struct ether_header eth;
	struct ip6_hdr ip;
	/* A solicitation's and an advertisement's begin alike. */
	struct nd_neighbor_solicit icmp;
	struct nd_opt_hdr option;
	unsigned char mac[ETH_ALEN];
} __attribute__((packed));

union packet {
	struct neighbour_message message;
	unsigned char bytes[2048];
};

struct target {
	int fd;
	const char *name;
	struct in6_addr first;
	int count;
	/* How many of its last requests were not answered. */
	int silent;
	union packet request;
};

static int open_target(const char *interface, unsigned char *mac)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 54),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_ADVERT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { .len = sizeof code / sizeof *code, .filter = code };

	return open_packets(interface, ETHERTYPE_IPV6, &filter, mac);
}

static void make_solicitation(struct target *target, const unsigned char *mac)
{
	struct neighbour_message *message = &target->request.message;

	memcpy(message->eth.ether_shost, mac, ETH_ALEN);
	message->eth.ether_type = htons(ETHERTYPE_IPV6);
	message->ip.ip6_flow = htonl(UINT32_C(6) << 28);
	message->ip.ip6_plen = htons(sizeof message->icmp + 2 + ETH_ALEN);
	message->ip.ip6_nxt = IPPROTO_ICMPV6;
	message->ip.ip6_hlim = HOP_LIMIT;
	parse_address(AF_INET6, "fe80::100", &message->ip.ip6_src);
	parse_address(AF_INET6, "ff02::1:ff00:0", &message->ip.ip6_dst);
	message->icmp.nd_ns_type = ND_NEIGHBOR_SOLICIT;
	message->option = (struct nd_opt_hdr){ ND_OPT_SOURCE_LINKADDR, 1 };
	memcpy(message->mac, mac, ETH_ALEN);
}

static uint32_t sum_of(const void *octets, size_t length)
{
	const unsigned char *octet = octets;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)(octet[i] << 8 | octet[i + 1]);
	return sum;
}

static uint16_t checksum(const struct neighbour_message *message)
{
	size_t length = ntohs(message->ip.ip6_plen);
	uint32_t sum = sum_of(&message->ip.ip6_src, 32) + (uint32_t)length + IPPROTO_ICMPV6 +
		       sum_of(&message->icmp, length);

	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* The addresses differ in their last two octets, and are counted from the first. */
static void aim(struct target *target, int number, int chosen)
{
	struct neighbour_message *message = &target->request.message;
	struct in6_addr address = target->first;
	unsigned last = (unsigned)(address.s6_addr[14] << 8 | address.s6_addr[15]) + (unsigned)chosen;
	const unsigned char *suffix = &address.s6_addr[16 - GROUP_OCTETS];

	address.s6_addr[14] = (unsigned char)(last >> 8);
	address.s6_addr[15] = (unsigned char)last;
	message->icmp.nd_ns_target = address;
	memcpy(&message->ip.ip6_dst.s6_addr[16 - GROUP_OCTETS], suffix, GROUP_OCTETS);
	memcpy(message->eth.ether_dhost, "\x33\x33\xff", 3);
	memcpy(&message->eth.ether_dhost[3], suffix, GROUP_OCTETS);
	/* Another sender each time, so that an answer that is too late answers nothing else. */
	message->ip.ip6_src.s6_addr[15] = (unsigned char)(number % SENDERS);
	message->icmp.nd_ns_cksum = 0;
	message->icmp.nd_ns_cksum = checksum(message);
}

static int is_answer(const struct neighbour_message *message, const struct neighbour_message *request)
{
	return memcmp(&message->icmp.nd_ns_target, &request->icmp.nd_ns_target, 16) == 0 &&
	       memcmp(&message->ip.ip6_dst, &request->ip.ip6_src, 16) == 0;
}

static int64_t await_answer(const struct target *target, int64_t start, int64_t timeout_ns)
{
	struct pollfd poll = { .fd = target->fd, .events = POLLIN };
	union packet packet;

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
	union packet stale;

	aim(target, number, (int)(random() % target->count));
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

/* Who is first changes from one turn to the next: neither profits from what ran just before it. */
static void run(struct target *targets, int requests, int64_t interval_ns, int64_t timeout_ns,
		int64_t *latencies)
{
	int64_t next = now_ns();

	for (int i = 0; i < requests; i++) {
		for (int j = 0; j < TARGETS; j++) {
			int which = (i + j) % TARGETS;
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
				"(INTERFACE FIRST_ADDRESS COUNT){2}\n");
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
		target->fd = open_target(target->name, mac);
		make_solicitation(target, mac);
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
