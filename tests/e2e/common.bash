# What the end-to-end tests share. GOPHERSNAKE is the program that users run (release build).

GOPHERSNAKE=${GOPHERSNAKE:-$BATS_TEST_DIRNAME/../../build/release/gophersnake}
gs() { "$GOPHERSNAKE" "$@"; }

# A fresh workspace below the file's own folder; the user's cache is shared, as users share it.
fresh_workspace() {
    WORKSPACE="$BATS_FILE_TMPDIR/$1"
    mkdir -p "$WORKSPACE"
    export GOPHERSNAKE_WORKSPACE="$WORKSPACE"
}

# One line a file, with its digest: two registries with the same bytes print the same.
tree_digest() { (cd "$1" && find . -type f ! -path '*/redis/*' ! -path ./lock -print0 | sort -z | xargs -0 sha256sum); }

# Fails with the whole output when it does not hold.
has() { # text
    [[ "$output" == *"$1"* ]] || { echo "expected to see: $1"; echo "got: $output"; return 1; }
}
status_is() { [ "$status" -eq "$1" ] || { echo "exit status $status, expected $1: $output"; return 1; }; }

# Runs Go as a user's own program does: nothing from us but the two settings of the summary, no network.
offline() { unshare -n -- "$@"; }
