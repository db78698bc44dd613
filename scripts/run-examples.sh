#!/usr/bin/env bash
# Runs every example as its users would. Those that need a network get one of their own: a
# namespace with a veth pair, when this machine allows it.
set -euo pipefail
cd "$(dirname "$0")/.."

printf '== examples/allocate.ts\n'
node examples/dist/allocate.js

printf '== examples/embed-controller.ts\n'
node examples/dist/embed-controller.js

printf '== examples/bfd-demo.ts\n'
node examples/dist/bfd-demo.js

printf '== examples/who-holds.ts\n'
node examples/dist/who-holds.js

printf '== examples/answer-arp.ts\n'
if [ "$(id -u)" != 0 ] || ! command -v ip >/dev/null; then
  printf 'left out: needs root and iproute2 for a namespace of its own\n'
  exit 0
fi
ns=ingot-example-$$
seen=$(mktemp)
pids=
clean() {
  # shellcheck disable=SC2086 # several
  [ -n "$pids" ] && kill $pids 2>/dev/null || true
  rm -f "$seen"
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

host() { nsenter --net="/run/netns/$ns" "$@"; }
peer() { nsenter --net="/run/netns/$ns-peer" "$@"; }

nsenter --net="/run/netns/$ns" node examples/dist/answer-arp.js eth0 192.0.2.10 &
pids=$!
# The neighbour table of the peer's kernel is the judge.
resolved=
for _ in $(seq 50); do
  peer bash -c 'exec 2>/dev/null; echo >/dev/udp/192.0.2.10/9' || true
  if ip -n "$ns-peer" neighbour show 192.0.2.10 | grep lladdr; then
    resolved=yes
    break
  fi
  sleep 0.1
done
if [ -z "$resolved" ]; then
  printf 'the peer could not resolve 192.0.2.10 within 5 s\n' >&2
  exit 1
fi
printf 'the peer resolved 192.0.2.10\n'

printf '== examples/who-has.ts\n'
nsenter --net="/run/netns/$ns" node examples/dist/who-has.js eth0 >"$seen" &
pids="$pids $!"
# What the peer's kernel asks is to be seen.
for _ in $(seq 50); do
  peer bash -c 'exec 2>/dev/null; echo >/dev/udp/192.0.2.77/9' || true
  grep -q 'asks who has 192.0.2.77' "$seen" && break
  sleep 0.1
done
if ! grep -m 1 'Z 192.0.2.1 (.*) asks who has 192.0.2.77' "$seen"; then
  printf 'the question of the peer for 192.0.2.77 was not seen within 5 s\n' >&2
  exit 1
fi

printf '== examples/detect-duplicate.ts\n'
# One address is the peer kernel's, one is answered for by the first example, one is nobody's.
detect() { # where, address, expected exit status
  status=0
  "$1" timeout 20 node examples/dist/detect-duplicate.js eth0 "$2" || status=$?
  if [ "$status" != "$3" ]; then
    printf 'looking for %s ended with %s instead of %s\n' "$2" "$status" "$3" >&2
    exit 1
  fi
}
detect host 192.0.2.1 1
detect peer 192.0.2.10 1
detect peer 192.0.2.99 0
if ! grep -m 1 'asks whether anybody has 192.0.2.99' "$seen"; then
  printf 'who-has.js did not see detect-duplicate.js ask for 192.0.2.99\n' >&2
  exit 1
fi

printf '== examples/answer-ndp.ts\n'
ip -n "$ns-peer" address add 2001:db8::1/64 dev eth0 nodad
nsenter --net="/run/netns/$ns" node examples/dist/answer-ndp.js eth0 2001:db8::10 &
pids="$pids $!"
resolved=
for _ in $(seq 50); do
  peer bash -c 'exec 2>/dev/null; echo >/dev/udp/2001:db8::10/9' || true
  if ip -n "$ns-peer" neighbour show 2001:db8::10 | grep lladdr; then
    resolved=yes
    break
  fi
  sleep 0.1
done
if [ -z "$resolved" ]; then
  printf 'the peer could not resolve 2001:db8::10 within 5 s\n' >&2
  exit 1
fi
printf 'the peer resolved 2001:db8::10\n'

# $1 is looked for in what the examples said, for 10 s.
said() {
  for _ in $(seq 100); do
    if grep -a -m 1 -- "$1" "$seen"; then return; fi
    sleep 0.1
  done
  printf 'nobody said "%s" within 10 s; what was said:\n' "$1" >&2
  cat "$seen" >&2
  exit 1
}
start() {
  "$@" >>"$seen" 2>&1 &
  pids="$pids $!"
}
ip -n "$ns" address add 192.0.2.2/24 dev eth0
ip -n "$ns" link set lo up

printf '== examples/collect-routes.ts and announce-prefix.ts\n'
: >"$seen"
start nsenter --net="/run/netns/$ns-peer" node examples/dist/collect-routes.js 65000 192.0.2.1 192.0.2.0/24
collector=$!
said 'listening on 192.0.2.1'
start nsenter --net="/run/netns/$ns" node examples/dist/announce-prefix.js 65001 192.0.2.2 192.0.2.1 65000 203.0.113.10/32
announcer=$!
said '+ 203.0.113.10/32 via 192.0.2.2 path \[65001\]'
kill "$announcer"
said '192.0.2.2 is down'
kill "$collector"
wait "$collector" || true

printf '== examples/looking-glass.ts and anycast.ts\n'
: >"$seen"
start nsenter --net="/run/netns/$ns-peer" node examples/dist/looking-glass.js 65000 192.0.2.1 192.0.2.0/24 8080
said 'listening on http'
start nsenter --net="/run/netns/$ns" node examples/dist/anycast.js 65001 192.0.2.2 192.0.2.1 65000 203.0.113.53/32 http://192.0.2.1:8080/peers
said 'healthy: announced'
for _ in $(seq 50); do
  host node -e 'fetch("http://192.0.2.1:8080/routes/203.0.113.53%2F32").then(async (r) => console.log(await r.text()))' >"$seen"
  grep -q 192.0.2.2 "$seen" && break
  sleep 0.1
done
grep -m 1 '"nextHop": "192.0.2.2"' "$seen"

printf '== examples/unnumbered.ts\n'
# Two of them hear each other; neither listens, so that there is no session.
: >"$seen"
start nsenter --net="/run/netns/$ns-peer" node examples/dist/unnumbered.js eth0 65000 192.0.2.1 203.0.113.1/32
start nsenter --net="/run/netns/$ns" node examples/dist/unnumbered.js eth0 65001 192.0.2.2 203.0.113.2/32
said '^the router is fe80:'

printf '== examples/watch-router.ts\n'
: >"$seen"
start nsenter --net="/run/netns/$ns-peer" node examples/dist/watch-router.js 192.0.2.1 192.0.2.2
start nsenter --net="/run/netns/$ns" node examples/dist/watch-router.js 192.0.2.2 192.0.2.1
said '^up'
