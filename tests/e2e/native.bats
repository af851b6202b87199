#!/usr/bin/env bats
# Tests that ship: recorded calls of proved functions, as a Go test in the module and as one for pytest in the registry.
load common

setup_file() {
    export GOPHERSNAKE_WORKSPACE="$BATS_FILE_TMPDIR/w"
    gs convert -q sqlparse > "$BATS_FILE_TMPDIR/summary" 2>&1 || { cat "$BATS_FILE_TMPDIR/summary"; false; }
    export TESTS
    TESTS=$(echo "$GOPHERSNAKE_WORKSPACE"/registry/tests/sqlparse-*)
}

@test "a stock go test makes the calls, in a fresh folder and without CPython" {
    mkdir "$BATS_TEST_TMPDIR/x"; cd "$BATS_TEST_TMPDIR/x"
    export GOPROXY="file://$GOPHERSNAKE_WORKSPACE/registry/go" GONOSUMDB=go.internal GOFLAGS="-mod=mod -modcacherw" GOMODCACHE="$BATS_TEST_TMPDIR/cache"
    go mod init x; go get go.internal/py-sqlparse@latest
    export GOPHERSNAKE_PYTHON=/nonexistent
    run offline go test -v go.internal/py-sqlparse/...
    status_is 0
    for function in sqlparse:format sqlparse:split sqlparse.utils:remove_quotes; do has "--- PASS: TestNative/$function/"; done
    [[ "$output" != *"SKIP"* ]]
    # the same calls as for pytest
    passed=$(grep -c -- '^    --- PASS: TestNative/' <<< "$output")
    [ "$passed" -eq "$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["calls"]))' "$TESTS/calls.json")" ]
    # a call that CPython would have to make, and another outcome, are failures
    chmod -R u+w "$BATS_TEST_TMPDIR/cache"
    cp -r "$(go list -m -f '{{.Dir}}' go.internal/py-sqlparse)" changed; go mod edit -replace go.internal/py-sqlparse=./changed
    python3 - changed/sqlparse/utils/testdata/native_calls.json <<'P'
import json, sys
document = json.load(open(sys.argv[1]))
calls = [call for call in document["calls"] if call["f"].endswith("remove_quotes")][:2]
calls[0]["result"] = "wrong"
calls[1]["args"] = [["val", ["dict", []]]]
rest = [call for call in document["calls"] if not call["f"].endswith("remove_quotes")][:1]
json.dump({**document, "calls": calls + rest}, open(sys.argv[1], "w"))
P
    run offline go test go.internal/py-sqlparse/sqlparse/utils
    status_is 1; has 'CPython "wrong"'; has "the call went to the original in CPython"
    [ "$(grep -c -- '^    --- FAIL' <<< "$output")" -eq 2 ]
}

@test "pytest makes them with the plain release" {
    version=${TESTS##*-}
    python3 -m venv "$BATS_TEST_TMPDIR/v"
    "$BATS_TEST_TMPDIR/v/bin/pip" install -q --disable-pip-version-check pytest "sqlparse==$version"
    run "$BATS_TEST_TMPDIR/v/bin/pytest" -q -p no:cacheprovider "$TESTS"
    status_is 0; has "passed"
    cp -r "$TESTS" "$BATS_TEST_TMPDIR/wrong"
    python3 - "$BATS_TEST_TMPDIR/wrong/calls.json" <<'P'
import json, sys
document = json.load(open(sys.argv[1]))
document["calls"] = [{**call, "result": True if call.get("result") == 1 else "wrong"} for call in document["calls"] if "result" in call][:3]
json.dump(document, open(sys.argv[1], "w"))
P
    run "$BATS_TEST_TMPDIR/v/bin/pytest" -q -p no:cacheprovider "$BATS_TEST_TMPDIR/wrong"
    status_is 1; has "3 failed"
}

@test "and with the release whose functions are Go" {
    python3 -m venv "$BATS_TEST_TMPDIR/g"
    "$BATS_TEST_TMPDIR/g/bin/pip" install -q --disable-pip-version-check pytest
    "$BATS_TEST_TMPDIR/g/bin/pip" install -q --disable-pip-version-check --index-url "file://$GOPHERSNAKE_WORKSPACE/registry/simple" sqlparse
    run "$BATS_TEST_TMPDIR/g/bin/pip" list --format=freeze; has "+go."
    run "$BATS_TEST_TMPDIR/g/bin/pytest" -q -p no:cacheprovider "$TESTS"
    status_is 0; has "passed"
}

@test "the same inputs give the same module and the same tests" {
    GOPHERSNAKE_WORKSPACE="$BATS_FILE_TMPDIR/again" gs convert -q sqlparse > /dev/null 2>&1
    for folder in go tests; do
        [ "$(tree_digest "$GOPHERSNAKE_WORKSPACE/registry/$folder")" = "$(tree_digest "$BATS_FILE_TMPDIR/again/registry/$folder")" ]
    done
}
