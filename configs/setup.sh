#!/bin/sh
# Says what is missing on this machine and installs the Debian packages for it
# (as root, or through sudo). Does nothing, silently, when all is there.
set -eu

packages="gcc make pkg-config git libcurl4-openssl-dev libhiredis-dev libjansson-dev libgit2-dev libarchive-dev
 libigraph-dev libcyaml-dev libssl-dev zlib1g-dev libmicrohttpd-dev uthash-dev redis-server bubblewrap libpython3-dev python3-pip-whl ca-certificates"
tests="libcmocka-dev bats clang-format cppcheck clang libclang-rt-14-dev strace curl procps perl python3-venv"
[ "${1:-}" = --tests ] && packages="$packages $tests"

missing=
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    echo "setup: installing Debian packages:$missing" >&2
    if [ "$(id -u)" = 0 ]; then as_root=; elif command -v sudo >/dev/null; then as_root=sudo; else
        echo "setup: not root and no sudo. Run as root: apt-get install$missing" >&2
        exit 2
    fi
    $as_root apt-get update -q >&2
    # The packages' services (Redis) stay as they are: gophersnake starts a private one.
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends $missing >&2
fi

command -v python3 >/dev/null || { echo "setup: no python3 on PATH: install CPython 3.8 or later" >&2; exit 2; }
if ! command -v go >/dev/null; then
    echo "setup: no go on PATH: install Go 1.23 or later (Debian 12's own golang-go is too old)" >&2
    exit 2
fi
version=$(go env GOVERSION)
case "$version" in
    go1.[0-9]|go1.[0-9].*|go1.1[0-9]*|go1.2[0-2]|go1.2[0-2].*)
        echo "setup: $version is too old: Go 1.23 or later is needed" >&2; exit 2 ;;
esac
