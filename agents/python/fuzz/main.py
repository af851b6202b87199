"""Makes the changed calls of functions, in one process, and writes a line for each: what Go may know, what CPython gave, and whether
it comes from a held-out call, with tabs between. The other side makes the same calls in a process that differs, in the other order,
and writes the digest of what came out: what differs is set aside.

    f TAB number TAB {"args": …} TAB {outcome} TAB 0 or 1     a call
    f TAB number TAB - TAB reason                              set aside
    f TAB end TAB number of tries TAB 1                        enough were made; 0: the time was over before

Times are those of the processor, so that a busy machine makes the same calls. Lines go out in blocks; after a process that ended
within a call, one by one ("careful"), so that the next such call is known.
"""
import gc
import hashlib
import json
import os
import resource
import signal
import sys
import threading
import time
import warnings

from gophersnake_recording import judge, values
from gophersnake_recording.main import separate
from gophersnake_recording.sources import TooLong
from gophersnake_recording.tracer import outcome
from . import inputs

CALL_SECONDS, STUCK_SECONDS, LATE_CALLS, MEMORY, TRIES, BLOCK = 1, 6, 8, 2 << 30, 3, 1 << 16
TIMED_ROUNDS, TIMED_SPAN = 5, 20000
NOT_BY_INPUT = (MemoryError, RecursionError, SystemExit, KeyboardInterrupt, GeneratorExit)
CONTAINERS = (list, dict, set, bytearray, tuple)


class Silent:
    """In the place of sys.stdout and sys.stderr: counts what is written."""
    encoding, errors, closed, wrote = "utf-8", "strict", False, 0

    def write(self, text):
        Silent.wrote += 1
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return False

    def __getattr__(self, name):
        Silent.wrote += 1
        raise AttributeError(name)


class Alarm:
    """Interrupts a call after a second of the processor's time, or ten of the clock's; ends the process when it does not give way."""

    def __enter__(self):
        signal.setitimer(signal.ITIMER_PROF, CALL_SECONDS, 1)
        signal.setitimer(signal.ITIMER_REAL, 10 * CALL_SECONDS, 1)
        signal.setitimer(signal.ITIMER_VIRTUAL, STUCK_SECONDS)

    def __exit__(self, *what):
        for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL, signal.ITIMER_VIRTUAL):
            signal.setitimer(timer, 0)


def ring(number, frame):
    raise TooLong("late")


class Lines:
    def __init__(self, out, careful):
        self.out, self.careful, self.waiting, self.size = out, careful, [], 0

    def write(self, *parts):
        data = ("\t".join(str(part) for part in parts) + "\n").encode("utf-8", "surrogatepass")
        self.waiting.append(data)
        self.size += len(data)
        if self.careful or self.size > BLOCK:
            self.flush()

    def flush(self):
        data, self.waiting, self.size = b"".join(self.waiting), [], 0
        while data:
            data = data[os.write(self.out, data):]


def text(tree):
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


ALARM = Alarm()


def one(made, number):
    """(what Go may know, outcome, secret) or a reason."""
    args, secret = made.make(number)
    if args is None:
        return "its arguments cannot be made again"
    writer = values.Writer()
    tree = [[name, values.dump(value, writer)[0]] for name, value in args]
    if writer.border:
        return "it does not cross by value"
    try:
        positional, named = made.bind(args)
    except Exception:
        return "its arguments cannot be bound"
    mutable = any(type(value) in CONTAINERS for _, value in args)
    threads, Silent.wrote = threading.active_count(), 0
    result = error = None
    try:
        with ALARM:
            result = made.function(*positional, **named)
    except TooLong:
        return "late"
    except NOT_BY_INPUT as raised:
        return "it ends with %s" % type(raised).__name__
    except BaseException as raised:
        error = raised
    if threading.active_count() > threads:
        return "it leaves a thread running"
    if Silent.wrote:
        return "it writes output"
    try:
        with ALARM:
            found = outcome(tree, args, mutable, error is not None, False, error, result, None)
    except TooLong:
        return "late"
    if found.get("border"):
        return "its outcome does not cross by value"
    found.pop("args", None)
    return text(tree), text(found), secret


def fuzz(name, made, task, lines, begin):
    other = task["side"]
    count = task["count"].get(name, 0) if other else task["calls"] * TRIES
    started, late, done, seen, enough = time.process_time(), 0, begin, set(), False
    for at in range(begin, count):
        number = count - 1 - at if other else at
        found = one(made, number)
        done = at + 1
        if not other and not isinstance(found, str):
            if hash(found[0]) in seen:
                found = "again"
            else:
                seen.add(hash(found[0]))
        if isinstance(found, str):
            late += found == "late"
            lines.write(name, number, "-", found)
        elif other:
            lines.write(name, number, hashlib.sha256(found[1].encode("utf-8", "surrogatepass")).hexdigest())
        else:
            lines.write(name, number, found[0], found[1], int(found[2]))
        enough = len(seen) >= task["calls"] or done == count
        if enough or late >= LATE_CALLS or not other and time.process_time() - started > task["seconds"]:
            break
    lines.write(name, "end", done, int(enough))


def speed(name, made, lines):
    """The median of the calls, each the best of some rounds; a round is as many calls as take a while, with arguments of their own."""
    medians = []
    for tree, _ in made.bases:
        best, count, rounds = None, 1, 0
        while rounds < TIMED_ROUNDS:
            inputs = [made.bind(made.build(tree)) for _ in range(count)]
            function, clock = made.function, time.perf_counter_ns
            start = clock()
            for positional, named in inputs:
                try:
                    function(*positional, **named)
                except Exception:
                    pass
            spent = clock() - start
            if spent < TIMED_SPAN and count < 10000:
                count *= 4
                continue
            rounds += 1
            best = spent / count if best is None else min(best, spent / count)
        medians.append(best)
    if medians:
        lines.write(name, "ns", max(1, round(sorted(medians)[len(medians) // 2])))


def run():
    if sys.argv[2:]:
        wanted = dict(item.split("=", 1) for item in sys.argv[2:])
        if any(os.environ.get(name) != value for name, value in wanted.items()):
            boot = "import sys; sys.path[0] = %r; from %s import main; main.run()" % (sys.path[0], __package__)
            os.execve(sys.executable, [sys.executable, "-S", "-s", "-c", boot] + sys.argv[1:], dict(os.environ, **wanted))
    del sys.path[0]  # the program sees none of this
    task, out = separate()
    sys.path[0:0] = task["path"]
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Silent()
    warnings.simplefilter("ignore")
    os.makedirs(task["folder"], exist_ok=True)
    os.chdir(task["folder"])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with open(os.path.join(task["records"], "inventory.json"), "rb") as file:
        parameters = judge.parameters_of(json.load(file))
    with open(os.path.join(task["records"], "recorded.json"), "rb") as file:
        recorded = json.load(file)
    names, begin = task["functions"], task["begin"]
    gc.freeze()
    signal.signal(signal.SIGPROF, ring)
    signal.signal(signal.SIGALRM, ring)
    lines = Lines(out, task["careful"])
    for index in range(task["first"], len(names)):
        name = names[index]
        try:
            function = values.find(name)
            made = inputs.Inputs(name, function, parameters[name], recorded[name]["visible"], recorded[name]["held_out"])
        except (LookupError, TooLong):
            lines.write(name, "end", 0, 1)
            continue
        if task["timed"]:
            speed(name, made, lines)
            continue
        fuzz(name, made, task, lines, begin if index == task["first"] else 0)
    lines.write("-", "end", 0, 0)
    lines.flush()
    os._exit(0)
