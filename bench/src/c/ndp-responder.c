/* The least that answers Neighbor Solicitations for addresses in a row: a packet socket, a filter, and
 * a loop around poll.
 *
 *     ndp-responder INTERFACE FIRST_ADDRESS COUNT
 *
 * Joins their solicited-node groups, prints "ready" once it answers, and runs until it is killed. The
 * addresses differ in their last two octets. Probes from :: are not answered.
 */
#define _GNU_SOURCE
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <poll.h>
#include "host.h"

/* A socket holds some 2,300 groups as Linux comes. */
enum { HOP_LIMIT = 255, GROUPS_PER_SOCKET = 1000 };

struct neighbour_message {
	struct ether_header eth;
	struct ip6_hdr ip;
	/* A solicitation's and an advertisement's begin alike. */
	struct nd_neighbor_advert icmp;
	struct nd_opt_hdr option;
	unsigned char mac[ETH_ALEN];
} __attribute__((packed));

union packet {
	struct neighbour_message message;
	unsigned char bytes[2048];
};

static int open_socket(const char *interface, unsigned char *mac)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 20),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6 << 8 | HOP_LIMIT, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 54),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_NEIGHBOR_SOLICIT << 8, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { .len = sizeof code / sizeof *code, .filter = code };

	return open_packets(interface, ETHERTYPE_IPV6, &filter, mac);
}

static unsigned number_in(const struct in6_addr *address)
{
	return (unsigned)(address->s6_addr[14] << 8 | address->s6_addr[15]);
}

static void join_groups(const char *interface, const struct in6_addr *first, int count)
{
	struct ipv6_mreq group = { .ipv6mr_interface = if_nametoindex(interface) };
	int fd = -1;

	parse_address(AF_INET6, "ff02::1:ff00:0", &group.ipv6mr_multiaddr);
	group.ipv6mr_multiaddr.s6_addr[13] = first->s6_addr[13];
	for (int i = 0; i < count; i++) {
		unsigned last = number_in(first) + (unsigned)i;
		group.ipv6mr_multiaddr.s6_addr[14] = (unsigned char)(last >> 8);
		group.ipv6mr_multiaddr.s6_addr[15] = (unsigned char)last;
		if (i % GROUPS_PER_SOCKET == 0)
			fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fd < 0 ||
		    setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group) < 0)
			die("IPV6_JOIN_GROUP");
	}
}

static uint32_t sum_of(const void *octets, size_t length)
{
	const unsigned char *octet = octets;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)(octet[i] << 8 | octet[i + 1]);
	return sum;
}

/* 0 over a message that has its own. */
static uint16_t checksum(const struct neighbour_message *message, size_t length)
{
	uint32_t sum = sum_of(&message->ip.ip6_src, 32) + (uint32_t)length + IPPROTO_ICMPV6 +
		       sum_of(&message->icmp, length);

	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* Whether it asks for one of the addresses, and has the source link-layer option to be answered to. */
static int is_for(const struct neighbour_message *message, const struct in6_addr *first, int count)
{
	const struct in6_addr target = message->icmp.nd_na_target;

	return memcmp(&target, first, 14) == 0 && number_in(&target) >= number_in(first) &&
	       number_in(&target) - number_in(first) < (unsigned)count &&
	       ntohs(message->ip.ip6_plen) == sizeof message->icmp + 2 + ETH_ALEN &&
	       message->option.nd_opt_type == ND_OPT_SOURCE_LINKADDR &&
	       message->option.nd_opt_len == 1 &&
	       checksum(message, ntohs(message->ip.ip6_plen)) == 0;
}

static void make_answer(struct neighbour_message *answer, const struct neighbour_message *question,
			const unsigned char *mac)
{
	memcpy(answer->eth.ether_dhost, question->mac, ETH_ALEN);
	memcpy(answer->eth.ether_shost, mac, ETH_ALEN);
	answer->eth.ether_type = htons(ETHERTYPE_IPV6);
	answer->ip.ip6_flow = htonl(UINT32_C(6) << 28);
	answer->ip.ip6_plen = question->ip.ip6_plen;
	answer->ip.ip6_nxt = IPPROTO_ICMPV6;
	answer->ip.ip6_hlim = HOP_LIMIT;
	answer->ip.ip6_src = question->icmp.nd_na_target;
	answer->ip.ip6_dst = question->ip.ip6_src;
	answer->icmp.nd_na_type = ND_NEIGHBOR_ADVERT;
	answer->icmp.nd_na_flags_reserved = ND_NA_FLAG_SOLICITED | ND_NA_FLAG_OVERRIDE;
	answer->icmp.nd_na_target = question->icmp.nd_na_target;
	answer->option = (struct nd_opt_hdr){ ND_OPT_TARGET_LINKADDR, 1 };
	memcpy(answer->mac, mac, ETH_ALEN);
	answer->icmp.nd_na_cksum = 0;
	answer->icmp.nd_na_cksum = checksum(answer, ntohs(answer->ip.ip6_plen));
}

static void await(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	if (poll(&poll_fd, 1, -1) < 0 && errno != EINTR)
		die("poll");
}

int main(int argc, char **argv)
{
	unsigned char mac[ETH_ALEN];
	union packet question, answer = { 0 };
	struct in6_addr first;

	if (argc != 4) {
		fprintf(stderr, "usage: ndp-responder INTERFACE FIRST_ADDRESS COUNT\n");
		return 2;
	}
	parse_address(AF_INET6, argv[2], &first);
	int count = number_of(argv[3], 1, 60000);
	int fd = open_socket(argv[1], mac);
	join_groups(argv[1], &first, count);
	puts("ready");
	fflush(stdout);
	for (;;) {
		ssize_t length = receive(fd, &question, sizeof question);
		if (length < 0) {
			await(fd);
			continue;
		}
		if (length < (ssize_t)sizeof question.message ||
		    !is_for(&question.message, &first, count))
			continue;
		make_answer(&answer.message, &question.message, mac);
		if (send(fd, &answer, sizeof answer.message, MSG_DONTWAIT) < 0)
			die("send");
	}
}
