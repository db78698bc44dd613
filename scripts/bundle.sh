#!/usr/bin/env bash
# Builds the `ingot` command as a folder that runs anywhere with Node alone: the program, its
# dataplane worker, and koffi with its native library beside them, since those cannot be bundled.
# The folder is for the architecture of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

package=packages/k8s-adapter
out=$package/dist-bundle

fail() { printf 'bundle: %s\n' "$*" >&2; exit 1; }
[ -x node_modules/.bin/esbuild ] || fail "esbuild is missing: npm ci"
native=(node_modules/@koromix/koffi-*)
[ -d "${native[0]}" ] || fail "koffi has no native library here: npm ci (without --omit=optional)"

rm -rf "$out"
# The alias: of the Kubernetes client only the authentication is used, a fifth of it.
# The banner: what was CommonJS still calls require for the modules of Node.
node_modules/.bin/esbuild "$package/src/main.ts" "$package/src/dataplane/worker.ts" \
  --bundle --outbase="$package/src" --outdir="$out" \
  --conditions=@ingot/source --platform=node --format=esm --target=node20 \
  --external:koffi --alias:@kubernetes/client-node=./node_modules/@kubernetes/client-node/dist/config.js \
  --minify-whitespace --minify-syntax --keep-names --legal-comments=linked \
  --banner:js='import{createRequire as bundleRequire}from"node:module";const require=bundleRequire(import.meta.url);' \
  --log-level=warning

version=$(node -p 'require("./package.json").version')
printf '{ "name": "ingot", "version": "%s", "private": true, "type": "module" }\n' "$version" \
  >"$out/package.json"
# Of koffi, what runs: its package also holds the sources of the library.
mkdir -p "$out/node_modules/@koromix"
(cd node_modules && find koffi \( -path koffi/vendor -o -path koffi/doc \) -prune -o -type f \
  \( -name package.json -o -name '*.js' -o -name 'LICENSE*' \) -exec cp --parents {} "../$out/node_modules" \;)
cp -R "${native[@]}" "$out/node_modules/@koromix/"

printf 'bundle: %s, %s\n' "$out" "$(du -sh "$out" | cut -f1)"
