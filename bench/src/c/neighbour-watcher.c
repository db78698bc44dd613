/* Asks who has an address, over and over, and notes who says so, until it is told to end (SIGTERM).
 *
 *     neighbour-watcher INTERFACE ADDRESS SENDER INTERVAL_US
 *
 * ADDRESS is IPv4, asked for by ARP, or IPv6, by solicitations; SENDER is an address of the interface, of the
 * same family: some answer by way of their kernel, which has to find it. At the end it prints a line for each
 * frame that told something: its time on the monotonic clock in nanoseconds, "answer" to a
 * request of its own or "announcement", and the hardware address that it came from.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include "arp-asking.h"
#include "ndp-asking.h"

enum { MOST_SIGHTINGS = 1 << 20 };

struct sighting {
	int64_t at;
	int is_answer;
	unsigned char mac[ETH_ALEN];
};

static struct sighting *sightings;
static int seen;
static volatile sig_atomic_t told_to_end;

static void end(int signal)
{
	(void)signal;
	told_to_end = 1;
}

static void note(int is_answer, const unsigned char *mac)
{
	if (seen == MOST_SIGHTINGS)
		return;
	sightings[seen].at = now_ns();
	sightings[seen].is_answer = is_answer;
	memcpy(sightings[seen++].mac, mac, ETH_ALEN);
	if (seen == 1) {
		puts("ready");
		fflush(stdout);
	}
}

static void take_arp(int fd, uint32_t address, uint32_t sender)
{
	union arp_packet packet;
	ssize_t length;

	while ((length = receive(fd, &packet, sizeof packet)) >= 0) {
		uint32_t target = read_address(packet.arp.arp_tpa);
		int is_reply = packet.arp.arp_op == htons(ARPOP_REPLY);
		if (length < ARP_LEAST_BYTES || read_address(packet.arp.arp_spa) != address)
			continue;
		if (target == address)
			note(0, packet.eth.ether_shost);
		else if (is_reply && target == sender)
			note(1, packet.eth.ether_shost);
	}
}

static void take_ndp(int fd, const struct in6_addr *address)
{
	union ndp_packet packet;
	ssize_t length;

	while ((length = receive(fd, &packet, sizeof packet)) >= 0) {
		/* An advertisement is laid out as a solicitation; its flags are where that has none. */
		if (length < (ssize_t)offsetof(struct neighbour_message, option) ||
		    memcmp(&packet.message.icmp.nd_ns_target, address, sizeof *address) != 0)
			continue;
		note((packet.message.icmp.nd_ns_reserved & ND_NA_FLAG_SOLICITED) != 0,
		     packet.message.eth.ether_shost);
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = end };
	struct in6_addr v6;
	struct in_addr v4, v4_sender;
	unsigned char mac[ETH_ALEN];
	union arp_packet request;
	struct neighbour_message solicitation = { 0 };

	if (argc != 5) {
		fprintf(stderr, "usage: neighbour-watcher INTERFACE ADDRESS SENDER INTERVAL_US\n");
		return 2;
	}
	int is_v6 = strchr(argv[2], ':') != NULL;
	int64_t interval = number_of(argv[4], 100, 1000000) * INT64_C(1000);
	void *sender = is_v6 ? (void *)&solicitation.ip.ip6_src : (void *)&v4_sender;
	parse_address(is_v6 ? AF_INET6 : AF_INET, argv[2], is_v6 ? (void *)&v6 : &v4);
	int fd = is_v6 ? open_advertisements(argv[1], mac) :
			 open_packets(argv[1], ETHERTYPE_ARP, NULL, mac);
	sightings = calloc(MOST_SIGHTINGS, sizeof *sightings);
	if (sightings == NULL)
		die("calloc");
	sigaction(SIGTERM, &action, NULL);
	if (is_v6) {
		make_solicitation(&solicitation, mac);
		aim(&solicitation, &v6, 0);
		parse_address(AF_INET6, argv[3], sender);
		solicitation.icmp.nd_ns_cksum = 0;
		solicitation.icmp.nd_ns_cksum = checksum(&solicitation);
	} else {
		make_request(&request, mac);
		parse_address(AF_INET, argv[3], sender);
		write_address(request.arp.arp_spa, ntohl(v4_sender.s_addr));
		write_address(request.arp.arp_tpa, ntohl(v4.s_addr));
	}

	for (int64_t next = now_ns(); !told_to_end; next += interval) {
		if (is_v6)
			(void)send_frame(fd, &solicitation, sizeof solicitation);
		else
			(void)send_request(fd, &request);
		do {
			struct pollfd polled = { .fd = fd, .events = POLLIN };
			int64_t left = next + interval - now_ns();
			struct timespec time = timespec_of(left > 0 ? left : 0);
			if (ppoll(&polled, 1, &time, NULL) < 0 && errno != EINTR)
				die("poll");
			if (is_v6)
				take_ndp(fd, &v6);
			else
				take_arp(fd, ntohl(v4.s_addr), ntohl(v4_sender.s_addr));
		} while (!told_to_end && now_ns() < next + interval);
	}
	if (lost_frames(fd) > 0) {
		fprintf(stderr, "neighbour-watcher: frames were lost in its own queue\n");
		return 1;
	}
	for (int i = 0; i < seen; i++) {
		const unsigned char *octet = sightings[i].mac;
		printf("%lld %s %02x:%02x:%02x:%02x:%02x:%02x\n", (long long)sightings[i].at,
		       sightings[i].is_answer ? "answer" : "announcement", octet[0], octet[1],
		       octet[2], octet[3], octet[4], octet[5]);
	}
	return 0;
}
