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


wanted = []  # (what, reached, text, limit): the figures that are asked for


def want(what, value, limit, text, most=False):
    wanted.append((what, value <= limit if most else value >= limit, text, ("<= " if most else ">= ") + str(limit)))


def line(name, *cells):
    print(("%-62s" % name + "".join("%13s" % cell for cell in cells)).rstrip())


environments = [e for e in ("plain", "go", "cython", "mypyc") if read("headlines", e)]
tables = {e: medians("headlines", e) for e in environments}
line("", *environments, *["%s is" % e for e in environments[1:]])
for key, plain in tables["plain"].items():
    line(key[0], *[seconds(tables[e][key]) if key in tables[e] else "-" for e in environments],
         *["%.2f x" % (plain / tables[e][key]) if key in tables[e] else "-" for e in environments[1:]])

    for what, limit in (("sqlparse.format", 30), ("sqlparse.split", 30), ("idna.encode", 10)):
        if key[0].startswith(what) and key in tables["go"]:
            ratio = plain / tables["go"][key]
            want(key[0], ratio, limit, "%.1f x" % ratio)

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
    mean = math.exp(sum(math.log(ratio) for ratio, _ in rows) / len(rows))
    line("geometric mean", "%.2f x" % mean)
    want("geometric mean of %d functions in use" % len(rows), mean, 5, "%.2f x" % mean)
    want("the slowest: " + rows[0][1], rows[0][0], 1.0, "%.2f x" % rows[0][0])
    pays = [ratio for ratio, _ in rows if ratio >= 1]
    if pays:
        line("geometric mean of those that pay (%d)" % len(pays), "%.2f x" % math.exp(sum(map(math.log, pays)) / len(pays)))
    line("slowest: " + rows[0][1], "%.2f x" % rows[0][0])
    line("slower than Python: Python should keep them", sum(ratio < 1 for ratio, _ in rows))
    for ratio, name in rows:
        if ratio < 1:
            line("  " + name, "%.2f x" % ratio)

print()
line("", "plain", "go", "go takes")
runs = list(zip(read("import", "plain"), read("import", "go")))
for key in runs[0][0]:
    plain, go = (statistics.median(run[i][key] for run in runs) for i in (0, 1))
    ratio = statistics.median(run[1][key] / run[0][key] for run in runs)
    line("import " + key, seconds(plain), seconds(go), "%.3f x" % ratio)
want("import " + key + " (median of %d pairs)" % len(runs), ratio, 1.02, "%.3f x" % ratio, most=True)
if read("instructions", "go"):
    plain, go = read("instructions", "plain")[0], read("instructions", "go")[0]
    line("  the same, instructions", "%.1f M" % (plain / 1e6), "%.1f M" % (go / 1e6), "%.3f x" % (go / plain))
plain, go = medians("first", "plain"), medians("first", "go")
line("first native call (wall; sqlparse.split)", seconds(plain["first", ""]), seconds(go["first", ""]))
want("first native call", go["first", ""] * 1000, 30, seconds(go["first", ""]), most=True)
for what in ("loaded", "called"):
    more = (go[what, ""] - plain[what, ""]) / 1e6
    line("memory, sqlparse " + what, *["%.1f MB" % (table[what, ""] / 1e6) for table in (plain, go)], "+%.1f MB" % more)
want("memory after the first call, MB more", more, 15, "+%.1f MB" % more, most=True)
print()
line("asked for", "measured", "wanted")
for what, reached, text, limit in wanted:
    line(what, text, limit, "" if reached else "missed")
