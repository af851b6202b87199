"""Where calls come from: the release's own test suite, the doctests of its docstrings, and generated inputs."""
import faulthandler
import importlib.util
import json
import os
import random
import shutil
import signal
import sys
import time
import warnings

from . import generate, proposals, runtests, values
from .records import files_of, lines, modules_of
from .targets import Targets
from .tracer import BY_VALUE, Output, Tracer

OF_PROPOSED = 60  # generated calls kept of one way through a function with proposed inputs: its held-out calls are among them
CALL_SECONDS, LATE_CALLS = 2, 3  # for one generated call; how many late ones until the function is left alone
TEST_SECONDS = 20  # for one test, when the task says nothing else; what hangs longer is interrupted and the next one begins


class TooLong(BaseException):
    """A test or a call had its time. No outcome of the program: the tracer keeps nothing of calls that it ends."""
    of_recording = True


class Alarm:
    """Interrupts what runs in the main thread after some seconds, again each second until it gives way."""

    def __init__(self, seconds):
        self.seconds, self.rang = seconds, False

    def __enter__(self):
        signal.signal(signal.SIGALRM, self.ring)
        signal.setitimer(signal.ITIMER_REAL, self.seconds, 1)

    def pause(self):
        self.left = signal.setitimer(signal.ITIMER_REAL, 0)[0]

    def resume(self):
        signal.setitimer(signal.ITIMER_REAL, self.seconds if self.rang else self.left or 0.01, 1)

    def ring(self, number, frame):
        self.rang = True
        raise TooLong("longer than %g seconds" % self.seconds)

    def __exit__(self, *what):
        signal.setitimer(signal.ITIMER_REAL, 0)


def load(names, output):
    """Imports the release's modules, so that a copy of them beside the tests is not taken in their place."""
    loaded = []
    for name in names:
        try:
            with Alarm(TEST_SECONDS):
                loaded.append(importlib.import_module(name))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            output.write({"k": "note", "text": "%s cannot be imported: %s: %s" % (name, type(error).__name__, str(error)[:200])})
    return loaded


class Plugin:
    """pytest's side: one line when a test begins and ends, a time limit for each."""

    def __init__(self, tracer, output, skip, seconds):
        import pytest
        self.tracer, self.output, self.counts = tracer, output, {}

        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_protocol(item, nextitem):
            tracer.arm()
            tracer.test = item.nodeid
            output.write({"k": "test", "id": item.nodeid})
            self.alarm = Alarm(seconds)
            try:
                with self.alarm:
                    yield
            except TooLong:
                output.write({"k": "late", "id": item.nodeid})
            tracer.test = None
        self.pytest_runtest_protocol = pytest_runtest_protocol

        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_makereport(item, call):
            self.alarm.pause()  # what is late is shown, and that takes its time; an interruption then would end all of pytest
            yield
            self.alarm.resume()
        self.pytest_runtest_makereport = pytest_runtest_makereport

        def pytest_collection_modifyitems(items):
            items[:] = [item for item in items if item.nodeid not in skip]
        self.pytest_collection_modifyitems = pytest_collection_modifyitems

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            self.counts[report.outcome] = self.counts.get(report.outcome, 0) + 1
            if report.outcome == "failed":
                self.output.write({"k": "failed", "id": report.nodeid, "text": str(report.longrepr)[-600:]})
            if "TooLong" in str(report.longrepr or "")[-2000:]:
                self.output.write({"k": "late", "id": report.nodeid})

    def pytest_internalerror(self, excrepr):
        self.output.write({"k": "note", "text": "pytest gave up: %s" % str(excrepr)[-380:]})

    def pytest_collectreport(self, report):
        if report.outcome == "failed":
            self.output.write({"k": "note", "text": "%s cannot be collected: %s" % (report.nodeid, str(report.longrepr)[-300:])})


def with_pytest(task, tracer, output):
    import pytest
    plugin = Plugin(tracer, output, task["skip"], task["seconds"])
    arguments = ["-p", "no:cacheprovider", "-p", "no:faulthandler", "-q", "--continue-on-collection-errors", "-o", "addopts=", "-o", "xfail_strict=false",
                 "--rootdir", "."]
    for name in ("randomly", "random_order"):
        arguments += ["-p", "no:" + name]
    if importlib.util.find_spec("hypothesis") is not None:
        arguments.append("--hypothesis-seed=0")
    tracer.arm()
    code = pytest.main(arguments + task["where"], plugins=[plugin])
    output.write({"k": "suite", "with": "pytest %s" % pytest.__version__, "exit": int(code), "tests": plugin.counts})
    return int(code) in (2, 3)  # a KeyboardInterrupt or pytest.exit() of a test's, or an error of pytest itself: there is a rest


def with_unittest(task, tracer, output):
    import unittest
    tracer.arm()

    class Result(unittest.TestResult):
        def startTest(self, test):
            super().startTest(test)
            tracer.arm()
            tracer.test = test.id()
            output.write({"k": "test", "id": test.id()})
            self.alarm = Alarm(task["seconds"])
            self.alarm.__enter__()

        def stopTest(self, test):
            self.alarm.__exit__()
            tracer.test = None

        def addError(self, test, error):
            if issubclass(error[0], TooLong):
                output.write({"k": "late", "id": test.id()})
            super().addError(test, error)

    result = Result()
    skip = task["skip"]
    for folder in task["where"] or ["."]:
        stack = [unittest.TestLoader().discover(folder, top_level_dir=None)]
        while stack:
            item = stack.pop()
            if isinstance(item, unittest.TestCase):
                if item.id() not in skip:
                    try:
                        item.run(result)
                    except TooLong:
                        output.write({"k": "late", "id": item.id()})
            else:
                stack.extend(reversed(list(item)))
    output.write({"k": "suite", "with": "unittest", "exit": 0, "tests": {
        "passed": result.testsRun - len(result.errors) - len(result.failures), "failed": len(result.errors) + len(result.failures)}})


