#!/usr/bin/env bats
# A larger tree: 30 and more releases, native extensions and a cycle of releases among them. Every release has an outcome.
load common

setup_file() {
    export GOPHERSNAKE_WORKSPACE="$BATS_FILE_TMPDIR/w"
    local result=0
    gs convert wagtail > "$BATS_FILE_TMPDIR/summary" 2> "$BATS_FILE_TMPDIR/messages" || result=$?
    echo $result > "$BATS_FILE_TMPDIR/status"
}

@test "convert wagtail ends with 0 or 1, and says so release by release" {
    result=$(cat "$BATS_FILE_TMPDIR/status")
    [ "$result" = 0 ] || [ "$result" = 1 ] || { cat "$BATS_FILE_TMPDIR/messages"; false; }
    gs status --json | python3 -c '
import json, sys
releases = json.load(sys.stdin)["releases"]
assert len(releases) >= 25, len(releases)
for release in releases:
    assert release["state"] in ("published", "failed", "blocked"), release
    assert release["state"] == "published" or release["reason"], release
assert sum(release["state"] == "published" for release in releases) >= len(releases) - 2
'
}

@test "native extensions are embedded and said" {
    gs list --json | python3 -c '
import json, sys
native = [r for r in json.load(sys.stdin)["releases"] if r.get("native_extensions")]
assert native, "no release with native extensions"
assert all(r["platform"] != "any" for r in native), native
'
}

@test "undeclared imports between releases are late-bound and listed" {
    run gs why --json soupsieve; status_is 0; has beautifulsoup4
}

@test "a Go program uses it offline" {
    mkdir -p "$BATS_FILE_TMPDIR/x"; cp docs/examples/wagtail/main.go "$BATS_FILE_TMPDIR/x/"
    cd "$BATS_FILE_TMPDIR/x"
    export GOPROXY="file://$GOPHERSNAKE_WORKSPACE/registry/go" GONOSUMDB=go.internal GOFLAGS="-mod=mod -modcacherw" GOMODCACHE="$BATS_TEST_TMPDIR/modules" GOPHERSNAKE_PYTHON="$(command -v python3)"
    go mod init x; run offline go get go.internal/py-wagtail@latest; status_is 0
    run offline go run .; status_is 0; has "<b>bold</b>"
}
