#!/bin/sh
# Usage: judges.sh FOLDER
# Installs what requirements/judges locks (Lighthouse, the Nu HTML checker) into FOLDER, unless it
# is there.  Versions and digests come from the lock; no package runs a script of its own.  Where
# that is impossible its tests are skipped; with SOVEREIGN_REQUIRE_NODE=1 that is a failure.
set -eu

folder=$1
lock=$(cd "$(dirname "$0")/../requirements/judges" && pwd)

# The lock is copied last, so a half-done install is done again.
if cmp -s "$lock/package-lock.json" "$folder/installed.json"; then
  exit 0
fi
rm -rf "$folder"
mkdir -p "$folder"
cp "$lock/package.json" "$lock/package-lock.json" "$folder/"
if command -v npm >/dev/null 2>&1 &&
  npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel error; then
  cp "$lock/package-lock.json" "$folder/installed.json"
  exit 0
fi
echo 'judges: not installed, so pages are not judged by Lighthouse and the Nu HTML checker' >&2
[ "${SOVEREIGN_REQUIRE_NODE:-}" != 1 ]
