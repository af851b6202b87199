#!/bin/sh
# The bundle's own parts: the Go of the border (vet, tests, fuzzing of what it reads), and the C shim under ASan and UBSan in a
# real CPython, with a library that answers with changed bytes.
set -u
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GOFLAGS=-buildvcs=false GOTOOLCHAIN=local
number=0
check() { # what, command…
    number=$((number + 1)) what=$1; shift
    if "$@" >&2; then echo "ok $number - $what"; else echo "not ok $number - $what"; fi
}
echo 1..6
module=$scratch/src
mkdir "$module"
cp -r runtime/bundle/go/. "$module"
cp -r runtime/pyrt "$module/dist.pyrt"
rm -rf "$module/dist.pyrt/go.mod" "$module"/dist.pyrt/*_test.go
printf 'module py\n\ngo 1.23\n' > "$module/go.mod"
in_module() { (cd "$module" && "$@"); }
formatted() { [ -z "$(gofmt -l runtime/bundle/go)" ]; }
check "gofmt" formatted
check "go vet" in_module go vet -tags gophersnake_bundle ./border ./dist.pyrt
check "go test -race" in_module go test -race -tags gophersnake_bundle ./border
check "go test -fuzz" in_module go test -tags gophersnake_bundle -run xxx -fuzz FuzzArguments -fuzztime "${BUNDLE_FUZZ:-50000x}" ./border

site=$scratch/site package=$scratch/site/gophersnake_bundle
build() {
    digest=$(python3 tests/support/bundle/units.py "$scratch/unit.json") &&
    python3 - "$scratch/unit.json" "$digest" > "$scratch/request.json" <<'P' &&
import json, sys
unit = dict(json.load(open(sys.argv[1])), digest=sys.argv[2])
del unit["schema"]
print(json.dumps({"command": "bundle", "bundle": {"version": "0", "content": "0123456789abcdef", "units": [unit]}}))
P
    (cd agents/go/tool && go run .) < "$scratch/request.json" > "$scratch/answer.json" &&
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["bundle"]["files"]["shim/registry.c"])' "$scratch/answer.json" > "$scratch/registry.c" &&
    mkdir -p "$site" && (cd runtime/bundle/python && python3 -m zipfile -c "$scratch/site.zip" gophersnake_bundle) &&
    python3 tests/support/bundle/install.py "$scratch/site.zip" "$digest" "$site" &&
    cp tests/support/bundle/sanitize.py "$site" &&
    gcc -std=gnu17 -g -O1 -fPIC -shared -fsanitize=address,undefined -fno-sanitize-recover=all -o "$package/_go.so" tests/support/bundle/echo.c &&
    gcc -std=gnu17 -g -O1 -Wall -Wextra -Wshadow -Wno-cast-function-type -Werror -fPIC -shared -fvisibility=hidden -fsanitize=address,undefined \
        -fno-sanitize-recover=all -DBUNDLE_LIBRARY_SIZE="$(stat -c %s "$package/_go.so")U" -I runtime/bundle/shim \
        -o "$package/_gophersnake_bundle.abi3.so" runtime/bundle/shim/*.c "$scratch/registry.c"
}
run_same() { GOPHERSNAKE_ECHO=same under "$site/sanitize.py" 5000; }
run_changed() {
    for seed in 1 2 3 4 5; do GOPHERSNAKE_ECHO=$seed under "$site/sanitize.py" "${BUNDLE_VALUES:-5000}" || return 1; done
}
under() {
    LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc \
        PYTHONDONTWRITEBYTECODE=1 python3 "$@"
}
build >&2 || { echo "not ok 5 - the shim builds with sanitizers"; echo "not ok 6 - it does"; exit 1; }
check "the shim under sanitizers: values come back" run_same
check "the shim under sanitizers: changed bytes" run_changed
