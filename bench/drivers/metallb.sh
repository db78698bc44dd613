#!/usr/bin/env bash
# MetalLB in the lab of `npm run bench -- failover --driver bench/drivers/metallb.sh --window 12`:
# controller and speakers as plain processes, native mode, memberlist as in its manifests. Build them first
# (`bench/drivers/metallb.sh build`, some minutes; needs Go): there is no Internet in the lab. It has no way
# to move a single Service, and knows nothing of hellos: choose scenarios without `move` and `hostile`.
# Of `npm run bench -- controller` it can all but `chaos`: there is to be one controller alone.
set -euo pipefail

version=0.16.2
module=go.universe.tf/metallb
bin=${INGOT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ingot}/metallb-$version
export METALLB_NAMESPACE=${NAMESPACE-} METALLB_BGP_TYPE=native

# The module proxy lacks the version of a dependency that only another mode has a use for; what needs it is
# left out.
build() {
  mkdir -p "$bin"
  rm -rf "$bin/source"
  cp -r "$(cd "$bin" && go mod download -json "$module@v$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')" "$bin/source"
  chmod -R u+w "$bin/source"
  cd "$bin/source"
  go mod edit -replace github.com/metallb/frr-k8s=github.com/metallb/frr-k8s@v0.0.26
  sed -i '/PrefixesWithAsPathPrepend/d; /^func toAdvertiseWithAsPathPrepend/,/^}/d' internal/bgp/frrk8s/frrk8s.go
  go build -mod=mod -trimpath -ldflags "-s -w" -o "$bin/" ./controller ./speaker
}

# There is no kubelet: what it would say of a Pod is said here.
pod() {
  local name=$1 address=$2 component=$3
  kubectl apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata: { name: $name, namespace: $NAMESPACE, labels: { app: metallb, component: $component } }
spec: { containers: [{ name: $component, image: none }] }
YAML
  kubectl patch pod -n "$NAMESPACE" "$name" --subresource status --type merge \
    -p "{\"status\":{\"phase\":\"Running\",\"podIP\":\"$address\",\"podIPs\":[{\"ip\":\"$address\"}]}}"
}

install() {
  [ -x "$bin/speaker" ] || { echo "run $0 build first"; exit 1; }
  kubectl apply --server-side -f "$bin/source/config/manifests/metallb-native.yaml"
  # It runs in no Pod that the API server could reach.
  kubectl delete validatingwebhookconfiguration metallb-webhook-configuration
  pod controller 10.78.0.10 controller
  for name in $(kubectl get nodes -o name); do
    name=${name#node/}
    address=$(kubectl get node "$name" -o 'jsonpath={.status.addresses[0].address}')
    pod "speaker-$name" "$address" speaker
  done
  mkdir -p "$DIRECTORY/memberlist"
  printf 'not a secret in here' >"$DIRECTORY/memberlist/secretkey"
  read -r ipv4 ipv6 <<<"$POOL"
  kubectl apply -f - <<YAML
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: $NAMESPACE }
spec: { addresses: ["$ipv4", "$ipv6"] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: lan, namespace: $NAMESPACE }
spec: { ipAddressPools: [lan] }
YAML
}

speaker() {
  local address
  # It ends when it cannot reach the API server at its start; a kubelet would start it again.
  until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.2; done
  address=$(ip -4 -o address show dev eth0 | sed -n 's/.*inet \([0-9.]*\).*/\1/p' | head -1)
  METALLB_NODE_NAME=$1 METALLB_POD_NAME=speaker-$1 METALLB_HOST=$address \
    METALLB_ML_BIND_ADDR=$address METALLB_ML_LABELS=app=metallb,component=speaker \
    METALLB_ML_SECRET_KEY_PATH=$DIRECTORY/memberlist \
    exec "$bin/speaker" --port=0 --log-level=warn
}

pool() {
  kubectl apply -f - <<YAML
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: $NAMESPACE }
spec: { addresses: ["$1"] }
YAML
}

exclusion=node.kubernetes.io/exclude-from-external-load-balancers

case ${1-} in
  build) build ;;
  install) install >&2 ;;
  pool) pool "$2" >&2 ;;
  controller) METALLB_POD_NAME=controller exec "$bin/controller" --port=0 --log-level=warn --webhook-mode=disabled --disable-cert-rotation ;;
  speaker) speaker "$2" ;;
  ready) exec curl -sf --max-time 1 http://127.0.0.1:17472/readyz ;;
  evacuate) kubectl label --overwrite node "$2" "$exclusion=true" ;;
  restore) kubectl label node "$2" "$exclusion-" ;;
  *)
    echo "metallb.sh cannot ${*:-be run without arguments}" >&2
    exit 3
    ;;
esac
