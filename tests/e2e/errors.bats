#!/usr/bin/env bats
# Bad input: a clear text, the right exit status, nothing half-written.
load common

setup() { fresh_workspace "w$BATS_TEST_NUMBER"; }

@test "no command, an unknown one and an unknown option: usage, 2" {
    run gs; status_is 0; has "commands:"
    run gs frobnicate; status_is 2; has '"frobnicate" is no command'
    run gs convert --frobnicate; status_is 2; has "no such option"
    run gs why; status_is 2; has "usage: gophersnake why"
}

@test "every command has its help" {
    for command in resolve plan graph convert agent status why log list retry pause resume cancel doctor pep; do
        run gs "$command" --help; status_is 0; has "gophersnake $command:"
    done
}

@test "unknown package: 4 or 3, named" {
    run gs convert gophersnake-surely-no-such-package; [ "$status" -eq 3 ] || [ "$status" -eq 4 ]
    has gophersnake-surely-no-such-package
    [ ! -e "$WORKSPACE/registry" ]
}

@test "unsatisfiable requirements: 3, with the derivation" {
    run gs resolve 'sqlparse>=0.5' 'sqlparse<0.5'; status_is 3; has sqlparse
    run gs resolve 'django==5.1' 'sqlparse<0.2'; status_is 3; has "django"; has "sqlparse"
}

@test "malformed requirement: 2, with the place" {
    run gs resolve 'sqlparse>>1'; status_is 2; has 'sqlparse>>1'
}

@test "index down: 4" {
    run gs resolve --index http://127.0.0.1:1/simple --cache-dir "$BATS_TEST_TMPDIR/cache" sqlparse; status_is 4; has 127.0.0.1:1
}

@test "malformed configuration: 2, with file, line and key" {
    printf 'agents: 2\nworkspce: x\n' > "$BATS_TEST_TMPDIR/bad.yaml"
    run gs plan --config "$BATS_TEST_TMPDIR/bad.yaml" sqlparse; status_is 2; has bad.yaml; has "line 2"; has workspce
    printf 'agents: many\n' > "$BATS_TEST_TMPDIR/bad.yaml"
    run gs plan --config "$BATS_TEST_TMPDIR/bad.yaml" sqlparse; status_is 2; has bad.yaml; has "line 1"; has agents
    run gs plan --config "$BATS_TEST_TMPDIR/none.yaml" sqlparse; status_is 2; has none.yaml
}

@test "Redis refused: 5" {
    run gs convert --redis redis://127.0.0.1:1 sqlparse; status_is 5; has 127.0.0.1:1
}

@test "no go, no python3, too old a go: 2, with the way out" {
    bin="$BATS_TEST_TMPDIR/bin"; mkdir -p "$bin"
    for tool in python3 redis-server bwrap gcc sh env uname; do ln -sf "$(command -v $tool)" "$bin/$tool"; done
    PATH="$bin:/usr/bin:/bin" run gs convert --python "$(command -v python3)" sqlparse
    [ -x /usr/bin/go ] || { status_is 2; has "go"; }
    printf '#!/bin/sh\necho /usr/lib/go-1.19\necho go1.19.8\n' > "$bin/go"; chmod +x "$bin/go" # answers to: go env GOROOT GOVERSION
    GOPHERSNAKE_GO="$bin/go" run gs convert sqlparse; status_is 2; has "1.19"; has "1.23"
    run gs convert --python /nonexistent/python3 sqlparse; status_is 2; has /nonexistent/python3
}

@test "workspace locked by another run: 6, says by whom" {
    mkdir -p "$WORKSPACE"
    echo $$ > "$WORKSPACE/lock"
    exec 9<> "$WORKSPACE/lock"; flock 9
    run gs convert sqlparse; status_is 6; has "$WORKSPACE/lock"
    exec 9>&-
}

@test "workspace on a full disk: 6, and it goes on when there is room" {
    [ "$(id -u)" = 0 ] || skip "mounting a small disk needs root"
    mkdir -p "$BATS_TEST_TMPDIR/small"
    mount -t tmpfs -o size=300k tmpfs "$BATS_TEST_TMPDIR/small"
    run gs convert --workspace "$BATS_TEST_TMPDIR/small/w" sqlparse
    mount -o remount,size=200m "$BATS_TEST_TMPDIR/small"
    first=$status output_first=$output
    run gs convert --workspace "$BATS_TEST_TMPDIR/small/w" sqlparse
    umount "$BATS_TEST_TMPDIR/small"
    [ "$first" -eq 6 ] || [ "$first" -eq 5 ] || [ "$first" -eq 1 ] || { echo "$first: $output_first"; false; }
    [[ "$output_first" == *"No space left"* || "$output_first" == *"full"* ]] || { echo "$output_first"; false; }
    status_is 0
}

@test "questions before anything was run: 6, says how to start" {
    for question in status "why django" "log x"; do
        run gs $question; status_is 6; has "gophersnake convert"
    done
    run gs list; status_is 0; has "registry is empty"
}
