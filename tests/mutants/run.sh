#!/bin/sh
# Wrong versions of packs' native code: how many does the proof catch? usage: mutants.sh [COUNT] [DISTRIBUTION/UNIT…]
# Needs the index; recordings and CPython's outcomes are kept in the workspace $W (default .gophersnake).
cd "$(dirname "$0")/../.." || exit 1
: "${BUILD:=build}" "${W:=.gophersnake}"
gophersnake=$BUILD/release/gophersnake driver=$BUILD/release/support/mutants_driver
count=${1:-100}
[ $# -gt 0 ] && shift
[ $# -eq 0 ] && set -- $(cd translations && for unit in */*/; do echo "${unit%/}"; done)
scratch=$(mktemp -d) status=0
trap 'rm -rf "$scratch"' EXIT
go build -o "$scratch/mutants" tests/support/mutants.go || exit 1
for unit in "$@"; do
    name=${unit%/*}
    version=$(sed -n 's/^ *"version": "\(.*\)",*$/==\1/p' "translations/$name/pack.json" 2>/dev/null | head -1)
    [ -f "$scratch/$name.json" ] || "$gophersnake" resolve "$name$version" --format json --output "$scratch/$name.json" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
    "$driver" "$W" "$scratch/$name.json" "translations/$name" "${unit#*/}" "$scratch/mutants" "$count" || status=1
done
exit $status
