"""Inputs by type: from annotations and defaults, and by changing recorded values. The same seed always gives the same inputs."""
import inspect
import re

from . import values

MUTANTS, FRESH = 120, 60
TEXTS = ["", " ", "a", "A b", "0", "-1.5", "é", "ß", "İ", "日本語", "\u200d", "e\u0301", "🐍", "\ud800", "\0", "a\nb\r\n", "x" * 300, "%s {} \\", "<b>&amp;</b>", "'\"",
         "TRUE", "2024-02-29T23:59:59Z", "a@b.example", "\t\x0b\u2028", "١٢", "xn--zckzah", "σς", "ﬁ"]
INTEGERS = [0, 1, -1, 2, 7, 10, 255, 256, -128, 1 << 31, (1 << 63) - 1, 1 << 63, -(1 << 63), 1 << 64, 10 ** 30]
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 1e300, 5e-324, float("inf"), float("-inf"), float("nan"), 2.5, 1e16]
BYTES = [b"", b"a", b"\xff\x00", "é".encode(), b"abc" * 50]
POOLS = {"str": TEXTS, "int": INTEGERS, "float": FLOATS, "bytes": BYTES, "bool": [True, False], "None": [None],
         "bytearray": [bytearray(b"ab"), bytearray()]}
CONTAINERS = ("list", "tuple", "set", "frozenset", "dict")


def function_of(row):
    return values.find(row["name"])


def bind(function, parameters, args):
    """(positional, named) of named arguments; what is left out before a positional one that is given gets its default."""
    given = dict(args)
    positional, named, pending = [], {}, []
    stars = {name: kind for name, kind in parameters if kind in ("var", "kwvar")}
    more = next((given[name] for name, kind in stars.items() if kind == "var" and name in given), ())
    for name, kind in parameters:
        if kind in ("pos", "posonly"):
            if name not in given:
                pending.append(name)
                continue
            if pending and not more and kind == "pos":
                named[name] = given[name]
                continue
            for missing in pending:
                default = inspect.signature(function).parameters[missing].default
                if default is inspect.Parameter.empty:
                    raise values.Unbuildable("the argument %s is missing" % missing)
                positional.append(default)
            pending = []
            positional.append(given[name])
        elif kind == "kwonly" and name in given:
            named[name] = given[name]
        elif kind == "kwvar":
            named.update(given.get(name, {}))
    if more:
        for missing in pending:
            positional.append(inspect.signature(function).parameters[missing].default)
        positional.extend(more)
    return positional, named


def words(annotation):
    """The type names in an annotation's source, outermost first: "Optional[list[str]]" → Optional, list, str."""
    return re.findall(r"[A-Za-z_]+", annotation or "")


def of_annotation(names, chance, depth=0):
    known = [name for name in names if name in POOLS or name in CONTAINERS or name in ("List", "Tuple", "Set", "Dict", "Sequence", "Iterable",
                                                                                     "Mapping", "AnyStr", "Text", "Optional", "Literal")]
    if not known:
        return None
    name = known[0].lower() if known[0] != "None" else "None"
    rest = known[1:]
    if name in ("anystr", "text"):
        return (chance.choice(TEXTS),)
    if name in ("optional", "literal"):
        return (None,) if chance.random() < 0.2 or not rest else of_annotation(rest, chance, depth)
    if name in POOLS:
        if rest and rest[0] in POOLS and depth == 0 and chance.random() < 0.4:  # str | bytes, Union[…]
            name = chance.choice([name] + [item for item in rest if item in POOLS])
        return (chance.choice(POOLS[name]),)
    if depth > 2:
        return None
    inner = [of_annotation(rest or ["str"], chance, depth + 1) for _ in range(chance.randrange(4))]
    if any(item is None for item in inner):
        return None
    items = [item[0] for item in inner]
    try:
        if name in ("dict", "mapping"):
            return ({str(index): item for index, item in enumerate(items)},)
        return ({"tuple": tuple, "set": set, "frozenset": frozenset}.get(name, list)(items),)
    except TypeError:
        return None


