/* Asks for one address by Neighbor Solicitation at a fixed rate, whatever the answers do.
 *
 *     ndp-flood INTERFACE ADDRESS REQUESTS_PER_SECOND SECONDS
 *
 * Each request has a sender address of its own, so that each answer belongs to one request. Prints what
 * run_flood does.
 */
#define _GNU_SOURCE
#include "ndp-asking.h"
#include "flood.h"

static struct in6_addr address;
static union ndp_packet request;

static int send_numbered(const struct flood *flood, uint32_t number)
{
	aim(&request.message, &address, number);
	return send_frame(flood->fd, &request, sizeof request.message);
}

static uint32_t answered_number(const void *frame, ssize_t length)
{
	const struct neighbour_message *message = frame;
	uint32_t number;

	if (length < (ssize_t)sizeof *message ||
	    memcmp(&message->icmp.nd_ns_target, &address, sizeof address) != 0 ||
	    memcmp(&message->ip.ip6_dst, &request.message.ip.ip6_src, 12) != 0)
		return UINT32_MAX;
	memcpy(&number, &message->ip.ip6_dst.s6_addr[12], sizeof number);
	return ntohl(number);
}

int main(int argc, char **argv)
{
	unsigned char mac[ETH_ALEN];

	if (argc != 5) {
		fprintf(stderr, "usage: ndp-flood INTERFACE ADDRESS REQUESTS_PER_SECOND SECONDS\n");
		return 2;
	}
	parse_address(AF_INET6, argv[2], &address);
	int rate = number_of(argv[3], 1, 200000), seconds = number_of(argv[4], 1, 60);
	int fd = open_advertisements(argv[1], mac);
	make_solicitation(&request.message, mac);
	run_flood(fd, rate, seconds);
	return 0;
}
