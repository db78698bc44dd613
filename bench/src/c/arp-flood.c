/* Asks for one address by ARP at a fixed rate, whatever the answers do.
 *
 *     arp-flood INTERFACE ADDRESS REQUESTS_PER_SECOND SECONDS
 *
 * The loop is open: requests go out in small groups, every 100 us as many as are due. Each has a sender
 * address of its own (10.0.0.0 and so many), so that each answer belongs to one request. Answers may
 * come until 250 ms after the last request. Prints a line: how many were sent, how many of these were
 * answered, how many frames were lost in this program's own queue, the nanoseconds from the first
 * request to the last.
 */
#define _GNU_SOURCE
#include "arp-asking.h"

#define TICK_NS INT64_C(100000)
#define LAST_ANSWERS_NS (250 * NS_PER_MS)
#define FIRST_SENDER UINT32_C(0x0a000000)

struct flood {
	int fd;
	uint32_t address;
	int requests;
	int sent;
	int answered;
	/* Of each request, whether it was answered. */
	unsigned char *seen;
};

static void take_answers(struct flood *flood)
{
	union arp_packet packet;
	ssize_t length;

	while ((length = receive(flood->fd, &packet, sizeof packet)) >= 0) {
		if (length < ARP_LEAST_BYTES || packet.arp.arp_op != htons(ARPOP_REPLY) ||
		    read_address(packet.arp.arp_spa) != flood->address)
			continue;
		uint32_t number = read_address(packet.arp.arp_tpa) - FIRST_SENDER;
		if (number >= (uint32_t)flood->requests || flood->seen[number])
			continue;
		flood->seen[number] = 1;
		flood->answered++;
	}
}

int main(int argc, char **argv)
{
	struct flood flood = { 0 };
	union arp_packet request;
	struct in_addr address;
	unsigned char mac[ETH_ALEN];

	if (argc != 5) {
		fprintf(stderr, "usage: arp-flood INTERFACE ADDRESS REQUESTS_PER_SECOND SECONDS\n");
		return 2;
	}
	parse_address(AF_INET, argv[2], &address);
	int rate = number_of(argv[3], 1, 200000), seconds = number_of(argv[4], 1, 60);
	flood.fd = open_packets(argv[1], ETHERTYPE_ARP, NULL, mac);
	flood.address = ntohl(address.s_addr);
	flood.requests = rate * seconds;
	flood.seen = calloc((size_t)flood.requests, 1);
	if (flood.seen == NULL)
		die("calloc");
	make_request(&request, mac);
	write_address(request.arp.arp_tpa, flood.address);

	int64_t start = now_ns(), last = start;
	for (int next = 0; next < flood.requests;) {
		int64_t due = (now_ns() - start) * rate / NS_PER_SECOND + 1;
		for (; next < due && next < flood.requests; next++) {
			write_address(request.arp.arp_spa, FIRST_SENDER + (uint32_t)next);
			flood.sent += send_request(flood.fd, &request);
			take_answers(&flood);
		}
		last = now_ns();
		sleep_until(last + TICK_NS);
	}
	for (int64_t end = last + LAST_ANSWERS_NS; now_ns() < end; sleep_until(now_ns() + TICK_NS))
		take_answers(&flood);
	take_answers(&flood);
	printf("%d %d %u %lld\n", flood.sent, flood.answered, lost_frames(flood.fd),
	       (long long)(last - start));
	return 0;
}
