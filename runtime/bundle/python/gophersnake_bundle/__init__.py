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
_rows = []  # of report(): what attach() was asked for
_rewritten = None  # of _code


def _setting(name):
    import os
    return os.environ.get(name, "")


def _load():
    """The extension module, or why it is not used."""
    global _native, _off, _strict, _rewritten
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
    from . import _code
    if not _code.KNOWN:
        _off = "this CPython is newer than the bundle"
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
    native.ask(_importing)
    _rewritten = _code
    _native = native


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
    """Lets functions of a module (names, with spaces between them) call the native functions of a unit, by its digest."""
    module = namespace.get("__name__")
    if module == "__main__":  # python -m module
        module = getattr(namespace.get("__spec__"), "name", module)
    for name in names.split():
        row = {"module": module, "name": name, "unit": unit, "state": "python", "reason": _off}
        _rows.append(row)
        if _native is not None:
            try:
                row["reason"] = _attach(namespace, unit, module, name)
            except _rewritten.Unknown as error:
                row["reason"] = str(error)
            if row["reason"] is None:
                row["state"] = "native"
        if _strict and row["state"] != "native":
            raise ImportError("%s.%s: %s" % (module, name, row["reason"]), name=module)


def _attach(namespace, unit, module, name):
    """None, or why not."""
    key = "%s:%s" % (module, name)
    known = _native.has(unit, key)
    if known is None:
        return "this bundle does not have it: it is older than the package, or another one's"
    parameters, absorbed = known
    function, reason = _function(namespace, name)
    if function is None:
        return reason
    code = function.__code__
    if code.co_consts and code.co_consts[-1] is _native.refused:
        return None  # the module was executed twice over the same function
    own, packed = _parameters(code), False
    wanted = sorted(parameters)
    if wanted != sorted(own):
        if len(own) != 2 or own[0][0] != "*" or own[1][:2] != "**":
            return "its parameters are others than those of the native function"
        packed = True
    callable = _native.bind(unit, key, _defaults(function, parameters, packed), packed)
    order = own if packed else parameters
    function.__code__ = new = _rewritten.with_native(code, [n.lstrip("*") for n in order], callable, _native.refused)
    _native.recoded(function, new)
    _watch(callable, function, absorbed)
    return None


def _function(namespace, name):
    """The plain function that a name of a module stands for: itself, a static method's, what functools.lru_cache keeps."""
    first, *rest = name.split(".")
    value = namespace.get(first)
    for part in rest:
        value = getattr(value, "__dict__", {}).get(part)
    if type(value) is staticmethod:
        value = value.__func__
    if type(value).__name__ == "_lru_cache_wrapper" and type(value).__module__ == "functools":
        value = value.__wrapped__
    if type(value) is not type(attach):
        return None, "it is no plain function" if value is not None else "the module has no such function"
    return value, None


def _parameters(code):
    """As has() names them."""
    plain = code.co_argcount + code.co_kwonlyargcount
    names = list(code.co_varnames[:plain])
    for flag, stars in ((4, "*"), (8, "**")):
        if code.co_flags & flag:
            names.append(stars + code.co_varnames[len(names)])
    return names


_IMMUTABLE = (type(None), bool, int, float, str, bytes)


def _defaults(function, parameters, packed):
    """For each parameter the object that is its default: passed on, it is as good as not given."""
    code, given = function.__code__, dict(function.__kwdefaults__ or ())
    values = function.__defaults__ or ()
    given.update(zip(code.co_varnames[code.co_argcount - len(values):code.co_argcount], values))
    none = _native.refused
    return tuple(none if packed or type(given.get(n, none)) not in _IMMUTABLE else given[n] for n in parameters)


def _watch(callable, function, absorbed):
    """What the native function does itself: what the bundle lists, else the functions and classes that the original names."""
    if absorbed:
        for entry in absorbed.split():
            module, _, name = entry.partition(":")
            module = sys.modules.get(module)
            if module is not None:
                _native.watch(callable, module.__dict__, sys.intern(name.partition(".")[0]))
        return
    package = function.__module__.partition(".")[0]
    seen, todo = set(), [(function.__code__, function.__globals__)]
    while todo and len(seen) < _WATCHED:
        code, names = todo.pop()
        # What it takes of modules: unicodedata.bidirectional has both names in the code.
        spaces = [names] + [names[name].__dict__ for name in code.co_names if type(names.get(name)) is type(sys)]
        for space in spaces:
            for name in code.co_names:
                value = space.get(name)
                if not _is_code(value) or (id(space), name) in seen:
                    continue
                seen.add((id(space), name))
                _native.watch(callable, space, sys.intern(name))
                if type(value) is type(attach) and (value.__module__ or "").partition(".")[0] == package:
                    todo.append((value.__code__, value.__globals__))
        todo += [(const, names) for const in code.co_consts if type(const) is type(code)]


_WATCHED = 200  # names: what is deeper than these is not looked at


def _is_code(value):
    # Not isinstance: that asks the object itself for its class, and a lazy one (django.conf.settings) would wake up.
    return type(value) is type(attach) or issubclass(type(value), type) or type(value) is type(len)


def report():
    """A dict for each function that attach() was asked for: state "native" or "python" and why, and how it was called."""
    counted = {}
    if _native is not None:
        for row in _native.statistics():
            counted[row["unit"], row["name"]] = row
    rows = []
    for asked in _rows:
        row = dict(asked)
        of = counted.get((asked["unit"], "%s:%s" % (asked["module"], asked["name"])))
        if of is not None:
            row["release"] = of["release"]
            row["calls"], row["native"] = of["calls"], of["native"]
            row["back"] = {key: of[key] for key in ("guarded", "patched", "unsupported", "raised", "panicked")}
            row["seconds"] = of["nanoseconds"] / 1e9
        rows.append(row)
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
