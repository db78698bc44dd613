/* Watches many addresses come: their gratuitous packets, and when each first answers.
 *
 *     arp-watcher INTERFACE FIRST_ADDRESS COUNT SENDER SECONDS
 *
 * Asks for each address in turn, 40 000 of them a second, until it has answered. Prints a line for each
 * frame that tells something: its time on the monotonic clock in nanoseconds, the number of the address
 * from 0 on, and "request" or "reply" for a gratuitous packet, "answer" for the first answer.
 */
#define _GNU_SOURCE
#include "arp-asking.h"

#define TICK_NS INT64_C(500000)
enum { ASKED_A_TICK = 20, MOST_EVENTS = 1 << 18 };

struct event {
	int64_t at;
	uint32_t number;
	const char *what;
};

struct watch {
	int fd;
	uint32_t first, count, sender;
	/* Of each address, whether it has answered. */
	unsigned char *answered;
	uint32_t unanswered;
	/* Who is asked next. */
	uint32_t turn;
	struct event *events;
	int seen;
};

static void note(struct watch *watch, uint32_t number, const char *what)
{
	if (watch->seen == MOST_EVENTS) {
		fprintf(stderr, "arp-watcher: more than %d frames\n", MOST_EVENTS);
		exit(1);
	}
	watch->events[watch->seen++] = (struct event){ now_ns(), number, what };
}

static void take_frames(struct watch *watch)
{
	union arp_packet packet;
	ssize_t length;

	while ((length = receive(watch->fd, &packet, sizeof packet)) >= 0) {
		uint32_t number = read_address(packet.arp.arp_spa) - watch->first;
		uint32_t target = read_address(packet.arp.arp_tpa);
		int is_reply = packet.arp.arp_op == htons(ARPOP_REPLY);
		if (length < ARP_LEAST_BYTES || number >= watch->count)
			continue;
		if (target - watch->first == number) {
			note(watch, number, is_reply ? "reply" : "request");
		} else if (is_reply && target == watch->sender && !watch->answered[number]) {
			watch->answered[number] = 1;
			watch->unanswered--;
			note(watch, number, "answer");
		}
	}
}

static void ask(struct watch *watch, union arp_packet *request)
{
	for (int i = 0; i < ASKED_A_TICK && watch->unanswered > 0; i++) {
		while (watch->answered[watch->turn])
			watch->turn = (watch->turn + 1) % watch->count;
		write_address(request->arp.arp_tpa, watch->first + watch->turn);
		(void)send_request(watch->fd, request);
		watch->turn = (watch->turn + 1) % watch->count;
	}
}

int main(int argc, char **argv)
{
	struct watch watch = { 0 };
	union arp_packet request;
	struct in_addr first, sender;
	unsigned char mac[ETH_ALEN];

	if (argc != 6) {
		fprintf(stderr, "usage: arp-watcher INTERFACE FIRST_ADDRESS COUNT SENDER SECONDS\n");
		return 2;
	}
	parse_address(AF_INET, argv[2], &first);
	parse_address(AF_INET, argv[4], &sender);
	watch.fd = open_packets(argv[1], ETHERTYPE_ARP, NULL, mac);
	watch.first = ntohl(first.s_addr);
	watch.count = watch.unanswered = (uint32_t)number_of(argv[3], 1, 65536);
	watch.sender = ntohl(sender.s_addr);
	watch.answered = calloc(watch.count, 1);
	watch.events = calloc(MOST_EVENTS, sizeof *watch.events);
	if (watch.answered == NULL || watch.events == NULL)
		die("calloc");
	make_request(&request, mac);
	write_address(request.arp.arp_spa, watch.sender);

	int64_t end = now_ns() + number_of(argv[5], 1, 120) * NS_PER_SECOND;
	for (int64_t next = now_ns(); next < end; next += TICK_NS) {
		take_frames(&watch);
		ask(&watch, &request);
		sleep_until(next + TICK_NS);
	}
	take_frames(&watch);
	if (lost_frames(watch.fd) > 0) {
		fprintf(stderr, "arp-watcher: frames were lost in its own queue\n");
		return 1;
	}
	for (int i = 0; i < watch.seen; i++)
		printf("%lld %u %s\n", (long long)watch.events[i].at, watch.events[i].number,
		       watch.events[i].what);
	return 0;
}
