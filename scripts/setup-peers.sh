#!/usr/bin/env bash
# Installs what the wire and kube tests talk to: programs from Debian, and a real etcd,
# kube-apiserver, kube-proxy and kubectl built from test/testbed into a cache folder.
# Safe to run again: what is there is kept.
set -euo pipefail
cd "$(dirname "$0")/.."

kube_version=1.36.3
etcd_version=3.6.5
cache=${INGOT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ingot}
bin=$cache/testbed/kube-$kube_version-etcd-$etcd_version
mkdir -p "$bin"
# Two at once would build into the same files.
exec 9>"$bin/.lock"
flock 9

say() { printf 'setup:peers: %s\n' "$*"; }
fail() { printf 'setup:peers: %s\n' "$*" >&2; exit 1; }

# program:package
programs=(ip:iproute2 nft:nftables arping:arping tcpdump:tcpdump curl:curl ndisc6:ndisc6 gcc:build-essential setpriv:util-linux)
programs+=(linux.uml:user-mode-linux modprobe:kmod)
programs+=(bird:bird2 gobgpd:gobgpd exabgp:exabgp)
# Debian keeps FRR's daemons out of every path.
frr=/usr/lib/frr/bgpd
missing=()
for entry in "${programs[@]}"; do
  PATH=$PATH:/usr/sbin:/sbin command -v "${entry%%:*}" >/dev/null || missing+=("${entry##*:}")
done
[ -x "$frr" ] || missing+=(frr)

# The routers are for the tests alone: Debian would start them on this machine.
policy=/usr/sbin/policy-rc.d
hold_services() {
  [ -e "$policy" ] && return
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
}

if [ "${#missing[@]}" -gt 0 ]; then
  [ "$(id -u)" = 0 ] || fail "needs root to install ${missing[*]}: sudo apt-get install ${missing[*]}"
  command -v apt-get >/dev/null || fail "no apt-get here; install these yourself: ${missing[*]}"
  say "installing ${missing[*]}"
  hold_services
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Quiet about the hundreds of modules that it fetches.
go_build() { go build "$@" 2> >(grep -v '^go: downloading' >&2); }

have() { [ -x "$bin/$1" ]; }
# Binaries that another envtest-like set-up already brought are used as they are.
for program in etcd kube-apiserver kubectl; do
  if ! have "$program" && [ -x "${KUBEBUILDER_ASSETS:-/nonexistent}/$program" ]; then
    ln -s "$KUBEBUILDER_ASSETS/$program" "$bin/$program"
  fi
done

need=()
for program in kube-apiserver kube-proxy kubectl; do
  have "$program" || need+=("$program")
done
if [ "${#need[@]}" -gt 0 ] || ! have etcd; then
  command -v go >/dev/null || fail "needs Go 1.26 or newer to build ${need[*]} etcd; install it from Debian or go.dev"
fi
if ! have etcd; then
  say "building etcd $etcd_version (about 1 minute)"
  (cd test/testbed/etcd && go_build -trimpath -ldflags "-s -w" -o "$bin/etcd.new" . && mv "$bin/etcd.new" "$bin/etcd")
fi
# The version stamp matters: without it kubectl and the feature gates see v0.0.0.
stamp="-X k8s.io/component-base/version.gitVersion=v$kube_version -X k8s.io/component-base/version.gitMajor=${kube_version%%.*} -X k8s.io/component-base/version.gitMinor=$(echo "$kube_version" | cut -d. -f2)"
for program in "${need[@]}"; do
  say "building $program $kube_version (the first of them takes about 7 minutes on two cores)"
  (cd test/testbed/kubernetes && go_build -trimpath -ldflags "-s -w $stamp" -o "$bin/$program.new" "k8s.io/kubernetes/cmd/$program" && mv "$bin/$program.new" "$bin/$program")
done
say "ready in $bin"
