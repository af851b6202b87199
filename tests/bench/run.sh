#!/bin/sh
# make bench: the figures of the README, measured now, on this machine. Ratios and absolute times; never a test.
set -eu
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
program=$PWD/$BUILD/release/gophersnake
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
row() { printf '%-58s %14s   %s\n' "$1" "$2" "$3"; }
key() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }
row "machine: $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)" measured target
row "---------------------------------------------------------" -------------- ------

"$program" convert -q --json --workspace "$scratch/w" --cache-dir "$scratch/cache" django > "$scratch/cold.json"
wall=$(key "$scratch/cold.json" milliseconds) own=$(key "$scratch/cold.json" own_milliseconds)
row "convert django, cold (no cache, no Go build cache)" "$(echo "$wall" | awk '{printf "%.1f s", $1/1000}')" "<= 90 s"
row "  our own processor time in it" "$(echo "$own $wall" | awk '{printf "%.1f s, %.1f %%", $1/1000, 100*$1/$2}')" "<= 10 %"
"$program" convert -q --json --workspace "$scratch/w" --cache-dir "$scratch/cache" django > "$scratch/again.json"
row "convert django again, nothing to do" "$(key "$scratch/again.json" milliseconds) ms" "< 2 s"

(cd runtime/pyrt && GOFLAGS=-buildvcs=false go test -run '^$' -bench '^Benchmark(IntInt|StrStr)$' -benchtime 1s -count 5 .) > "$scratch/bridge"
median() { awk -v name="$1" '$1 ~ "^"name {print $3}' "$scratch/bridge" | sort -n | awk '{v[NR]=$1} END {printf "%.0f ns", v[int((NR+1)/2)]}'; }
row "bridged call int -> int (median of 5)" "$(median BenchmarkIntInt)" "<= 220 ns"
row "bridged call str -> str, 20 characters (median of 5)" "$(median BenchmarkStrStr)" "<= 350 ns"

mkdir "$scratch/first"; cp tests/bench/first_call/main.go "$scratch/first/"
(
    cd "$scratch/first"
    export GOPROXY="file://$scratch/w/registry/go" GONOSUMDB=go.internal GOFLAGS=-mod=mod GOMODCACHE="$scratch/gomod" XDG_CACHE_HOME="$scratch/xdg"
    GOPHERSNAKE_PYTHON=${GOPHERSNAKE_PYTHON:-$(command -v python3)}; export GOPHERSNAKE_PYTHON
    go mod init x 2> /dev/null; go get go.internal/py-django@latest 2> /dev/null; go build -o first . 2> /dev/null
    ./first > cold
    for i in 1 2 3 4 5 6 7 8 9; do ./first; done | sort -n > warm
    printf 'package main\n\nfunc main() {}\n' > empty.go_; mkdir empty with; mv empty.go_ empty/main.go
    printf 'package main\n\nimport (\n\t_ "go.internal/py-django/django/db/models"\n\t_ "go.internal/py-sqlparse/sqlparse"\n)\n\nfunc main() {}\n' > with/main.go
    go build -o empty/run ./empty; go build -o with/run ./with 2> /dev/null
    for kind in empty with; do for i in 1 2 3 4 5 6 7 8 9; do python3 -c '
import subprocess, sys, time
start = time.perf_counter(); subprocess.run([sys.argv[1]]); print("%.2f" % ((time.perf_counter() - start) * 1000))' "$kind/run"; done | sort -n > $kind/times; done
)
middle() { sed -n 5p "$1"; }
row "first call of sqlparse, cache folder empty" "$(cat "$scratch/first/cold") ms" ""
row "first call of sqlparse, cache folder warm (median of 9)" "$(middle "$scratch/first/warm") ms" "<= 150 ms"
row "start of a Go program that does nothing (median of 9)" "$(middle "$scratch/first/empty/times") ms" ""
row "  the same, importing django.db.models and sqlparse" "$(middle "$scratch/first/with/times") ms" "the same"

find "$(go env GOROOT)/src" -type f -name '*.go' | "$BUILD/release/support/rewrite_driver" bench > "$scratch/rewrite"
row "import rewriting, the standard library's sources" "$(awk '/MB\/s/ {for (i = 1; i <= NF; i++) if ($i == "MB/s") print $(i-1) " MB/s"}' "$scratch/rewrite" | tail -1)" ">= 200 MB/s"
