#!/usr/bin/env bats
# Back to Python: pip and uv install a converted package from the registry's index, its proved functions run in Go, and its own test
# suite sees no difference.
load common

setup_file() {
    export GOPHERSNAKE_WORKSPACE="$BATS_FILE_TMPDIR/w" PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
    export SIMPLE="$GOPHERSNAKE_WORKSPACE/registry/simple" V="$BATS_FILE_TMPDIR/v"
    gs convert sqlparse > "$BATS_FILE_TMPDIR/summary" 2> "$BATS_FILE_TMPDIR/messages" || { cat "$BATS_FILE_TMPDIR/messages"; false; }
    python3 -m venv "$V"
    "$V/bin/pip" install -q --index-url "file://$SIMPLE" sqlparse
}

teardown() { [ -z "${SERVER:-}" ] || kill "$SERVER"; }

# The other CPythons of this machine that the release takes, or none.
pythons() {
    for minor in 10 12 13; do
        ls -d ~/.pyenv/versions/3.$minor.*/bin/python3.$minor 2> /dev/null || command -v python3.$minor || true
    done
}

# Formats, splits, and says which functions Go answered for.
cat_program() { cat <<'P'
import sys, sqlparse, gophersnake_bundle
assert sqlparse.format("select a, b from c where x = 1", reindent=True, keyword_case="upper") == "SELECT a,\n       b\nFROM c\nWHERE x = 1"
assert sqlparse.split("select 1; select 2") == ["select 1;", "select 2"]
rows = {r["module"] + "." + r["name"]: r for r in gophersnake_bundle.report()["functions"]}
for name in ("sqlparse.format", "sqlparse.split"):
    assert rows[name]["native"] == 1, rows[name]
print("native on", sys.version.split()[0])
P
}

# Is every installed file what RECORD says?
record_program() { cat <<'P'
import base64, hashlib, importlib.metadata
for name in ("sqlparse", "gophersnake-bundle"):
    for file in importlib.metadata.distribution(name).files:
        if file.hash:
            found = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, file.read_binary()).digest()).decode().rstrip("=")
            assert found == file.hash.value, file
P
}

@test "convert says how to install, and what runs in Go" {
    run cat "$BATS_FILE_TMPDIR/summary"
    has "pip install --index-url file://$SIMPLE sqlparse"
    python3 -c '
import json, sys
python = json.loads(sys.argv[1])["python"]
assert python["native_wheels"] == 1 and python["releases"] == 1 and python["bundle"] == "1", python
assert python["functions"] >= 2 and not python["reasons"], python' "$(gs convert --json sqlparse 2> /dev/null)"
}

@test "pip takes the +go version and the bundle; functions run in Go" {
    run "$V/bin/pip" list --format=freeze
    has "sqlparse=="; has "+go.0"; has "gophersnake-bundle==1"
    run "$V/bin/pip" check; status_is 0
    run "$V/bin/python" -c "$(cat_program)"; status_is 0; has "native on"
    run "$V/bin/python" -m gophersnake_bundle; status_is 0; has "sqlparse.format"
    [ "$(printf 'select 1' | "$V/bin/sqlformat" -k upper -)" = "SELECT 1" ]
}

@test "what is installed is what RECORD says, and goes away whole" {
    "$V/bin/python" -c "$(record_program)"
    "$V/bin/python" - <<'P'
import importlib.metadata
bundle = importlib.metadata.distribution("gophersnake-bundle") # with the licences of what its Go derives from
named, there = bundle.metadata.get_all("License-File"), [str(file).partition("/licenses/")[2] for file in bundle.files]
assert any(name.startswith("sqlparse/") for name in named) and {"LICENSE", "NOTICE", "go/LICENSE"} <= set(named) <= set(there), named
P
    python3 -m venv "$BATS_TEST_TMPDIR/v"
    "$BATS_TEST_TMPDIR/v/bin/pip" install -q --index-url "file://$SIMPLE" sqlparse
    "$BATS_TEST_TMPDIR/v/bin/pip" uninstall -q -y sqlparse gophersnake-bundle
    run find "$BATS_TEST_TMPDIR/v" -iname '*sqlparse*' -o -iname '*gophersnake*'; [ -z "$output" ] || { echo "$output"; false; }
}

@test "other CPythons take the same wheels" {
    for python in $(pythons); do
        name=$(basename "$python")
        "$python" -m venv "$BATS_TEST_TMPDIR/$name"
        "$BATS_TEST_TMPDIR/$name/bin/pip" install -q --index-url "file://$SIMPLE" sqlparse
        run "$BATS_TEST_TMPDIR/$name/bin/python" -c "$(cat_program)"; status_is 0; has "native on"
        echo "# $output" >&3
    done
}

