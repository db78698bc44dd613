/* Requests of ARP, and how an answer to one is told from what a responder says of itself. */
#ifndef ARP_ASKING_H
#define ARP_ASKING_H

#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include "host.h"

/* As they are sent, padded; and without the padding. */
enum { ARP_FRAME_BYTES = 60, ARP_LEAST_BYTES = 42 };

union arp_packet {
	struct {
		struct ether_header eth;
		struct ether_arp arp;
	} __attribute__((packed));
	unsigned char bytes[2048];
};

static inline void make_request(union arp_packet *packet, const unsigned char *mac)
{
	memset(packet, 0, sizeof *packet);
	memset(packet->eth.ether_dhost, 0xff, ETH_ALEN);
	memcpy(packet->eth.ether_shost, mac, ETH_ALEN);
	packet->eth.ether_type = htons(ETHERTYPE_ARP);
	packet->arp.arp_hrd = htons(ARPHRD_ETHER);
	packet->arp.arp_pro = htons(ETHERTYPE_IP);
	packet->arp.arp_hln = ETH_ALEN;
	packet->arp.arp_pln = 4;
	packet->arp.arp_op = htons(ARPOP_REQUEST);
	memcpy(packet->arp.arp_sha, mac, ETH_ALEN);
}

static inline uint32_t read_address(const unsigned char *octets)
{
	uint32_t address;

	memcpy(&address, octets, sizeof address);
	return ntohl(address);
}

static inline void write_address(unsigned char *octets, uint32_t address)
{
	address = htonl(address);
	memcpy(octets, &address, sizeof address);
}

static inline int send_request(int fd, const union arp_packet *packet)
{
	return send_frame(fd, packet, ARP_FRAME_BYTES);
}

#endif
