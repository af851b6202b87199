#!/bin/sh
# make bench-python: the Go-backed packages against the plain ones, in one run; medians of processes that take turns. Never a test.
#   SIMPLE=FOLDER  the registry's index; without it BUILD/suites/w is converted into
#   PYTHON=python3 ROUNDS=5
#   PEERS=1        Cython and mypyc on idna and sqlparse too, and ctypes with a c-shared Go library
set -eu
cd "$(dirname "$0")/../../.."
here=tests/bench/python root=$PWD
case ${BUILD:=build} in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
: "${PYTHON:=python3}" "${ROUNDS:=5}" "${PEERS:=}" "${SIMPLE:=}"
unset GOPHERSNAKE GOPHERSNAKE_REPORT PYTHONDONTWRITEBYTECODE # what is imported is compiled once, as pip does
export PIP_DISABLE_PIP_VERSION_CHECK=1
work=$BUILD/bench-python
rm -rf "$work"; mkdir -p "$work/times"
if [ -z "$SIMPLE" ]; then
    "$BUILD/release/gophersnake" convert -q --workspace "$BUILD/suites/w" django idna requests
    SIMPLE=$BUILD/suites/w/registry/simple
fi
for env in plain go; do "$PYTHON" -m venv "$work/$env"; done
"$work/go/bin/pip" install -q --index-url "file://$SIMPLE" django idna requests sqlparse
"$work/go/bin/pip" list --format=freeze | grep -viE '^(pip|setuptools|gophersnake)' | sed 's/+go\.[0-9]*$//' > "$work/versions"
"$work/plain/bin/pip" install -q -r "$work/versions"
environments="plain go"
if [ -n "$PEERS" ]; then
    for peer in cython mypyc; do
        sh "$here/peer.sh" $peer "$PYTHON" "$work" && environments="$environments $peer"
    done
fi

echo "$(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg), CPython $("$work/go/bin/python" -c 'import platform; print(platform.python_version())'), $(grep -E 'jango|idna|sqlparse|requests|charset' "$work/versions" | tr '\n' ' ')"
"$work/go/bin/python" "$here/inputs.py" translations > "$work/inputs.json"
for round in $(seq "$ROUNDS"); do
    for env in $environments; do
        "$work/$env/bin/python" "$here/measure.py" headlines > "$work/times/headlines.$env.$round"
        case $env in plain | go) ;; *) continue ;; esac
        "$work/$env/bin/python" "$here/measure.py" functions "$work/inputs.json" > "$work/times/functions.$env.$round"
    done
done
for round in $(seq $((ROUNDS * 4))); do
    # Neighbours in time are compared: each goes first in turn.
    case $((round % 2)) in 0) order="plain go" ;; *) order="go plain" ;; esac
    for what in import first; do
        for env in $order; do "$work/$env/bin/python" "$here/measure.py" $what > "$work/times/$what.$env.$round"; done
    done
done
# A busy machine does not change how many instructions an import takes.
if command -v valgrind > "$work/valgrind"; then
    for env in plain go; do
        PYTHONHASHSEED=0 valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$work/log" "$work/$env/bin/python" "$here/measure.py" import-only
        sed -n 's/.*Collected : *//p' "$work/log" > "$work/times/instructions.$env.1"
    done
fi
"$PYTHON" "$here/table.py" "$work/times"

# ---- the border alone --------------------------------------------------------------------------------------------------------
echo
driver=$BUILD/release/support/bundle_driver support=$root/tests/support/bundle
digest=$("$PYTHON" "$support/units.py" "$work/probe.json")
"$driver" build "$work/w" 0.1 "$work/wheels" "$work/probe.json" > "$work/built"
"$PYTHON" "$support/install.py" "$work"/wheels/*-cp38-abi3-*.whl "$digest" "$work/site"
cp "$support/border.py" "$work/site/"
"$PYTHON" "$work/site/border.py" 15
if [ -n "$PEERS" ]; then
    mkdir -p "$work/ctypes"; cp "$here/floor.go.txt" "$work/ctypes/floor.go"
    (cd "$work/ctypes" && printf 'module floor\n\ngo 1.23\n' > go.mod && CGO_ENABLED=1 go build -buildmode=c-shared -o floor.so .)
    "$PYTHON" "$here/floor.py" "$work/ctypes/floor.so"
fi
