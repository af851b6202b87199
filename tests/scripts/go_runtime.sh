#!/bin/sh
# The Go runtime module's own tests: vet, everything with each CPython that is there, the short ones with the race detector.
cd runtime/pyrt || exit 1
echo 1..3
export GOFLAGS=-buildvcs=false GOTOOLCHAIN=local
number=0
check() { # what, command…
    number=$((number + 1)) what=$1; shift
    if "$@" >&2; then echo "ok $number - $what"; else echo "not ok $number - $what"; fi
}
check "go vet" go vet ./...
check "go test" go test ./...
check "go test -race" go test -race -short . ./py/re
