#!/bin/sh
# The Go runtime module's own tests, vet, and the race detector.
cd runtime/pyrt || exit 1
echo 1..2
export GOFLAGS=-buildvcs=false GOTOOLCHAIN=local
if go vet ./... >&2; then echo "ok 1 - go vet"; else echo "not ok 1 - go vet"; fi
if go test -race ./... >&2; then echo "ok 2 - go test -race"; else echo "not ok 2 - go test -race"; fi
