#!/usr/bin/env bats
# The native bundle in every CPython that is here: what a swapped function does and looks like, processes and threads, what is broken.
# tests/support/bundle has the functions (probe.py, native.go.txt) and the scenarios (check.py).

load common

setup_file() {
    support="$BATS_TEST_DIRNAME/../support/bundle"
    driver="$(dirname "$GOPHERSNAKE")/support/bundle_driver"
    [ -x "$driver" ] || env -u MAKEFLAGS -u MFLAGS make -s -C "$BATS_TEST_DIRNAME/../.." VARIANT=release BUILD="$(dirname "$(dirname "$GOPHERSNAKE")")" "$driver" >&2
    export support driver SITE="$BATS_FILE_TMPDIR/site" WHEELS="$BATS_FILE_TMPDIR/wheels"
    DIGEST=$(python3 "$support/units.py" "$BATS_FILE_TMPDIR/probe.json")
    "$driver" build "$BATS_FILE_TMPDIR/w" 0.1 "$WHEELS" "$BATS_FILE_TMPDIR/probe.json" > "$BATS_FILE_TMPDIR/built"
    python3 "$support/install.py" "$WHEELS"/*-cp38-abi3-*.whl "$DIGEST" "$SITE"
    export DIGEST
    PYTHONS=$(for python in "${HOME:-/root}"/.pyenv/versions/3.*/bin/python /usr/bin/python3; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null && echo "$python"; done)
    export PYTHONS PYTHONDONTWRITEBYTECODE=1
    [ -n "$PYTHONS" ]
    echo "# with:" $PYTHONS >&3
}

# One scenario under every Python; the site may be another one.
under_all() { # scenario [site]
    local python
    for python in $PYTHONS; do
        "$python" "${2:-$SITE}/check.py" "$1" > "$BATS_TEST_TMPDIR/log" 2>&1 || { echo "$python $1"; cat "$BATS_TEST_TMPDIR/log"; return 1; }
        ! grep -q "Traceback" "$BATS_TEST_TMPDIR/log" || { echo "$python $1"; cat "$BATS_TEST_TMPDIR/log"; return 1; }
    done
    output=$(cat "$BATS_TEST_TMPDIR/log")
}
another_site() { rm -rf "$BATS_TEST_TMPDIR/site"; cp -r "$SITE" "$BATS_TEST_TMPDIR/site"; package="$BATS_TEST_TMPDIR/site/gophersnake_bundle"; }

@test "values of all kinds cross and come back the same; Go starts at the first call" { under_all values; }
@test "dates, Decimals and sets cross exactly; subclasses, other time zones and patched classes are the original's" { under_all times; }
@test "arguments of other kinds go to the original; decorated, cached, closed-over, static functions" { under_all guards; }
@test "exceptions, tracebacks and warnings are the original's; panics are no crash" { under_all exceptions; }
@test "signature, source, pickle, tracing, changed defaults" { under_all looks; }
@test "a patched helper is seen, and no longer when it is back" { under_all patched; }
@test "fork before and after the first call, spawn" { under_all forks; }
@test "many threads" { under_all threads; }
@test "other threads run while Go works long" { under_all sleepers; }
@test "Ctrl-C" { under_all interrupted; }
@test "signal handlers, SIGPIPE and faulthandler stay as they are" { under_all handlers; }
@test "a sub-interpreter falls back by itself" { under_all interpreters; }
@test "a call while a module is imported does not start Go" { under_all imports; }
@test "importing brings no other module and no thread" { under_all late; }

@test "GOPHERSNAKE=0 switches all off, without a warning" {
    export GOPHERSNAKE=0
    under_all quiet
    has "GOPHERSNAKE=0"
}

@test "strict: a function that the bundle does not have is an ImportError; else it stays Python" {
    another_site
    sed -i "s/$DIGEST/$(printf '0%.0s' $(seq 64))/" "$BATS_TEST_TMPDIR/site/probe.py"
    under_all quiet "$BATS_TEST_TMPDIR/site"
    has "this bundle does not have it"
    export GOPHERSNAKE=strict
    under_all strict "$BATS_TEST_TMPDIR/site"
    has "ImportError: probe.twice: this bundle does not have it"
}

