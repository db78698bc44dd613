/* The least that answers ARP for one address: a packet socket, a filter, and a loop that blocks.
 *
 *     arp-responder INTERFACE ADDRESS
 *
 * Prints "ready" once the socket is bound, and runs until it is killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAME_BYTES = 60 };

struct arp_frame {
	struct ether_header eth;
	struct ether_arp arp;
} __attribute__((packed));

union packet {
	struct arp_frame frame;
	unsigned char bytes[2048];
};

static void die(const char *what)
{
	fprintf(stderr, "arp-responder: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void read_mac(int fd, const char *interface, unsigned char *mac)
{
	struct ifreq request = { 0 };

	strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		die(interface);
	memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
}

/* Protocol 0, filter, then bind: no other frame ever enters the queue. */
static int open_socket(const char *interface)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_ARP, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 20),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPOP_REQUEST, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { .len = sizeof code / sizeof *code, .filter = code };
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE_ARP),
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0)
		die("SO_ATTACH_FILTER");
	if (address.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die(interface);
	return fd;
}

static void make_reply(struct arp_frame *frame, const struct arp_frame *request,
		       const unsigned char *mac)
{
	memcpy(frame->eth.ether_dhost, request->arp.arp_sha, ETH_ALEN);
	memcpy(frame->eth.ether_shost, mac, ETH_ALEN);
	frame->eth.ether_type = htons(ETHERTYPE_ARP);
	frame->arp.ea_hdr = request->arp.ea_hdr;
	frame->arp.arp_op = htons(ARPOP_REPLY);
	memcpy(frame->arp.arp_sha, mac, ETH_ALEN);
	memcpy(frame->arp.arp_spa, request->arp.arp_tpa, 4);
	memcpy(frame->arp.arp_tha, request->arp.arp_sha, ETH_ALEN);
	memcpy(frame->arp.arp_tpa, request->arp.arp_spa, 4);
}

int main(int argc, char **argv)
{
	unsigned char mac[ETH_ALEN];
	union packet request, reply = { 0 };
	struct in_addr address;

	if (argc != 3 || inet_pton(AF_INET, argv[2], &address) != 1) {
		fprintf(stderr, "usage: arp-responder INTERFACE ADDRESS\n");
		return 2;
	}
	int fd = open_socket(argv[1]);
	read_mac(fd, argv[1], mac);
	puts("ready");
	fflush(stdout);
	for (;;) {
		ssize_t length = recv(fd, &request, sizeof request, 0);
		if (length < 0 && errno != EINTR && errno != ENETDOWN)
			die("recv");
		if (length < (ssize_t)sizeof request.frame ||
		    memcmp(request.frame.arp.arp_tpa, &address, 4) != 0)
			continue;
		make_reply(&reply.frame, &request.frame, mac);
		if (send(fd, &reply, FRAME_BYTES, MSG_DONTWAIT) < 0)
			die("send");
	}
}
