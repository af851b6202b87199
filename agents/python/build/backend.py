"""A hook of a project's build backend (PEP 517), in the sandbox.

    python backend.py start <python of the environment> <source>     the sandbox's first program: goes on in the environment
    python backend.py hook <source>                                  there

Standard input: {"backend": "setuptools.build_meta", "path": [folders of the source tree], "hook": "requires" or "wheel",
"folder": name of the working copy}. Standard output: one line of JSON, {"requires": [...]}, {"wheel": name, "size": bytes} and then
the wheel's bytes, or {"failed": reason}; whatever the backend prints goes to standard error.
"""
import glob
import json
import os
import shutil
import sys
import traceback

LIMIT = 256 << 20
# Not part of a source, and large: of a folder that somebody works in.
LEFT_OUT = {"__pycache__", ".gophersnake", ".tox", ".nox"}


class Failed(Exception):
    """What the project is to blame for; the text is the reason."""


def start(python, source):
    """Goes on with the environment's own interpreter, so that what the backend starts with sys.executable is in it too."""
    environment = dict(os.environ)
    environment.update(
        PATH=os.path.dirname(python) + os.pathsep + environment.get("PATH", ""),
        VIRTUAL_ENV=os.path.dirname(os.path.dirname(python)),
        SOURCE_DATE_EPOCH="315532800",  # 1980-01-01, the first that a zip can tell
        PYTHONNOUSERSITE="1",
    )
    os.execve(python, [python, "-B", os.path.abspath(__file__), "hook", source], environment)


def left_out(folder, names):
    return [n for n in names if n in LEFT_OUT or os.path.exists(os.path.join(folder, n, "pyvenv.cfg"))]


def copy(source, name):
    """The sources are for reading only; backends write beside them."""
    place = os.path.join(os.environ["TMPDIR"], "build", name)
    shutil.copytree(source, place, symlinks=True, ignore=left_out)
    for folder, folders, _ in os.walk(place):
        os.chmod(folder, 0o755)
        folders[:] = [f for f in folders if not os.path.islink(os.path.join(folder, f))]
    os.chdir(place)


def add_scripts():
    """Programs of the environment's wheels, for backends that call cython, cmake or ninja by name."""
    from importlib.metadata import distributions

    place = os.path.join(os.environ["TMPDIR"], "bin")
    os.mkdir(place)
    os.environ["PATH"] = place + os.pathsep + os.environ["PATH"]

    def add(name, data):
        path = os.path.join(place, os.path.basename(name))
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, 0o755)

    shebang = ("#!" + sys.executable + "\n").encode()
    for distribution in distributions():
        for entry in distribution.entry_points:
            module, _, attribute = entry.value.partition(" ")[0].partition(":")
            if entry.group == "console_scripts" and attribute:
                code = "import importlib, sys\nsys.exit(importlib.import_module(%r).%s())\n" % (module, attribute)
                add(entry.name, shebang + code.encode())
    for path in glob.glob(os.path.join(glob.escape(sys.prefix), "deps", "*", "*.data", "scripts", "*")):
        with open(path, "rb") as file:
            data = file.read()
        add(path, shebang + data.partition(b"\n")[2] if data.startswith(b"#!python") else data)


def add_paths(folders):
    root = os.path.realpath(os.getcwd())
    for folder in reversed(folders):
        path = os.path.realpath(os.path.join(root, folder))
        if os.path.isabs(folder) or os.path.commonpath([root, path]) != root:
            raise Failed("backend-path %r leads out of the source tree" % folder)
        sys.path.insert(0, path)


def load(spec):
    import importlib

    module, _, attributes = spec.partition(":")
    try:
        backend = importlib.import_module(module)
        for attribute in attributes.split(".") if attributes else []:
            backend = getattr(backend, attribute)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        traceback.print_exc()
        raise Failed("its build backend %s cannot be loaded: %s" % (spec, error)) from None
    return backend


def requires(backend):
    hook = getattr(backend, "get_requires_for_build_wheel", None)
    found = list(hook(None)) if hook else []
    if not all(isinstance(r, str) for r in found):
        raise Failed("get_requires_for_build_wheel gives %.200r, which are not all texts" % (found,))
    return {"requires": found}, b""


def wheel(backend):
    hook = getattr(backend, "build_wheel", None)
    if not hook:
        raise Failed("its build backend has no build_wheel")
    folder = os.path.join(os.environ["TMPDIR"], "wheel")
    os.mkdir(folder)
    name = hook(folder, None, None)
    made = sorted(n for n in os.listdir(folder) if n.endswith(".whl"))
    if len(made) != 1:
        raise Failed("its build made %s" % ("several wheels: " + ", ".join(made)[:300] if made else "no wheel"))
    if name != made[0]:
        raise Failed("its build says that it made %.200r, and made %s" % (name, made[0]))
    path = os.path.join(folder, made[0])
    if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > LIMIT:
        raise Failed("%s is no file of at most 256 MiB" % made[0])
    with open(path, "rb") as file:
        data = file.read()
    return {"wheel": made[0], "size": len(data)}, data


def run(source):
    task = json.load(sys.stdin.buffer)
    copy(source, task["folder"])
    add_scripts()
    add_paths(task["path"])
    try:
        return {"requires": requires, "wheel": wheel}[task["hook"]](load(task["backend"]))
    except Failed:
        raise
    except BaseException as error:  # a backend's SystemExit too
        traceback.print_exc()
        raise Failed("its build ended with %s: %s" % (type(error).__name__, error)) from None


def main():
    if sys.argv[1] == "start":
        start(sys.argv[2], sys.argv[3])
    source = sys.argv[2]
    sys.path.pop(0)  # this program's own folder
    sys.argv[1:] = []
    answer = os.dup(1)
    os.dup2(2, 1)
    try:
        head, data = run(source)
    except Failed as failed:
        head, data = {"failed": str(failed)[:2000]}, b""
    sys.stdout.flush()
    with open(answer, "wb") as out:
        out.write(json.dumps(head).encode("utf-8", "backslashreplace") + b"\n" + data)
    os._exit(0)  # threads that the backend left behind


if __name__ == "__main__":
    main()
