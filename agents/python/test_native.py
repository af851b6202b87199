"""Calls of {name} {version} that were recorded in CPython, made again: pytest test_native.py

They run against whatever {name} is installed, the plain one or one whose functions are Go; the Go module brings the same calls
along. Results, exceptions and what becomes of the arguments must be the recorded ones, with exactly the same types.
Written by gophersnake from calls.json beside it (values: docs/formats/recording.md in its repository).
"""
import base64
import datetime
import decimal
import importlib
import inspect
import json
import math
import os
import struct

import pytest

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "calls.json"), encoding="utf-8") as file:
    CALLS = json.load(file)["calls"]
SAFE_INT = 1 << 53


def build(tree):
    """The value of a tree."""
    if not isinstance(tree, list):
        return tree
    word, content = tree[:2]
    if word in ("date", "time", "datetime", "timedelta", "Decimal"):
        return moment(word, content, *tree[2:])
    if word in ("list", "tuple", "set", "frozenset"):
        return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[word](build(item) for item in content)
    if word == "dict":
        return {build(key): build(value) for key, value in content}
    if word == "int":
        return int(content, 16)
    if word == "float":
        return struct.unpack(">d", bytes.fromhex(content))[0]
    data = base64.b64decode(content)
    return {"bytes": bytes, "str": lambda data: data.decode("utf-8", "surrogatepass")}[word](data)


def moment(word, content, fold=0, zone=None):
    """Dates and their like, Decimals."""
    if word == "Decimal":
        return decimal.Decimal(content)
    if word == "timedelta":
        return datetime.timedelta(*content)
    if word == "date":
        return datetime.date.fromisoformat(content)
    if zone is not None:
        offset = datetime.timedelta(seconds=zone[0], microseconds=zone[1])
        zone = datetime.timezone(offset) if datetime.timezone(offset).tzname(None) == zone[2] else datetime.timezone(offset, zone[2])
    return getattr(datetime, word).fromisoformat(content).replace(fold=fold, tzinfo=zone)


def dump(value):
    """The tree of a value; what recorded calls don't have is equal to nothing."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if -SAFE_INT <= value <= SAFE_INT else ["int", "%x" % value]
    if kind is float:
        return ["float", "nan" if math.isnan(value) else struct.pack(">d", value).hex()]
    if kind is str:
        plain = "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
        return value if plain else ["str", base64.b64encode(value.encode("utf-8", "surrogatepass")).decode()]
    if kind is bytes:
        return ["bytes", base64.b64encode(value).decode()]
    if kind in (list, tuple):
        return [kind.__name__, [dump(item) for item in value]]
    if kind in (set, frozenset):
        return [kind.__name__, sorted((dump(item) for item in value), key=text)]
    if kind is decimal.Decimal:
        return ["Decimal", str(value)]
    if kind is datetime.timedelta:
        return ["timedelta", [value.days, value.seconds, value.microseconds]]
    if kind is datetime.date:
        return ["date", value.isoformat()]
    if kind in (datetime.time, datetime.datetime) and (value.tzinfo is None or type(value.tzinfo) is datetime.timezone):
        offset = value.tzinfo and value.tzinfo.utcoffset(None)
        zone = None if value.tzinfo is None else [offset.days * 86400 + offset.seconds, offset.microseconds, value.tzinfo.tzname(None)]
        return [kind.__name__, value.replace(tzinfo=None, fold=0).isoformat(), value.fold, zone]
    if kind is dict:
        return ["dict", [[dump(key), dump(item)] for key, item in value.items()]]
    return ["another type", "%s.%s" % (kind.__module__, kind.__qualname__)]


def text(tree):
    """True is not 1 and 1 is not 1.0 in it."""
    return json.dumps(tree, sort_keys=True)


def again(tree):
    """A recorded tree as dump gives it."""
    if isinstance(tree, list) and tree[0] == "exception":
        return ["exception", tree[1], [again(item) for item in tree[2]], again(tree[3])]
    return dump(build(tree))


def exception(error):
    kind = type(error)
    return ["exception", "%s:%s" % (kind.__module__, kind.__qualname__), [dump(item) for item in error.args], dump(str(error)[:4000])]


def call(function, arguments):
    bound = inspect.signature(function).bind_partial()
    bound.arguments.update(arguments)
    return function(*bound.args, **bound.kwargs)


def find(name):
    module, _, path = name.partition(":")
    found = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("row", CALLS, ids=["%s-%d" % (row["f"], number) for number, row in enumerate(CALLS)])
def test_call(row):
    arguments = {name: build(tree) for name, tree in row["args"]}
    try:
        key, outcome = "result", dump(call(find(row["f"]), arguments))
    except Exception as error:
        key, outcome = "exception", exception(error)
    assert key in row and text(outcome) == text(again(row[key])), "%s %s" % (key, text(outcome))
    after = {name: again(tree) for name, tree in row.get("after", row["args"])}
    assert text({name: dump(value) for name, value in arguments.items()}) == text(after)
