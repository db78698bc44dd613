#!/usr/bin/env bash
# Ingot with MetalLB's own election over hellos, in the lab of
# `npm run bench -- failover --driver bench/drivers/ingot-hash.sh`. It is what a driver has to be, in short.
set -euo pipefail

package=$(cd "$(dirname "$0")/../../packages/k8s-adapter" && pwd)
ingot() { exec node "$package/bin/ingot.js" "$@" --namespace "$NAMESPACE" --kubeconfig "$KUBECONFIG"; }

install() {
  kubectl apply --server-side --kustomize "$package/deploy"
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

case ${1-} in
  install) install >&2 ;;
  controller) ingot controller --ownership hash ;;
  speaker) ingot speaker --ownership hash --node-name "$2" --state-dir "$DIRECTORY/state-$2" ;;
  ready) exec curl -sf --max-time 1 http://127.0.0.1:17472/readyz ;;
  *)
    echo "ingot-hash.sh cannot ${*:-be run without arguments}" >&2
    exit 3
    ;;
esac
