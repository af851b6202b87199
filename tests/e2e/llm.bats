#!/usr/bin/env bats
# The translator `llm` end to end: a small server of both dialects with every fault, and litellm's proxy, a real one.
load common

SUPPORT="$BATS_TEST_DIRNAME/../support"
KEY=sk-canary-5b1f0c9e7d

setup_file() {
    export PACKAGE="$BATS_FILE_TMPDIR/package"
    INDEX=$(python3 "$BATS_TEST_DIRNAME/../support/llm_package.py" "$PACKAGE"); export INDEX
}

setup() { fresh_workspace "w$BATS_TEST_NUMBER"; PLAY="$BATS_TEST_TMPDIR/play"; mkdir -p "$PLAY"; }
teardown() { [ -z "${SERVER:-}" ] || kill "$SERVER" 2>/dev/null || true; }

start_server() { # with the key that it takes
    echo "$KEY" > "$BATS_TEST_TMPDIR/server-key"
    python3 "$SUPPORT/llm_server.py" "$PLAY" "$BATS_TEST_TMPDIR/server-key" > "$BATS_TEST_TMPDIR/port" 2> "$BATS_TEST_TMPDIR/server.err" 3>&- &
    SERVER=$!
    for _ in $(seq 1200); do [ ! -s "$BATS_TEST_TMPDIR/port" ] || break; sleep 0.05; done
    BASE="http://127.0.0.1:$(cat "$BATS_TEST_TMPDIR/port")"
}

configure() { # dialect, base url; more lines
    CONFIG="$BATS_TEST_TMPDIR/config.yaml"
    printf '%s\n' "translators: [bridge, llm]" "llm_dialect: $1" "llm_base_url: $2" "llm_model: gophersnake-test" "llm_attempts: 2" \
        "llm_max_tokens: 2048" "${@:3}" > "$CONFIG"
}

convert() { gs convert --config "$CONFIG" --index "$INDEX" tinytext; }

