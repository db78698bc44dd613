#!/usr/bin/env bash
# Plays the ownership of addresses on simulated LANs: scripts/simulate.sh [--seeds N] [--from S] [--trace SEED]
set -euo pipefail
cd "$(dirname "$0")/.."
bundle=$PWD/node_modules/.cache/simulate-$$.mjs
trap 'rm -f "$bundle"' EXIT
npx esbuild packages/ownership/bench/simulate.ts --bundle --platform=node --format=esm \
  --conditions=@ingot/source --external:binary-parser --external:yaml \
  --outfile="$bundle" --log-level=error
node "$bundle" "$@"
