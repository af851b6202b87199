"""Writes play.json for the package of llm_package.py: what the model does for each module, and what must come of it.

    llm_play.py FOLDER                      writes it
    llm_play.py FOLDER WORKSPACE            checks the ledger and the journal of the finished run
"""
import glob
import json
import os
import sys

GO = '''```go
package %(module)s

func Double%(go)s(text any) (any, error) {
\ts, ok := text.(string)
\tif !ok {
\t\treturn bridgedDouble%(go)s(text)
\t}
\treturn s + %(rest)s, nil
}
%(more)s```
'''


def go(module, rest="s", more="", imports=""):
    name = "".join(part.title() for part in module.split("_"))
    text = GO % {"module": module, "go": name, "rest": rest, "more": more}
    return text.replace("\n\nfunc", "\n\n%s\nfunc" % imports, 1) if imports else text


good = {m: {"text": go(m)} for m in ("good", "later_seconds", "later", "failing", "overloaded", "nousage", "long")}
STEPS = {
    "good": [good["good"]],
    "repaired": [{"text": go("repaired", rest="undefinedName")}, {"text": go("repaired")}],
    "forbidden": [{"text": go("forbidden", rest='os.Args[0]', imports='import "os"')}],
    "huge": [{"fault": "huge"}],
    "cut": [{"fault": "cut"}],
    "later_seconds": [{"status": 429, "message": "slow down", "headers": {"Retry-After": "1"}}, good["later_seconds"]],
    "later": [{"status": 429, "message": "slow down"}, good["later"]],
    "failing": [{"status": 500, "message": "internal"}, good["failing"]],
    "overloaded": [{"status": 529, "message": "overloaded"}, {"fault": "error_event"}, good["overloaded"]],
    "refused": [{"stop": "refusal", "text": ""}],
    "filtered": [{"stop": "content_filter", "text": "x"}],
    "invalid": [{"fault": "invalid"}],
    "keyreader": [{"text": go("keyreader", imports='import "syscall"\n', more='\nfunc init() {\n\tkey, _ := syscall.Getenv("GOPHERSNAKE_LLM_KEY")\n\tpanic(key)\n}\n')}],
    "injected": [{"text": go("injected", rest='os.Getenv("GOPHERSNAKE_LLM_KEY")', imports='import "os"')}],
    "long": [{"stop": "length", "text": "```go\npackage long\n"}, good["long"]],
    "leftout": [{"text": "I cannot."}],
    "unparsed": [{"text": "```go\npackage unparsed\n\nfunc DoubleUnparsed(text any (any, error) {\n```\n"}],
    "nousage": [dict(good["nousage"], fault="no_usage")],
}
# module → (state, words of the reason, requests that the model saw)
WANTED = {
    "good": ("native", "", 1), "repaired": ("native", "", 2), "later_seconds": ("native", "", 2), "later": ("native", "", 2),
    "failing": ("native", "", 2), "overloaded": ("native", "", 3), "long": ("native", "", 2), "nousage": ("native", "", 1),
    "forbidden": ("bridged", "files and the environment are refused", 2), "injected": ("bridged", "files and the environment are refused", 2),
    # The init is refused by name; the function that needs nothing of it stands.
    "keyreader": ("native", "", 1), "huge": ("bridged", "larger than is read", 2), "cut": ("bridged", "cut off", 2),
    "refused": ("bridged", "the model refused", 1), "filtered": ("bridged", "content filter|the model refused", 1),
    "invalid": ("bridged", "not UTF-8", 2), "leftout": ("bridged", "the model left it out", 1), "unparsed": ("bridged", "expected|parse", 2),
}


def write(folder):
    rows = [{"when": "# The unit tinytext.%s\n" % module, "steps": steps} for module, steps in STEPS.items()]
    with open(os.path.join(folder, "play.json"), "w") as file:
        json.dump(rows, file)


def check(folder, workspace):
    seen, wrong = {}, []
    for line in open(os.path.join(folder, "calls.jsonl")):
        when = json.loads(line)["when"]
        module = when.split(".")[-1].strip() if when else None
        seen[module] = seen.get(module, 0) + 1
    entry = [json.load(open(path)) for path in glob.glob(workspace + "/registry/ledger/**/*.json", recursive=True)]
    rows = {row["name"].split(".")[1]: row for one in entry for row in one.get("functions", [])}
    for module, (state, words, calls) in WANTED.items():
        row = rows.get(module, {})
        if row.get("state") != state or not any(word in row.get("reason", "") for word in words.split("|")):
            wrong.append("%s: %s" % (module, row))
        if seen.get(module) != calls:
            wrong.append("%s: %s calls, wanted %d" % (module, seen.get(module), calls))
        if row.get("cost_microdollars", -1) < 0 or row.get("attempts", 0) < 1:
            wrong.append("%s: no cost: %s" % (module, row))
    spends = []
    for path in glob.glob(workspace + "/runs/*/journal.jsonl"):
        spends += [row for row in map(json.loads, open(path)) if row.get("event") == "spend"]
    for row in spends:
        module = row["job"].split(".")[-1]
        unknown = not row["known"] and row["status"] == 200
        if row["status"] != 200 and row["cost_microdollars"]:
            wrong.append("charged for a refusal: %s" % row)
        if unknown and row["cost_microdollars"] != row["reserved_microdollars"]:
            wrong.append("unknown usage is not charged its reservation: %s" % row)
        if unknown and not (module in ("cut", "huge", "nousage", "invalid", "overloaded")):
            wrong.append("usage: %s" % row)
        if row["cost_microdollars"] > row["reserved_microdollars"]:
            wrong.append("more than the worst case: %s" % row)
    log = "".join(open(path).read() for path in glob.glob(workspace + "/runs/*/logs/translate*keyreader.log"))
    if 'init: import "syscall": system calls are refused' not in log:
        wrong.append("the init is not refused by name: " + log)
    calls = [path for path in glob.glob(workspace + "/runs/*/journal.jsonl") for line in open(path) if '"event":"call"' in line]
    if len(calls) != len(spends):
        wrong.append("%d calls, %d ends of calls" % (len(calls), len(spends)))
    total = sum(row["cost_microdollars"] for row in spends)
    functions = sum(row.get("cost_microdollars", 0) for row in rows.values())
    if total != functions:
        wrong.append("functions cost %d, the journal says %d" % (functions, total))
    print("\n".join(wrong) or "all %d modules as they should be; %d microdollars" % (len(WANTED), total))
    return bool(wrong)


if len(sys.argv) == 2:
    write(sys.argv[1])
else:
    sys.exit(check(sys.argv[1], sys.argv[2]))
