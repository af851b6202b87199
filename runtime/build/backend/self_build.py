"""The PEP 517 backend of gophersnake-build itself: a package of pure Python, in wheels whose bytes depend on its files alone."""
import base64
import gzip
import hashlib
import io
import os
import re
import tarfile
import zipfile

NAME, PACKAGE = "gophersnake_build", "gophersnake_build"
METADATA = """\
Metadata-Version: 2.1
Name: gophersnake-build
Version: {version}
Summary: A build backend (PEP 517) that wraps another one: the wheel's proved functions run in Go
License: BSD-3-Clause
Requires-Python: >=3.8
Requires-Dist: tomli; python_version < "3.11"
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: gophersnake-build\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def sources(*folders):
    return {path: read(path) for path in sorted(
        "%s/%s" % (folder, name) for folder in folders for name in os.listdir(folder) if name.endswith(".py"))}


def version():
    return re.search(r'^__version__ = "([^"]+)"$', read(PACKAGE + "/__init__.py").decode(), re.M).group(1)


def metadata():
    return METADATA.format(version=version()).encode()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    info = "%s-%s.dist-info" % (NAME, version())
    files = {**sources(PACKAGE), info + "/METADATA": metadata(), info + "/WHEEL": WHEEL.encode()}
    rows = ["%s,sha256=%s,%d" % (path, base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("="), len(data))
            for path, data in files.items()]
    files[info + "/RECORD"] = "".join(row + "\n" for row in rows + [info + "/RECORD,,"]).encode()
    name = "%s-%s-py3-none-any.whl" % (NAME, version())
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, data)
    return name


def build_sdist(sdist_directory, config_settings=None):
    stem = "%s-%s" % (NAME, version())
    files = {**sources(PACKAGE, "backend"), "pyproject.toml": read("pyproject.toml"), "PKG-INFO": metadata()}
    with open(os.path.join(sdist_directory, stem + ".tar.gz"), "wb") as out:
        with gzip.GzipFile("", "wb", fileobj=out, mtime=0) as packed, tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path, data in sorted(files.items()):
                entry = tarfile.TarInfo(stem + "/" + path)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
    return stem + ".tar.gz"
