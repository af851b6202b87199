#!/bin/sh
# The short forms of the differential checks: ours against the reference implementations, with a fixed seed.
#   graphs against networkx, the standards' primitives against packaging, Go versions against golang.org/x/mod, import
#   rewriting against go/ast and gofmt
support="$PWD/$BUILD/check/support" number=0
check() { # what, command…
    number=$((number + 1)) what=$1; shift
    if "$@" >&2; then echo "ok $number - $what"; else echo "not ok $number - $what"; fi
}
echo 1..4
check "graphs against networkx" python3 tests/differential/graphs.py random 1500 20261124 -- "$support/graphs_driver"
venv="${TMPDIR:-/tmp}/gophersnake-packaging-$(id -u)"
[ -x "$venv/bin/python" ] || { python3 -m venv "$venv" && "$venv/bin/python" -m pip install -q packaging; } >&2
check "versions, specifiers, markers, requirements against packaging" \
    "$venv/bin/python" tests/differential/pep.py 20000 20261124 -- "$GOPHERSNAKE" pep
versions() {
    "$support/versions_driver" 30000 20261124 > "$1" && (cd tests/differential/versions && GOFLAGS=-buildvcs=false go run check.go < "$1")
}
scratch=$(mktemp); trap 'rm -f "$scratch"' EXIT
check "Go versions of Python versions against golang.org/x/mod" versions "$scratch"
check "import rewriting against go/ast and gofmt" \
    env GOFLAGS=-buildvcs=false go run tests/differential/rewrite/oracle.go "$support/rewrite_driver" "$(go env GOROOT)/src/net" "$(go env GOROOT)/src/cmd/go" "$(go env GOROOT)/src/internal"
