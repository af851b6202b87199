package pyrt

// bootstrap is the Python half of pyrt, run once as module _gophersnake. The C part calls describe, function and flush;
// Go calls the rest by name. mark_written comes from C.
const bootstrap = `
import sys


class GoError(RuntimeError):
    """A Go error on its way through Python."""


class GoPanic(GoError):
    """A Go panic on its way through Python."""


GoError.__module__ = GoPanic.__module__ = "gophersnake"


def go_error(message, number, holder, stack):
    error = (GoPanic if stack else GoError)(message)
    error.__go__ = number, holder
    if stack:
        error.__notes__ = ["Go stack:\n" + stack]
    return error


def describe(error, seen=()):
    """(module, class, message, arguments, traceback text, exception, description of the cause, number of the Go error)"""
    import traceback
    kind = type(error)
    try:
        message = str(error)
    except Exception as trouble:
        message = "<no message: its __str__ raised %s>" % type(trouble).__name__
    try:
        text = "".join(traceback.format_exception(kind, error, error.__traceback__)).rstrip("\n")
    except Exception as trouble:
        text = "<no traceback: formatting it raised %s>" % type(trouble).__name__
    cause = error.__cause__
    if cause is None and not error.__suppress_context__:
        cause = error.__context__
    known = seen + (id(error),)
    if cause is not None and (id(cause) in known or len(known) > 16):
        cause = None
    # Go may keep the exception for long: it must not keep what the frames held.
    traceback.clear_frames(error.__traceback__)
    arguments = error.args
    go = getattr(error, "__go__", None) if isinstance(error, GoError) else None
    return (str(kind.__module__), kind.__qualname__, message, arguments if type(arguments) is tuple else (), text, error,
            describe(cause, known) if cause is not None else None, go[0] if go else 0)


makers = {}


def function(call, name, parameters, flags):
    """A Python function that calls the Go function: so it has a signature, attributes, and binds as a method."""
    maker = makers.get((parameters, flags))
    if maker is None:
        names = ["p%d" % number for number in range(1, parameters + 1)]
        if flags & 1:
            names.append("*args")
        if flags & 2:
            names.append("**kwargs")
        text = ", ".join(names)
        space = {}
        exec("def maker(call):\n    def go(%s):\n        return call(%s)\n    return go" % (text, text), space)
        maker = makers[parameters, flags] = space["maker"]
    made = maker(call)
    made.__qualname__ = name
    made.__name__ = name.rpartition(".")[2] or name
    made.__module__ = "gophersnake"
    return made


def begin(paths, extra):
    """Puts the folders of releases on sys.path: behind the standard library, before what the host installed."""
    place = len(sys.path)
    for number, path in enumerate(sys.path):
        if "site-packages" in path or "dist-packages" in path:
            place = number
            break
    sys.path[place:place] = [path for path in paths if path not in sys.path]
    sys.path.extend(extra)
    importer = sys.modules.get("importlib")
    if importer is not None:
        importer.invalidate_caches()


def flush():
    sys.__stdout__.flush()


def start():
    """Of an interpreter that is ours: nothing that Python prints may stay in a buffer, since nothing runs at exit."""
    import io
    import threading  # now, so that this thread is the main one

    class Buffer(io.BufferedWriter):
        def write(self, data):
            mark_written()
            return super().write(data)

    class Text(io.TextIOWrapper):
        def write(self, text):
            mark_written()
            return super().write(text)

    old = sys.stdout
    if old is not None:
        errors = old.errors
        raw = old.detach().detach()
        sys.stdout = sys.__stdout__ = Text(Buffer(raw), encoding="utf-8", errors=errors, newline="\n", line_buffering=True)
        sys.stdout.mode = "w"
    if not hasattr(sys, "argv"):
        sys.argv = [""]


def facts():
    """What the probe says of an interpreter that pyrt did not start."""
    import sysconfig
    return ["%d.%d.%d" % sys.version_info[:3], sys.implementation.name, sys.executable or "",
            sysconfig.get_platform(), str(sysconfig.get_config_var("EXT_SUFFIX") or ""),
            bool(sysconfig.get_config_var("Py_GIL_DISABLED"))]


def ancestors(value):
    kind = type(value)
    return [(str(base.__module__), base.__qualname__) for base in kind.__mro__]


def kind(value):
    kind = type(value)
    if kind.__module__ in ("builtins", "__main__"):
        return kind.__qualname__
    return "%s.%s" % (kind.__module__, kind.__qualname__)


def exact(module, name):
    """The class in C, whatever a test put in its place."""
    import importlib
    for where in ("_" + module, module):
        try:
            return getattr(importlib.import_module(where), name)
        except (ImportError, AttributeError):
            pass


def zone_parts(zone):
    """Of a fixed offset; None of other time zones."""
    if zone is None:
        return ()
    if type(zone) is not exact("datetime", "timezone"):
        return None
    offset = zone.utcoffset(None)
    return offset.days, offset.seconds, offset.microseconds, zone.tzname(None)


def parts(value):
    """What Go makes a date, a Decimal or a set of; None: it stays a handle."""
    kind = type(value)
    if kind is set or kind is frozenset:
        items = list(value)
        return None if any(id(type(item)) not in plain_kinds() for item in items) else (kind.__name__, items)
    if kind is exact("decimal", "Decimal"):
        return "Decimal", str(value)
    if kind is exact("datetime", "date"):
        return "date", value.year, value.month, value.day
    if kind is exact("datetime", "timedelta"):
        return "timedelta", value.days, value.seconds, value.microseconds
    day = ()
    if kind is exact("datetime", "datetime"):
        day = value.year, value.month, value.day
    elif kind is not exact("datetime", "time"):
        return None
    zone = zone_parts(value.tzinfo)
    clock = value.hour, value.minute, value.second, value.microsecond, value.fold
    return None if zone is None else (kind.__name__, *day, *clock, *zone)


kinds = set()


def plain_kinds():
    if not kinds:
        found = [exact("datetime", name) for name in ("date", "time", "datetime", "timedelta")] + [exact("decimal", "Decimal")]
        kinds.update(id(kind) for kind in found + [type(None), bool, int, float, str, bytes, tuple, frozenset])
    return kinds


def from_parts(word, *rest):
    """The other way."""
    if word == "set":
        return set(rest[0])
    if word == "frozenset":
        return frozenset(rest[0])
    if word == "Decimal":
        return exact("decimal", word)(rest[0])
    kind = exact("datetime", word)
    if word in ("date", "timedelta"):
        return kind(*rest)
    clock = 7 if word == "datetime" else 4
    zone = None
    if len(rest) > clock + 1:
        offset = exact("datetime", "timedelta")(*rest[clock + 1:clock + 4])
        zone = exact("datetime", "timezone")
        zone = zone(offset) if rest[-1] is None else zone(offset, rest[-1])
    return kind(*rest[:clock], tzinfo=zone, fold=rest[clock])


def buffer_bytes(value):
    return bytes(memoryview(value))


def find(module, name):
    found = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def catches(module, name, error):
    """Would "except module.name" catch it? A class of a module that was never imported cannot."""
    wanted = find(module, name)
    if isinstance(wanted, type):
        return isinstance(error, wanted)
    return (module, name) in ancestors(error)


def catches_class(module, name, raised_module, raised_name):
    wanted, raised = find(module, name), find(raised_module, raised_name)
    return isinstance(wanted, type) and isinstance(raised, type) and issubclass(raised, wanted)


# ---- coroutines ------------------------------------------------------------------------------------------------------

loop = None


def shared_loop():
    """One event loop for the process, in a thread of its own: what is bound to a loop lives from call to call."""
    global loop
    import asyncio
    import threading
    with lock():
        if loop is None or loop.is_closed():
            made = asyncio.new_event_loop()
            threading.Thread(target=made.run_forever, name="gophersnake event loop", daemon=True).start()
            loop = made
    return loop


locks = []


def lock():
    if not locks:
        import threading
        locks.append(threading.Lock())  # two at once make two, the first of which serves
    return locks[0]


def wait(awaitable):
    import asyncio

    async def waiter():
        return await awaitable

    common = shared_loop()
    try:
        running = asyncio.get_running_loop()
    except RuntimeError:
        running = None
    if running is common:
        # Go code that the loop called waits: the loop cannot run, so another one does.
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, waiter()).result()
    return asyncio.run_coroutine_threadsafe(waiter(), common).result()


def async_items(iterator):
    while True:
        try:
            item = wait(iterator.__anext__())
        except StopAsyncIteration:
            return
        yield item


def iterate(value):
    if not hasattr(type(value), "__iter__") and hasattr(type(value), "__aiter__"):
        return async_items(value.__aiter__())
    return iter(value)


def enter(manager):
    kind = type(manager)
    if hasattr(kind, "__enter__") and hasattr(kind, "__exit__"):
        return kind.__enter__(manager)
    if hasattr(kind, "__aenter__") and hasattr(kind, "__aexit__"):
        return wait(kind.__aenter__(manager))
    raise TypeError("a %s is no context manager" % kind.__qualname__)


def leave(manager, error):
    kind = type(manager)
    details = (None, None, None) if error is None else (type(error), error, error.__traceback__)
    if hasattr(kind, "__exit__"):
        return bool(kind.__exit__(manager, *details))
    return bool(wait(kind.__aexit__(manager, *details)))


def get_item(value, key):
    return value[key]


def set_item(value, key, item):
    value[key] = item


def delete_item(value, key):
    del value[key]


def equal(left, right):
    return bool(left == right)
`
