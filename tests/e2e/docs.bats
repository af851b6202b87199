#!/usr/bin/env bats
# The documentation tells the truth: every command in it runs, its Go compiles and runs, its keys are those of real documents.
#
# Blocks are fenced with an info string:
#   sh             runs in a fresh folder (that has configs/ and docs/), all blocks of a page in order, workspace shared
#   sh exit=1      the same, and ends with this status
#   sh go          runs in a Go module that has the converted modules, without network
#   sh notest      is shown only: few, and counted below
#   go             stands, line by line, in docs/examples/api/main.go, which is built and run
load common

setup_file() {
    export ROOT="$PWD" D="$BATS_FILE_TMPDIR/d"
    mkdir -p "$D/bin" "$D/go"
    ln -s "$(realpath "$GOPHERSNAKE")" "$D/bin/gophersnake"
    cp -r configs docs "$D/"
    export PATH="$D/bin:$PATH" GOPHERSNAKE_PYTHON="${GOPHERSNAKE_PYTHON:-$(command -v python3)}"
    (cd "$D" && gophersnake convert django) > "$BATS_FILE_TMPDIR/convert.out" 2>&1 || { cat "$BATS_FILE_TMPDIR/convert.out"; return 1; }
    (cd "$D/go" && go_environment && cp "$ROOT/docs/examples/django/main.go" . && go mod init x && offline go get go.internal/py-django@latest)
    cat > "$BATS_FILE_TMPDIR/blocks.py" <<'END'
import pathlib, re, sys
page, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
for number, (info, text) in enumerate(re.findall(r"^```(sh\b[^\n]*|go)\n(.*?)^```$", page.read_text(), re.M | re.S)):
    kind = "go" if info == "go" else "-".join(info.split())
    (out / ("%03d.%s" % (number, kind))).write_text(text)
END
}

# A block that failed may have left its Redis.
teardown_file() { [ ! -S "$BATS_FILE_TMPDIR/d/redis.sock" ] || redis-cli -s "$BATS_FILE_TMPDIR/d/redis.sock" shutdown nosave || true; }

go_environment() {
    export GOPROXY="file://$D/.gophersnake/registry/go" GONOSUMDB=go.internal GOFLAGS=-mod=mod GOTOOLCHAIN=local
}

