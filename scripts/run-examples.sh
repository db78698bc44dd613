#!/usr/bin/env bash
# Runs every example as its users would. Those that need a network get one of their own: a
# namespace with a veth pair, when this machine allows it.
set -euo pipefail
cd "$(dirname "$0")/.."

printf '== examples/allocate.ts\n'
node examples/dist/allocate.js

printf '== examples/embed-controller.ts\n'
node examples/dist/embed-controller.js

printf '== examples/answer-arp.ts\n'
if [ "$(id -u)" != 0 ] || ! command -v ip >/dev/null; then
  printf 'left out: needs root and iproute2 for a namespace of its own\n'
  exit 0
fi
ns=ingot-example-$$
pid=
clean() {
  [ -n "$pid" ] && kill "$pid" 2>/dev/null || true
  ip netns del "$ns" 2>/dev/null || true
  ip netns del "$ns-peer" 2>/dev/null || true
}
trap clean EXIT
ip netns add "$ns"
ip netns add "$ns-peer"
ip -n "$ns" link add eth0 type veth peer name eth0 netns "$ns-peer"
ip -n "$ns" link set eth0 up
ip -n "$ns-peer" link set eth0 up
ip -n "$ns-peer" address add 192.0.2.1/24 dev eth0

nsenter --net="/run/netns/$ns" node examples/dist/answer-arp.js eth0 192.0.2.10 &
pid=$!
# The neighbour table of the peer's kernel is the judge.
for _ in $(seq 50); do
  nsenter --net="/run/netns/$ns-peer" bash -c 'exec 2>/dev/null; echo >/dev/udp/192.0.2.10/9' || true
  if ip -n "$ns-peer" neighbour show 192.0.2.10 | grep -q lladdr; then
    ip -n "$ns-peer" neighbour show 192.0.2.10
    printf 'the peer resolved 192.0.2.10\n'
    exit 0
  fi
  sleep 0.1
done
printf 'the peer could not resolve 192.0.2.10 within 5 s\n' >&2
exit 1
