"""What calls of native functions take inside CPython, through the border of the bundle, and what they take of the original.

The task is JSON on standard input: {"path", "first", "functions": [{"unit", "module", "name", "calls": [args…]}]}. Each function is attached as
a wheel's line does it, alone, and is its own again afterwards. To standard output, a document a line:

    {"at": number}                      it begins with this function
    {"at": number, "border": {…}}       what was measured, or {"reason"}
    {"end": true}

Original and native take turns, with the same arguments; those that a call changes are made anew for each call, before the clock
runs. Times are those of the processor, so that a busy machine finds the same. The exceptions of calls are part of them.
"""
import functools
import gc
import importlib
import inspect
import json
import math
import os
import statistics
import sys
import time

from gophersnake_recording import values
from gophersnake_recording.main import separate

ROUNDS, FEWEST_ROUNDS, SPAN, MOST, SECONDS = 7, 3, 60000, 2000, 0.2  # SPAN: nanoseconds that one measurement takes at least


class Call:
    """A recorded call of a function. changes: its arguments are others afterwards."""

    def __init__(self, function, row):
        self.function, self.tree, self.changes = function, row["args"], row["changes"]
        self.signature = inspect.signature(function)
        self.counts, self.spans = {}, {}
        self.made = None if self.changes else self.make()

    def make(self):
        reader = values.Reader()
        bound = self.signature.bind_partial()
        bound.arguments.update((name, reader.build(tree)) for name, tree in self.tree)
        return functools.partial(self.function, *bound.args, **bound.kwargs)

    def time(self, count):
        calls, clock = [self.made or self.make() for _ in range(count)], time.process_time_ns
        start = clock()
        for call in calls:
            try:
                call()
            except Exception:
                pass
        return clock() - start

    def measure(self, side):
        """One measurement of a side: nanoseconds a call."""
        count = self.counts.get(side, 1)
        took = self.time(count)
        while side not in self.counts and took < SPAN and count < MOST:
            count = min(MOST, count * 4)
            took = self.time(count)
        self.counts[side] = count
        self.spans.setdefault(side, []).append(max(took, 1) / count)

    def median(self, side):
        return statistics.median(self.spans[side])


def measure(function, codes, rows):
    calls, started = [Call(function, row) for row in rows], time.perf_counter()
    for number in range(ROUNDS):
        if number >= FEWEST_ROUNDS and time.perf_counter() - started > SECONDS:
            break
        for call in calls:
            for side in (0, 1) if number % 2 else (1, 0):
                function.__code__ = codes[side]
                call.measure(side)
    out = {"calls": len(calls)}
    for side, name in enumerate(("cpython", "bundle")):
        medians = [call.median(side) for call in calls]
        out[name + "_ns"] = round(math.exp(statistics.fmean(map(math.log, medians))))
        out[name + "_all_ns"] = round(sum(medians))
    return out


def find(module, name):
    """The function that gets the other code: itself, a static method's, what functools.lru_cache keeps."""
    value = module
    for part in name.split("."):
        value = value.__dict__[part]
    for kind, inside in ((staticmethod, "__func__"), (functools._lru_cache_wrapper, "__wrapped__")):
        if isinstance(value, kind):
            value = getattr(value, inside)
    return value


def border(bundle, row):
    module = importlib.import_module(row["module"])
    function = find(module, row["name"])
    original = getattr(function, "__code__", None)
    bundle.attach(module.__dict__, row["unit"], row["name"])
    asked = bundle.report()["functions"][-1]
    if asked["state"] != "native":
        return {"reason": asked["reason"]}
    if function.__code__ is original:
        return {"reason": "what has its native code is not the function that its name stands for"}
    try:
        return measure(function, (original, function.__code__), row["calls"])
    finally:
        function.__code__ = original


def run():
    del sys.path[0]  # the program sees none of this
    task, out = separate()
    sys.path[0:0] = task["path"]
    import gophersnake_bundle
    gc.disable()
    for at in range(task["first"], len(task["functions"])):
        os.write(out, b'{"at":%d}\n' % at)
        try:
            found = border(gophersnake_bundle, task["functions"][at])
        except Exception as error:
            found = {"reason": "%s: %s" % (type(error).__name__, str(error)[:200])}
        os.write(out, json.dumps({"at": at, "border": found}).encode() + b"\n")
        gc.collect()
    os.write(out, b'{"end":true}\n')
    os._exit(0)