def suite(task, tracer, output):
    shutil.copytree(task["tests"], "/tmp/suite", symlinks=True)  # tests may write beside themselves; /tmp is bounded
    os.chdir("/tmp/suite")
    load(sorted({name.partition(".")[0] for name in task["modules"]}), output)
    if runtests.is_there("."):
        return runtests.run(task, tracer, output, Alarm, TooLong)
    try:
        import pytest  # noqa: F401
    except ImportError:
        return with_unittest(task, tracer, output)
    return with_pytest(task, tracer, output)


def doctests(task, tracer, output):
    import doctest
    finder, count = doctest.DocTestFinder(exclude_empty=True), 0
    for module in load(task["modules"], output):
        try:
            tests = finder.find(module)
        except Exception as error:
            output.write({"k": "note", "text": "doctests of %s: %s" % (module.__name__, error)})
            continue
        for test in sorted(tests):
            if not test.examples or test.name in task["skip"]:
                continue
            output.write({"k": "test", "id": test.name})
            tracer.arm()
            tracer.test, count = test.name, count + len(test.examples)
            try:
                with Alarm(task["seconds"]):
                    doctest.DocTestRunner(verbose=False).run(test, out=lambda text: None)
            except TooLong:
                output.write({"k": "late", "id": test.name})
            tracer.test = None
    output.write({"k": "suite", "with": "doctest", "exit": 0, "tests": {"examples": count}})


def proposed(task, tracer, output):
    load(sorted({name.partition(":")[0] for name in task["proposals"]} & set(task["modules"])), output)
    made, tracer.every = 0, True
    for name, index, positional, named in proposals.calls(task["proposals"], tracer.targets.by_name, task["note"]):
        place = "%s: input %d" % (name, index)
        if place in task["skip"]:
            continue
        output.write({"k": "test", "id": place})
        try:
            function = values.find(name)
        except LookupError as error:
            task["note"]("proposed input %d of %s: %s" % (index, name, str(error)[:200]))
            continue
        tracer.arm()
        tracer.test, made = place, made + 1
        try:
            with Alarm(CALL_SECONDS):
                function(*positional, **named)
        except TooLong:
            output.write({"k": "late", "id": place})
        except (Exception, SystemExit):
            pass
        tracer.test = None
    output.write({"k": "suite", "with": "proposed", "exit": 0, "tests": {"calls": made}})


def generated(task, tracer, output):
    load(task["modules"], output)
    made = 0
    for row in task["functions"]:
        if row["name"] in task["skip"]:
            continue
        chance = random.Random(row["name"])
        tracer.of_path = OF_PROPOSED if row.get("proposed") else BY_VALUE
        output.write({"k": "test", "id": row["name"]})
        tracer.test = row["name"]
        try:
            function = generate.function_of(row)
            inputs = generate.inputs(row, function, chance)
        except Exception as error:
            output.write({"k": "note", "text": "%s: no inputs: %s" % (row["name"], str(error)[:200])})
            continue
        late, until = 0, time.monotonic() + task["seconds"]
        for positional, named in inputs:
            tracer.arm()
            made += 1
            try:
                with Alarm(CALL_SECONDS):
                    function(*positional, **named)
            except TooLong:
                late += 1
            except (Exception, SystemExit):
                pass  # an outcome like others; the tracer has it
            if late == LATE_CALLS or time.monotonic() > until:
                output.write({"k": "late", "id": row["name"]})
                break
        tracer.test = None
    output.write({"k": "suite", "with": "generated", "exit": 0, "tests": {"calls": made}})


KINDS = {"suite": suite, "doctest": doctests, "propose": proposed, "generate": generated}


def started(folder, kind):
    """What earlier runs of the same source began with: a run that crashed or was killed is followed by one of the rest."""
    names = [name for name in os.listdir(folder) if name.startswith(kind + "-")]
    return {row.get("id") for name in names for row in lines(os.path.join(folder, name)) if row["k"] == "test"}


def run(kind, task, out):
    output = Output(out)
    with open(os.path.join(task["records"], "inventory.json"), "rb") as file:
        inventory = json.load(file)
    task["files"], task["modules"] = files_of(inventory), modules_of(inventory)
    task.setdefault("seconds", TEST_SECONDS)
    task["skip"] = started(task["records"], kind)
    if kind == "generate":
        with open(os.path.join(task["records"], "examples.json"), "rb") as file:
            task["functions"] = json.load(file)
    faulthandler.enable()
    warnings.simplefilter("ignore")
    task["proposals"], task["note"] = proposals.read(task["records"]), lambda text: output.write({"k": "note", "text": text})
    only = proposals.only(task["proposals"], task["files"].values())
    if only is not None:
        task["modules"] = [name for name in task["modules"] if name in only]
    tracer = Tracer(Targets(task["root"], task["files"], only), output, kind)
    sys.argv = ["record"]
    if kind != "suite":  # which has settings of its own
        proposals.prelude(task["proposals"], task["note"])
    tracer.start()
    rest = False
    try:
        rest = KINDS[kind](task, tracer, output)
    except SystemExit as error:
        output.write({"k": "note", "text": "the program ended itself: exit %s" % (error.code,)})
    finally:
        tracer.stop()
        tracer.count()
    if not rest:
        output.write({"k": "end"})
    os._exit(0)  # threads and exit handlers that hang are nobody's business
