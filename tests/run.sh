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
# They wait a lot, bats files most, and share nothing but the user's cache: several at a time.
status=0 found=
run() { # jobs file…
    jobs=$1; shift
    list=
    for file in "$@"; do [ -e "$file" ] && list="$list $file"; done
    [ -n "$list" ] || return 0
    found=1
    prove --timer --failures --comments --jobs "$jobs" --exec 'sh tests/tap.sh' $list || status=1
}
case $layer in unit|all) run 2 $(find "$BUILD/check/unit" -type f -perm -u+x -name "test_*${name}*" | sort) ;; esac
case $layer in script|all) run 2 tests/scripts/*"$name"*.sh ;; esac
case $layer in e2e|all) run 3 tests/e2e/*"$name"*.bats ;; esac
[ -n "$found" ] || { echo "tests/run.sh: no test file for: $*" >&2; exit 2; }
exit $status
