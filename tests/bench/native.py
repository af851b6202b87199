"""make bench-native: native Go against CPython on the recorded calls that ship with it, in turns; ratios, never a test.

native.py GOPHERSNAKE SCRATCH [--short] [DISTRIBUTION…]
"""
import collections
import glob
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WORK_HEAVY = 2000  # ns in CPython


def run(*argv, cwd=None, **environment):
    done = subprocess.run(argv, cwd=cwd, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit("%s: exit status %d" % (" ".join(argv[:3]), done.returncode))
    return done.stdout


def query(size):
    """SQL of many kinds, a statement after the other."""
    parts, number = [], 0
    while sum(map(len, parts)) < size:
        number += 1
        parts.append(
            "select a.id_%(n)d, b.name as n%(n)d, count(*), case when a.x > %(n)d then 'big' else 'small' end as kind from table_%(n)d a "
            "left join other_%(n)d b on a.id = b.a_id and b.active = 1 where a.created between '2020-01-01' and '2021-01-01' and "
            "(b.name like 'x%%' or b.id in (select id from third_%(n)d where y = %(n)d)) group by a.id_%(n)d, b.name having count(*) > 3 "
            "order by 1 desc limit 10; insert into log_%(n)d (id, text) values (%(n)d, 'it''s'), (%(n)d, null); " % {"n": number})
    return "".join(parts)[:size]


EXTRA = [  # what the project promises, by itself
    ("sqlparse.format(10 kB, reindent=True)", "sqlparse:format", [["sql", query(10000)], ["options", ["dict", [["reindent", True]]]]]),
    ("sqlparse.split(10 kB)", "sqlparse:split", [["sql", query(10000)]]),
    ("idna.encode of three labels", "idna.core:encode", [["s", "www.königsgäßchen.example"]]),
]


def units(modules):
    """(import path, folder, {f: (Go name, parameters in Go)}) of units with shipped calls."""
    for module, folder in modules:
        for path in sorted(glob.glob(folder + "/**/native_py_test.go", recursive=True)):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            rows = re.findall(r'functions\["([^"]+)"\] = recorded\.Function\{Go: unit\.(\w+), Parameters: (.*)\}\n', text)
            yield re.search(r'unit "([^"]+)"', text).group(1), os.path.dirname(path), {f: (go, rest) for f, go, rest in rows}


def signature(folder, go):
    for path in glob.glob(folder + "/*_py.go"):
        with open(path, encoding="utf-8") as file:
            found = re.search(r"^func %s\((.*?)\) \(?" % go, file.read(), re.M)
        if found:
            return [part.split(" ", 1)[1] for part in found.group(1).split(", ")] if found.group(1) else []
    sys.exit("%s: no func %s" % (folder, go))


def adapter(number, go, types):
    """A Go function literal that calls it with prepared arguments, without reflection."""
    lines, names = [], []
    for at, kind in enumerate(types):
        rest = kind.startswith("...")
        kind = re.sub(r"(?<![\w.])([A-Z]\w*)", r"u%d.\1" % number, kind.removeprefix("..."))
        read = "in[%d].Interface()" % at + ("" if kind == "any" else ".(%s)" % kind)
        lines.append("var a%d []%s; if len(in) > %d { a%d = append(a%d, %s) }" % (at, kind, at, at, at, read) if rest
                     else "a%d := %s" % (at, read))
        names.append("a%d%s" % (at, "..." if rest else ""))
    return "func(in []reflect.Value) func() { %s; return func() { u%d.%s(%s) } }" % ("; ".join(lines) or "_ = in", number, go, ", ".join(names))


def write_table(found, extra, path):
    imports, rows = [], []
    for number, (package, folder, functions) in enumerate(found):
        imports.append('u%d "%s"' % (number, package))
        table = ", ".join('"%s": {recorded.Function{Go: u%d.%s, Parameters: %s}, %s}' % (
            f, number, go, parameters, adapter(number, go, signature(folder, go))) for f, (go, parameters) in functions.items())
        for calls in (os.path.join(folder, "testdata/native_calls.json"), extra):
            rows.append('{"%s", map[string]function{%s}},' % (calls, table))
    kinds = "\n".join(rows)
    with open(path, "w", encoding="utf-8") as file:
        file.write('package main\n\nimport (\n"reflect"\n%s"go.internal/pyrt/recorded"\n%s\n)\n\nvar units = []unit{\n%s\n}\n' % (
            '"go.internal/pyrt"\n' if "pyrt.Dict" in kinds or "pyrt.Kwargs" in kinds else "", "\n".join(imports), kinds))


def modules_of(workspace, scratch, environment):
    paths = ["go.internal/" + name for name in sorted(os.listdir(workspace + "/registry/go/go.internal")) if name.startswith("py-")]
    run("go", "mod", "init", "bench", cwd=scratch, **environment)
    run("go", "get", "go.internal/pyrt@latest", *[path + "@latest" for path in paths], cwd=scratch, **environment)
    return [(path, run("go", "list", "-m", "-f", "{{.Dir}}", path, cwd=scratch, **environment).strip()) for path in paths]


def table(title, rows):
    width = max([len(row[0]) for row in rows] + [len(title)])
    print("%-*s %14s %12s %9s" % (width, title, "CPython ns", "Go ns", "ratio"))
    for name, python, go in rows:
        print("%-*s %14.0f %12.1f %8.1fx" % (width, name, python, go, python / go))


def report(times, chosen):
    if set(times["Go"]) != set(times["CPython"]):
        sys.exit("Go and CPython made other calls: %s" % sorted(set(times["Go"]) ^ set(times["CPython"]))[:3])
    sums = collections.defaultdict(lambda: [0, 0, 0])
    for key, spent in times["CPython"].items():
        if key[0] == "native_calls.json":
            row = sums[key[1].replace(":", ".")]
            row[0], row[1], row[2] = row[0] + 1, row[1] + spent, row[2] + times["Go"][key]
    rows = sorted((name, python / count, go / count) for name, (count, python, go) in sums.items())
    table("function (mean of its shipped calls)", rows)
    heavy = [python / go for _, python, go in rows if python >= WORK_HEAVY]
    if heavy:
        print("geometric mean of %d functions with 2 µs or more in CPython: %.1fx (of all %d: %.1fx)\n" % (
            len(heavy), statistics.geometric_mean(heavy), len(rows), statistics.geometric_mean(python / go for _, python, go in rows)))
    table("call", [(name, *(times[side]["extra.json", f, str(number)] for side in ("CPython", "Go")))
                   for number, (name, f, _) in enumerate(chosen)])


def guard(short):
    """What a guard costs: runtime/pyrt's benchmarks of a function with and without one, by turns."""
    found = collections.defaultdict(list)
    for line in run("go", "test", "-run", "^$", "-bench", "^BenchmarkGuard", "-count", "1" if short else "5", "-benchtime", "1000x" if short else "200ms",
                    ".", cwd=ROOT + "/runtime/pyrt", GOFLAGS="-buildvcs=false").splitlines():
        row = re.match(r"BenchmarkGuard(\w+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op", line)
        if row:
            found[row.group(1)].append(float(row.group(2)))
    medians = {name: statistics.median(values) for name, values in found.items()}
    print("\nguard: no guard %.1f ns; %s" % (medians["None"], ", ".join(
        "%s +%.1f ns" % (name, spent - medians["None"]) for name, spent in medians.items() if name != "None")))


def main():
    program, scratch, *names = sys.argv[1:]
    short = "--short" in names
    names = [name for name in names if name != "--short"] or ["sqlparse", "idna"]
    span, rounds = (20_000, 1) if short else (2_000_000, 5)
    workspace = scratch + "/w"
    run(program, "convert", "-q", "--workspace", workspace, *names)
    environment = {"GOPROXY": "file://%s/registry/go" % workspace, "GONOSUMDB": "go.internal", "GOFLAGS": "-mod=mod -modcacherw",
                   "GOMODCACHE": scratch + "/gomod", "GOPHERSNAKE_PYTHON": "/nonexistent"}
    bench, wheels = scratch + "/bench", scratch + "/wheels"
    os.makedirs(bench)
    found = list(units(modules_of(workspace, bench, environment)))
    for wheel in glob.glob(workspace + "/registry/simple/files/*.whl"):
        if "+go" not in wheel and "gophersnake" not in os.path.basename(wheel):
            zipfile.ZipFile(wheel).extractall(wheels)
    known = {f for _, _, functions in found for f in functions}
    chosen = [row for row in EXTRA if row[1] in known]
    extra = scratch + "/extra.json"
    with open(extra, "w", encoding="utf-8") as file:
        json.dump({"schema": "gophersnake.calls/1", "calls": [{"f": f, "args": args, "result": None} for _, f, args in chosen]}, file)
    shutil.copy(HERE + "/native/main.go", bench)
    write_table(found, extra, bench + "/table.go")
    run("go", "build", "-o", "bench", ".", cwd=bench, **environment)
    calls = [os.path.join(folder, "testdata/native_calls.json") for _, folder, _ in found]
    python = os.environ.get("GOPHERSNAKE_PYTHON") or "python3"
    times = {"Go": collections.defaultdict(list), "CPython": collections.defaultdict(list)}
    for _ in range(rounds):
        for side, argv in (("Go", [bench + "/bench", str(span)]),
                           ("CPython", [python, HERE + "/native_cpython.py", wheels, str(span), *calls, extra])):
            for line in run(*argv, cwd=bench, **({"GOPHERSNAKE_PYTHON": "/nonexistent"} if side == "Go" else {})).splitlines():
                *key, spent = line.split()
                times[side][tuple(key)].append(float(spent))
    report({side: {key: statistics.median(values) for key, values in rows.items()} for side, rows in times.items()}, chosen)
    guard(short)


main()
