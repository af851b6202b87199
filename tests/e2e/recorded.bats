#!/usr/bin/env bats
# Packs: `prove` makes one from Go, `convert` takes it without proving anything again, and only as long as Go and Python are
# those of the proof.
load common

setup_file() {
    export GOPHERSNAKE_WORKSPACE="$BATS_FILE_TMPDIR/w" PACKS="$BATS_FILE_TMPDIR/packs"
    export GOPHERSNAKE_CONFIG="$BATS_FILE_TMPDIR/settings.yaml"
    printf 'packs: ["%s"]\n' "$PACKS" > "$GOPHERSNAKE_CONFIG"
    mkdir -p "$PACKS"
    write_pack
    local result=0
    gs prove "$PACKS" sqlparse --fuzz 200 --workspace "$BATS_FILE_TMPDIR/proofs" > "$BATS_FILE_TMPDIR/table" 2> "$BATS_FILE_TMPDIR/messages" || result=$?
    echo $result > "$BATS_FILE_TMPDIR/status"
}

# The two functions that the test translator knows by heart.
write_pack() {
    mkdir -p "$PACKS/sqlparse/sqlparse.utils"
    (cd "$BATS_TEST_DIRNAME/../support" && python3 - "$PACKS/sqlparse/sqlparse.utils/utils.go" <<'PROGRAM'
import sys
names = {}
with open("translator.py") as file:
    exec(file.read().replace("\nmain()\n", "\n"), names)
with open(sys.argv[1], "w") as file:
    file.write(names["good"]()["utils.go"])
PROGRAM
    )
}

@test "prove: what stands is in pack.json, with its numbers; again, the bytes are the same" {
    [ "$(cat "$BATS_FILE_TMPDIR/status")" = 0 ] || { cat "$BATS_FILE_TMPDIR/messages"; false; }
    output=$(cat "$BATS_FILE_TMPDIR/table"); has "2 proved, 0 bridged"; has "sqlparse.utils.remove_quotes"
    python3 - "$PACKS/sqlparse/pack.json" <<'PROGRAM'
import json, sys
pack = json.load(open(sys.argv[1]))
assert pack["schema"] == "gophersnake.pack/1" and pack["name"] == "sqlparse" and pack["bridged"] == [], pack
assert [row["go"] for row in pack["functions"]] == ["RemoveQuotes", "SplitUnquotedNewlines"], pack
for row in pack["functions"]:
    assert "sqlparse.utils" in row["modules"] and row["calls"]["visible"] >= 5 and row["calls"]["held_out"] >= 2, row
    assert row["calls"]["fuzz"] >= 100 and "str" in list(row["guards"].values())[0]["kinds"], row
    border = row["border"] # inside CPython: quotes are removed in less time than the way into Go takes
    assert border["calls"] >= 5 and border["cpython_all_ns"] > border["cpython_ns"] and border["bundle_all_ns"] > border["bundle_ns"], row
    assert row["go"] != "RemoveQuotes" or border["bundle_ns"] > border["cpython_ns"], row
PROGRAM
    sha256sum "$PACKS/sqlparse/pack.json" > "$BATS_TEST_TMPDIR/before"
    run gs prove "$PACKS" sqlparse --fuzz 200 --json --workspace "$BATS_FILE_TMPDIR/proofs"; status_is 0; has gophersnake.prove/1
    sha256sum -c "$BATS_TEST_TMPDIR/before"
}

@test "convert takes both from the pack, and they run without any Python" {
    run gs convert sqlparse; status_is 0; has "2 native, 153 bridged"
    run gs why sqlparse.utils.remove_quotes; status_is 0; has "native (translator recorded)"; has "difference fuzz"
    has "inside Python it stays Python: less than twice as fast inside CPython: a call takes"
    run gs why sqlparse.utils.remove_quotes --json; status_is 0; has '"held_out"'; has '"coverage"'; has '"python_only"'
    ! grep -q "times inside CPython" "$GOPHERSNAKE_WORKSPACE"/runs/*/logs/*
    run gs why sqlparse.utils.consume; status_is 0; has bridged; has "no translator proposed"
    run gs why sqlparse.utils.nothing; status_is 2
    unzip -p "$GOPHERSNAKE_WORKSPACE"/registry/go/go.internal/py-sqlparse/@v/*.0.zip '*/README.md' > "$BATS_TEST_TMPDIR/readme"
    grep -q '| `sqlparse.utils.remove_quotes` | `RemoveQuotes` | recorded |' "$BATS_TEST_TMPDIR/readme"
    mkdir "$BATS_TEST_TMPDIR/x"; cp tests/support/native/main.go "$BATS_TEST_TMPDIR/x/"; cd "$BATS_TEST_TMPDIR/x"
    export GOPROXY="file://$GOPHERSNAKE_WORKSPACE/registry/go" GONOSUMDB=go.internal GOFLAGS="-mod=mod -modcacherw" GOMODCACHE="$BATS_TEST_TMPDIR/modules" GOPHERSNAKE_PYTHON=/no-python-here
    go mod init x; offline go get go.internal/py-sqlparse@latest
    offline go build -o app .
    run offline ./app; status_is 0
    [ "$output" = "$(printf '"quoted"\n"x"\n"plain"\n""')" ] || { echo "$output"; false; }
}

