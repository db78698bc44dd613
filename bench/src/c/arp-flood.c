/* Asks for one address by ARP at a fixed rate, whatever the answers do.
 *
 *     arp-flood INTERFACE ADDRESS REQUESTS_PER_SECOND SECONDS
 *
 * Each request has a sender address of its own (10.0.0.0 and so many), so that each answer belongs to
 * one request. Prints what run_flood does.
 */
#define _GNU_SOURCE
#include "arp-asking.h"
#include "flood.h"

#define FIRST_SENDER UINT32_C(0x0a000000)

static uint32_t address;
static union arp_packet request;

static int send_numbered(const struct flood *flood, uint32_t number)
{
	write_address(request.arp.arp_spa, FIRST_SENDER + number);
	return send_request(flood->fd, &request);
}

static uint32_t answered_number(const void *frame, ssize_t length)
{
	const union arp_packet *packet = frame;

	if (length < ARP_LEAST_BYTES || packet->arp.arp_op != htons(ARPOP_REPLY) ||
	    read_address(packet->arp.arp_spa) != address)
		return UINT32_MAX;
	return read_address(packet->arp.arp_tpa) - FIRST_SENDER;
}

int main(int argc, char **argv)
{
	struct in_addr wanted;
	unsigned char mac[ETH_ALEN];

	if (argc != 5) {
		fprintf(stderr, "usage: arp-flood INTERFACE ADDRESS REQUESTS_PER_SECOND SECONDS\n");
		return 2;
	}
	parse_address(AF_INET, argv[2], &wanted);
	int rate = number_of(argv[3], 1, 200000), seconds = number_of(argv[4], 1, 60);
	int fd = open_packets(argv[1], ETHERTYPE_ARP, NULL, mac);
	address = ntohl(wanted.s_addr);
	make_request(&request, mac);
	write_address(request.arp.arp_tpa, address);
	run_flood(fd, rate, seconds);
	return 0;
}
