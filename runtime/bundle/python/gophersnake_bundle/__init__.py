"""The native functions of packages that gophersnake converted, in one library for all of them.

Nothing here is called by people: a converted package ends its modules with a line that calls attach(). Settings:

    GOPHERSNAKE=0         Python does all the work
    GOPHERSNAKE=strict    a function without its native code is an ImportError
    GOPHERSNAKE_REPORT=F  at its end, each process appends what report() gives to F, one line of JSON

    python -m gophersnake_bundle    which functions are native, and why the others are not
"""
import sys

__all__ = ["attach", "report"]

_strict = False
_native = None
_off = None  # why there is no native code at all
_asked = []  # then: what attach() was asked for


def _setting(name):
    import os
    return os.environ.get(name, "")


def _load():
    """The extension module, or why it is not used."""
    global _native, _off, _strict, attach
    mode = _setting("GOPHERSNAKE")
    _strict = mode == "strict"
    if mode == "0":
        _off = "GOPHERSNAKE=0"
        return
    if sys.implementation.name != "cpython":
        _off = "this Python is not CPython"
        return
    if "t" in getattr(sys, "abiflags", ""):
        _off = "a free-threaded CPython has no stable ABI for extensions yet"
        return
    problem = _cut()
    if problem:
        _warn(problem)
        _off = problem
        return
    try:
        from . import _gophersnake_bundle as native
    except ImportError as error:
        _off = _missing(error)
        return
    if native.interpreter() != 0:
        _off = "this is a sub-interpreter"
        return
    problem = native.state()
    if problem.startswith(("/", "gophersnake_bundle")):
        _warn(problem)
        _off = problem
        return
    if _strict:
        native.be_strict()
    if not native.begin(_importing, sys.version_info[1]):
        _off = "this CPython is newer than the bundle"
        return
    attach = native.attach
    _native = native


def _cut():
    """Why the extension cannot be opened, if its end is missing: that would end the process, not the import. Its last part is
    the table of sections (ELF, 64 bits)."""
    path = __path__[0] + "/_gophersnake_bundle.abi3.so"
    try:
        with open(path, "rb", 0) as file:
            head, size = file.read(64), file.seek(0, 2)
    except OSError:
        return None  # the import tells why
    offset, entry, count = (int.from_bytes(head[at:at + length], "little") for at, length in ((40, 8), (58, 2), (60, 2)))
    if len(head) == 64 and size >= offset + entry * count:
        return None
    return "%s: it is cut off after %d bytes: install gophersnake-bundle again" % (path, size)


def _importing():
    """Is a module being imported by one of the callers? Asked until Go runs."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _missing(error):
    """The bundle of other platforms has no extension; one that cannot be loaded is another matter."""
    if "subinterpreters" in str(error):  # CPython 3.12 and later say so themselves
        return "this is a sub-interpreter"
    for name in _listdir():
        if name.startswith("_gophersnake_bundle."):
            _warn(str(error))
            return str(error)
    return "this platform has no native code: gophersnake-bundle without it is installed"


def _listdir():
    import os
    try:
        return os.listdir(__path__[0])
    except OSError:
        return []


def _warn(problem):
    if not _strict:
        import warnings
        warnings.warn("gophersnake_bundle: %s; Python does the work" % problem, RuntimeWarning, stacklevel=2)


def attach(namespace, unit, names):
    """Lets functions of a module (names, with spaces between them) call the native functions of a unit, by its digest: the
    extension's attach() does. This one is for where there is none."""
    module = namespace.get("__name__")
    if module == "__main__":  # python -m module
        module = getattr(namespace.get("__spec__"), "name", module)
    if _strict:
        raise ImportError("%s.%s: %s" % (module, names.partition(" ")[0], _off), name=module)
    _asked.append((module, unit, names))


def _line():
    from gophersnake_bundle import attach
    attach(module, unit, names)  # noqa: F821: what the last line of a module gives it


line = _line.__code__  # to be executed by the last line of a module


def report():
    """A dict for each function that attach() was asked for: state "native" or "python" and why, and how it was called."""
    rows = [{"module": module, "name": name, "unit": unit, "reason": _off} for module, unit, names in _asked for name in names.split()]
    if _native is not None:
        rows = _native.asked()
    for row in rows:
        row["state"] = "python" if row["reason"] else "native"
        if "calls" in row:
            row["back"] = {key: row.pop(key) for key in ("guarded", "patched", "unsupported", "raised", "panicked")}
            row["seconds"] = row.pop("nanoseconds") / 1e9
    return {"schema": "gophersnake.bundle-report/1", "version": _native.version if _native is not None else None,
            "library": _native.state() if _native is not None else _off, "functions": rows}


def _write_report():
    import json
    import os
    path = _setting("GOPHERSNAKE_REPORT")
    line = json.dumps(dict(report(), process=os.getpid())) + "\n"
    try:
        with open(path, "a") as file:
            file.write(line)
    except OSError as error:
        print("gophersnake_bundle: %s" % error, file=sys.stderr)


_load()
if _setting("GOPHERSNAKE_REPORT"):
    import atexit
    atexit.register(_write_report)
