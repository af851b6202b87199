#!/bin/sh
# The Go program that reads Go for the translators: its own tests, vet and form.
cd agents/go/tool || exit 1
echo 1..3
export GOFLAGS=-buildvcs=false GOTOOLCHAIN=local
if go vet ./... >&2; then echo "ok 1 - go vet"; else echo "not ok 1 - go vet"; fi
if go test ./... >&2; then echo "ok 2 - go test"; else echo "not ok 2 - go test"; fi
if [ -z "$(gofmt -l .)" ]; then echo "ok 3 - gofmt"; else echo "not ok 3 - gofmt"; fi
