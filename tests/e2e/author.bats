#!/usr/bin/env bats
# The author's way: a package with a pack of its own becomes wheels with functions in Go and a Go module, by `build-wheel`, by pip
# through the backend gophersnake_build, and by the steps of the templates for CI.
load common

setup_file() {
    export GOPHERSNAKE_WORKSPACE="$BATS_FILE_TMPDIR/w" P="$BATS_FILE_TMPDIR/package" PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
    export GOPHERSNAKE_LICENCE_UNKNOWN=allow ROOT="$PWD" BIN="$BATS_FILE_TMPDIR/bin" TOOLS="$BATS_FILE_TMPDIR/tools"
    mkdir -p "$BIN"; ln -s "$(realpath "$GOPHERSNAKE")" "$BIN/gophersnake"
    GOPHERSNAKE="$BIN/gophersnake"
    write_package
    (cd "$P" && gs prove translations tiny-text --source . --fuzz 200) > "$BATS_FILE_TMPDIR/log" 2>&1 &&
        (cd "$P" && gs build-wheel .) > "$BATS_FILE_TMPDIR/summary" 2>> "$BATS_FILE_TMPDIR/log" || { cat "$BATS_FILE_TMPDIR/log"; false; }
    cp -r "$P/dist" "$BATS_FILE_TMPDIR/dist"
    python3 -m pip wheel -q --no-index --no-deps -w "$TOOLS" runtime/build
}

