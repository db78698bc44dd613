/* Records hellos for a second, then sends what must not count as one: in turn some that were replayed, of
 * another key, forged (a later number, the old seal), and truncated.
 *
 *     hello-flood INTERFACE SECONDS PER_SECOND
 *
 * Prints "flooding" when it begins, and at the end how many frames it sent of all kinds together. They
 * carry the addresses of those whose hellos were recorded, but its own hardware address: with theirs a
 * switch would send it what is theirs.
 */
#define _GNU_SOURCE
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stddef.h>
#include "host.h"

enum { MOST_HELLOS = 64, KINDS = 4, LEAST_HELLO = 44, SEAL = 16, KEY_ID = 4, SEQUENCE = 14 };

union packet {
	struct {
		struct ether_header eth;
		struct iphdr ip;
		struct udphdr udp;
		unsigned char hello[];
	} __attribute__((packed));
	unsigned char bytes[2048];
};

struct recorded {
	union packet packet;
	size_t length;
};

static struct recorded hellos[MOST_HELLOS];
static int count;

static void record(int fd)
{
	struct recorded *next = &hellos[count];
	ssize_t length;

	while (count < MOST_HELLOS &&
	       (length = receive(fd, &next->packet, sizeof next->packet)) >= 0) {
		/* No options: the hello is where the structure has it. */
		if (length < (ssize_t)offsetof(union packet, hello) + LEAST_HELLO ||
		    next->packet.ip.ihl != 5 || next->packet.ip.protocol != IPPROTO_UDP ||
		    memcmp(next->packet.hello, "IH", 2) != 0)
			continue;
		next->length = (size_t)length;
		next = &hellos[++count];
	}
}

static void fit_lengths(union packet *packet, size_t length)
{
	const unsigned char *octet = (const unsigned char *)&packet->ip;
	uint32_t sum = 0;

	packet->udp.len = htons((uint16_t)(length - offsetof(union packet, udp)));
	packet->udp.check = 0;
	packet->ip.tot_len = htons((uint16_t)(length - offsetof(union packet, ip)));
	packet->ip.check = 0;
	for (size_t i = 0; i < sizeof packet->ip; i += 2)
		sum += (uint32_t)(octet[i] << 8 | octet[i + 1]);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	packet->ip.check = htons((uint16_t)~sum);
}

/* The next of all that is sent. */
static size_t spoil(union packet *packet, uint32_t number)
{
	const struct recorded *of = &hellos[number / KINDS % (uint32_t)count];
	size_t length = of->length;

	memcpy(packet, &of->packet, length);
	switch (number % KINDS) {
	case 0:
		break;
	case 1:
		packet->hello[KEY_ID] ^= 0xff;
		break;
	case 2:
		/* Later than all that its node will say for a while. */
		packet->hello[SEQUENCE + 2] ^= 0x40;
		memcpy(&packet->hello[SEQUENCE + 3], &number, 3);
		break;
	default:
		length -= SEAL / 2;
	}
	fit_lengths(packet, length);
	return length;
}

int main(int argc, char **argv)
{
	unsigned char mac[ETH_ALEN];
	union packet packet;
	uint32_t sent = 0;

	if (argc != 4) {
		fprintf(stderr, "usage: hello-flood INTERFACE SECONDS PER_SECOND\n");
		return 2;
	}
	int64_t flood_ns = number_of(argv[2], 1, 600) * NS_PER_SECOND;
	int per_ms = number_of(argv[3], 1000, 100000) / 1000;
	int fd = open_packets(argv[1], ETHERTYPE_IP, NULL, mac);
	int64_t start = now_ns() + NS_PER_SECOND;
	sleep_until(start);
	record(fd);
	if (count == 0) {
		fprintf(stderr, "hello-flood: no hello within a second\n");
		return 1;
	}
	puts("flooding");
	fflush(stdout);
	for (int64_t next = start; next < start + flood_ns; next += NS_PER_MS) {
		for (int i = 0; i < per_ms; i++) {
			size_t length = spoil(&packet, sent);
			memcpy(packet.eth.ether_shost, mac, ETH_ALEN);
			sent += (uint32_t)send_frame(fd, &packet, length);
		}
		sleep_until(next + NS_PER_MS);
	}
	printf("%u\n", sent);
	return 0;
}
