#!/bin/sh
# Fuzzes a package: fuzz/run.sh PACKAGE [--minutes N] [--seed N]
set -eu
cd "$(dirname "$0")/.."
package=${1:?usage: fuzz/run.sh PACKAGE [--minutes N] [--seed N]}
shift
program=packages/$package/fuzz
test -d "$program" || { echo "nothing to fuzz in packages/$package" >&2; exit 2; }
npx tsc -p "$program"
exec node "$program/dist/fuzz/main.js" "$@"
