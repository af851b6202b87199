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

# Processes of this workspace by what they are.
agents_of() { pgrep -f -- "agent --tied .*--workspace $WORKSPACE " || true; }
redis_of() { pgrep -f "redis-server .*$(basename "$(ls -d /tmp/gophersnake-*/ 2>/dev/null | head -1)")" || true; }

finish_and_compare() {
    wait "$COMMAND" 2> /dev/null || true
    run gs convert --lock "$BATS_FILE_TMPDIR/lock.json"
    status_is 0
    diff "$BATS_FILE_TMPDIR/expected" <(tree_digest "$WORKSPACE/registry")
    [ -z "$(find "$WORKSPACE" -name '*.tmp*' -path '*registry*')" ]
}

@test "the command is killed (SIGKILL) at several points" {
    for point in 0.3 0.8 1.5 2.5 3.5 5; do
        start "command-$point"; sleep $point; kill -9 $COMMAND 2> /dev/null || true
        finish_and_compare
    done
}

@test "the command is interrupted (SIGINT): 130, and the same command goes on" {
    for point in 1 3; do
        start "interrupt-$point"; sleep $point
        kill -INT $COMMAND; result=0; wait $COMMAND || result=$?
        [ $result = 130 ] || { cat "$WORKSPACE.out"; echo "status $result"; false; }
        [ -z "$(agents_of)" ]
        finish_and_compare
    done
}

@test "an agent is killed at several points: another one takes its place" {
    for point in 0.8 1.5 2.5 4; do
        start "agent-$point"; sleep $point
        victim=$(agents_of | head -1); [ -z "$victim" ] || kill -9 "$victim"
        result=0; wait $COMMAND || result=$?
        [ $result = 0 ] || { cat "$WORKSPACE.out"; false; }
        finish_and_compare
    done
}

@test "Redis is killed at several points: it is started again and has lost nothing" {
    for point in 0.8 1.5 2.5 4; do
        start "redis-$point"; sleep $point
        pidfile=$(find "$WORKSPACE/redis" -name '*.pid' 2> /dev/null | head -1)
        [ -z "$pidfile" ] || kill -9 "$(cat "$pidfile")" 2> /dev/null || true
        result=0; wait $COMMAND || result=$?
        [ $result = 0 ] || { cat "$WORKSPACE.out"; false; }
        finish_and_compare
    done
}

@test "Redis is lost between two tries (kill, then its folder removed)" {
    start lost; sleep 2; kill -9 $COMMAND
    rm -rf "$WORKSPACE/redis"
    finish_and_compare
}
