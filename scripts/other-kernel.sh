#!/usr/bin/env bash
# Runs wire tests on another kernel: Debian's user-mode-linux, a Linux that is a process here and has this
# machine's files. It has bonds, VLANs, teams and VRFs, which the machine's own kernel may lack.
#   scripts/other-kernel.sh ARGUMENTS OF "vitest run --project wire"
# Ends with the tests' own status. `npm run setup:peers` brings what it needs.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
modules=(8021q bonding team team_mode_activebackup vrf dummy bridge macvlan veth)

if [ "${1:-}" = --inside ]; then
  shift
  export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  work=$1 node=$2
  mapfile -d '' -t arguments <"$work/arguments"
  mount -t proc proc /proc
  mount -t sysfs sys /sys
  mount -t tmpfs tmpfs /run
  # Not /tmp: the repository may be below it.
  mkdir /run/tmp
  export TMPDIR=/run/tmp
  ln -sf /proc/self/fd /dev/fd
  ip link set dev lo up
  for module in "${modules[@]}"; do modprobe -d "$work" "$module"; done
  cd "$repository"
  status=0
  timeout 250 "$node" node_modules/vitest/vitest.mjs run --project wire "${arguments[@]}" </dev/null >"$work/output" 2>&1 || status=$?
  echo "$status" >"$work/status"
  sync
  echo o >/proc/sysrq-trigger
  sleep 10
  exit
fi

[ $# -gt 0 ] || { echo "usage: scripts/other-kernel.sh FILE... [OPTIONS OF VITEST]" >&2; exit 2; }
work=$(mktemp -d "$repository/node_modules/.other-kernel-XXXXXX")
kernel=
cleanup() {
  [ -z "$kernel" ] || kill -KILL -- "-$kernel" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 143' TERM INT
printf '%s\0' "$@" >"$work/arguments"
mkdir "$work/lib"
ln -s /usr/lib/uml/modules "$work/lib/modules"
set -m
linux.uml mem=1500M rootfstype=hostfs rw con=null con0=null,fd:2 con1=null "init=$repository/scripts/other-kernel.sh" \
  -- --inside "$work" "$(command -v node)" </dev/null >"$work/console" 2>&1 &
kernel=$!
# Until it has switched itself off, or whoever wanted it is gone.
while kill -0 "$kernel" 2>/dev/null; do
  [ "$(ps -o ppid= -p $$ | tr -d ' ')" = "$PPID" ] || exit 143
  sleep 1
done
kernel=
[ -e "$work/status" ] || { tail -n 40 "$work/console" >&2; echo "the other kernel did not get through the tests" >&2; exit 1; }
cat "$work/output"
exit "$(cat "$work/status")"
