/* Neighbor Solicitations, and what an answer to one looks like. */
#ifndef NDP_ASKING_H
#define NDP_ASKING_H

#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include "host.h"

enum { HOP_LIMIT = 255, GROUP_OCTETS = 3 };

struct neighbour_message {
	struct ether_header eth;
	struct ip6_hdr ip;
	/* A solicitation's and an advertisement's begin alike. */
	struct nd_neighbor_solicit icmp;
	struct nd_opt_hdr option;
	unsigned char mac[ETH_ALEN];
} __attribute__((packed));

union ndp_packet {
	struct neighbour_message message;
	unsigned char bytes[2048];
};

/* Sees the advertisements. */
static inline int open_advertisements(const char *interface, unsigned char *mac)
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

/* From a link-local address; nothing is asked for yet. */
static inline void make_solicitation(struct neighbour_message *message, const unsigned char *mac)
{
	memcpy(message->eth.ether_shost, mac, ETH_ALEN);
	message->eth.ether_type = htons(ETHERTYPE_IPV6);
	message->ip.ip6_flow = htonl(UINT32_C(6) << 28);
	message->ip.ip6_plen = htons(sizeof message->icmp + 2 + ETH_ALEN);
	message->ip.ip6_nxt = IPPROTO_ICMPV6;
	message->ip.ip6_hlim = HOP_LIMIT;
	parse_address(AF_INET6, "fe80::100:0:0", &message->ip.ip6_src);
	parse_address(AF_INET6, "ff02::1:ff00:0", &message->ip.ip6_dst);
	message->icmp.nd_ns_type = ND_NEIGHBOR_SOLICIT;
	message->option = (struct nd_opt_hdr){ ND_OPT_SOURCE_LINKADDR, 1 };
	memcpy(message->mac, mac, ETH_ALEN);
}

static inline uint32_t sum_of(const void *octets, size_t length)
{
	const unsigned char *octet = octets;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < length; i += 2)
		sum += (uint32_t)(octet[i] << 8 | octet[i + 1]);
	return sum;
}

static inline uint16_t checksum(const struct neighbour_message *message)
{
	size_t length = ntohs(message->ip.ip6_plen);
	uint32_t sum = sum_of(&message->ip.ip6_src, 32) + (uint32_t)length + IPPROTO_ICMPV6 +
		       sum_of(&message->icmp, length);

	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* Asks for an address from the sender of a number: so that each answer belongs to one request. */
static inline void aim(struct neighbour_message *message, const struct in6_addr *address,
		       uint32_t sender)
{
	const unsigned char *suffix = &address->s6_addr[16 - GROUP_OCTETS];

	sender = htonl(sender);
	message->icmp.nd_ns_target = *address;
	memcpy(&message->ip.ip6_dst.s6_addr[16 - GROUP_OCTETS], suffix, GROUP_OCTETS);
	memcpy(message->eth.ether_dhost, "\x33\x33\xff", 3);
	memcpy(&message->eth.ether_dhost[3], suffix, GROUP_OCTETS);
	memcpy(&message->ip.ip6_src.s6_addr[12], &sender, sizeof sender);
	message->icmp.nd_ns_cksum = 0;
	message->icmp.nd_ns_cksum = checksum(message);
}

#endif
