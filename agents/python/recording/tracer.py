"""Watches the release's functions while something else runs them, and writes down what they were given and what they did.

sys.settrace, on every CPython: it sees all calls however the function was reached, with the bound arguments, the lines, and the
exceptions. Wrapping functions would change what the program can see of itself (identity, signatures, frames, pickles);
sys.setprofile sees neither lines nor how an exception ends; sys.monitoring is there from 3.12 on only. A "return" event is a return when
the frame's last instruction is one, else an exception leaves the frame; where a `finally` or a handler has seen several
exceptions, which of them leaves is not known here and the call says so (replay finds out).

Not recorded: calls in children of a fork, and calls made while a tracer of the program's own is set.
"""
import dis
import hashlib
import json
import os
import sys
import threading

from .values import Writer, dump

RETURNS = {dis.opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in dis.opmap}
STORES = {dis.opmap[name] for name in ("STORE_GLOBAL", "DELETE_GLOBAL") if name in dis.opmap}
BY_VALUE, BY_HANDLE = 12, 2  # calls kept of one way through a function
OF_FUNCTION, OF_ALL = 300, 20000
NESTED = 100  # recorded calls within each other
PATIENCE = 200  # calls in a row that bring nothing new, until only some are looked at
LINE_LIMIT = 4 << 20
EFFECTS = ("os.", "shutil.", "socket.", "subprocess.", "tempfile.", "ctypes.", "signal.", "sqlite3.", "urllib.", "ftplib.", "smtplib.",
           "http.client.", "imaplib.", "poplib.", "nntplib.", "telnetlib.", "pty.", "fcntl.", "mmap.", "syslog.", "resource.", "webbrowser.",
           "builtins.input", "time.sleep", "glob.", "pathlib.Path", "msvcrt.", "winreg.", "gc.", "sys.set", "sys.addaudithook", "faulthandler.")
HARMLESS = {"os.fspath", "sys.settrace", "sys.setprofile", "sys.setswitchinterval"}
IMPORTING = ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>")


class Output:
    """One JSON document a line, each written at once: a crash loses nothing that was kept."""

    def __init__(self, fd):
        self.fd, self.lock = fd, threading.RLock()
        self.pid = os.getpid()

    def write(self, document):
        if os.getpid() != self.pid:
            return
        data = json.dumps(document, separators=(",", ":")).encode() + b"\n"
        if len(data) > LINE_LIMIT:
            return
        with self.lock:
            view = memoryview(data)
            while view:
                view = view[os.write(self.fd, view):]


