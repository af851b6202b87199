"""Prints the module-level variables of one module that are plain data, as one JSON document.

    python -I -S tables.py MODULE PATH…

MODULE is imported, with PATH… (folders or wheels) as sys.path; that is code from outside, for the sandbox only. The document is
{"variables": {name: text}, "left": {name: reason}, "files": text}: files is a dict of the data files that lie in a package beside its modules,
name to bytes, or null. A text is JSON as docs/formats/recording.md says ("Values"), but: an instance of a subclass of
a builtin is the builtin's value, an array.array a list, a compiled pattern the tuple (pattern, flags), and what is no plain data is
["opaque", "module:Class", n]. Variables are the names that the module itself assigns. Left out is what is opaque as a whole, and what comes out
otherwise in a second process with another hash seed.
"""
import array
import ast
import base64
import importlib
import json
import os
import re
import struct
import subprocess
import sys

SIZE_LIMIT = 16 << 20  # of a variable's JSON
DEPTH_LIMIT = 60


class Left(Exception):
    """Why a variable is no table."""


def assigned(tree):
    """The names that the statements of a module assign, those below if, try, with, for and while too."""
    names = []
    todo = list(reversed(tree.body))
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        targets = list(getattr(node, "targets", [])) + [getattr(node, "target", None)]
        for target in targets:
            for part in ast.walk(target) if target is not None else ():
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    names.append(part.id)
        for field in ("finalbody", "orelse", "handlers", "body"):
            todo.extend(reversed(getattr(node, field, []) or []) if isinstance(getattr(node, field, None), list) else [])
    return list(dict.fromkeys(names))


class Encoder:
    """Values of one variable. Opaque objects are numbered in the order in which they are met."""

    def __init__(self):
        self.opaque = {}
        self.kept = []  # so that no id is used twice

    def text(self, value):
        if "\0" not in value:
            try:
                value.encode()
                return value
            except UnicodeEncodeError:
                raise Left("it has a lone surrogate") from None
        return ["str", base64.b64encode(value.encode()).decode()]

    def plain(self, value, depth, hashed):
        """The JSON of a builtin's value, None when it is none of these."""
        if isinstance(value, int):
            value = int.__int__(value)
            return value if -2**53 <= value <= 2**53 else ["int", format(value, "x")]
        if isinstance(value, float):
            return ["float", struct.pack(">d", float.__float__(value)).hex()]
        if isinstance(value, str):
            return self.text(str.__str__(value))
        if isinstance(value, bytes):
            return ["bytes", base64.b64encode(bytes.__getitem__(value, slice(None))).decode()]
        for kind, items in ((list, list.__iter__), (tuple, tuple.__iter__)):
            if isinstance(value, kind):
                return [kind.__name__, [self.value(item, depth + 1, hashed) for item in items(value)]]
        for kind, items in ((set, set.__iter__), (frozenset, frozenset.__iter__)):
            if isinstance(value, kind):
                return [kind.__name__, sorted((self.value(item, depth + 1, True) for item in items(value)), key=json.dumps)]
        if isinstance(value, array.array):
            return ["list", [self.value(item, depth + 1) for item in value.tolist()]]
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
            return ["tuple", [self.text(value.pattern), value.flags]]
        if isinstance(value, dict):
            return ["dict", [[self.value(key, depth + 1, True), self.value(item, depth + 1, hashed)]
                             for key, item in dict.items(value)]]
        return None

    def value(self, value, depth=0, hashed=False):
        if depth > DEPTH_LIMIT:
            raise Left("it is nested more than %d levels" % DEPTH_LIMIT)
        if value is None or value is True or value is False:
            return value
        written = self.plain(value, depth, hashed)
        if written is not None:
            return written
        if hashed or depth == 0:
            raise Left("it is no plain data: %s" % type(value).__name__)
        if id(value) not in self.opaque:
            self.opaque[id(value)] = len(self.kept)
            self.kept.append(value)
        return ["opaque", "%s:%s" % (type(value).__module__, type(value).__qualname__), self.opaque[id(value)]]


def encode(value):
    written = json.dumps(Encoder().value(value), separators=(",", ":"))
    if len(written) > SIZE_LIMIT:
        raise Left("it is larger than %d bytes" % SIZE_LIMIT)
    return written


def data_files(module):
    """Of a package: what lies in it and is no code. None when there is nothing."""
    if not hasattr(module, "__path__"):
        return None
    from importlib import resources
    files = {}
    for item in sorted(resources.files(module).iterdir(), key=lambda item: item.name):
        if item.is_file() and not item.name.endswith((".py", ".pyc", ".pyi", ".so", ".pyd")):
            files[item.name] = item.read_bytes()
    return encode(files) if files else None


def tables(name):
    printed, sys.stdout = sys.stdout, sys.stderr
    module = importlib.import_module(name)
    variables, left = {}, {}
    for variable in assigned(ast.parse(module.__spec__.loader.get_source(name) or "")):
        if variable in vars(module):
            try:
                variables[variable] = encode(vars(module)[variable])
            except Left as reason:
                left[variable] = str(reason)
    try:
        files = data_files(module)
    except Left as reason:
        files, left["data files"] = None, str(reason)
    printed.write(json.dumps({"variables": variables, "left": left, "files": files}))


def again(seed):
    """What a fresh process with that hash seed finds."""
    environment = dict(os.environ, PYTHONHASHSEED=seed, GOPHERSNAKE_TABLES="1")
    run = subprocess.run([sys.executable, "-S", "-s", os.path.abspath(__file__)] + sys.argv[1:], env=environment, stdout=subprocess.PIPE)
    if run.returncode:
        sys.exit(1)
    return json.loads(run.stdout)


def main():
    if os.environ.get("GOPHERSNAKE_TABLES"):
        sys.path[:1] = sys.argv[2:]
        return tables(sys.argv[1])
    first, second = again("1"), again("4242")
    for variable, text in list(first["variables"].items()):
        if second["variables"].get(variable) != text:
            del first["variables"][variable]
            first["left"][variable] = "it is not the same in every process"
    print(json.dumps(first, sort_keys=True))


if __name__ == "__main__":
    main()
