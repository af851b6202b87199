"""Makes recorded calls again in a fresh CPython: the truth that translations are compared with.

Between the two replays of a recording the hash seed, the time zone, the locale, the folder and the order of the calls differ.
Output is taken from the descriptors, which belong to the call alone here. Variables of the release's modules are compared before and
after each function's calls: what changed is state outside of the arguments.
"""
import hashlib
import json
import os
import sys
import threading
import types
import warnings

from . import generate, proposals, values
from .records import lines
from .sources import Alarm, TooLong, load
from .tracer import Output, outcome

CALL_SECONDS = 10
OUTPUT_LIMIT = 1 << 20


class Streams:
    """What a call writes to standard output and standard error."""

    def __init__(self):
        self.files = [os.open("/tmp/stream-%d" % number, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600) for number in (1, 2)]
        self.saved = [os.dup(number) for number in (1, 2)]

    def __enter__(self):
        for number, file in zip((1, 2), self.files):
            os.ftruncate(file, 0)
            os.lseek(file, 0, os.SEEK_SET)
            os.dup2(file, number)

    def __exit__(self, *what):
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):
                pass
        for number, saved in zip((1, 2), self.saved):
            os.dup2(saved, number)

    def text(self):
        return [os.pread(file, OUTPUT_LIMIT, 0).decode("utf-8", "backslashreplace") for file in self.files]


def state(names):
    """{module.variable: digest} of plain data in the modules' variables."""
    seen = {}
    for name in names:
        module = sys.modules.get(name)
        if not isinstance(module, types.ModuleType):
            continue
        for key, value in sorted(vars(module).items()):
            if issubclass(type(value), (types.ModuleType, types.FunctionType, type)) or key.startswith("__"):
                continue
            tree, _ = values.dump(value, values.Writer(nodes=200000, size=16 << 20))
            seen["%s.%s" % (name, key)] = hashlib.sha256(json.dumps(tree).encode()).hexdigest()
    return seen


def one(row, parameters, streams, function):
    reader = values.Reader()
    try:
        args = [(name, reader.build(tree)) for name, tree in row["args"]]
        positional, named = generate.bind(function, parameters, args)
    except (values.Unbuildable, LookupError, TypeError, ValueError, AttributeError) as error:
        return {"unbuildable": "%s" % error}
    threads = threading.active_count()
    with streams:
        try:
            with Alarm(CALL_SECONDS):
                result, error = function(*positional, **named), None
        except TooLong:
            return {"late": CALL_SECONDS}
        except BaseException as raised:
            result, error = None, raised
    found = outcome(row["args"], args, True, error is not None, False, error, result, None)
    found.pop("args", None)
    wrote = streams.text()
    if any(wrote):
        found["output"] = [values.text_tree(text) for text in wrote]
    if threading.active_count() > threads:
        found["threads"] = True
    return found


def run(task, out):
    output, streams = Output(out), Streams()
    warnings.simplefilter("ignore")
    os.makedirs(task["folder"], exist_ok=True)
    os.chdir(task["folder"])
    with open(os.path.join(task["records"], "calls.json"), "rb") as file:
        chosen = json.load(file)
    # A replay that crashed or was killed is followed by one of the rest.
    names = [name for name in os.listdir(task["records"]) if name.startswith("replay-%d-" % task["side"])]
    done = {row.get("id") for name in names for row in lines(os.path.join(task["records"], name)) if row["k"] in ("try", "replay")}
    by_function = {}
    for row in chosen["calls"]:
        if row["id"] not in done:
            by_function.setdefault(row["f"], []).append(row)
    # The other side runs without it: what depends on the prelude (on settings, say) differs, and is no function of its arguments.
    if not task["side"]:
        proposals.prelude(proposals.read(task["records"]), lambda text: output.write({"k": "note", "text": text}))
    modules = sorted({name.partition(":")[0] for name in chosen["functions"]})
    load(modules, output)
    before, known = None, state(modules)
    for name in sorted(by_function, reverse=bool(task["side"])):
        rows = by_function[name][::-1] if task["side"] else by_function[name]
        info = chosen["functions"][name]
        try:
            function = values.find(name)
        except LookupError as error:
            for row in rows:
                output.write({"k": "replay", "id": row["id"], "unbuildable": str(error)})
            continue
        before, known = known, None
        for row in rows:
            output.write({"k": "try", "id": row["id"]})
            found = one(row, [tuple(item[:2]) for item in info["parameters"]], streams, function)
            found.update({"k": "replay", "id": row["id"]})
            output.write(found)
        known = state(modules)
        changed = sorted(key for key in known if known[key] != before.get(key))
        if changed:
            output.write({"k": "state", "f": name, "changed": changed[:20]})
    output.write({"k": "end"})
    os._exit(0)
