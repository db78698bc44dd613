#!/usr/bin/env bash
# Whether what would be published is well formed: publint and attw on every public package.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run -s build
for package in packages/*; do
  grep -q '"private": true' "$package/package.json" && continue
  printf '%s\n' "$package"
  npx publint --strict "$package"
  npx attw --pack "$package" --profile esm-only -f ascii --no-emoji
done
