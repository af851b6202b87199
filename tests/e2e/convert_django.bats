#!/usr/bin/env bats
# The main job on Django's real tree, and a stock go that uses the result.
load common

setup_file() {
    export WORKSPACE="$BATS_FILE_TMPDIR/w"
    export GOPHERSNAKE_WORKSPACE="$WORKSPACE"
    local result=0
    gs convert django > "$BATS_FILE_TMPDIR/summary" 2> "$BATS_FILE_TMPDIR/messages" || result=$?
    echo $result > "$BATS_FILE_TMPDIR/status"
}

in_registry() { echo "$WORKSPACE/registry/go"; }

@test "convert django ends with 0 and a summary" {
    [ "$(cat "$BATS_FILE_TMPDIR/status")" = 0 ] || { cat "$BATS_FILE_TMPDIR/messages"; false; }
    output=$(cat "$BATS_FILE_TMPDIR/summary")
    has "releases are Go modules"; has "go get go.internal/py-django@latest"; has "GONOSUMDB=go.internal"
    # leaf first: django after what it needs
    [ "$(grep -nE '^ +[0-9]+ +django ' "$BATS_FILE_TMPDIR/summary" | cut -d: -f1)" -gt "$(grep -nE '^ +[0-9]+ +sqlparse ' "$BATS_FILE_TMPDIR/summary" | cut -d: -f1)" ]
}

@test "status, why, log and list after the run" {
    run gs status; status_is 0; has "finished"; has "published"
    run gs status --json; status_is 0; echo "$output" | python3 -c 'import json,sys; d=json.load(sys.stdin); assert d["schema"]=="gophersnake.status/1"; assert all(r["state"]=="published" for r in d["releases"]), d'
    run gs why django; status_is 0; has "target"
    run gs why asgiref; status_is 0; has "django"; has "asgiref"
    run gs why --json asgiref; status_is 0; echo "$output" | python3 -c 'import json,sys; d=json.load(sys.stdin); assert len(d["chains"][0])==2'
    version=$(gs status --json | python3 -c 'import json,sys; print([r["version"] for r in json.load(sys.stdin)["releases"] if r["name"]=="django"][0])')
    run gs log "publish:django@$version"; status_is 0; has "done in"
    run gs list; status_is 0; has "go.internal/py-django"
}

@test "the program of docs/ runs offline, from another user's home, with only what the summary says" {
    [ "$(id -u)" = 0 ] || skip "becoming another user needs root"
    home=$(mktemp -d); mkdir "$home/x"; cp docs/examples/django/main.go "$home/x/"
    cp -r "$WORKSPACE/registry/go" "$home/registry"; chown -R nobody "$home"
    cat > "$home/run.sh" <<END
set -e
export HOME=$home PATH=$(dirname "$(command -v go)"):/usr/bin:/bin
export GOPROXY=file://$home/registry,\$(go env GOPROXY)
export GONOSUMDB=go.internal GOFLAGS=-mod=mod
export GOPHERSNAKE_PYTHON=${GOPHERSNAKE_TEST_PYTHON:-/usr/bin/python3}
cd $home/x
go mod init x
go get go.internal/py-django@latest
go run .
go list -m all
go vet .
END
    run unshare -n -- setpriv --reuid=nobody --regid=nogroup --clear-groups sh "$home/run.sh"
    status_is 0; has "SELECT"; has "a-slug"; has "Hello, GOPHER!"; has "Traceback (most recent call last)"
    for module in $(gs list --json | python3 -c 'import json,sys; print(*["%s@%s"%(r["module"],r["go_version"]) for r in json.load(sys.stdin)["releases"]])'); do
        has "${module/@/ }"
    done
    chmod -R u+w "$home"; rm -rf "$home"
}

@test "convert again: nothing to do, nothing rewritten" {
    before=$(tree_digest "$WORKSPACE"); stamp=$(find "$WORKSPACE/registry" -type f -printf '%T@ %p\n' | sort)
    run gs convert django; status_is 0; has "nothing to do"
    [ "$before" = "$(tree_digest "$WORKSPACE")" ]
    [ "$stamp" = "$(find "$WORKSPACE/registry" -type f -printf '%T@ %p\n' | sort)" ]
}

@test "after the loss of the user's cache: the same answer" {
    run gs convert --cache-dir "$BATS_FILE_TMPDIR/other-cache" django; status_is 0; has "nothing to do"
}

@test "after the loss of redis/: the same answer, and status still knows" {
    rm -rf "$WORKSPACE/redis"
    run gs convert django; status_is 0; has "nothing to do"
    run gs status; status_is 0; has "published"
}

@test "the same lock in another workspace: identical module zips" {
    gs resolve --format json --offline -o "$BATS_FILE_TMPDIR/lock.json" django
    gs convert --workspace "$BATS_FILE_TMPDIR/w2" --lock "$BATS_FILE_TMPDIR/lock.json"
    diff <(tree_digest "$WORKSPACE/registry") <(tree_digest "$BATS_FILE_TMPDIR/w2/registry")
}

@test "git repositories have the tag, and its tree is the zip's" {
    for repository in "$WORKSPACE"/repos/*.git; do git -C "$repository" fsck --strict; done
    version=$(gs list --json | python3 -c 'import json,sys; print([r["go_version"] for r in json.load(sys.stdin)["releases"] if r["name"]=="sqlparse"][0])')
    mkdir "$BATS_TEST_TMPDIR/git" "$BATS_TEST_TMPDIR/zip"
    git -C "$WORKSPACE"/repos/py-sqlparse.git archive "$version" | tar x -C "$BATS_TEST_TMPDIR/git"
    python3 -m zipfile -e "$(in_registry)/go.internal/py-sqlparse/@v/$version.zip" "$BATS_TEST_TMPDIR/zip"
    diff -r "$BATS_TEST_TMPDIR/git" "$BATS_TEST_TMPDIR/zip/go.internal/py-sqlparse@$version"
}

@test "status, why, list and log while a run goes on" {
    export GOPHERSNAKE_WORKSPACE="$BATS_FILE_TMPDIR/running"
    "$GOPHERSNAKE" convert --lock "$BATS_FILE_TMPDIR/lock.json" > /dev/null 2>&1 3>&- & command=$!
    seen=0
    for i in $(seq 200); do
        kill -0 $command 2> /dev/null || break
        if gs status --json 2> /dev/null | python3 -c '
import json, sys
status = json.load(sys.stdin)
sys.exit(not (status["live"] and not status["finished"] and status["jobs"]["total"] > 3))'; then
            seen=1
            run gs status; status_is 0; has "going on"; has "jobs:"
            run gs why asgiref; status_is 0; has "django"
            run gs log; status_is 0; has "scan:"
            run gs list; status_is 0
            break
        fi
        sleep 0.1
    done
    wait $command
    [ $seen = 1 ]
}