# A package that is built by a backend in its own tree: nothing comes from an index.
write_package() {
    mkdir -p "$P/tiny_text" "$P/build_tools" "$P/translations/tiny-text/tiny_text"
    cat > "$P/pyproject.toml" <<'END'
[build-system]
requires = ["gophersnake-build"]
build-backend = "gophersnake_build"
[tool.gophersnake]
build-backend = "tiny_build"
backend-path = ["build_tools"]
END
    cat > "$P/build_tools/tiny_build.py" <<'END'
import base64, hashlib, os, time, zipfile
STEM = "tiny_text-1.2"
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = STEM + "-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        rows = []
        def add(path, text):
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            rows.append("%s,sha256=%s,%d\n" % (path, digest, len(text.encode())))
            wheel.writestr(zipfile.ZipInfo(path, time.gmtime()[:6]), text)  # another file each time, as most backends give
        add("tiny_text/__init__.py", open("tiny_text/__init__.py").read())
        add(STEM + ".dist-info/METADATA", "Metadata-Version: 2.1\nName: Tiny-Text\nVersion: 1.2\n")
        add(STEM + ".dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: tiny\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        add(STEM + ".dist-info/RECORD", "".join(rows) + STEM + ".dist-info/RECORD,,\n")
    return name
def build_sdist(sdist_directory, config_settings=None):
    import tarfile
    with tarfile.open(os.path.join(sdist_directory, STEM + ".tar.gz"), "w:gz") as tar:
        for name in "pyproject.toml", "tiny_text/__init__.py", "build_tools/tiny_build.py":
            tar.add(name, STEM + "/" + name)
    return STEM + ".tar.gz"
END
    cat > "$P/tiny_text/__init__.py" <<'END'
def squeeze(text: str) -> str:
    """Each run of one character becomes one: squeeze("aabbb") == "ab"."""
    for _ in range(50):  # once would do: whatever the machine, Go has to be twice as fast
        kept = []
        for letter in text:
            if not kept or kept[-1] != letter:
                kept.append(letter)
        text = "".join(kept)
    return text


def twice(text):
    return text + text
END
    cat > "$P/translations/tiny-text/tiny_text/squeeze.go" <<'END'
package tiny_text

import "strings"

func Squeeze(text string) (string, error) {
	var kept strings.Builder
	last := rune(-1)
	for _, letter := range text {
		if letter != last {
			kept.WriteRune(letter)
		}
		last = letter
	}
	return kept.String(), nil
}
END
    python3 -c '
import json
print(json.dumps({"tiny_text:squeeze": [repr((text,)) for text in ["", "ä öö"] + ["word %d  and another one, %d" % (i, i) * 40 for i in range(40)]]}))
' > "$P/translations/tiny-text/tiny_text/inputs.json"
}

# Installs what a folder has, with nothing else in reach, and asks where the function runs.
check_dist() { # folder
    python3 -m venv "$BATS_TEST_TMPDIR/v"
    "$BATS_TEST_TMPDIR/v/bin/pip" install -q --no-index --find-links "$1" tiny-text
    (cd / && "$BATS_TEST_TMPDIR/v/bin/python" -c '
import tiny_text, gophersnake_bundle
assert tiny_text.squeeze("aabbb" * 9) == "ab" * 9 and tiny_text.twice("a") == "aa"
row, = gophersnake_bundle.report()["functions"]
assert row["name"] == "squeeze" and row["native"] == 1, row')
}

@test "build-wheel: a source folder gives wheels that pip installs without an index, and a module that go gets without a network" {
    output=$(cat "$BATS_FILE_TMPDIR/summary"); has "tiny-text 1.2: 1 function runs in Go"; has "tiny_text-1.2+go.0-py3-none-any.whl"
    [ "$(cd "$P/dist" && echo *)" = "go gophersnake_bundle-1-cp38-abi3-$(cd "$P/dist" && ls | sed -n 's/.*abi3-//p') gophersnake_bundle-1-py3-none-any.whl tiny_text-1.2+go.0-py3-none-any.whl tiny_text-1.2-py3-none-any.whl" ]
    [ ! -e "$P/dist/.gophersnake-build" ]
    check_dist "$P/dist"
    mkdir "$BATS_TEST_TMPDIR/x"; cd "$BATS_TEST_TMPDIR/x"
    export GOPROXY="file://$P/dist/go" GONOSUMDB=go.internal GOFLAGS="-mod=mod -modcacherw" GOMODCACHE="$BATS_TEST_TMPDIR/cache"
    go mod init x; offline go get go.internal/py-tiny-text@latest
    run offline go vet go.internal/py-tiny-text/...; status_is 0
}

@test "again: the same bytes from the registry; of the sdist too; why, log and status know it" {
    cd "$P"
    run gs build-wheel . --output "$BATS_TEST_TMPDIR/again"; status_is 0; has "up-to-date"
    diff -r dist "$BATS_TEST_TMPDIR/again"
    PYTHONPATH=build_tools python3 -c 'import tiny_build; tiny_build.build_sdist("..")'
    run gs build-wheel -q "$BATS_FILE_TMPDIR/tiny_text-1.2.tar.gz" --output "$BATS_TEST_TMPDIR/sdist" --json; status_is 0
    python3 -c '
import json, sys
answer = json.loads(sys.argv[1])
assert answer["schema"] == "gophersnake.build-wheel/1" and answer["functions"] == ["tiny_text.squeeze"], answer
assert answer["wheel"] == "tiny_text-1.2+go.0-py3-none-any.whl" and answer["run"] is None and answer["go"]["module"] == "go.internal/py-tiny-text", answer' "$output"
    diff -r dist "$BATS_TEST_TMPDIR/sdist"
    run gs why tiny_text.squeeze; status_is 0; has "native (translator recorded)"
    run gs log; status_is 0; has "publish:tiny-text@1.2"
    run gs status; status_is 0; has "finished"
}

@test "pip wheel: the backend gives the +go wheel, isolated or not; without gophersnake the original, strict an error" {
    cd "$P"; rm -rf dist
    export PATH="$BIN:$PATH"; unset GOPHERSNAKE
    run python3 -m pip wheel . -w "$BATS_TEST_TMPDIR/wheels" --no-index --find-links "$TOOLS" --find-links dist; status_is 0
    [ -e "$BATS_TEST_TMPDIR/wheels/tiny_text-1.2+go.1-py3-none-any.whl" ]; has gophersnake_bundle-1 # another zip than before: another rev
    check_dist "$BATS_TEST_TMPDIR/wheels"
    rm -rf "$BATS_TEST_TMPDIR/v"; python3 -m venv "$BATS_TEST_TMPDIR/v"; pip="$BATS_TEST_TMPDIR/v/bin/pip"
    "$pip" install -q --no-index "$TOOLS"/*.whl
    run "$pip" wheel . -q --no-deps --no-build-isolation -w "$BATS_TEST_TMPDIR/flat"; status_is 0
    [ "$(ls "$BATS_TEST_TMPDIR/flat")" = tiny_text-1.2+go.1-py3-none-any.whl ]
    rm -rf dist
    run env PATH="${PATH#"$BIN:"}" "$pip" wheel . -v --no-deps --no-build-isolation -w "$BATS_TEST_TMPDIR/none"; status_is 0; has "nothing in it runs in Go"
    [ "$(ls "$BATS_TEST_TMPDIR/none")" = tiny_text-1.2-py3-none-any.whl ]; [ ! -e dist ]
    run env PATH="${PATH#"$BIN:"}" GOPHERSNAKE=strict "$pip" wheel . --no-deps --no-build-isolation -w "$BATS_TEST_TMPDIR/no"; status_is 1; has "no program gophersnake"
    run env GOPHERSNAKE=0 "$pip" wheel . -q --no-deps --no-build-isolation -w "$BATS_TEST_TMPDIR/off"; status_is 0
    [ "$(ls "$BATS_TEST_TMPDIR/off")" = tiny_text-1.2-py3-none-any.whl ]; [[ "$output" != *warning* ]]
}

@test "bad input: an error that names it, and nothing in the folder" {
    cd "$BATS_TEST_TMPDIR"
    mkdir empty; touch file; echo no > x.tar.gz; echo no > tiny_text-1.2-py3-none-any.whl
    cp "$P"/../package/build_tools/tiny_build.py .; cp -r "$P" broken; echo 'raise SystemExit("it does not build")' > broken/build_tools/tiny_build.py
    refused() { run gs build-wheel "$2" --output out; status_is "$1"; has "$3"; [ ! -e out ]; }
    refused 2 nothing "there is no such file or folder"
    refused 2 empty "is no package"
    refused 2 file "is no package"
    refused 1 x.tar.gz "x.tar.gz"
    refused 1 tiny_text-1.2-py3-none-any.whl "tiny_text-1.2-py3-none-any.whl"
    refused 1 broken "it does not build"
    mkdir -p other; (cd "$P" && PYTHONPATH=build_tools python3 -c 'import sys, tiny_build; tiny_build.build_wheel(sys.argv[1])' "$BATS_TEST_TMPDIR/other")
    mv other/tiny_text-1.2-py3-none-any.whl other/tiny_text-1.3-py3-none-any.whl
    refused 1 other/tiny_text-1.3-py3-none-any.whl "its name is not that of what is in it, Tiny-Text 1.2"
    run gs build-wheel "$P" --output file; status_is 6; has "file is no folder"
    run gs build-wheel; status_is 2
    GOPHERSNAKE_TRANSLATORS=bridge,llm GOPHERSNAKE_LLM_BASE_URL=http://127.0.0.1:9 GOPHERSNAKE_LLM_MODEL=m refused 2 "$P" "llm"
}

@test "the templates for CI: their steps run, each in a fresh folder, and give the same bytes" {
    python3 -m venv "$BATS_TEST_TMPDIR/yaml"; "$BATS_TEST_TMPDIR/yaml/bin/pip" install -q pyyaml
    export PATH="$BIN:$PATH" GOPHERSNAKE_WORKSPACE="$BATS_TEST_TMPDIR/w"; unset GOPHERSNAKE
    rm -rf "$P/dist" "$P/.gophersnake"
    for template in github gitlab; do
        cp -r "$P" "$BATS_TEST_TMPDIR/$template"
        "$BATS_TEST_TMPDIR/yaml/bin/python" - "$ROOT/docs/examples/ci/$template.yml" > "$BATS_TEST_TMPDIR/$template.steps" <<'END'
import json, sys, yaml
job = yaml.safe_load(open(sys.argv[1]))
if "jobs" in job:  # GitHub: each step is a shell of its own
    steps = [step["run"] for step in job["jobs"]["wheels"]["steps"] if "run" in step]
else:              # GitLab: one shell
    steps = ["\n".join(job["wheels"]["before_script"] + job["wheels"]["script"])]
assert steps and any("gophersnake build-wheel" in step for step in steps), steps
sys.stdout.write("\0".join(steps) + "\0")
END
        while IFS= read -r -d '' step; do
            run env -C "$BATS_TEST_TMPDIR/$template" RUNNER_TEMP="$BATS_TEST_TMPDIR" CI_JOB_ID=$BASHPID bash -eo pipefail -c "$step" < /dev/null
            [ "$status" -eq 0 ] || { echo "$template: $step: $output"; false; }
        done < "$BATS_TEST_TMPDIR/$template.steps"
        has "tiny_text.squeeze" # not the sources beside it
    done
}
