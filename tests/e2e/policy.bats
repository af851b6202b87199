#!/usr/bin/env bats
# What policy refuses: 7, named, and what is published stays as it is.
load common

setup_file() {
    export GOPHERSNAKE_WORKSPACE="$BATS_FILE_TMPDIR/w"
    gs convert sqlparse > "$BATS_FILE_TMPDIR/out" 2>&1
}

@test "another host in one workspace" {
    before=$(tree_digest "$GOPHERSNAKE_WORKSPACE/registry")
    run gs convert --host go.example.org sqlparse; status_is 7; has go.internal; has --workspace
    [ "$before" = "$(tree_digest "$GOPHERSNAKE_WORKSPACE/registry")" ]
}

@test "a licence that the user lists: of what is published, and of what is not" {
    export GOPHERSNAKE_LICENCE_REFUSED="BSD License"
    run gs convert sqlparse; status_is 7; has "sqlparse"; has licence_refused
    run gs convert --workspace "$BATS_TEST_TMPDIR/w" sqlparse; status_is 1; has "licence_refused"
    [ -z "$(find "$BATS_TEST_TMPDIR/w/registry/go" -name '*py-sqlparse*')" ]
}

@test "an altered file of a published version is never replaced" {
    zip=$(find "$GOPHERSNAKE_WORKSPACE/registry/go/go.internal/py-sqlparse" -name '*.zip')
    run gs convert sqlparse; status_is 0; has "nothing to do"
    chmod u+w "$zip"; printf x >> "$zip"; rm "$GOPHERSNAKE_WORKSPACE"/registry/ledger/sqlparse/*.json
    run gs convert sqlparse; status_is 1; has ".zip"
}

@test "a sandbox tier that this machine does not have" {
    run gs convert --sandbox userns --workspace "$BATS_TEST_TMPDIR/w" sqlparse
    [ "$status" -eq 0 ] || { status_is 7; has sandbox; }
    PATH="$(dirname "$(command -v go)"):$(dirname "$(command -v python3)"):/nowhere" GOPHERSNAKE_PATH=/nowhere run gs doctor
    [[ "$output" == *bwrap* || "$output" == *sandbox* ]]
}

@test "a list of Go modules that is none" {
    GOPHERSNAKE_GO_MODULES=example.org/x@latest run gs convert --workspace "$BATS_TEST_TMPDIR/w" sqlparse; status_is 2; has "go_modules: example.org/x: expected a whole version"
    GOPHERSNAKE_GO_MODULES=example.org/x@v1.0.0,example.org/x@v1.1.0 run gs plan sqlparse; status_is 2; has "example.org/x is listed twice"
}

@test "a translator without its program, an unknown one" {
    run gs convert --translators command --workspace "$BATS_TEST_TMPDIR/w" sqlparse; status_is 2; has translator_command
    run gs convert --translators magic --workspace "$BATS_TEST_TMPDIR/w" sqlparse; status_is 2; has magic
}