@test "a server of plain files will do, and as an extra index it wins over the plain release" {
    (cd "$GOPHERSNAKE_WORKSPACE/registry" && exec python3 -u -m http.server --bind 127.0.0.1 0 > "$BATS_TEST_TMPDIR/log" 2>&1) &
    server=$!
    while ! grep -q 'port' "$BATS_TEST_TMPDIR/log"; do sleep 0.1; kill -0 $server; done
    port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/log" | head -1)
    python3 -m venv "$BATS_TEST_TMPDIR/v"
    run env -u http_proxy -u HTTP_PROXY "$BATS_TEST_TMPDIR/v/bin/pip" install --index-url "http://127.0.0.1:$port/simple/" sqlparse
    kill $server
    status_is 0; has "+go.0"
    # Only the small sibling file was read to find out what it needs.
    grep -q 'GET /simple/files/sqlparse.*go.0.*whl.metadata' "$BATS_TEST_TMPDIR/log"
    "$BATS_TEST_TMPDIR/v/bin/pip" uninstall -q -y sqlparse gophersnake-bundle
    run "$BATS_TEST_TMPDIR/v/bin/pip" install --extra-index-url "file://$SIMPLE" sqlparse; status_is 0; has "+go.0"
}

@test "uv takes it too" {
    "$V/bin/pip" install -q uv
    python3 -m venv "$BATS_TEST_TMPDIR/v"
    run "$V/bin/uv" pip install --no-cache --python "$BATS_TEST_TMPDIR/v/bin/python" --default-index "file://$SIMPLE" sqlparse; status_is 0
    has "+go.0"; has gophersnake-bundle
    run "$BATS_TEST_TMPDIR/v/bin/python" -c "$(cat_program)"; status_is 0
}

@test "gophersnake serve: pip, uv and go take it over HTTP" {
    cd "$BATS_TEST_TMPDIR"; export no_proxy=127.0.0.1
    "$GOPHERSNAKE" serve --json --listen 127.0.0.1:0 > address 2> log 3>&- &
    SERVER=$!
    while [ ! -s address ]; do kill -0 $SERVER; sleep 0.05; done
    address=$(python3 -c 'import json; print(json.load(open("address"))["address"])')
    python3 -m venv v
    run v/bin/pip install --index-url "$address/simple/" sqlparse; status_is 0; has "+go.0"
    run v/bin/python -c "$(cat_program)"; status_is 0
    "$V/bin/pip" install -q uv; python3 -m venv u
    run "$V/bin/uv" pip install --no-cache --python u/bin/python --default-index "$address/simple/" sqlparse; status_is 0; has "+go.0"
    gs convert sqlparse > convert 2>&1 # what is served stays
    mkdir m; cd m; go mod init x
    # not ours: 404, and go asks the next one
    run env GOMODCACHE="$BATS_TEST_TMPDIR/cache" GOPROXY="$address/go,$(go env GOPROXY)" GONOSUMDB=go.internal GOFLAGS="-mod=mod -modcacherw" \
        go get go.internal/py-sqlparse@latest rsc.io/quote@v1.5.2; status_is 0
    has "added go.internal/py-sqlparse"; has "added rsc.io/quote"
    cd ..
    grep -q 'GET /simple/files/sqlparse.*go.0.*whl.metadata 200 .* pip/' log; grep -q 'GET /go/go.internal/py-sqlparse/@v/.*zip 200' log
    grep -q 'GET /go/rsc.io/quote/@v/.* 404' log
    # What a client may ask: a part, what it has already, and nothing outside.
    wheel="$address/simple/files/$(ls "$SIMPLE/files" | grep 'go.0.*whl$')"
    [ "$(curl -sS -r 1-3 "$wheel" | od -An -tx1)" = " 4b 03 04" ]
    tag=$(curl -sSI "$wheel" | tr -d '\r' | sed -n 's/^ETag: //p')
    [ "$(curl -sS -o /dev/null -w '%{http_code}' -H "If-None-Match: $tag" "$wheel")" = 304 ]
    run curl -sSI -H 'Accept: application/vnd.pypi.simple.v1+json' "$address/simple/sqlparse/"
    has "Content-Type: application/vnd.pypi.simple.v1+json"; has "Vary: Accept"; has "Content-Length: $(stat -c %s "$SIMPLE/sqlparse/index.json")"
    [ "$(curl -sS -o /dev/null -w '%{http_code}' --path-as-is "$address/go/..%2fledger/sqlparse")" = 404 ]
    [ "$(curl -sS -o /dev/null -w '%{http_code}' -X PUT -d x "$address/simple/")" = 405 ]
    run gs serve --listen "${address#http://}"; status_is 4; has "another program does"
    kill $SERVER; wait $SERVER; SERVER= # it ends well
}