def mutate(value, chance, depth=0):
    kind = type(value)
    if chance.random() < 0.04:  # something else
        return chance.choice(POOLS[chance.choice(sorted(POOLS))])
    if kind is bool:
        return not value
    if kind is int:
        return chance.choice([value + 1, value - 1, -value, value * 10, chance.choice(INTEGERS)])
    if kind is float:
        return chance.choice([-value, value + 1, value / 3, chance.choice(FLOATS)])
    if kind is str:
        at = chance.randrange(len(value) + 1)
        end = min(len(value), at + 1 + chance.randrange(4))
        return chance.choice([value[:at] + value[end:], value[:at] + chance.choice(TEXTS) + value[at:], value + value[:50], value.upper(),
                              value.lower(), value[::-1], value[at:], value[:at], value.replace(" ", "\n"), chance.choice(TEXTS)])
    if kind in (bytes, bytearray):
        at = chance.randrange(len(value) + 1)
        return kind(chance.choice([value[:at], value[at:], value[:at] + b"\xfe" + value[at:], value + value[:50]]))
    if kind in (list, tuple) and depth < 4:
        items = list(value)
        act = chance.randrange(4)
        if items and act == 0:
            items.pop(chance.randrange(len(items)))
        elif items and act == 1:
            items.append(items[chance.randrange(len(items))])
        elif items and act == 2:
            at = chance.randrange(len(items))
            items[at] = mutate(items[at], chance, depth + 1)
        else:
            items.reverse()
        return kind(items)
    if kind is dict and value and depth < 4:
        out = dict(value)
        key = chance.choice(list(out))
        if chance.random() < 0.4:
            del out[key]
        else:
            out[key] = mutate(out[key], chance, depth + 1)
        return out
    if kind in (set, frozenset) and value:
        return kind(sorted(value, key=repr)[1:])
    if value is None:
        return chance.choice(["", 0, False])
    return value


def built(example):
    reader = values.Reader()
    return [(name, reader.build(tree)) for name, tree in example]


def crossed(args, others, parameters, chance):
    """Some arguments of one call, some of another."""
    one, other = dict(args), dict(others)
    out = []
    for name, _ in parameters:
        source = other if name in other and chance.random() < 0.5 else one
        if name in source:
            out.append((name, source[name]))
    return out


def inputs(row, function, chance):
    """A list of (positional, named)."""
    out, parameters = [], [tuple(item[:2]) for item in row["parameters"]]
    examples = row["examples"]
    for index in range(MUTANTS * (1 + bool(row.get("proposed"))) if examples else 0):
        args = built(examples[index % len(examples)])
        if chance.random() < 0.3:
            args = crossed(args, built(chance.choice(examples)), parameters, chance)
        for _ in range(1 + chance.randrange(2)):
            if args:
                at = chance.randrange(len(args))
                name, value = args[at]
                args[at] = (name, changed(name, value, parameters, chance))
        out.append(bind(function, parameters, args))
    annotations = {item[0]: item[2] for item in row["parameters"]}
    required = {item[0] for item in row["parameters"] if item[3]}
    defaults = {}
    try:
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.default is not inspect.Parameter.empty:
                defaults[name] = type(parameter.default).__name__
    except (TypeError, ValueError):
        pass
    for _ in range(FRESH):
        args = []
        for name, kind in parameters:
            if kind in ("var", "kwvar") or (name not in required and chance.random() < 0.5):
                continue
            made = of_annotation(words(annotations[name]) or [defaults.get(name, "")], chance)
            if made is None:
                if name in required:
                    return out
                continue
            args.append((name, made[0]))
        out.append(bind(function, parameters, args))
        if not parameters:
            break
    return out


def changed(name, value, parameters, chance):
    kind = dict(parameters).get(name)
    new = mutate(value, chance)
    if kind == "var" and type(new) is not tuple or kind == "kwvar" and (type(new) is not dict or not all(type(key) is str for key in new)):
        return value
    return new
