#!/bin/sh
# Every parser of outside data under libFuzzer: the same 8,000 inputs each time (make fuzz SECONDS=… looks for new ones).
set -- tests/fuzz/fuzz_*.c
echo 1..$#
number=0
for source in "$@"; do
    number=$((number + 1)) name=$(basename "$source" .c)
    corpus="$BUILD/fuzz/corpus/$name"; mkdir -p "$corpus"
    seeds="tests/fuzz/corpus/$name"; [ -d "$seeds" ] || seeds=
    if "$BUILD/fuzz/$name" -seed=1 -runs=8000 -max_total_time=20 -timeout=10 -rss_limit_mb=2048 -max_len=16384 -verbosity=0 \
        -artifact_prefix="$BUILD/fuzz/" "$corpus" $seeds > "$BUILD/fuzz/$name.log" 2>&1; then
        echo "ok $number - $name"
    else
        tail -40 "$BUILD/fuzz/$name.log" >&2; echo "not ok $number - $name"
    fi
done