# Microdollars, according to the journal.
spent() { sed -n 's/.*"cost_microdollars":\([0-9]*\).*"event":"spend".*/\1/p' "$WORKSPACE"/runs/*/journal.jsonl | awk '{ sum += $1 } END { print sum + 0 }'; }

# Everybody but the server, the client's own processes and us: no key in any argument, and in no environment of what is not gophersnake.
watch_processes() {
    while :; do
        for pid in /proc/[0-9]*; do
            name=$(cat "$pid/comm" 2>/dev/null) || continue
            { tr '\0' ' ' < "$pid/cmdline"; } 2>/dev/null | grep -qF "$KEY" && echo "argv of $name"
            case $name in gophersnake|bash|bats*) continue ;; esac # who was given it by the user
            { tr '\0' ' ' < "$pid/environ"; } 2>/dev/null | grep -qF "$KEY" && echo "environment of $name"
        done
        sleep 0.3
    done > "$BATS_TEST_TMPDIR/leaks" 2>/dev/null
}

no_key_anywhere() { # the workspace has Redis's data, the journal, logs, the store, the registry; the play folder what the model was told
    run grep -rlF "$1" "$WORKSPACE" "$PLAY" "$CONFIG"; [ -z "$output" ] || { echo "the key is in: $output"; return 1; }
    [ ! -s "$BATS_TEST_TMPDIR/leaks" ] || { cat "$BATS_TEST_TMPDIR/leaks"; return 1; }
}

@test "openai: every fault ends right, is charged right, the run goes on, the key is nowhere" {
    python3 "$SUPPORT/llm_play.py" "$PLAY"; start_server; configure openai "$BASE/v1"
    watch_processes 3>&- & watcher=$!
    GOPHERSNAKE_LLM_KEY=$KEY run convert
    kill $watcher
    status_is 0; has "9 native, 9 bridged"
    run python3 "$SUPPORT/llm_play.py" "$PLAY" "$WORKSPACE"; status_is 0
    no_key_anywhere "$KEY"
    [ ! -s "$BATS_TEST_TMPDIR/server.err" ] || { cat "$BATS_TEST_TMPDIR/server.err"; false; }
    # What was paid for is not asked again: not when nothing changed, not when the registry has to be made again.
    before=$(wc -l < "$PLAY/calls.jsonl")
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0
    rm -rf "$WORKSPACE/registry"
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0
    [ "$(wc -l < "$PLAY/calls.jsonl")" -eq "$before" ]
}

@test "what it will cost is said before, what it did cost after: by release, function and line" {
    python3 "$SUPPORT/llm_play.py" "$PLAY"; start_server; configure openai "$BASE/v1"
    run gs plan --config "$CONFIG" --index "$INDEX" tinytext; status_is 0
    has "models: about"; has "1 of 1 releases were not read yet"; has 'at most $5.00'
    [ ! -e "$WORKSPACE/store" ] && [ ! -e "$PLAY/calls.jsonl" ]
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0
    has "models: about"; has " for 18 functions (54 lines of Python) in 27 requests to gophersnake-test"
    before=${output%%starting run*}; [[ "$before" == *"tinytext 1.0: 18 functions"* ]] # first of all
    [[ "$output" == *"Models: \$"*" for 18 functions; 9 of them are Go, "*" a function that stands, "*" a line of it."* ]]
    run gs plan --config "$CONFIG" --index "$INDEX" --json tinytext; status_is 0; echo "$output" > "$BATS_TEST_TMPDIR/plan.json"
    gs list --json > "$BATS_TEST_TMPDIR/list.json"; gs status --json > "$BATS_TEST_TMPDIR/status.json"
    run python3 - "$BATS_TEST_TMPDIR" "$PLAY/calls.jsonl" "$(spent)" <<'END'
import json, sys
plan, listed, status = (json.load(open(sys.argv[1] + "/%s.json" % name)) for name in ("plan", "list", "status"))
models, rows = listed["releases"][0]["models"], listed["releases"][0]["functions"]
assert models == status["releases"][0]["models"], models
assert models["functions"] == 18 and models["native"] == 9 and models["cost_microdollars"] == int(sys.argv[3]), models
lines = {row["name"]: row["lines"] for row in rows if "lines" in row}
assert len(lines) == 9 and set(lines.values()) == {7}, lines
assert models["lines"] == 63 and abs(models["microdollars_per_line"] * 63 - models["cost_microdollars"]) < 1, models
# The tokens of a prompt are foretold within a third: of the first request, whose size a server has no hand in.
llm = plan["forecast"]["llm"]
assert llm["releases"][0]["known"] and llm["functions"] == 18 and llm["requests"] == 27 and llm["units"] == 18, llm
body = json.loads(open(sys.argv[2]).readline())["body"]
size = sum(len(part["content"] if isinstance(part["content"], str) else "".join(p["text"] for p in part["content"])) for part in body["messages"]) / 3
told = (llm["input_tokens"] + llm["cache_read_tokens"] + llm["cache_write_tokens"]) / llm["requests"]
assert 0.67 < told / size < 1.5, (told, size)
END
    status_is 0
    run gs why tinytext.good.double_good; has "attempts: 1, \$"; has " for 7 lines of Go, \$"
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0; [[ "$output" != *"models: about"* ]] # nothing to do
    rm -rf "$WORKSPACE/registry" # the answers are kept: another run pays for none of them
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0; has "models: about \$0.0000 for 0 functions"; has "nothing for 18 functions whose answers are kept"
    configure openai "$BASE/v1" "budget: 0.001"; fresh_workspace poor
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0; has 'at most $0.0010 (budget of the run): it does not suffice, the rest stays bridged'
}

@test "anthropic: the same, with the key in a file" {
    python3 "$SUPPORT/llm_play.py" "$PLAY"; start_server
    echo "$KEY" > "$BATS_TEST_TMPDIR/key"; chmod 644 "$BATS_TEST_TMPDIR/key"
    configure anthropic "$BASE" "llm_key_file: $BATS_TEST_TMPDIR/key"
    run convert; status_is 2; has "chmod 600"
    chmod 600 "$BATS_TEST_TMPDIR/key"
    run convert; status_is 0; has "9 native, 9 bridged"
    run python3 "$SUPPORT/llm_play.py" "$PLAY" "$WORKSPACE"; status_is 0
    no_key_anywhere "$KEY"
    grep -q '"cache_control": {"type": "ephemeral"}' "$PLAY/calls.jsonl"
}

@test "a key that is refused, and repeated by the server: bridged with that reason, the key is nowhere" {
    python3 "$SUPPORT/llm_play.py" "$PLAY"; start_server; configure openai "$BASE/v1"
    GOPHERSNAKE_LLM_KEY=sk-wrong-canary-77aa run convert; status_is 0; has "0 native, 18 bridged"
    no_key_anywhere sk-wrong-canary-77aa
    run grep -rh "refuses the key" "$WORKSPACE/registry/ledger"; has "invalid key: [key]"
    [ "$(spent)" -eq 0 ]
}

@test "the provider's account is empty: no second try" {
    echo '[{"when": "# The unit", "steps": [{"status": 429, "message": "You exceeded your current quota", "code": "insufficient_quota"}]}]' > "$PLAY/play.json"
    start_server; configure openai "$BASE/v1" "agents: 1"
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0
    [ "$(wc -l < "$PLAY/calls.jsonl")" -eq 18 ] # one for each unit, none repeated
    run grep -rh "account at the model's provider is empty" "$WORKSPACE/registry/ledger"; status_is 0
}

@test "nobody answers: bridged with that reason" {
    configure openai "http://127.0.0.1:1/v1" "llm_retries: 0"
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0; has "0 native, 18 bridged"
    run grep -rh "nobody answers" "$WORKSPACE/registry/ledger"; status_is 0
    [ "$(spent)" -eq 0 ]
}

@test "a budget too small for one call, and one that ends on the way: the rest stays bridged and says so" {
    python3 "$SUPPORT/llm_play.py" "$PLAY"; start_server; configure openai "$BASE/v1" "budget: 0.001"
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0; has "0 native, 18 bridged"
    [ ! -e "$PLAY/calls.jsonl" ]
    run grep -rh "budget of the run" "$WORKSPACE/registry/ledger"; has "does not suffice"
    configure openai "$BASE/v1" "budget: 5" # more of it: what stayed bridged is asked for
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0; has "9 native, 9 bridged"
    fresh_workspace small; configure openai "$BASE/v1" "budget: 1" "budget_day: 0.2"
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0
    run grep -rh "budget of the day" "$WORKSPACE/registry/ledger"; has "does not suffice"
    [ "$(spent)" -gt 0 ] && [ "$(spent)" -le 200000 ]
}

@test "settings that are not there: 2, with the keys" {
    printf 'translators: [bridge, llm]\n' > "$BATS_TEST_TMPDIR/config.yaml"; CONFIG="$BATS_TEST_TMPDIR/config.yaml"
    run convert; status_is 2; has llm_base_url; has llm_model
    configure openai http://127.0.0.1:1/v1; sed -i 's/gophersnake-test/some-real-model/' "$CONFIG"
    run convert; status_is 2; has 'no price of the model "some-real-model"'; has prices
    configure openai http://127.0.0.1:1/v1 "prices: /nonexistent/prices.yaml"
    run convert; status_is 2; has /nonexistent/prices.yaml
    configure openai http://127.0.0.1:1/v1 "budget: much"
    run convert; status_is 2; has budget
}

@test "killed and interrupted in the middle of a call: it is charged, nothing is left held for good, the run is taken up again" {
    echo '[{"when": "# The unit tinytext.good\n", "steps": [{"fault": "hang", "text": "x"}]}]' > "$PLAY/play.json"
    start_server; configure openai "$BASE/v1" "budget: 0.19" "llm_unit_time: 1500 ms" "agents: 1"
    GOPHERSNAKE_LLM_KEY=$KEY "$GOPHERSNAKE" convert --config "$CONFIG" --index "$INDEX" tinytext > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- & convert=$!
    for _ in $(seq 400); do ! grep -q '"hang"' "$PLAY/calls.jsonl" 2>/dev/null || break; sleep 0.1; done
    sleep 0.5; kill -TERM $convert
    code=0; wait $convert || code=$?; [ "$code" -eq 130 ]
    python3 "$SUPPORT/llm_play.py" "$PLAY"
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0
    # 0.11 of the 0.19 are held by the call that was killed (until its timeout), others may have spent the rest: never more.
    [ "$(spent)" -le 190000 ]
    calls=$(grep -c '"event":"call"' "$WORKSPACE"/runs/*/journal.jsonl); ends=$(grep -c '"event":"spend"' "$WORKSPACE"/runs/*/journal.jsonl)
    [ "$calls" -eq $((ends + 1)) ] || [ "$calls" -eq "$ends" ]
    run grep -rh "does not suffice" "$WORKSPACE/registry/ledger"; has "budget of the run"
    no_key_anywhere "$KEY"
}

# ---- first drafts in batches ------------------------------------------------------------------------------------------

batches() { # dialect, base url
    python3 "$SUPPORT/llm_batch_play.py" "$PLAY" "$1"; start_server; configure "$1" "$BASE$2" "llm_drafts: batch"
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0; has "5 native, 13 bridged"
    run python3 "$SUPPORT/llm_batch_play.py" "$PLAY" "$WORKSPACE"; status_is 0
    no_key_anywhere "$KEY"
    [ ! -s "$BATS_TEST_TMPDIR/server.err" ] || { cat "$BATS_TEST_TMPDIR/server.err"; false; }
}

@test "batches, openai: half the price, matched by id, what a batch has no answer for is asked live, repairs too" { batches openai /v1; }
@test "batches, anthropic: the same" { batches anthropic ""; }

@test "batches: killed while one is in progress, the same command goes on with it; nothing is made or paid twice" {
    python3 "$SUPPORT/llm_batch_play.py" "$PLAY"; touch "$PLAY/hold"; start_server; configure anthropic "$BASE" "llm_drafts: batch" "agents: 1"
    GOPHERSNAKE_LLM_KEY=$KEY "$GOPHERSNAKE" convert --config "$CONFIG" --index "$INDEX" tinytext > "$BATS_TEST_TMPDIR/out" 2>&1 3>&- & convert=$!
    for _ in $(seq 600); do ! grep -q '"event":"batch"' "$WORKSPACE"/runs/*/journal.jsonl 2>/dev/null || break; sleep 0.1; done
    grep -q '"event":"batch"' "$WORKSPACE"/runs/*/journal.jsonl
    for pid in $(pgrep -P $convert -x gophersnake) $convert; do kill -KILL "$pid"; done
    wait $convert || true
    [ "$(grep -c made "$PLAY/batches.jsonl")" -eq 1 ]
    rm "$PLAY/hold"
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0; has "5 native, 13 bridged"
    run python3 "$SUPPORT/llm_batch_play.py" "$PLAY" "$WORKSPACE"; status_is 0
}

@test "batches: one that takes too long is cancelled and costs nothing: all is asked live" {
    python3 "$SUPPORT/llm_batch_play.py" "$PLAY"; touch "$PLAY/hold"; start_server
    configure anthropic "$BASE" "llm_drafts: batch" "llm_batch_time: 1000 ms" "agents: 1"
    GOPHERSNAKE_LLM_KEY=$KEY run convert; status_is 0
    [ "$(grep -c cancelled "$PLAY/batches.jsonl")" -eq 18 ]
    [ "$(grep -c '"event":"call"' "$WORKSPACE"/runs/*/journal.jsonl)" -eq "$(grep -c '"event":"spend"' "$WORKSPACE"/runs/*/journal.jsonl)" ]
    run grep -h '"event":"spend"' "$WORKSPACE"/runs/*/journal.jsonl
    run grep -v '"cost_microdollars":0' <(grep " batch " <<< "$output"); [ -z "$output" ]
}

