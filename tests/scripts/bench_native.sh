#!/bin/sh
# make bench-native in its short form: that it works. Its figures are no test.
cd "$(dirname "$0")/../.." || exit 1
echo 1..1
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
if python3 tests/bench/native.py "$GOPHERSNAKE" "$scratch" --short sqlparse > "$scratch/out" 2> "$scratch/messages" &&
    grep -q "^sqlparse.format(10 kB" "$scratch/out" && grep -q "^sqlparse.utils.remove_quotes .*x$" "$scratch/out" && grep -q "^guard: " "$scratch/out"; then
    echo "ok 1 - bench-native sqlparse"
else
    cat "$scratch/messages" "$scratch/out" >&2; echo "not ok 1 - bench-native sqlparse"
fi