@test "the empty bundle is quiet, and an ImportError when strict" {
    python3 "$support/install.py" "$WHEELS"/*-none-any.whl "$DIGEST" "$BATS_TEST_TMPDIR/site"
    under_all quiet "$BATS_TEST_TMPDIR/site"
    has "this platform has no native code"
    export GOPHERSNAKE=strict
    under_all strict "$BATS_TEST_TMPDIR/site"
    has "ImportError"
}

@test "no bundle at all" {
    another_site
    rm -r "$package"
    for python in $PYTHONS; do
        (cd "$BATS_TEST_TMPDIR/site" && "$python" -c 'import probe; assert probe.cached("x") == "python"')
        (cd "$BATS_TEST_TMPDIR/site" && ! GOPHERSNAKE=strict "$python" -c 'import probe' 2> "$BATS_TEST_TMPDIR/log")
        grep -q "ModuleNotFoundError: No module named 'gophersnake_bundle'" "$BATS_TEST_TMPDIR/log"
    done
}

@test "a truncated library, one of another bundle, a missing one, one that is none: one warning and Python" {
    another_site
    truncate -s 1000000 "$package/_go.so"
    under_all broken "$BATS_TEST_TMPDIR/site"
    has "1000000 bytes, expected"
    GOPHERSNAKE=strict under_all strict "$BATS_TEST_TMPDIR/site"
    has "ImportError"
    size=$(stat -c %s "$SITE/gophersnake_bundle/_go.so")
    head -c "$size" /dev/zero > "$package/_go.so"
    under_all broken "$BATS_TEST_TMPDIR/site"
    has "invalid ELF header"
    rm "$package/_go.so"
    under_all broken "$BATS_TEST_TMPDIR/site"
    has "No such file"
}

@test "an extension that is cut off or of another architecture: one warning and Python" {
    another_site
    shim="$package/_gophersnake_bundle.abi3.so" size=$(stat -c %s "$SITE/gophersnake_bundle/_gophersnake_bundle.abi3.so")
    for length in 0 63 5000 $((size / 2)) $((size - 1)); do
        head -c "$length" "$SITE/gophersnake_bundle/_gophersnake_bundle.abi3.so" > "$shim"
        under_all broken "$BATS_TEST_TMPDIR/site"
        has "cut off after $length bytes"
    done
    GOPHERSNAKE=strict under_all strict "$BATS_TEST_TMPDIR/site"
    has "ImportError: probe.twice"
    cp "$SITE/gophersnake_bundle/_gophersnake_bundle.abi3.so" "$shim"
    printf '\xb7\x00' | dd of="$package/_gophersnake_bundle.abi3.so" bs=1 seek=18 conv=notrunc status=none # e_machine
    under_all broken "$BATS_TEST_TMPDIR/site"
    has "cannot open shared object file"
}

@test "nothing can be written, and there is no home" {
    HOME=/nonexistent TMPDIR=/nonexistent XDG_CACHE_HOME=/nonexistent PYTHONPYCACHEPREFIX=/nonexistent PYTHONDONTWRITEBYTECODE= under_all imports
}

@test "python -m gophersnake_bundle, GOPHERSNAKE_REPORT" {
    for python in $PYTHONS; do
        run env PYTHONPATH="$SITE" "$python" -m gophersnake_bundle
        status_is 0
        has "probe.twice "
        has "it is a generator or a coroutine"
        echo 'import probe; probe.twice(4); probe.twice("x")' > "$BATS_TEST_TMPDIR/program.py"
        rm -f "$BATS_TEST_TMPDIR/report"
        PYTHONPATH="$SITE" GOPHERSNAKE_REPORT="$BATS_TEST_TMPDIR/report" "$python" -m gophersnake_bundle --json --run "$BATS_TEST_TMPDIR/program.py" 2> "$BATS_TEST_TMPDIR/json"
        for file in json report; do
            "$python" - "$BATS_TEST_TMPDIR/$file" <<'P'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["schema"] == "gophersnake.bundle-report/1" and report["library"] == "running"
row, = [row for row in report["functions"] if row["name"] == "twice"]
assert (row["calls"], row["native"], row["back"]["guarded"], row["state"]) == (2, 1, 1, "native"), row
P
        done
    done
}

@test "pip installs the wheel; its tag is what the libraries need; only one symbol shows" {
    python3 -m venv "$BATS_TEST_TMPDIR/venv"
    "$BATS_TEST_TMPDIR/venv/bin/pip" install -q --no-index --disable-pip-version-check --find-links "$WHEELS" gophersnake-bundle
    run "$BATS_TEST_TMPDIR/venv/bin/python" -c 'import gophersnake_bundle; print(gophersnake_bundle.report())'
    has "'library': 'not started'"
    needed=$(for file in "$SITE"/gophersnake_bundle/*.so; do objdump -T "$file"; done | grep -o 'GLIBC_2\.[0-9]*' | sort -t. -k2 -n | tail -1)
    run echo "$WHEELS"/*-cp38-abi3-manylinux_*
    has "manylinux_2_${needed#GLIBC_2.}_"
    [ "$(nm -D --defined-only "$SITE/gophersnake_bundle/_gophersnake_bundle.abi3.so" | grep -c .)" -eq 1 ]
    [ "$(nm -D --defined-only "$SITE/gophersnake_bundle/_go.so" | grep -c .)" -eq 2 ]
}

@test "the same units give the same bytes in another workspace; the second time from the store" {
    run "$driver" build "$BATS_TEST_TMPDIR/w2" 0.1 "$BATS_TEST_TMPDIR/again" "$BATS_FILE_TMPDIR/probe.json"
    status_is 0
    [ "$output" = "$(cat "$BATS_FILE_TMPDIR/built")" ]
    diff -r "$WHEELS" "$BATS_TEST_TMPDIR/again"
    run "$driver" build "$BATS_FILE_TMPDIR/w" 0.1 "$BATS_TEST_TMPDIR/third" "$BATS_FILE_TMPDIR/probe.json"
    diff -r "$WHEELS" "$BATS_TEST_TMPDIR/third"
}
