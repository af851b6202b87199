"""Proposed inputs: what somebody else thinks a function should be called with (docs/formats/recording.md, "Proposed inputs").

They are text until here: read with ast.literal_eval in the sandbox, bounded, and what is wrong with one is a note with its place.
"""
import ast
import json
import os

OF_FUNCTION, LENGTH = 300, 1 << 16
MANY = 150  # modules of a release; of larger ones only those with proposals are looked at
KEYS = ("prelude", "only", "needs")


def read(folder):
    """{} when nothing was proposed."""
    try:
        with open(os.path.join(folder, "proposals.json"), "rb") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def strings(proposals, key):
    value = proposals.get(key) or []
    return [item for item in ([value] if isinstance(value, str) else value if isinstance(value, list) else []) if isinstance(item, str)]


def only(proposals, modules):
    """Those of the release's modules that are looked at, None for all of them."""
    named = set(strings(proposals, "only"))
    if not named and (not proposals or len(modules) <= MANY):
        return None
    named.update(name.partition(":")[0] for name in proposals if ":" in name)
    return sorted(named & set(modules))


def prelude(proposals, note):
    """Runs what the release needs before its functions can be called (its settings)."""
    for source in strings(proposals, "prelude"):
        try:
            exec(compile(source, "<prelude>", "exec", dont_inherit=True), {"__name__": "prelude"})
        except Exception as error:
            note("the prelude failed: %s: %s" % (type(error).__name__, str(error)[:200]))


def arguments(text):
    """(positional, named) of "('abc', 3)" or "(('x',), {'sep': '-'})"; ValueError with the reason."""
    if not isinstance(text, str):
        raise ValueError("it is no string")
    if len(text) > LENGTH:
        raise ValueError("it is longer than %d" % LENGTH)
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError("it is no literal: %s" % str(error)[:100])
    if type(value) is not tuple:
        raise ValueError("it is no tuple of arguments")
    if len(value) == 2 and type(value[0]) is tuple and type(value[1]) is dict and all(type(key) is str for key in value[1]):
        return list(value[0]), value[1]
    return list(value), {}


def calls(proposals, names, note):
    """(function's name, place, positional, named) of all that can be read, by name."""
    for name in sorted(proposals):
        if name in KEYS:
            continue
        rows = proposals[name]
        if name not in names or not isinstance(rows, list):
            note("proposed inputs of %s: %s" % (name, "they are no list" if name in names else "the release has no such function"))
            continue
        if len(rows) > OF_FUNCTION:
            note("proposed inputs of %s: only the first %d of %d are used" % (name, OF_FUNCTION, len(rows)))
        for index, text in enumerate(rows[:OF_FUNCTION]):
            try:
                positional, named = arguments(text)
            except ValueError as error:
                note("proposed input %d of %s: %s" % (index, name, error))
                continue
            yield name, index, positional, named