def digest(tree):
    return hashlib.sha256(json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def skips(knowledge):
    """Is this one of the calls that are not looked at? The longer nothing new came, the more are skipped, up to 1,023 of 1,024."""
    idle = knowledge.idle - PATIENCE
    return idle >= 0 and bool(knowledge.seen & ((2 << min(9, idle // 20)) - 1))


class Knowledge:
    """What the tracer knows of one target."""

    def __init__(self):
        self.seen = self.idle = self.kept = 0
        self.arcs, self.paths, self.digests, self.calls = set(), {}, set(), set()
        self.defaults, self.tries = None, 0
        self.globals_written = ()


class Call:
    __slots__ = ("tracer", "target", "knowledge", "values", "args", "border", "arcs", "before", "error", "errors", "effects", "data",
                 "mutable", "fresh")

    def __init__(self, tracer, target, knowledge):
        self.tracer, self.target, self.knowledge = tracer, target, knowledge
        self.arcs, self.before, self.error, self.errors = set(), -1, None, 0
        self.effects, self.data = set(), set()
        self.fresh = False  # something below it went where nothing went before

    def take(self, frame):
        """The bound arguments, as they are now."""
        scope, writer = frame.f_locals, Writer()
        defaults = self.tracer.defaults(self.target, self.knowledge, frame.f_code)
        rows = self.target.parameters
        if self.target.kind == "class":
            rows = rows[1:]
        self.values, self.args, self.border = [], [], None
        for name, kind in rows:
            value = scope.get(name)
            if name in defaults and defaults[name] is value or kind in ("var", "kwvar") and not value:
                continue  # not given
            tree, border = dump(value, writer)
            if border and not self.border:
                self.border = "the argument %s is %s" % (name, border)
            # **kwargs is a dict of the call's own: what the function does to it nobody sees.
            self.values.append((name, dict(value) if kind == "kwvar" else value))
            self.args.append([name, tree])
        self.mutable = bool(writer.seen)

    def trace(self, frame, event, arg):
        if event == "line":
            line = frame.f_lineno
            self.arcs.add((self.before, line))
            self.before = line
        elif event == "exception":
            if self.error is None or self.error is not arg[1]:
                self.errors += 1
            self.error = arg[1]
        elif event == "return":
            try:
                self.arcs.add((self.before, -1))
                self.tracer.finish(self, frame, arg)
            except RecursionError:
                raise
            except Exception as error:
                self.tracer.troubled(error)
        return self.trace

    def inner(self, frame, event, arg):
        """The trace function of a nested function's frame: its lines count for this call."""
        before = [-1]

        def trace(frame, event, arg):
            if event == "line":
                self.arcs.add((before[0], frame.f_lineno))
                before[0] = frame.f_lineno
            return trace
        return trace


class Lines:
    """A frame of a private function or of a generator: only the lines, so that its callers know that they reached something new."""
    __slots__ = ("tracer", "knowledge", "before")

    def __init__(self, tracer, knowledge):
        self.tracer, self.knowledge, self.before = tracer, knowledge, -1

    def trace(self, frame, event, arg):
        if event == "line":
            arc = (self.before, frame.f_lineno)
            self.before = arc[1]
            if arc not in self.knowledge.arcs:
                self.knowledge.arcs.add(arc)
                self.knowledge.idle = 0
                for call in self.tracer.stack():
                    call.fresh = True
        elif event == "return":
            self.knowledge.idle += 1
        return self.trace


class Tracer:
    def __init__(self, targets, output, source):
        self.targets, self.output, self.source = targets, output, source
        self.codes, self.kept, self.total, self.trouble = {}, 0, 0, 0
        self.known = {}
        self.local = threading.local()
        self.lock = threading.RLock()
        self.off = False
        self.every = False  # keeps all outermost calls that cross by value, not only what goes where nothing went before
        self.of_path = BY_VALUE
        self.test = None
        self.bytecode = {}

    def start(self):
        os.register_at_fork(after_in_child=self.stop)
        sys.addaudithook(self.audit)
        self.arm()

    def arm(self):
        """Again, after the program has set a tracer of its own or none, or had a RecursionError in ours (CPython takes it off then)."""
        if not self.off and sys.gettrace() is None:
            del self.stack()[:]
            sys.settrace(self.enter)
            threading.settrace(self.enter)

    def stop(self):
        self.off = True
        sys.settrace(None)
        threading.settrace(None)

    def troubled(self, error):
        self.trouble += 1
        if self.trouble <= 5:
            self.output.write({"k": "trouble", "error": "%s: %s" % (type(error).__name__, str(error)[:300])})

    def stack(self):
        try:
            return self.local.stack
        except AttributeError:
            self.local.stack = []
            return self.local.stack

    def belongs(self, code):
        """(code, target, nested) of the release's code, (code, None, False) for all else."""
        target = self.targets.of_code(code)
        entry = self.codes.setdefault(id(code), (code, target, False))  # the code is kept, so that its id stays its own
        if target is not None and entry[1] is target and not entry[2]:
            knowledge = self.known.setdefault(target.name, Knowledge())
            stack, written = [code], set()
            while stack:
                item = stack.pop()
                written.update(item.co_names[row.arg] for row in dis.get_instructions(item) if row.opcode in STORES
                               and row.arg < len(item.co_names))
                for part in item.co_consts:
                    if isinstance(part, type(code)):
                        self.codes[id(part)] = (part, target, True)
                        stack.append(part)
            knowledge.globals_written = tuple(sorted(written))
        return entry

    def enter(self, frame, event, arg):
        """The global trace function: a frame begins."""
        if self.off or event != "call":
            return None
        code = frame.f_code
        entry = self.codes.get(id(code))
        try:
            if entry is None:
                if getattr(self.local, "busy", False):
                    return None
                entry = self.belongs(code)
            target = entry[1]
            if target is None:
                return None
            stack = self.stack()
            if entry[2]:
                return stack[-1].inner(frame, event, arg) if stack and stack[-1].target is target else None
            if stack:
                stack[-1].knowledge.calls.add(target.name)
            if not target.public or target.kind in ("generator", "coroutine"):
                knowledge = self.known[target.name]
                knowledge.seen += 1
                return None if not stack or skips(knowledge) else Lines(self, knowledge).trace
            return self.begin(frame, target, stack) if len(stack) < NESTED else None
        except RecursionError:
            raise  # the program would have had it some frames later; to go on from here is fatal in CPython 3.8
        except Exception as error:
            self.troubled(error)
            return None

    def begin(self, frame, target, stack):
        knowledge = self.known[target.name]
        knowledge.seen += 1
        self.total += 1
        if self.total % 5000 == 0:
            self.count()
        if not (self.every and not stack) and skips(knowledge):
            return None
        call = Call(self, target, knowledge)
        self.local.busy = True
        try:
            call.take(frame)
        finally:
            self.local.busy = False
        if knowledge.globals_written:
            call.effects.update("writes the global %s" % name for name in knowledge.globals_written)
        stack.append(call)
        return call.trace

    def defaults(self, target, knowledge, code):
        """{name: value} of the function's defaults, so that an argument that was not given can be told; {} while it is not found."""
        if knowledge.defaults is not None:
            return knowledge.defaults
        knowledge.tries += 1
        if knowledge.tries > 50:
            return {}
        module, _, path = target.name.partition(":")
        scope, found = getattr(sys.modules.get(module), "__dict__", {}), None
        for part in path.split("."):
            found = scope.get(part) if hasattr(scope, "get") else None
            scope = getattr(found, "__dict__", {}) if isinstance(found, type) else {}
        for _ in range(10):
            if isinstance(found, (staticmethod, classmethod)):
                found = found.__func__
            if getattr(found, "__code__", None) is code or found is None:
                break
            found = getattr(found, "__dict__", {}).get("__wrapped__")
        if getattr(found, "__code__", None) is not code:
            return {}
        values = found.__defaults__ or ()
        names = code.co_varnames[:code.co_argcount]
        known = dict(zip(names[len(names) - len(values):], values))
        known.update(found.__kwdefaults__ or {})
        knowledge.defaults = known
        return known

    def finish(self, call, frame, result):
        stack = self.stack()
        while stack:  # frames that ended without their event (a tracer that was off for a while)
            if stack.pop() is call:
                break
        for outer in stack[-1:]:
            outer.effects |= call.effects
            outer.data |= call.data
        code = frame.f_code
        bytecode = self.bytecode.get(id(code))
        if bytecode is None:
            bytecode = self.bytecode[id(code)] = code.co_code
        last = frame.f_lasti
        opcode = bytecode[last] if 0 <= last < len(bytecode) else -1
        raised = opcode not in RETURNS
        ambiguous = raised and call.errors > 1 and dis.opname[opcode] in ("RERAISE", "END_FINALLY")
        error = call.error
        call.error = None
        if raised and getattr(type(error), "of_recording", False):
            return  # a time limit of ours
        self.local.busy = True
        try:
            with self.lock:
                self.keep(call, raised, ambiguous, error, result)
        finally:
            self.local.busy = False

    def keep(self, call, raised, ambiguous, error, result):
        knowledge = call.knowledge
        knowledge.idle += 1
        new = call.arcs - knowledge.arcs
        if new:
            for outer in self.stack():
                outer.fresh = True
        path = (hash(frozenset(call.arcs)), type(error).__name__ if raised else type(result).__name__, call.border is None)
        count = knowledge.paths.get(path, 0)
        # Calls that do not cross by value are kept for their lines only.
        room = knowledge.kept < OF_FUNCTION and self.kept < OF_ALL
        welcome = (call.fresh or self.every and not self.stack()) and not call.border or count < (BY_HANDLE if call.border else self.of_path)
        if not new and not (room and welcome):
            return
        if not call.border:
            mark = digest([call.args, sorted(call.effects)])
            if mark in knowledge.digests:
                return
            knowledge.digests.add(mark)
        knowledge.paths[path] = count + 1
        knowledge.arcs |= new
        knowledge.idle = 0
        knowledge.kept += 1
        self.kept += 1
        row = {"k": "call", "f": call.target.name, "source": self.source, "test": self.test, "arcs": sorted(call.arcs),
               "effects": sorted(call.effects), "data": sorted(call.data)}
        row.update(outcome(call.args, call.values, call.mutable, raised, ambiguous, error, result, call.border))
        self.output.write(row)

    def count(self):
        self.output.write({"k": "count", "source": self.source,
                           "seen": {name: known.seen for name, known in sorted(self.known.items())},
                           "calls": {name: sorted(known.calls) for name, known in sorted(self.known.items()) if known.calls}})

    def audit(self, event, args):
        if self.off or event in HARMLESS or not (event == "open" or event.startswith(EFFECTS)):
            return
        stack = getattr(self.local, "stack", None)
        if not stack or getattr(self.local, "busy", False):
            return
        call = stack[-1]
        self.local.busy = True
        try:
            frame = sys._getframe(1)
            while frame is not None:
                name = frame.f_code.co_filename
                if name in IMPORTING:
                    return  # a module is loaded
                entry = self.codes.get(id(frame.f_code))
                if entry is not None and entry[1] is call.target:
                    break
                frame = frame.f_back
            self.effect(call, event, args)
        except Exception as error:
            self.troubled(error)
        finally:
            self.local.busy = False

    def effect(self, call, event, args):
        if event == "open" or event in ("os.listdir", "os.scandir", "os.stat"):
            path = args[0]
            path = os.fsdecode(path) if isinstance(path, (str, bytes)) else None
            reading = event != "open" or not (args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) if len(args) > 2 or event != "open" else False
            if path is not None and reading and os.path.abspath(path).startswith(self.targets.root):
                call.data.add(os.path.abspath(path)[len(self.targets.root):])
                return
            call.effects.add("%s a file" % ("reads" if reading else "writes") if event == "open" else event)
            return
        call.effects.add(event)


def outcome(args, values, mutable, raised, ambiguous, error, result, border):
    """The part of a call's document that replay must give again."""
    row = {}
    if border:
        return {"border": border}
    row["args"] = args
    writer = Writer()
    after = [[name, dump(value, writer)[0]] for name, value in values] if mutable else args
    if not mutable:
        writer = Writer()
    if after != args:
        row["after"] = after
    writer.border = None
    if ambiguous:
        row["unsure"] = True
    elif raised:
        row["exception"], row["border"] = dump(error, writer)
    else:
        row["result"], row["border"] = dump(result, writer)
    if row.get("border"):
        row["border"] = "%s is %s" % ("an argument of the exception" if raised else "the result", row["border"])
    else:
        row.pop("border", None)
    return row
