"""python -m gophersnake_bundle: which functions are native, and why the others are not."""
import argparse
import importlib
import json
import runpy
import sys

import gophersnake_bundle


def import_all(modules):
    """Modules that cannot be imported are told, and no reason to stop: many want settings first."""
    problems = {}
    for name in modules:
        try:
            importlib.import_module(name)
        except BaseException as error:  # SystemExit too: anything may stand in a module
            if isinstance(error, KeyboardInterrupt):
                raise
            problems[name] = "%s: %s" % (type(error).__name__, error)
    return problems


def known_modules():
    native = gophersnake_bundle._native
    return sorted({row["name"].partition(":")[0] for row in native.functions()}) if native is not None else []


def show(report, problems, out):
    rows = [("function", "runs in", "calls", "in Go", "back", "seconds")]
    for row in report["functions"]:
        counted = "calls" in row
        rows.append(("%s.%s" % (row["module"], row["name"]), "Go" if row["state"] == "native" else "Python",
                     str(row["calls"]) if counted else "", str(row["native"]) if counted else "",
                     str(sum(row["back"].values())) if counted else "", "%.6f" % row["seconds"] if counted else ""))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    reasons = [None] + [row["reason"] for row in report["functions"]]
    for row, reason in zip(rows, reasons):
        cells = [row[0].ljust(widths[0]), row[1].ljust(widths[1])] + [row[i].rjust(widths[i]) for i in range(2, 6)]
        print(("  ".join(cells) + ("  " + reason if reason else "")).rstrip(), file=out)
    print("gophersnake-bundle %s: %s" % (report["version"] or "without native code", report["library"]), file=out)
    for name, problem in problems.items():
        print("cannot import %s: %s" % (name, problem), file=out)


def main():
    parser = argparse.ArgumentParser(prog="python -m gophersnake_bundle", description=__doc__.partition(": ")[2])
    parser.add_argument("--json", action="store_true", help="the report as JSON (docs/formats/bundle.md)")
    parser.add_argument("--run", nargs=argparse.REMAINDER, metavar="PROGRAM", help="run a program, then report to standard error")
    parser.add_argument("modules", nargs="*", help="modules to import; all that have native functions when none is named")
    options = parser.parse_args()
    problems, status, out = {}, 0, sys.stdout
    if options.run:
        sys.argv, out = options.run, sys.stderr
        try:
            runpy.run_path(options.run[0], run_name="__main__")
        except SystemExit as end:
            status = end.code
    else:
        problems = import_all(options.modules or known_modules())
    report = gophersnake_bundle.report()
    if options.json:
        print(json.dumps(dict(report, problems=problems), indent=2, sort_keys=True), file=out)
    else:
        show(report, problems, out)
    sys.exit(status)


main()
