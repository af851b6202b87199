#!/usr/bin/env bats
# An index that misbehaves, over HTTP: a clear error with the right exit status, and nothing half-written.
load common

setup_file() {
    coproc SERVER { exec python3 "$BATS_TEST_DIRNAME/../support/index_server.py"; }
    read -r PORT <&"${SERVER[0]}"
    export PORT SERVER_PID=$SERVER_PID
    # the server ends with its standard input: a process that outlives this function holds it
    sleep 600 >&"${SERVER[1]}" 3>&- & echo $! > "$BATS_FILE_TMPDIR/holder"
}
teardown_file() { kill "$(cat "$BATS_FILE_TMPDIR/holder")" "$SERVER_PID" 2> /dev/null || true; }
setup() { fresh_workspace "w$BATS_TEST_NUMBER"; export GOPHERSNAKE_CACHE_DIR="$BATS_TEST_TMPDIR/cache"; }

convert_from() { run gs convert --index "http://127.0.0.1:$PORT/$1/simple/" "${@:2}"; }
nothing_published() { [ -z "$(find "$WORKSPACE/registry/go" -name '*.zip' -path '*py-*' 2> /dev/null)" ]; }

@test "a good one: a small tree becomes Go modules" {
    convert_from json,ranges 'lib'; status_is 0; has "py-lib"
}
@test "pages that are cut off in the middle: 4" {
    convert_from json,cut app; status_is 4; has 127.0.0.1; nothing_published
}
@test "a page that is no index: 4" {
    convert_from login app; status_is 4; has 127.0.0.1; nothing_published
}
@test "a server that answers 500: 4" {
    convert_from json,status=500 app; status_is 4; has 500; nothing_published
}
@test "a file whose hash is another: its release fails, named" {
    convert_from json,meta,badhash lib; status_is 1; has "SHA-256"; has "lib 1.1 (failed)"; nothing_published
}
@test "a wheel that climbs out of its folder is refused, and writes nothing outside" {
    convert_from json,meta climber; status_is 1; has "outside.py"; nothing_published
    [ -z "$(find "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" -name outside.py)" ]
}
@test "an index that moves to another scheme: refused by policy, 7" {
    convert_from json,toftp app; status_is 7; nothing_published
}
@test "a Redis of one's own that goes away in mid-run: 5, and the same command goes on when it is back" {
    folder=$(mktemp -d); socket="$folder/s"
    redis-server --port 0 --unixsocket "$socket" --dir "$folder" --appendonly yes --daemonize yes --pidfile "$folder/pid" > /dev/null
    for i in $(seq 300); do redis-cli -s "$socket" ping > /dev/null 2>&1 && break; sleep 0.1; done
    mkdir -p "$WORKSPACE/repos"; exec {lock}> "$WORKSPACE/repos/py-sqlparse.lock"; flock "$lock" # nobody publishes before Redis is gone
    "$GOPHERSNAKE" convert --redis "unix:$socket" sqlparse asgiref > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- {lock}>&- & command=$!
    for i in $(seq 1200); do grep -q "starting run" "$BATS_TEST_TMPDIR/out" && break; sleep 0.05; done
    kill -9 "$(cat "$folder/pid")"
    result=0; wait $command || result=$?
    [ $result = 5 ] || { cat "$BATS_TEST_TMPDIR/out"; echo "status $result"; false; }
    grep -q "$socket" "$BATS_TEST_TMPDIR/out"
    exec {lock}>&-
    redis-server --port 0 --unixsocket "$socket" --dir "$folder" --appendonly yes --daemonize yes --pidfile "$folder/pid" > /dev/null
    for i in $(seq 300); do redis-cli -s "$socket" ping > /dev/null 2>&1 && break; sleep 0.1; done
    run gs convert --redis "unix:$socket" sqlparse asgiref
    redis-cli -s "$socket" shutdown nosave || true; rm -rf "$folder"
    status_is 0
}
