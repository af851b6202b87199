"""A build backend (PEP 517, 660) around a package's own one: `pip wheel .` gives a wheel whose proved functions run in Go.

    [build-system]
    requires = ["gophersnake-build", "setuptools"]
    build-backend = "gophersnake_build"

    [tool.gophersnake]
    build-backend = "setuptools.build_meta"   # the backend that makes the wheel; what it needs stays in requires
    backend-path = []                         # of it, as in [build-system]
    dist = "dist"                             # gets the bundle, the original wheel and the Go module
    strict = false                            # true: no gophersnake on this machine is an error

build_wheel is the wrapped backend's, then `gophersnake build-wheel`. Everything else is the wrapped backend's, but for
prepare_metadata_for_build_wheel: the version (+go.<rev>) is known after the build only.

GOPHERSNAKE=0: the original wheel. GOPHERSNAKE=strict: as strict = true. GOPHERSNAKE=/path/to/gophersnake: the program, else the one on PATH.
"""
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

try:
    import tomllib
except ModuleNotFoundError:  # before Python 3.11
    import tomli as tomllib

__version__ = "0.1.0"

_KINDS = {"build-backend": str, "backend-path": list, "dist": str, "strict": bool}
_PASSED_ON = ("build_sdist", "get_requires_for_build_wheel", "get_requires_for_build_sdist", "build_editable",
              "get_requires_for_build_editable", "prepare_metadata_for_build_editable")


def _settings():
    with open("pyproject.toml", "rb") as file:
        table = tomllib.load(file).get("tool", {}).get("gophersnake", {})
    for key, value in table.items():
        if not isinstance(value, _KINDS.get(key, ())):
            sys.exit("pyproject.toml: [tool.gophersnake] %s: %s" % (
                key, "there is no such key" if key not in _KINDS else "it should be a %s" % _KINDS[key].__name__))
    if table.get("build-backend", __name__).split(":")[0] == __name__:
        sys.exit("pyproject.toml: [tool.gophersnake] build-backend should name the backend that makes your wheels, "
                 'such as "setuptools.build_meta" (with it in [build-system] requires)')
    return table


def _wrapped():
    table = _settings()
    root = os.getcwd()
    folders = [os.path.abspath(folder) for folder in table.get("backend-path", [])]
    for folder in folders:
        if os.path.commonpath([root, folder]) != root:
            sys.exit("pyproject.toml: [tool.gophersnake] backend-path: %s is outside of the source tree" % folder)
    sys.path[:0] = [folder for folder in folders if folder not in sys.path]
    name, _, inner = table["build-backend"].partition(":")
    backend = importlib.import_module(name)
    for part in filter(None, inner.split(".")):
        backend = getattr(backend, part)
    return backend


def __getattr__(name):
    if name in _PASSED_ON:
        return getattr(_wrapped(), name)  # one that it does not have is none of ours either
    raise AttributeError("module %r has no attribute %r" % (__name__, name))


def _program():
    """The path of gophersnake, None: it is switched off or (unless that is an error) missing."""
    wish = os.environ.get("GOPHERSNAKE", "")
    if wish == "0":
        return None
    program = shutil.which(wish if wish not in ("", "1", "strict") else "gophersnake")
    if program:
        return program
    what = "there is no program gophersnake on PATH (GOPHERSNAKE=/path/to/gophersnake names one)"
    if wish == "strict" or _settings().get("strict"):
        sys.exit("gophersnake_build: " + what)
    print("gophersnake_build: warning: %s: the wheel is the original one, nothing in it runs in Go" % what, file=sys.stderr)
    return None


def _normalise(wheel, out):
    """The same files, dated 1980: a wheel that is built twice for one installation must be one wheel."""
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if not entry.is_dir():
                copy = zipfile.ZipInfo(entry.filename)
                copy.external_attr = (0o100755 if entry.external_attr >> 16 & 0o111 else 0o100644) << 16
                copy.compress_type = zipfile.ZIP_DEFLATED
                new.writestr(copy, old.read(entry))


def _convert(program, wheel, folder):
    command = [program, "build-wheel", wheel, "--output", folder, "--json"]
    if "GOPHERSNAKE_PYTHON" not in os.environ:
        command += ["--python", sys.executable]
    # The isolated environment of the build is not that of gophersnake's own Python.
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONNOUSERSITE", "GOPHERSNAKE")}
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment)
    if done.returncode:
        sys.exit("gophersnake_build: %s ended with status %d (GOPHERSNAKE=0 builds the original wheel)" % (" ".join(command), done.returncode))
    return json.loads(done.stdout.decode())["wheel"]


def _check_metadata(metadata_directory, wheel):
    """A frontend that built once for the metadata builds again for the wheel: the two must agree."""
    before = os.path.basename(os.path.normpath(metadata_directory))
    now = "-".join(wheel.split("-")[:2]) + ".dist-info"
    if before.endswith(".dist-info") and before != now:
        sys.exit("gophersnake_build: %s became %s when it was built again: the wrapped backend gives other files each time (a "
                 "date, a random name); make the build repeatable, or build with GOPHERSNAKE=0" % (before, now))


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    program = _program()
    os.environ.setdefault("SOURCE_DATE_EPOCH", "315532800")  # 1980, where zip's dates begin
    if not program:
        return _wrapped().build_wheel(wheel_directory, config_settings)
    with tempfile.TemporaryDirectory(prefix="gophersnake-build-") as scratch:
        os.mkdir(os.path.join(scratch, "built"))
        name = _wrapped().build_wheel(os.path.join(scratch, "built"), config_settings)
        _normalise(os.path.join(scratch, "built", name), os.path.join(scratch, name))
        folder = os.path.abspath(_settings().get("dist", "dist"))
        wheel = _convert(program, os.path.join(scratch, name), folder)
    if metadata_directory:
        _check_metadata(metadata_directory, wheel)
    if os.path.realpath(folder) != os.path.realpath(wheel_directory):
        shutil.copyfile(os.path.join(folder, wheel), os.path.join(wheel_directory, wheel))
    return wheel
