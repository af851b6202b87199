"""Times recorded calls in CPython, as native/main.go does in Go, in the processor's time: native_cpython.py WHEELS SPAN CALLS…"""
import inspect
import json
import os
import sys
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../agents/python"))
from recording import values  # noqa: E402


def measure(function, args, kwargs, span):
    clock = time.process_time_ns
    count = 1
    while True:
        start = clock()
        for _ in range(count):
            try:
                function(*args, **kwargs)
            except Exception:
                pass
        spent = clock() - start
        if spent >= span:
            return spent / count
        count *= 2


def main():
    wheels, span, paths = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    sys.path.insert(0, wheels)
    for path in paths:
        with open(path, encoding="utf-8") as file:
            calls = json.load(file)["calls"]
        for number, row in enumerate(calls):
            if "after" in row:
                continue
            function = values.find(row["f"])
            bound = inspect.signature(function).bind_partial()
            bound.arguments.update((name, values.load(tree)) for name, tree in row["args"])
            args, kwargs = bound.args, bound.kwargs
            try:
                function(*args, **kwargs)
            except Exception:
                pass
            print(os.path.basename(path), row["f"], number, "%.1f" % measure(function, args, kwargs, span), flush=True)


main()
