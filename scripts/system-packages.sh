#!/bin/sh
# Usage: system-packages.sh NAME...
# Finds, or installs through apt-get where that is possible, the programs that no Python package
# carries.  Without one of them its tests are skipped; with SOVEREIGN_REQUIRE_<NAME>=1 that is a
# failure.  To add a program, add a line to describe().
set -eu

# Sets: commands (any of them will do), packages (of Debian and Ubuntu), without (what is lost).
describe() {
  case "$1" in
    browser)
      commands='chromium chromium-browser google-chrome google-chrome-stable'
      packages='chromium fonts-dejavu fonts-noto-core'
      without='tests in a real browser are skipped'
      ;;
    sandbox)
      commands='bwrap'
      packages='bubblewrap'
      without='nothing can be run sealed, and the tests of the seal are skipped'
      ;;
    node)
      commands='npm'
      packages='nodejs npm'
      without='pages are not judged by Lighthouse and the Nu HTML checker'
      ;;
    java)
      commands='java'
      packages='default-jre-headless'
      without='pages are not judged by the Nu HTML checker'
      ;;
    *)
      echo "system-packages: '$1' is not known here" >&2
      exit 2
      ;;
  esac
}

found() {
  for command in $commands; do
    if command -v "$command" >/dev/null 2>&1; then
      printf '%s: %s\n' "$1" "$(command -v "$command")"
      return 0
    fi
  done
  return 1
}

# The package lists may be missing or old, so they are fetched first.  Output is kept for failures.
install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
  log=$(mktemp)
  echo "$1: installing $packages"
  # shellcheck disable=SC2086  # a list of names on purpose
  if apt-get update -q >"$log" 2>&1 &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages \
      >>"$log" 2>&1; then
    rm -f "$log"
    return 0
  fi
  tail -n 5 "$log" >&2
  rm -f "$log"
  return 1
}

for name in "$@"; do
  describe "$name"
  found "$name" && continue
  if install "$name" && found "$name"; then continue; fi
  echo "$name: not found and not installable here, so $without;" \
    "to install it as root: apt-get install $packages" >&2
  required=SOVEREIGN_REQUIRE_$(printf '%s' "$name" | tr '[:lower:]' '[:upper:]')
  eval "required=\${$required:-}"
  [ "$required" != 1 ] || exit 1
done