@test "platforms without native code: the empty bundle, and none at all" {
    python3 -m venv "$BATS_TEST_TMPDIR/v"
    run "$V/bin/pip" download -q --no-deps --only-binary :all: --platform musllinux_1_2_x86_64 --python-version 3.11 -d "$BATS_TEST_TMPDIR/d" \
        --index-url "file://$SIMPLE" gophersnake-bundle; status_is 0
    [ "$(ls "$BATS_TEST_TMPDIR/d")" = gophersnake_bundle-1-py3-none-any.whl ]
    "$BATS_TEST_TMPDIR/v/bin/pip" install -q "$BATS_TEST_TMPDIR/d"/*.whl
    "$BATS_TEST_TMPDIR/v/bin/pip" install -q --index-url "file://$SIMPLE" sqlparse
    run "$BATS_TEST_TMPDIR/v/bin/python" -W error -c 'import sqlparse; print(sqlparse.split("a; b"))'; status_is 0; has "['a;', 'b']"
    run env GOPHERSNAKE=strict "$BATS_TEST_TMPDIR/v/bin/python" -c 'import sqlparse'; status_is 1; has ImportError
    "$BATS_TEST_TMPDIR/v/bin/pip" uninstall -q -y gophersnake-bundle
    run "$BATS_TEST_TMPDIR/v/bin/python" -W error -c 'import sqlparse; print(sqlparse.split("a; b"))'; status_is 0; has "['a;', 'b']"
    run env GOPHERSNAKE=strict "$BATS_TEST_TMPDIR/v/bin/python" -c 'import sqlparse'; status_is 1; has ModuleNotFoundError
    # An index whose bundle could not be built: the original.
    cp -r "$SIMPLE" "$BATS_TEST_TMPDIR/simple"; rm -r "$BATS_TEST_TMPDIR/simple/gophersnake-bundle"
    run "$BATS_TEST_TMPDIR/v/bin/pip" install --force-reinstall --index-url "file://$BATS_TEST_TMPDIR/simple" sqlparse; status_is 0
    ! "$BATS_TEST_TMPDIR/v/bin/pip" list --format=freeze | grep -q '+go'
}

@test "an altered RECORD is found by who looks, and changes nothing else" {
    for record in "$V"/lib/python*/site-packages/{sqlparse,gophersnake_bundle}-*.dist-info/RECORD; do
        cp "$record" "$BATS_TEST_TMPDIR/kept"
        sed -i '1s/sha256=[^,]*/sha256=altered/' "$record"
        run "$V/bin/python" -W error -c "$(cat_program)"; status_is 0; has "native on"
        run "$V/bin/python" -c "$(record_program)"; status_is 1; has AssertionError
        cp "$BATS_TEST_TMPDIR/kept" "$record"
    done
    "$V/bin/python" -c "$(record_program)"
}

@test "site-packages that cannot be written" {
    run unshare -m sh -c 'mount --bind "$V" "$V" && mount -o remount,ro,bind "$V" && ! touch "$V/x" && exec "$V/bin/python" -c "$1"' sh "$(cat_program)"
    status_is 0; has "native on"
}

@test "the release's own suite: the same passes and failures as the plain release" {
    version=$("$V/bin/python" -c 'import sqlparse; print(sqlparse.__version__)')
    "$V/bin/pip" download -q --no-deps --no-binary :all: --no-build-isolation -d "$BATS_TEST_TMPDIR/s" "sqlparse==$version" || {
        "$V/bin/pip" install -q hatchling; "$V/bin/pip" download -q --no-deps --no-binary :all: --no-build-isolation -d "$BATS_TEST_TMPDIR/s" "sqlparse==$version"; }
    tar -C "$BATS_TEST_TMPDIR" -xzf "$BATS_TEST_TMPDIR"/s/*.tar.gz
    mv "$BATS_TEST_TMPDIR"/sqlparse-*/tests "$BATS_TEST_TMPDIR/tests"
    python3 -m venv "$BATS_TEST_TMPDIR/plain"
    "$BATS_TEST_TMPDIR/plain/bin/pip" install -q "sqlparse==$version" pytest; "$V/bin/pip" install -q pytest
    suite() { (cd "$BATS_TEST_TMPDIR/tests" && "$1/bin/python" -m pytest -q -rA -p no:cacheprovider . | grep -E '^(PASSED|FAILED|ERROR|XFAIL|SKIPPED) ' | sort); }
    suite "$BATS_TEST_TMPDIR/plain" > "$BATS_TEST_TMPDIR/1"
    GOPHERSNAKE_REPORT="$BATS_TEST_TMPDIR/report" suite "$V" > "$BATS_TEST_TMPDIR/2"
    GOPHERSNAKE=0 suite "$V" > "$BATS_TEST_TMPDIR/3"
    [ "$(wc -l < "$BATS_TEST_TMPDIR/1")" -gt 400 ]
    diff "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/2"; diff "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/3"
    python3 -c '
import json, sys
rows = [r for line in open(sys.argv[1]) for r in json.loads(line)["functions"]]
native, calls = sum(r["native"] for r in rows if "native" in r), sum(r["calls"] for r in rows if "calls" in r)
assert native > 100, rows
print("%d of %d calls ran in Go" % (native, calls))' "$BATS_TEST_TMPDIR/report" | sed 's/^/# /' >&3
    echo "# $(grep -c PASSED "$BATS_TEST_TMPDIR/1") passed, $(grep -c FAILED "$BATS_TEST_TMPDIR/1" || true) failed, each time" >&3
}

