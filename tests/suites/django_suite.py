"""Django's own suite with one line of outcome for each test: django_suite.py OUTCOMES RUNTESTS ARGUMENT…

Run in the folder of runtests.py. A test with failing subtests is a failure once; what happens outside of a test (set up of a class, of a
module) has a line of its own.
"""
import runpy
import sys
import unittest

outcomes = open(sys.argv[1], "w")
worst = {}
ORDER = ["PASSED", "XFAIL", "SKIPPED", "XPASS", "FAILED", "ERROR"]


def note(test, outcome):
    name = test.id()
    worst[name] = max(worst.get(name, "PASSED"), outcome, key=ORDER.index)


def watch(method, outcome):
    original = getattr(unittest.TestResult, method)

    def watched(self, test, *rest):
        note(test, outcome)
        return original(self, test, *rest)
    setattr(unittest.TestResult, method, watched)


for method, outcome in [("addSuccess", "PASSED"), ("addExpectedFailure", "XFAIL"), ("addSkip", "SKIPPED"),
                        ("addUnexpectedSuccess", "XPASS"), ("addFailure", "FAILED"), ("addError", "ERROR")]:
    watch(method, outcome)
add_subtest = unittest.TestResult.addSubTest


def watched_subtest(self, test, subtest, error):
    if error is not None:
        note(test, "FAILED" if issubclass(error[0], test.failureException) else "ERROR")
    return add_subtest(self, test, subtest, error)


unittest.TestResult.addSubTest = watched_subtest
sys.argv = sys.argv[2:]
sys.path.insert(0, "")
status = 0
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    status = end.code
for name in sorted(worst):
    print(worst[name], name, file=outcomes)
outcomes.close()
sys.exit(status)
