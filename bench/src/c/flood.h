/* Requests at a fixed rate, whatever the answers do: what the floods of both protocols have in common.
 *
 * The loop is open: requests go out in small groups, every 100 us as many as are due. Answers may come
 * until 250 ms after the last request.
 */
#ifndef FLOOD_H
#define FLOOD_H

#include "host.h"

#define TICK_NS INT64_C(100000)
#define LAST_ANSWERS_NS (250 * NS_PER_MS)

struct flood {
	int fd;
	int requests;
	int sent;
	int answered;
	/* Of each request, whether it was answered. */
	unsigned char *seen;
};

/* Sends the request of a number, from a sender of its own; 0 when the queue is full. */
static int send_numbered(const struct flood *flood, uint32_t number);

/* Which request a frame answers; any number that is too large when it answers none. */
static uint32_t answered_number(const void *frame, ssize_t length);

static inline void take_answers(struct flood *flood)
{
	unsigned char frame[2048];
	ssize_t length;

	while ((length = receive(flood->fd, frame, sizeof frame)) >= 0) {
		uint32_t number = answered_number(frame, length);
		if (number >= (uint32_t)flood->requests || flood->seen[number])
			continue;
		flood->seen[number] = 1;
		flood->answered++;
	}
}

/* Prints a line: how many were sent, how many of these were answered, how many frames were lost in this
 * program's own queue, the nanoseconds from the first request to the last. */
static inline void run_flood(int fd, int rate, int seconds)
{
	struct flood flood = { .fd = fd, .requests = rate * seconds };

	flood.seen = calloc((size_t)flood.requests, 1);
	if (flood.seen == NULL)
		die("calloc");
	int64_t start = now_ns(), last = start;
	for (int next = 0; next < flood.requests;) {
		int64_t due = (now_ns() - start) * rate / NS_PER_SECOND + 1;
		for (; next < due && next < flood.requests; next++) {
			flood.sent += send_numbered(&flood, (uint32_t)next);
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
}

#endif
