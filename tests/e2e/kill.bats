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

# Starts a conversion in the background, the program itself with no shell around it; sets COMMAND to its process.
start() {
    fresh_workspace "$1"
    [ -z "${2:-}" ] || "$2"
    (for fd in ${held:-}; do exec {fd}>&-; done; exec "$GOPHERSNAKE" convert --lock "$BATS_FILE_TMPDIR/lock.json") > "$WORKSPACE.out" 2>&1 3>&- &
    COMMAND=$!
}

# Until the run has begun, then some more seconds (0: it has just begun). Where it is done by then, the test has nothing to kill.
until_running() {
    for i in $(seq 3000); do
        grep -q "starting run" "$WORKSPACE.out" && break
        kill -0 $COMMAND 2> /dev/null || break
        sleep 0.02
    done
    sleep "$1"
}

# Agents and the processes of their stages, which are forks of them; by number, which says nothing about age (numbers begin
# again at 300): an agent is a child of the command, a stage a child of an agent.
agents_of() { pgrep "$@" -f -- "agent --tied .*--workspace $WORKSPACE " || true; }
agents() { agents_of -P "$COMMAND"; }
stages() { for agent in $(agents); do agents_of -P "$agent"; done; }

# Nothing is published until let_go: the jobs that publish wait for their lock, so that the run is not over before its time.
hold() {
    mkdir -p "$WORKSPACE/repos"
    for name in sqlparse soupsieve; do exec {fd}> "$WORKSPACE/repos/py-$name.lock"; flock "$fd"; held+=" $fd"; done
}
let_go() { for fd in $held; do exec {fd}>&-; done; held=; }

# Some lines from a function, or it fails: 60 s are more than any machine takes.
wait_for() {
    for i in $(seq 600); do found=$("$@"); [ -z "$found" ] || return 0; sleep 0.1; done
    echo "nothing from: $*"; cat "$WORKSPACE.out"; false
}

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
        start "interrupt-$point" hold; until_running $point
        kill -INT $COMMAND; result=0; wait $COMMAND || result=$?
        let_go
        [ $result = 130 ] || { cat "$WORKSPACE.out"; echo "status $result"; false; }
        for i in $(seq 100); do [ -n "$(agents_of)" ] || break; sleep 0.1; done # a killed stage takes a moment to go
        [ -z "$(agents_of)" ]
        finish_and_compare
    done
}

@test "an agent is killed at several points: another one takes its place" {
    for point in 0.1 0.3 0.6 1 2; do
        start "agent-$point"; until_running $point
        victim=$(agents | head -1); [ -z "$victim" ] || kill -9 "$victim" 2> /dev/null || true
        result=0; wait $COMMAND || result=$?
        [ $result = 0 ] || { cat "$WORKSPACE.out"; false; }
        finish_and_compare
    done
}

@test "an agent, and the process of a stage, are killed while there is work: it is done again" {
    for kind in agents stages; do
        start "$kind" hold; wait_for stages; hit=
        for i in $(seq 100); do # a stage may end before it is hit: then the next
            wait_for $kind
            ! kill -9 ${found%%$'\n'*} 2> /dev/null || { hit=1; break; }
        done
        [ -n "$hit" ]
        let_go
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
    for i in $(seq 20); do rm -rf "$WORKSPACE/redis" && break; sleep 0.1; done # it may be writing there
    finish_and_compare
}
