"""Writes play.json for first drafts through batches, over the package of llm_package.py, and checks the finished run.

    llm_batch_play.py FOLDER [DIALECT]      writes it
    llm_batch_play.py FOLDER WORKSPACE      checks calls, journal and ledger
"""
import glob
import json
import os
import sys

GO = "```go\npackage %(m)s\n\nfunc Double%(t)s(text any) (any, error) {\n\ts, ok := text.(string)\n\tif !ok {\n\t\treturn bridgedDouble%(t)s(text)\n\t}\n\treturn s + %(r)s, nil\n}\n```\n"


def good(module, rest="s"):
    return {"text": GO % {"m": module, "t": module.title(), "r": rest}}


STEPS = {
    "good": [good("good")],
    "repaired": [good("repaired", "undefinedName"), good("repaired")],
    "failing": [{"batch": "errored"}, good("failing")],
    "overloaded": [{"batch": "expired"}, good("overloaded")],
    "later": [{"batch": "missing"}, good("later")],
    "refused": [{"stop": "refusal" if "anthropic" in sys.argv else "content_filter", "text": "x"}],
}


def write(folder):
    with open(os.path.join(folder, "play.json"), "w") as file:
        json.dump([{"when": "# The unit tinytext.%s\n" % module, "steps": steps} for module, steps in STEPS.items()], file)


def check(folder, workspace):
    calls = {}
    for line in open(os.path.join(folder, "calls.jsonl")):
        row = json.loads(line)
        module = (row["when"] or "").split(".")[-1].strip()
        calls.setdefault(module, []).append("live" if row["body"].get("stream") else "batch")
    wanted = {"good": ["batch"], "repaired": ["batch", "live"], "failing": ["batch", "live"], "overloaded": ["batch", "live"],
              "later": ["batch", "live"], "refused": ["batch"]}
    for module, ways in wanted.items():
        assert calls[module] == ways, (module, calls[module])
    assert set(calls[""]) == {"batch"} and len(calls[""]) == 12, calls[""]  # "none can be translated": one draft each
    made = [row for row in map(json.loads, open(os.path.join(folder, "batches.jsonl"))) if row[0] == "made"]
    assert len(made) == 18, made
    entries = [json.load(open(path)) for path in glob.glob(workspace + "/registry/ledger/**/*.json", recursive=True)]
    rows = {row["name"].split(".")[1]: row for one in entries for row in one["functions"]}
    assert {name for name, row in rows.items() if row["state"] == "native"} == {"good", "repaired", "failing", "overloaded", "later"}, rows
    journal = [json.loads(line) for path in glob.glob(workspace + "/runs/*/journal.jsonl") for line in open(path)]
    opened, ends = [r for r in journal if r.get("event") == "call"], [r for r in journal if r.get("event") == "spend"]
    assert sorted(r["call"] for r in opened) == sorted(r["call"] for r in ends) and len({r["call"] for r in ends}) == len(ends)
    assert sum(r["cost_microdollars"] for r in ends) == sum(row["cost_microdollars"] for row in rows.values())
    for row in ends:
        assert row["cost_microdollars"] <= row["reserved_microdollars"], row
        module = row["job"].split(".")[-1]
        if " batch " in row["call"]:  # input 1, output 5, and half of that
            lost = module in ("failing", "overloaded", "later")
            cost = (row["input_tokens"] * 500000 + row["output_tokens"] * 2500000 + 999999) // 1000000
            assert row["known"] != lost and row["cost_microdollars"] == cost and (cost > 0) != lost, row
        else:
            assert row["known"] and row["cost_microdollars"] > 0, row
    assert len([r for r in journal if r.get("event") == "batch"]) == 18
    print("drafts in batches, repairs live: %d microdollars" % sum(r["cost_microdollars"] for r in ends))


if len(sys.argv) == 2 or sys.argv[2] in ("anthropic", "openai"):
    write(sys.argv[1])
else:
    check(sys.argv[1], sys.argv[2])