# ---- a real server: litellm's proxy ---------------------------------------------------------------------------------

# In the user's cache, since it is 200 MB; made once.
litellm_venv() {
    VENV="${XDG_CACHE_HOME:-$HOME/.cache}/gophersnake-tests/litellm"
    [ ! -e "$VENV/ready" ] || return 0
    rm -rf "$VENV"; python3 -m venv "$VENV" && "$VENV/bin/pip" install -q "litellm[proxy]" > "$BATS_TEST_TMPDIR/pip.log" 2>&1 && touch "$VENV/ready"
}

start_litellm() {
    litellm_venv || skip "the package index cannot be reached: $(tail -1 "$BATS_TEST_TMPDIR/pip.log")"
    proxy="$BATS_TEST_TMPDIR/proxy"; mkdir -p "$proxy"
    cp "$SUPPORT/llm_handler.py" "$SUPPORT/llm_player.py" "$proxy"
    cat > "$proxy/config.yaml" <<END
model_list:
  - {model_name: gophersnake-test, litellm_params: {model: player/gophersnake-test}}
litellm_settings:
  custom_provider_map: [{provider: player, custom_handler: llm_handler.handler}]
  drop_params: true
  num_retries: 0
general_settings: {master_key: $KEY}
router_settings: {num_retries: 0, disable_cooldowns: true}
END
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    (cd "$proxy" && LLM_FOLDER="$PLAY" PYTHONPATH="$proxy" LITELLM_LOCAL_MODEL_COST_MAP=True LITELLM_TELEMETRY=False exec \
        "$VENV/bin/litellm" --config config.yaml --host 127.0.0.1 --port "$port" > proxy.log 2>&1 3>&-) &
    SERVER=$!
    for _ in $(seq 360); do
        ! curl -sf -m 2 "http://127.0.0.1:$port/health/liveliness" > /dev/null || break
        sleep 0.5
    done
    BASE="http://127.0.0.1:$port"
}