# One page: all its sh blocks, in order.
run_page() { # page
    local blocks="$BATS_TEST_TMPDIR/blocks/${1//\//-}" block expected
    python3 "$BATS_FILE_TMPDIR/blocks.py" "$ROOT/$1" "$blocks"
    cd "$D"
    for block in "$blocks"/*.sh*; do
        [ -e "$block" ] || continue # a page without commands
        expected=0
        case $block in
        *.sh-notest) continue ;;
        *.sh-go) run offline_go "$block" ;;
        *.sh-exit=*) expected=${block##*=}; run bash -eo pipefail "$block" ;;
        *) run bash -eo pipefail "$block" ;;
        esac
        [ "$status" -eq "$expected" ] || { echo "$1: exit status $status of:"; cat "$block"; echo "$output"; return 1; }
    done
}
offline_go() { (go_environment; cd "$D/go"; offline bash -eo pipefail "$1"); }

# A Go module with one of docs/examples in it.
example() { # name target
    local folder="$D/x-$1"
    mkdir -p "$folder"; cp "$ROOT/docs/examples/$1/"*.go "$folder/"; cd "$folder"
    go_environment
    go mod init x; offline go get "$2"
}

@test "README.md: every command runs" {
    run_page README.md
}

@test "docs/go-api.md: commands run, snippets are those of the example" {
    run_page docs/go-api.md
    python3 - "$BATS_TEST_TMPDIR/blocks/docs-go-api.md" "$ROOT/docs/examples/api/main.go" <<'END'
import pathlib, sys
lines = lambda text: [line.strip() for line in text.splitlines() if line.strip()]
example = lines(pathlib.Path(sys.argv[2]).read_text())
snippets = sorted(pathlib.Path(sys.argv[1]).glob("*.go"))
assert len(snippets) > 10, snippets
for path in snippets:
    snippet = lines(path.read_text())
    if not any(example[at:at + len(snippet)] == snippet for at in range(len(example))):
        sys.exit("not in docs/examples/api/main.go:\n" + path.read_text())
END
}

@test "docs/examples/api builds, vets and runs offline" {
    example api go.internal/py-django@latest
    offline go vet .
    run offline go run .; status_is 0
    has "3 true OrderedSet(['a', 'b', 'c'])"; has "SELECT select a from t"; has "Enter a valid integer."; has "[[1 3] [2 4]] true"; has "Bitte"; has "slept"
}

@test "docs/formats.md: every key of real documents is there" {
    cd "$D"
    gophersnake resolve --format json -o lock.json --offline django
    gophersnake plan -o plan.json --lock lock.json
    for command in "status" "why asgiref" "list" "doctor" "graph django" "convert django" "gc --dry-run"; do
        gophersnake $command --json > "answer-${command%% *}.json" || [ "${command%% *}" = doctor ]
    done
    python3 - "$ROOT/docs/formats.md" .gophersnake <<'END'
import glob, json, pathlib, re, sys
page, workspace = pathlib.Path(sys.argv[1]).read_text(), pathlib.Path(sys.argv[2])
known = set(re.findall(r"[`\"]([a-z_0-9]+)[`\"]", page))
free = {"environment", "files", "wheels", "names", "edited", "translators", "guards", "packs"}  # objects whose keys are data
seen, missing, schemas = set(), set(), set()
def walk(value, where, inside=""):
    if isinstance(value, dict):
        schemas.add(value.get("schema"))
        for key, inner in value.items():
            data = inside in free or (inside == "modules" and "." in where)
            if not data and key not in known:
                missing.add(where + "." + key)
            walk(inner, where + "." + key, "" if data else key)
    elif isinstance(value, list):
        for inner in value[:200]:
            walk(inner, where + "[]")
def stored(digest):
    return json.loads((workspace / "store/objects" / digest[:2] / digest[2:]).read_text())
for name in ["lock.json", "plan.json"] + glob.glob("answer-*.json"):
    walk(json.loads(pathlib.Path(name).read_text()), name)
for journal in workspace.glob("runs/*/journal.jsonl"):
    for line in map(json.loads, journal.read_text().splitlines()):
        walk(line, "journal")
        if line.get("digest") and not line["job"].startswith("translate:"):
            result = stored(line["digest"])
            walk(result, line["job"].split(":")[0])
            for key in ("inventory", "names", "tree"):
                if key in result and result["schema"] in ("gophersnake.scan/1", "gophersnake.emit/1"):
                    walk(stored(result[key]), key, "")
for path in workspace.glob("registry/ledger/*/*"):
    walk(json.loads(path.read_text()), "ledger")
schemas.discard(None)
for schema in schemas:
    if schema not in page:
        missing.add(schema)
assert len(schemas) >= 12, schemas
if missing:
    sys.exit("docs/formats.md does not name: " + ", ".join(sorted(missing)))
END
}

@test "docs/operate.md: every command runs" {
    run_page docs/operate.md
}

@test "docs/python.md: every command runs" {
    run_page docs/python.md
}

@test "docs/author.md: every command runs" {
    run_page docs/author.md
}

@test "the other pages: every command runs; what is shown only is little" {
    for page in docs/architecture.md docs/formats.md CONTRIBUTING.md; do run_page "$page"; done
    [ "$(cat README.md CONTRIBUTING.md docs/*.md | grep -c '^```sh notest')" -le 3 ]
}

@test "no page names a file of the repository that is not there, or a command that does not exist" {
    cd "$ROOT"
    python3 - README.md CONTRIBUTING.md docs/*.md <<'END'
import pathlib, re, subprocess, sys
wrong = []
commands = set(re.findall(r"^  ([a-z-]+) ", subprocess.run(["gophersnake"], capture_output=True, text=True).stdout, re.M))
for name in sys.argv[1:]:
    page = pathlib.Path(name)
    text = page.read_text()
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in link and not (page.parent / link).exists():
            wrong.append("%s: %s" % (name, link))
    for path in re.findall(r"`((?:core|graphs|resolver|scheduler|agents|cli|runtime|configs|tests|docs)/[\w/.-]*)`", text):
        if not pathlib.Path(path).exists():
            wrong.append("%s: %s" % (name, path))
    for command in re.findall(r"`gophersnake ([a-z-]+)", text):
        if command not in commands:
            wrong.append("%s: gophersnake %s" % (name, command))
if wrong:
    sys.exit("\n".join(wrong))
END
}
