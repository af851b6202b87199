"""Outcomes of one suite side by side: compare.py SUITE FOLDER. Exit status 1 if a test ended otherwise than with the plain packages."""
import collections
import json
import os
import re
import sys

RUNS = [("plain", "plain packages"), ("go", "Go-backed"), ("off", "Go-backed, GOPHERSNAKE=0"), ("bare", "Go-backed, bundle uninstalled")]
OUTCOMES = ["PASSED", "FAILED", "ERROR", "SKIPPED", "XFAIL", "XPASS"]
suite, folder = sys.argv[1:]
path = os.path.join(folder, suite + ".")
# Some tests are named after files: those of the environment and of the copy of the tests.
own_folder = re.compile(re.escape(os.path.dirname(os.path.abspath(folder))) + "/[^/]*")


def read(run):
    if not os.path.exists(path + run):
        with open(path + run + ".log", errors="replace") as file:
            sys.exit("%s: no outcomes of the run with %s:\n%s" % (suite, run, "".join(file.readlines()[-20:])))
    with open(path + run, errors="backslashreplace") as file:
        return {own_folder.sub("", name): outcome for outcome, name in (line.rstrip("\n").split(" ", 1) for line in file)}


def native_calls():
    """Over all processes of the suite: how often Go answered, calls, functions."""
    native, calls, functions = 0, 0, set()
    if not os.path.exists(path + "go.report"):
        return native, calls, []  # nothing of it is used inside Python
    with open(path + "go.report") as file:
        for line in file:
            for row in json.loads(line)["functions"]:
                native, calls = native + row.get("native", 0), calls + row.get("calls", 0)
                if row.get("native"):
                    functions.add(row["module"] + "." + row["name"])
    return native, calls, sorted(functions)


outcomes = {run: read(run) for run, _ in RUNS}
plain, differences = outcomes["plain"], []
print("%-32s" % suite + "".join("%9s" % outcome.lower() for outcome in OUTCOMES))
for run, what in RUNS:
    counts = collections.Counter(outcomes[run].values())
    print("  %-30s" % what + "".join("%9d" % counts[outcome] for outcome in OUTCOMES))
    for name in sorted(set(plain) | set(outcomes[run])):
        if plain.get(name) != outcomes[run].get(name):
            differences.append("  %s: %s, plain %s: %s" % (what, outcomes[run].get(name), plain.get(name), name))
native, calls, functions = native_calls()
print("  %d of %d calls of native functions ran in Go, %d functions: %s" % (native, calls, len(functions), " ".join(functions)))
print("  the same outcomes" if not differences else "\n".join(differences), flush=True)
sys.exit(1 if differences or not plain or calls and not native else 0)
