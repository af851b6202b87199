#!/usr/bin/env bats
# The translator `command` on real functions of sqlparse: a program writes Go, what compiles is kept, what does not goes back
# to the bridge function by function, with the reason, and the published Go really runs.
load common

setup_file() {
    export GOPHERSNAKE_WORKSPACE="$BATS_FILE_TMPDIR/w" GOPHERSNAKE_TRANSLATORS=bridge,command
    # A Go module of others in a proxy of its own, that the Go of remove_quotes imports.
    python3 - "$BATS_FILE_TMPDIR/proxy/example.org/quotes/@v" <<'P'
import json, os, sys, zipfile
folder = sys.argv[1]
files = {"go.mod": "module example.org/quotes\n\ngo 1.18\n", "LICENSE": "Permission is hereby granted, free of charge, without restriction\n",
         "quotes.go": "// Package quotemarks knows quotes.\npackage quotemarks\n\nfunc Is(c byte) bool { return c == '\"' || c == '\\'' || c == '`' }\n"}
os.makedirs(folder)
with zipfile.ZipFile(folder + "/v1.0.0.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for name, text in files.items():
        archive.writestr("example.org/quotes@v1.0.0/" + name, text)
open(folder + "/v1.0.0.mod", "w").write(files["go.mod"])
json.dump({"Version": "v1.0.0"}, open(folder + "/v1.0.0.info", "w"))
P
    export GOPHERSNAKE_GO_MODULES=example.org/quotes@v1.0.0
    export GOPHERSNAKE_TRANSLATOR_COMMAND="$(command -v python3) $(realpath "$BATS_TEST_DIRNAME/../support/translator.py") mixed"
    local result=0
    GOPROXY="file://$BATS_FILE_TMPDIR/proxy" GOSUMDB=off gs convert sqlparse > "$BATS_FILE_TMPDIR/summary" 2> "$BATS_FILE_TMPDIR/messages" || result=$?
    echo $result > "$BATS_FILE_TMPDIR/status"
    export PASTED
    PASTED=$(grep -o 'GONOSUMDB=[^ ]*' "$BATS_FILE_TMPDIR/summary" | cut -d= -f2)
}

@test "what compiles is native, the rest is bridged with its reason" {
    [ "$(cat "$BATS_FILE_TMPDIR/status")" = 0 ] || { cat "$BATS_FILE_TMPDIR/messages"; false; }
    gs list --json | python3 -c '
import json, sys
entry = json.load(sys.stdin)["releases"][0]
assert entry["grade"] == "partly native", entry["grade"]
assert entry["counts"]["functions"]["native"] == 2, entry["counts"]
functions = {f["name"]: f for f in entry["functions"]}
native = sorted(name.split(".")[-1] for name, f in functions.items() if f["state"] == "native")
assert native == ["remove_quotes", "split_unquoted_newlines"], native
assert all(f["reason"] for f in functions.values() if f["state"] == "bridged"), functions
'
    run gs why sqlparse; status_is 0; has remove_quotes; has native
    # The Go module of others: named, required, in the registry as its proxy had it.
    has "example.org/quotes v1.0.0 (licence: MIT)"
    [ "$PASTED" = go.internal,example.org/quotes ]
    grep -q 'example.org/quotes v1.0.0$' "$GOPHERSNAKE_WORKSPACE"/registry/go/go.internal/py-sqlparse/@v/*.mod
    cmp "$BATS_FILE_TMPDIR/proxy/example.org/quotes/@v/v1.0.0.zip" "$GOPHERSNAKE_WORKSPACE/registry/go/example.org/quotes/@v/v1.0.0.zip"
}

@test "the native functions run without any Python, the others say what they miss" {
    mkdir "$BATS_TEST_TMPDIR/x"; cp tests/support/native/main.go "$BATS_TEST_TMPDIR/x/"; cd "$BATS_TEST_TMPDIR/x"
    export GOPROXY="file://$GOPHERSNAKE_WORKSPACE/registry/go" GONOSUMDB="$PASTED" GOFLAGS="-mod=mod -modcacherw" GOMODCACHE="$BATS_TEST_TMPDIR/modules" GOPHERSNAKE_PYTHON=/no-python-here
    go mod init x; offline go get go.internal/py-sqlparse@latest
    offline go build -o app .
    run offline ./app; status_is 0
    [ "$output" = "$(printf '"quoted"\n"x"\n"plain"\n""')" ] || { echo "$output"; false; }
    run offline ./app bridged; status_is 0; has "bridged: true"
}

@test "what native Go does not take goes to the original and is counted" {
    mkdir "$BATS_TEST_TMPDIR/x"; cp tests/support/native/main.go "$BATS_TEST_TMPDIR/x/"; cd "$BATS_TEST_TMPDIR/x"
    export GOPROXY="file://$GOPHERSNAKE_WORKSPACE/registry/go" GONOSUMDB="$PASTED" GOFLAGS="-mod=mod -modcacherw" GOMODCACHE="$BATS_TEST_TMPDIR/modules"
    go mod init x; offline go get go.internal/py-sqlparse@latest
    offline go build -o app .
    run offline ./app guarded; status_is 0
    # A handle, a callback, and a string that is not UTF-8 are no plain values; 7 and None are, and the native code itself hands them on.
    has "$(printf '%s\n' '*pyrt.Object: guarded 1, failed false' 'func(): guarded 1, failed true' 'int: guarded 0, failed true' \
        'string: guarded 1, failed true' '<nil>: guarded 0, failed false' 'string: guarded 0, failed false')"
}

@test "again: nothing to do, the program is not asked" {
    export GOPHERSNAKE_TRANSLATOR_COMMAND="$(command -v python3) $(realpath tests/support/translator.py) mixed"
    run gs convert sqlparse; status_is 0; has "nothing to do"
}

@test "a program that is silent, names its files wrongly, fails, or is not there: bridged with that reason, and the run goes on" {
    index=$(python3 tests/support/llm_package.py "$BATS_TEST_TMPDIR/package")
    cat > "$BATS_TEST_TMPDIR/translator" <<'P'
#!/bin/sh
case $(grep '"unit"' "$1/job.json") in
*tinytext.good*) printf 'package good\n\nimport "py/dist.pyrt/py"\n\nfunc DoubleGood(text any) (any, error) {\n\ts, ok := text.(string)\n\tif !ok {\n\t\treturn nil, py.ErrUnsupported\n\t}\n\treturn s + s, nil\n}\n' > "$1/out/good.go" ;;
*tinytext.cut*) echo 'package cut' > "$1/out/cut.txt" ;;
*tinytext.failing*) echo "out of ideas" >&2; exit 3 ;;
esac
P
    chmod +x "$BATS_TEST_TMPDIR/translator"
    export GOPHERSNAKE_WORKSPACE="$BATS_TEST_TMPDIR/w" GOPHERSNAKE_TRANSLATOR_COMMAND="$BATS_TEST_TMPDIR/translator"
    run gs convert --index "$index" tinytext; status_is 0; has "1 native, 17 bridged"
    run gs why tinytext.huge.double_huge; has "command: the program wrote no Go"
    run gs why tinytext.cut.double_cut; has "command: the program wrote no Go (out/cut.txt: only files named *.go are read)"
    run gs why tinytext.failing.double_failing; has "command: the program ended with exit status 3: out of ideas"
    GOPHERSNAKE_TRANSLATOR_COMMAND="$BATS_TEST_TMPDIR/none" run gs convert --workspace "$BATS_TEST_TMPDIR/w2" --index "$index" tinytext
    status_is 0; has "0 native, 18 bridged"
    run gs why --workspace "$BATS_TEST_TMPDIR/w2" tinytext.good.double_good; has "command: the program $BATS_TEST_TMPDIR/none is not there"
}
