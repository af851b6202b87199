#!/bin/sh
# All tests under prove: units (ASan + UBSan), scripts of tests/differential and tests/go, the command line end to end.
#   tests/run.sh             all
#   tests/run.sh unit        one layer: unit, script, e2e
#   tests/run.sh e2e status  one file of it
set -u
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
layer=${1:-all} name=${2:-}
export BUILD GOPHERSNAKE="$PWD/$BUILD/release/gophersnake"
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
files=
add() { for file in "$@"; do [ -e "$file" ] && files="$files $file"; done; }
case $layer in unit|all) add $(find "$BUILD/check/unit" -type f -perm -u+x -name "test_*${name}*" | sort) ;; esac
case $layer in script|all) add tests/scripts/*"$name"*.sh ;; esac
case $layer in e2e|all) add tests/e2e/*"$name"*.bats ;; esac
[ -n "$files" ] || { echo "tests/run.sh: no test file for: $*" >&2; exit 2; }
exec prove --timer --failures --exec 'sh tests/tap.sh' $files