play_sqlparse() {
    cat > "$PLAY/good.md" <<'END'
Here are the functions that I can translate:

```go
package utils

import "strings"

func RemoveQuotes(val any) (any, error) {
	text, ok := val.(string)
	if !ok || text == "" {
		return bridgedRemoveQuotes(val)
	}
	if isQuote_2(text[0]) && text[0] == text[len(text)-1] {
		if len(text) == 1 {
			return "", nil
		}
		return text[1 : len(text)-1], nil
	}
	return text, nil
}

func isQuote_2(c byte) bool { return strings.IndexByte("\"'`", c) >= 0 }
```
END
    sed 's/strings.IndexByte/strings.IndexBite/' "$PLAY/good.md" > "$PLAY/broken.md"
    cat > "$PLAY/play.json" <<'END'
[{"when": "func RemoveQuotes(", "steps": [{"file": "broken.md"}, {"status": 500, "message": "internal"}, {"file": "good.md"}]},
 {"when": "# The unit sqlparse.tokens\n", "steps": [{"status": 429, "message": "slow down"}, {"text": "No."}]},
 {"when": "# The unit sqlparse.keywords\n", "steps": [{"stop": "length", "text": "```go\npackage keywords\n"}, {"text": "No."}]}]
END
}

check_sqlparse() {
    status_is 0; has "1 native, 154 bridged"
    run grep -c '"RemoveQuotes' "$PLAY/calls.jsonl"
    run python3 - "$WORKSPACE" <<'END'
import glob, json, sys
entry = json.load(open(glob.glob(sys.argv[1] + "/registry/ledger/**/*.json", recursive=True)[0]))
row = [r for r in entry["functions"] if r["name"] == "sqlparse.utils.remove_quotes"][0]
assert row["state"] == "native" and row["translator"] == "llm" and row["attempts"] == 2 and row["cost_microdollars"] > 0, row
journal = [json.loads(l) for p in glob.glob(sys.argv[1] + "/runs/*/journal.jsonl") for l in open(p)]
spends = [l for l in journal if l["event"] == "spend"]
assert spends and all(l["known"] or not l["cost_microdollars"] for l in spends), [l for l in spends if not l["known"]]
outcomes = [json.loads(l["outcome"]) for l in journal if l["event"] == "done" and l["job"].startswith("translate:")]
assert sum(o.get("cost_microdollars", 0) for o in outcomes) == sum(l["cost_microdollars"] for l in spends)
END
    status_is 0
    no_key_anywhere "$KEY"
}

@test "litellm's proxy, openai: sqlparse, repaired after a compiler's complaint" {
    play_sqlparse; start_litellm; configure openai "$BASE/v1"
    GOPHERSNAKE_LLM_KEY=$KEY run gs convert --config "$CONFIG" sqlparse
    check_sqlparse
}

@test "litellm's proxy, anthropic: the same" {
    play_sqlparse; start_litellm; configure anthropic "$BASE"
    GOPHERSNAKE_LLM_KEY=$KEY run gs convert --config "$CONFIG" sqlparse
    check_sqlparse
}
