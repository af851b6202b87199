#!/usr/bin/env bats
# Killed at any moment, the same command goes on: nothing twice, nothing lost. Each of the three (command, agent, Redis)
# dies at several points of a conversion; afterwards the registry must equal that of a quiet run, byte for byte.
load common

setup_file() {
    export BATS_NO_PARALLELIZE_WITHIN_FILE=true
    gs resolve --format json -o "$BATS_FILE_TMPDIR/lock.json" sqlparse soupsieve
    gs convert --workspace "$BATS_FILE_TMPDIR/quiet" --lock "$BATS_FILE_TMPDIR/lock.json" > "$BATS_FILE_TMPDIR/quiet.out" 2>&1
    tree_digest "$BATS_FILE_TMPDIR/quiet/registry" > "$BATS_FILE_TMPDIR/expected"
}

# Starts a conversion in the background; sets COMMAND to its process.
start() {
    fresh_workspace "$1"
    "$GOPHERSNAKE" convert --lock "$BATS_FILE_TMPDIR/lock.json" > "$WORKSPACE.out" 2>&1 3>&- & # the program itself, no shell around it
    COMMAND=$!
}

# Until the run has begun, then some more seconds (0: it has just begun). Where it is done by then, the test has nothing to kill.
until_running() {
    for i in $(seq 400); do
        grep -q "starting run" "$WORKSPACE.out" && break
        kill -0 $COMMAND 2> /dev/null || break
        sleep 0.02
    done
    sleep "$1"
}

agents_of() { pgrep -f -- "agent --tied .*--workspace $WORKSPACE " || true; }

finish_and_compare() {
    wait "$COMMAND" 2> /dev/null || true
    run gs convert --lock "$BATS_FILE_TMPDIR/lock.json"
    status_is 0
    diff "$BATS_FILE_TMPDIR/expected" <(tree_digest "$WORKSPACE/registry")
    [ -z "$(find "$WORKSPACE" -name '*.tmp*' -path '*registry*')" ]
}

@test "the command is killed (SIGKILL) at several points" {
    for point in 0 0.2 0.4 0.7 1 1.5 2.5; do
        start "command-$point"; until_running $point; kill -9 $COMMAND 2> /dev/null || true
        finish_and_compare
    done
}

@test "the command is interrupted (SIGINT): 130, and the same command goes on" {
    for point in 0 0.3; do
        start "interrupt-$point"; until_running $point
        kill -INT $COMMAND 2> /dev/null || true; result=0; wait $COMMAND || result=$?
        # at the second point a quick machine may be done
        [ $result = 130 ] || [ $result:$point = 0:0.3 ] || { cat "$WORKSPACE.out"; echo "status $result"; false; }
        [ -z "$(agents_of)" ]
        finish_and_compare
    done
}

@test "an agent is killed at several points: another one takes its place" {
    for point in 0.1 0.3 0.6 1 2; do
        start "agent-$point"; until_running $point
        victim=$(agents_of | head -1); [ -z "$victim" ] || kill -9 "$victim" 2> /dev/null || true
        result=0; wait $COMMAND || result=$?
        [ $result = 0 ] || { cat "$WORKSPACE.out"; false; }
        finish_and_compare
    done
}

@test "Redis is killed at several points: it is started again and has lost nothing" {
    for point in 0 0.2 0.5 1 2; do
        start "redis-$point"; until_running $point
        pidfile=$(find "$WORKSPACE/redis" -name '*.pid' 2> /dev/null | head -1)
        [ -z "$pidfile" ] || kill -9 "$(cat "$pidfile")" 2> /dev/null || true
        result=0; wait $COMMAND || result=$?
        [ $result = 0 ] || { cat "$WORKSPACE.out"; false; }
        finish_and_compare
    done
}

@test "Redis is lost between two tries (kill, then its folder removed)" {
    start lost; until_running 0.3; kill -9 $COMMAND 2> /dev/null || true
    rm -rf "$WORKSPACE/redis"
    finish_and_compare
}