@test "again: nothing to do" {
    run gs convert sqlparse; status_is 0; has "nothing to do"
}

@test "figures that the pack does not have are measured once: what is kept gives the same bytes again" {
    cp "$PACKS/sqlparse/pack.json" "$BATS_TEST_TMPDIR/pack.json"
    python3 - "$PACKS/sqlparse/pack.json" <<'PROGRAM'
import json, sys
pack = json.load(open(sys.argv[1]))
for row in pack["functions"]:
    del row["border"]
json.dump(pack, open(sys.argv[1], "w"))
PROGRAM
    cd "$GOPHERSNAKE_WORKSPACE"; rm -r registry repos runs
    run gs convert sqlparse; status_is 0
    grep -q "times inside CPython: 2 of 2 functions" runs/*/logs/publish*
    python3 - registry/ledger/sqlparse/*.json <<'PROGRAM'
import json, sys
entry = json.load(open(sys.argv[1]))
rows = {row["go"]: row["border"] for row in entry["functions"] if row["state"] == "native"}
only = {row["go"]: row for row in entry["python_only"]}
assert set(rows) == {"RemoveQuotes", "SplitUnquotedNewlines"} and rows["RemoveQuotes"]["calls"] >= 5, rows
row = only["RemoveQuotes"]
assert row["name"] == "sqlparse.utils.remove_quotes" and all(str(rows["RemoveQuotes"][key]) in row["reason"] for key in ("cpython_ns", "bundle_ns")), row
assert "remove_quotes" not in json.dumps(entry["native_units"]), entry["native_units"]
PROGRAM
    tree_digest registry > "$BATS_TEST_TMPDIR/before"
    rm -r registry repos runs
    run gs convert sqlparse; status_is 0
    ! grep -q "times inside CPython" runs/*/logs/*
    tree_digest registry | diff "$BATS_TEST_TMPDIR/before" -
    cp "$BATS_TEST_TMPDIR/pack.json" "$PACKS/sqlparse/pack.json"
    run gs convert sqlparse; status_is 0
}

@test "a pack of another distribution changes nothing" {
    mkdir -p "$PACKS/asgiref"
    printf '{"schema": "gophersnake.pack/1", "name": "asgiref", "version": "1", "python": "3.11", "functions": [], "bridged": []}' > "$PACKS/asgiref/pack.json"
    run gs convert sqlparse; status_is 0; has "nothing to do"
    rm -r "$PACKS/asgiref"
}

@test "Go that was changed after its proof is not taken; what was proved is lost when it is wrong" {
    sed -i 's/return "", nil/return "x", nil/' "$PACKS/sqlparse/sqlparse.utils/utils.go"
    run gs convert sqlparse; status_is 0; has "0 native"
    run gs why sqlparse.utils.remove_quotes; status_is 0; has "its Go was changed after it was proved"
    run gs prove "$PACKS" sqlparse --fuzz 200 --workspace "$BATS_FILE_TMPDIR/proofs"; status_is 1
    has "LOST: sqlparse.utils.remove_quotes"; has "1 proved, 1 bridged"
    run gs convert sqlparse; status_is 0; has "1 native"
    run gs why sqlparse.utils.remove_quotes; status_is 0; has "differs from CPython"
}

@test "another Python than that of the proof: bridged with that reason" {
    sed -i 's/"key": "./"key": "0/' "$PACKS/sqlparse/pack.json"
    run gs convert sqlparse; status_is 0
    run gs why sqlparse.utils.split_unquoted_newlines; status_is 0
    has "it was proved for sqlparse"; has "something of"
}

@test "a pack that is none: file and place" {
    sed -i 's/"unit": "sqlparse.utils"/"unit": "..\/.."/' "$PACKS/sqlparse/pack.json"
    run gs convert sqlparse; status_is 1; has "$PACKS/sqlparse/pack.json: functions[0]: key \"unit\""
    printf 'packs: [/no/such/folder]\n' > "$BATS_TEST_TMPDIR/other.yaml"
    run gs convert sqlparse --config "$BATS_TEST_TMPDIR/other.yaml"; status_is 2; has "/no/such/folder"
}
