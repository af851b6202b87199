"""The tests of Django, which come with a program of their own (tests/runtests.py): in this process, those of the recorded modules
that need no database.
"""
import io
import os
import re
import runpy
import sys
import unittest

FILES = 400
OTHERS = {"gis_tests", "postgres_tests", "test_runner"}  # other databases, and tests that run tests
DATABASE = re.compile(r"^from django\.(?:contrib\.gis\.)?test(?:\.testcases)? import [^\n(]*(?:\([^)]*)?\b(?:TestCase|TransactionTestCase|\w*LiveServerTestCase)\b", re.M)


def is_there(where):
    try:
        with open(os.path.join(where, "tests", "runtests.py"), encoding="utf-8") as file:
            text = file.read()
    except (OSError, ValueError):
        return False
    return "django" in text and "--settings" in text


def imported(text, modules):
    """Which of the modules a test file names in its imports."""
    found = set()
    for package, names in re.findall(r"^\s*from ([\w.]+) import (\([^)]*\)|[^\n]*)", text, re.M):
        found.add(package)
        found.update("%s.%s" % (package, name) for name in re.findall(r"\w+", names))
    found.update(re.findall(r"^\s*import ([\w.]+)", text, re.M))
    return found & modules


def labels(folder, modules):
    """Dotted names of test files: those called like a module first."""
    rows = []
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - OTHERS)
        for name in sorted(files):
            if not (name.startswith("test") and name.endswith(".py")) or root == folder:
                continue
            path = os.path.join(root, name)
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read(1 << 20)
            except (OSError, ValueError):
                continue
            hits = imported(text, modules)
            if hits and not DATABASE.search(text):
                called = any(module.rpartition(".")[2] in name for module in hits)
                rows.append((not called, -len(hits), os.path.relpath(path, folder)[:-3].replace(os.sep, ".")))
    return [row[2] for row in sorted(rows)[:FILES]]


def run(task, tracer, output, alarm, late):
    """late: what interrupts a test."""
    original, counts = unittest.TestCase.run, {"passed": 0, "failed": 0}

    def watched(test, result=None):
        name = test.id()
        if name in task["skip"]:
            return None
        output.write({"k": "test", "id": name})
        tracer.arm()
        tracer.test = name
        before = len(result.errors) + len(result.failures)
        limit = alarm(task["seconds"])
        try:
            with limit:
                return original(test, result)
        except late:
            return None
        finally:
            if limit.rang:
                output.write({"k": "late", "id": name})
            tracer.test = None
            counts["failed" if len(result.errors) + len(result.failures) > before else "passed"] += 1

    os.chdir("tests")
    chosen = labels(os.getcwd(), set(task["modules"]))
    if chosen:
        sys.path.insert(0, os.getcwd())
        sys.argv = ["runtests.py", "--parallel=1", "--verbosity=0", "--settings=test_sqlite"] + chosen
        unittest.TestCase.run = watched
        errors, sys.stderr = sys.stderr, io.StringIO()
        ending = ""
        try:
            runpy.run_path("runtests.py", run_name="__main__")
        except (Exception, SystemExit) as error:
            ending = "%s: %s" % (type(error).__name__, error)
        finally:
            unittest.TestCase.run = original
            errors, sys.stderr = sys.stderr, errors
        if not any(counts.values()):
            task["note"]("runtests.py ran no test: %s %s" % (ending, errors.getvalue()[-600:]))
    output.write({"k": "suite", "with": "runtests.py", "exit": 0, "tests": counts})