@test "an index that is lost or damaged is made again, byte for byte" {
    tree_digest "$SIMPLE" > "$BATS_TEST_TMPDIR/before"
    rm "$SIMPLE/sqlparse/index.html"; echo '{' > "$SIMPLE/index.json"; rm "$SIMPLE"/files/sqlparse*.metadata
    run gs convert sqlparse; status_is 0
    tree_digest "$SIMPLE" | diff "$BATS_TEST_TMPDIR/before" -
    rm -r "$SIMPLE"
    run gs convert sqlparse; status_is 0
    tree_digest "$SIMPLE" | diff "$BATS_TEST_TMPDIR/before" -
}

@test "another release: the next bundle has both, what was there keeps its bytes" {
    (cd "$SIMPLE/files" && sha256sum ./*) > "$BATS_TEST_TMPDIR/before"
    run gs convert idna; status_is 0; has "pip install --index-url file://$SIMPLE idna"
    (cd "$SIMPLE/files" && sha256sum --quiet -c "$BATS_TEST_TMPDIR/before")
    "$V/bin/pip" install -q --upgrade --index-url "file://$SIMPLE" idna # the bundle stays what it is
    run "$V/bin/python" -m gophersnake_bundle --json idna; status_is 0; has "it is older than the package"
    [ "$("$V/bin/python" -c 'import idna; print(idna.encode("b\u00fccher.example").decode())')" = xn--bcher-kva.example ]
    "$V/bin/pip" install -q --upgrade --index-url "file://$SIMPLE" gophersnake-bundle
    run "$V/bin/pip" list --format=freeze; has "gophersnake-bundle==2"; has "sqlparse=="; has "+go.0"
    run "$V/bin/python" -c "$(cat_program)"; status_is 0
    run "$V/bin/python" -c 'import idna, gophersnake_bundle; idna.encode("b\u00fccher.example"); print({r["name"]: r.get("native") for r in gophersnake_bundle.report()["functions"]}["encode"])'
    [ "$output" = 1 ] || { echo "$output"; false; }
}

@test "a release that upstream has only as a source distribution: built in the sandbox, and pip takes the wheel" {
    run gs convert docopt termcolor==1.1.0; status_is 0; has published # the other one states its requirements to its build alone
    run gs why docopt; has "docopt-0.6.2.tar.gz in the sandbox ("; has "setuptools.build_meta"; has "  setuptools "
    run "$V/bin/pip" install --only-binary :all: --index-url "file://$SIMPLE" docopt; status_is 0
    run "$V/bin/python" -c 'import docopt; print(docopt.docopt("Usage: x [--a]", ["--a"]))'; has "{'--a': True}"
    run gs why termcolor; has "what a build of its source distribution says"; has "termcolor-1.1.0.tar.gz in the sandbox ("
    rm -r "$SIMPLE/docopt" # made again from what is published: nothing is built twice
    run gs convert docopt termcolor==1.1.0; status_is 0; has "nothing to do"
    "$V/bin/pip" download -q --no-deps --index-url "file://$SIMPLE" -d "$BATS_TEST_TMPDIR" docopt
}

# Every file of the index is there, with its size.
check_index() { python3 - "$SIMPLE" <<'P'
import json, pathlib, sys
simple = pathlib.Path(sys.argv[1])
for project in json.loads((simple / "index.json").read_text())["projects"]:
    for file in json.loads((simple / project["name"] / "index.json").read_text())["files"]:
        path = simple / "files" / file["filename"]
        assert path.stat().st_size == file["size"] and path.with_name(path.name + ".metadata").exists(), path
P
}
rows() { python3 -c 'import json, sys; [print(r["what"], r["name"], r["bytes"], r["reason"]) for r in json.loads(sys.stdin.read())["rows"]]'; }

@test "gc: a superseded conversion is yanked, what nothing needs goes; killed anywhere, nothing is broken" {
    # Another conversion of the same release: its pack has one function less.
    mkdir -p "$BATS_TEST_TMPDIR/packs"; cp -r translations/sqlparse "$BATS_TEST_TMPDIR/packs/"
    python3 - "$BATS_TEST_TMPDIR/packs/sqlparse/pack.json" <<'P'
import json, pathlib, sys
path = pathlib.Path(sys.argv[1])
pack = json.loads(path.read_text())
pack["functions"] = [f for f in pack["functions"] if f["python"] != "sqlparse.split"]
path.write_text(json.dumps(pack))
P
    run env GOPHERSNAKE_PACKS="$BATS_TEST_TMPDIR/packs" "$GOPHERSNAKE" convert sqlparse; status_is 0; has ".rel.1"
    version=$("$V/bin/python" -c 'import sqlparse; print(sqlparse.__version__)')
    (cd "$GOPHERSNAKE_WORKSPACE/registry" && sha256sum go/go.internal/*/@v/*.* simple/files/* ledger/*/*) > "$BATS_TEST_TMPDIR/published"
    mkdir "$GOPHERSNAKE_WORKSPACE/tmp/scan-dead00"; echo x > "$GOPHERSNAKE_WORKSPACE/tmp/scan-dead00/x"
    tree_digest "$GOPHERSNAKE_WORKSPACE/registry" > "$BATS_TEST_TMPDIR/before"
    run gs gc --dry-run; status_is 0
    has "superseded by $version+go.1: its wheel is yanked"; has "units/"; has "tmp/scan-dead00"; has "would get free"
    tree_digest "$GOPHERSNAKE_WORKSPACE/registry" | diff "$BATS_TEST_TMPDIR/before" -
    for at in rename:1 rename:2 rename:6 unlink:1 unlink:3; do
        run strace -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=rename,unlink -e "inject=${at%:*}:signal=KILL:when=${at#*:}" "$GOPHERSNAKE" gc --keep-bundles 9; status_is 137
        check_index
    done
    run gs gc --keep-bundles 9; status_is 0
    [ ! -e "$GOPHERSNAKE_WORKSPACE/tmp/scan-dead00" ]
    run gs gc --keep-bundles 9; status_is 0; has "everything is needed"
    check_index; (cd "$GOPHERSNAKE_WORKSPACE/registry" && sha256sum --quiet -c "$BATS_TEST_TMPDIR/published")
    run "$V/bin/pip" install --dry-run --force-reinstall --no-deps --index-url "file://$SIMPLE" sqlparse; status_is 0; has "sqlparse-$version+go.1"
    run "$V/bin/pip" install --dry-run --force-reinstall --no-deps --index-url "file://$SIMPLE" "sqlparse==$version+go.0"; status_is 0
    has "sqlparse-$version+go.0"; has "superseded by $version+go.1" # pip says why
    # Old bundles go when they are many; a dry run says the same as the real one.
    gs gc --dry-run --json --keep-bundles 1 | rows > "$BATS_TEST_TMPDIR/dry"; gs gc --json --keep-bundles 1 | rows | diff "$BATS_TEST_TMPDIR/dry" -
    grep -q '^bundle gophersnake-bundle 1 [0-9]* older than the 1 newest' "$BATS_TEST_TMPDIR/dry"
    [ "$(ls "$SIMPLE"/files/gophersnake_bundle-*-py3-none-any.whl | wc -l)" = 1 ]; check_index
    # What is out of use stays so when the index is made again, and no version of the bundle is given twice.
    tree_digest "$SIMPLE" > "$BATS_TEST_TMPDIR/before"; rm -r "$SIMPLE"
    run env GOPHERSNAKE_PACKS="$BATS_TEST_TMPDIR/packs" "$GOPHERSNAKE" convert sqlparse; status_is 0
    tree_digest "$SIMPLE" | diff "$BATS_TEST_TMPDIR/before" -
    # Not while somebody works here.
    flock --shared "$GOPHERSNAKE_WORKSPACE/in-use" "$GOPHERSNAKE" gc > "$BATS_TEST_TMPDIR/out" 2>&1 && false || [ $? = 6 ]
    grep -q "works here" "$BATS_TEST_TMPDIR/out"
}
