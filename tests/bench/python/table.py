"""The tables of make bench-python: table.py FOLDER, which has KIND.ENVIRONMENT.NUMBER (what measure.py printed)."""
import glob
import json
import math
import os
import statistics
import sys

folder = sys.argv[1]


def read(kind, environment):
    runs = []
    for path in sorted(glob.glob(os.path.join(folder, "%s.%s.*" % (kind, environment)))):
        with open(path) as file:
            runs.append(json.load(file))
    return runs


def medians(kind, environment):
    """{row: median of the runs}; a row of rows is joined: "name returns"."""
    runs = read(kind, environment)
    flat = [{(name, key): value for name, row in run.items() for key, value in (row.items() if isinstance(row, dict) else [("", row)])} for run in runs]
    return {key: statistics.median(run[key] for run in flat) for key in (flat[0] if flat else ())}


def seconds(value):
    for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if value * scale >= 1:
            return "%.3g %s" % (value * scale, unit)
    return "%.0f ns" % (value * 1e9)


def line(name, *cells):
    print(("%-62s" % name + "".join("%13s" % cell for cell in cells)).rstrip())


environments = [e for e in ("plain", "go", "cython", "mypyc") if read("headlines", e)]
tables = {e: medians("headlines", e) for e in environments}
line("", *environments, *["%s is" % e for e in environments[1:]])
for key, plain in tables["plain"].items():
    line(key[0], *[seconds(tables[e][key]) if key in tables[e] else "-" for e in environments],
         *["%.2f x" % (plain / tables[e][key]) if key in tables[e] else "-" for e in environments[1:]])

plain, go = medians("functions", "plain"), medians("functions", "go")
rows = sorted((plain[key] / go[key], key[0]) for key in go if key[1] == "returns" and key in plain)
raising = {key[0]: plain[key] / go[key] for key in go if key[1] == "raises" and key in plain}
print()
line("each function on its inputs (a call)", "plain", "go", "go is", "inputs", "if it raises")
for ratio, name in rows:
    line(name, seconds(plain[name, "returns"]), seconds(go[name, "returns"]), "%.2f x" % ratio, "%d" % go[name, "inputs returns"],
         "%.2f x" % raising[name] if name in raising else "")
if rows:
    print()
    line("functions in use", len(rows))
    line("geometric mean", "%.2f x" % math.exp(sum(math.log(ratio) for ratio, _ in rows) / len(rows)))
    pays = [ratio for ratio, _ in rows if ratio >= 1]
    if pays:
        line("geometric mean of those that pay (%d)" % len(pays), "%.2f x" % math.exp(sum(map(math.log, pays)) / len(pays)))
    line("slowest: " + rows[0][1], "%.2f x" % rows[0][0])
    line("slower than Python: Python should keep them", sum(ratio < 1 for ratio, _ in rows))
    for ratio, name in rows:
        if ratio < 1:
            line("  " + name, "%.2f x" % ratio)

plain, go = medians("import", "plain"), medians("import", "go")
print()
line("", "plain", "go", "go takes")
for key in plain:
    line("import " + key[0], seconds(plain[key]), seconds(go[key]), "%.3f x" % (go[key] / plain[key]))
plain, go = medians("first", "plain"), medians("first", "go")
line("first native call (wall; sqlparse.split)", seconds(plain["first", ""]), seconds(go["first", ""]))
for what in ("loaded", "called"):
    line("memory, sqlparse " + what, *["%.1f MB" % (table[what, ""] / 1e6) for table in (plain, go)],
         "+%.1f MB" % ((go[what, ""] - plain[what, ""]) / 1e6))
