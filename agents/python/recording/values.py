"""Python values as JSON trees, exactly, and back (docs/formats/recording.md, "Values").

Writing never runs code of the program: types are compared by identity, attributes are read from the instance's dict or through
slot descriptors, and a type that is not known by identity becomes a handle. Only the message of an exception calls its __str__.
"""
import base64
import collections
import datetime
import decimal
import enum
import fractions
import importlib
import re
import struct
import sys
import types
import uuid

NODES, BYTES, DEPTH = 20000, 1 << 20, 60
SAFE_INT = 1 << 53
BASES = (str, bytes, int, float, tuple, list, dict, set, frozenset, bytearray, complex)
MEMBER = types.MemberDescriptorType
UNSAFE = re.compile("[\0\ud800-\udfff]")


class Cut(Exception):
    """The value is larger than the bounds."""


def class_name(cls):
    """"module:qualname"."""
    name = type.__getattribute__(cls, "__qualname__")
    module = type.__dict__["__module__"].__get__(cls) if isinstance(cls, type) else None
    return "%s:%s" % (module, name) if isinstance(module, str) else "?:" + name


def find(name):
    """The object of "module:qualname"; LookupError when there is none."""
    module, _, path = name.partition(":")
    try:
        thing = importlib.import_module(module)
        for part in path.split(".") if path else []:
            thing = getattr(thing, part)
    except Exception as error:
        raise LookupError("%s cannot be found: %s" % (name, error))
    return thing


def reachable(name, thing):
    """Is thing what "module:qualname" names, in modules that are loaded already? Reads dicts only."""
    module, _, path = name.partition(":")
    found = sys.modules.get(module)
    if not isinstance(found, types.ModuleType):
        return False
    for part in path.split("."):
        try:
            scope = object.__getattribute__(found, "__dict__") if isinstance(found, types.ModuleType) else \
                type.__getattribute__(found, "__dict__")
            found = scope[part]
        except (KeyError, TypeError, AttributeError):
            return False
        if isinstance(found, (staticmethod, classmethod)):
            found = found.__func__
    return found is thing


def text_tree(text):
    # Lone surrogates and NUL are refused by JSON readers.
    return ["str", base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()] if UNSAFE.search(text) else text


def integer_tree(number):
    return number if -SAFE_INT <= number <= SAFE_INT else ["int", "%x" % number]


def float_tree(number):
    return ["float", struct.pack(">d", number).hex()]


class Writer:
    """One value, or several that share references."""

    def __init__(self, nodes=NODES, size=BYTES):
        self.nodes, self.size, self.depth = nodes, size, 0
        self.seen = {}  # id → number, of what is mutable
        self.keep = []  # so that no id is used twice
        self.border = None  # why it does not cross by value

    def spend(self, size):
        self.size -= size
        if self.size < 0:
            raise Cut("larger than %d bytes" % BYTES)

    def handle(self, cls, what="a handle"):
        name = class_name(cls)
        self.border = self.border or "%s of %s" % (what, name)
        return name

    def number(self, value):
        """The tree of a mutable thing that was seen before, else None."""
        known = self.seen.get(id(value))
        if known is not None:
            return ["ref", known]
        self.seen[id(value)] = len(self.seen)
        self.keep.append(value)
        return None

    def items(self, values):
        return [self.tree(value) for value in values]

    def tree(self, value):
        self.nodes -= 1
        if self.nodes < 0:
            raise Cut("more than %d values" % NODES)
        kind = type(value)
        if kind is str:
            self.spend(len(value))
            return text_tree(value)
        if kind is int:
            self.spend(value.bit_length() >> 3)
            return integer_tree(value)
        if value is None or kind is bool:
            return value
        if kind is float:
            return float_tree(value)
        self.depth += 1
        if self.depth > DEPTH:
            raise Cut("deeper than %d" % DEPTH)
        try:
            make = KNOWN_BY_ID.get(id(kind))  # by id: a metaclass may define == and hash
            return self.known(make, value, kind) if make else self.other(value, kind)
        finally:
            self.depth -= 1

    def known(self, make, value, kind):
        again = self.number(value) if id(kind) in MUTABLE else None
        return again or make(self, value)

    def other(self, value, kind):
        """What is no builtin by exact type."""
        if isinstance(kind, enum.EnumMeta):
            name = state_of(value).get("_name_")
            if isinstance(name, str) and reachable(class_name(kind), kind):
                return ["enum", class_name(kind), name]
        if issubclass(kind, type):
            self.border = self.border or "the class %s" % class_name(value)
            return ["class", class_name(value)] if reachable(class_name(value), value) else ["handle", self.handle(kind)]
        again = self.number(value)
        if again:
            return again
        number = len(self.seen) - 1
        if issubclass(kind, BaseException):
            return self.exception(value, kind)
        fields = dataclass_fields(value, kind)
        if fields is not None:
            return ["dataclass", class_name(kind), [[name, self.tree(item)] for name, item in fields]]
        if kind.__mro__[1:] == (tuple, object) and isinstance(kind.__dict__.get("_fields"), tuple) and \
                reachable(class_name(kind), kind):
            return ["namedtuple", class_name(kind), self.items(tuple.__iter__(value))]
        for base in BASES:
            if issubclass(kind, base):
                return self.subclass(value, kind, base, number)
        return ["handle", self.handle(kind), number]

    def subclass(self, value, kind, base, number):
        """str, int… subclasses: the base's value is kept, but it is not the same by value."""
        state = state_of(value) if base not in (list, dict, set, frozenset) else {"": 0}
        self.handle(kind, "a %s subclass" % base.__name__)
        if state or not reachable(class_name(kind), kind):
            return ["handle", class_name(kind), number]
        plain = {str: lambda: str.__str__(value), bytes: lambda: bytes.__getitem__(value, slice(None)),
                 int: lambda: int.__int__(value), float: lambda: float.__float__(value),
                 tuple: lambda: tuple.__getitem__(value, slice(None)), bytearray: lambda: bytearray.__getitem__(value, slice(None)),
                 complex: lambda: complex.__pos__(value)}[base]()
        if base is str and type(plain) is not str:  # str.__str__ gives back the same object for a subclass in some versions
            plain = str.__getitem__(value, slice(None))
            plain = plain if type(plain) is str else str.join("", list(str.__iter__(value)))
        return ["sub", class_name(kind), self.tree(plain)]

    def exception(self, value, kind):
        try:
            message = str(value)
        except Exception as error:
            message = "<str() raised %s>" % type(error).__name__
        if type(message) is not str:
            message = "".join(list(str.__iter__(message)))
        return ["exception", class_name(kind), self.items(BaseException.args.__get__(value)), text_tree(message[:4000])]


def state_of(value):
    """The instance's dict, {} when it has none."""
    try:
        return object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}


def dataclass_fields(value, kind):
    """[(name, value)…] of an instance of a dataclass that has nothing else, else None."""
    fields = kind.__dict__.get("__dataclass_fields__")
    if type(fields) is not dict or not reachable(class_name(kind), kind):
        return None
    try:
        state = object.__getattribute__(value, "__dict__")
    except AttributeError:
        state = None
    rows = []
    for name in fields:
        if getattr(fields[name], "_field_type", None) is not None and "CLASSVAR" in repr(fields[name]._field_type):
            continue
        slot = next((base.__dict__[name] for base in kind.__mro__ if type(base.__dict__.get(name)) is MEMBER), None)
        if state is not None and name in state:
            rows.append((name, state[name]))
        elif slot is not None:
            try:
                rows.append((name, slot.__get__(value)))
            except AttributeError:
                return None
        else:
            return None
    return rows if state is None or set(state) <= {name for name, _ in rows} else None


def sorted_items(writer, values):
    """Of sets, whose order follows the hash seed: by their text."""
    import json
    return sorted(writer.items(values), key=lambda item: json.dumps(item, sort_keys=True))


def zone(value):
    if value is None:
        return None
    if type(value) is datetime.timezone:
        offset = value.utcoffset(None)
        return [offset.days * 86400 + offset.seconds, offset.microseconds, value.tzname(None)]
    raise KeyError


def moment(writer, value):
    """date, time and datetime; of a time zone that is not a fixed offset only the handle."""
    try:
        offset = zone(value.tzinfo)
    except KeyError:
        return ["handle", writer.handle(type(value.tzinfo), "the time zone"), -1]
    plain = value.replace(tzinfo=None, fold=0).isoformat()
    return [type(value).__name__, plain, value.fold, offset]


def named(writer, value):
    name = "%s:%s" % (value.__module__, value.__qualname__)
    if isinstance(value.__module__, str) and reachable(name, value):
        writer.border = writer.border or "the function %s" % name
        return ["function", name]
    writer.border = writer.border or "a function without a name of its own (%s)" % name
    again = writer.number(value)
    return again or ["handle", class_name(type(value)), len(writer.seen) - 1]


def encoded(name):
    def tree(writer, value):
        writer.spend(len(value))
        return [name, base64.b64encode(value).decode()]
    return tree


def dict_tree(name):
    return lambda writer, value: [name, [[writer.tree(key), writer.tree(item)] for key, item in dict.items(value)]]


def module_tree(writer, value):
    writer.border = writer.border or "the module %s" % value.__name__
    return ["module", str(value.__name__)]


def class_tree(writer, value):
    writer.border = writer.border or "the class %s" % class_name(value)
    return ["class", class_name(value)] if reachable(class_name(value), value) else ["handle", class_name(type), -1]


KNOWN = {
    complex: lambda writer, value: ["complex", struct.pack(">dd", value.real, value.imag).hex()],
    bytes: encoded("bytes"), bytearray: encoded("bytearray"),
    tuple: lambda writer, value: ["tuple", writer.items(value)],
    list: lambda writer, value: ["list", writer.items(value)],
    set: lambda writer, value: ["set", sorted_items(writer, value)],
    frozenset: lambda writer, value: ["frozenset", sorted_items(writer, value)],
    dict: dict_tree("dict"), collections.OrderedDict: dict_tree("OrderedDict"),
    range: lambda writer, value: ["range", [integer_tree(value.start), integer_tree(value.stop), integer_tree(value.step)]],
    slice: lambda writer, value: ["slice", [writer.tree(value.start), writer.tree(value.stop), writer.tree(value.step)]],
    type(Ellipsis): lambda writer, value: ["constant", "Ellipsis"],
    type(NotImplemented): lambda writer, value: ["constant", "NotImplemented"],
    decimal.Decimal: lambda writer, value: ["Decimal", str(value)],
    fractions.Fraction: lambda writer, value: ["Fraction", [integer_tree(value.numerator), integer_tree(value.denominator)]],
    datetime.date: lambda writer, value: ["date", value.isoformat()],
    datetime.time: moment, datetime.datetime: moment,
    datetime.timedelta: lambda writer, value: ["timedelta", [value.days, value.seconds, value.microseconds]],
    uuid.UUID: lambda writer, value: ["UUID", value.hex],
    type: class_tree, types.ModuleType: module_tree, types.FunctionType: named, types.BuiltinFunctionType: named,
}
KNOWN_BY_ID = {id(kind): make for kind, make in KNOWN.items()}
MUTABLE = {id(kind) for kind in (bytearray, list, set, dict, collections.OrderedDict)}


def dump(value, writer=None):
    """(tree, None) of a value that crosses by value, else (tree, the reason)."""
    writer = writer or Writer()
    try:
        tree = writer.tree(value)
    except Cut as cut:
        return ["cut", class_name(type(value)), str(cut)], "a value %s" % cut
    return tree, writer.border


class Unbuildable(Exception):
    """The tree holds what only the recorded process had."""


class Reader:
    """Builds values again. Trees of one call share references: one reader a call."""

    def __init__(self):
        self.made = []

    def place(self, value):
        self.made.append(value)
        return value

    def items(self, rows):
        return [self.build(row) for row in rows]

    def build(self, tree):
        if not isinstance(tree, list):
            return tree
        kind, data = tree[0], tree[1] if len(tree) > 1 else None
        make = getattr(self, "make_" + kind, None)
        if make is None:
            raise Unbuildable("%s %s" % (kind, data))
        return make(data, *tree[2:])

    def make_int(self, data):
        return int(data, 16)

    def make_float(self, data):
        return struct.unpack(">d", bytes.fromhex(data))[0]

    def make_complex(self, data):
        return complex(*struct.unpack(">dd", bytes.fromhex(data)))

    def make_str(self, data):
        return base64.b64decode(data).decode("utf-8", "surrogatepass")

    def make_bytes(self, data):
        return base64.b64decode(data)

    def make_bytearray(self, data):
        return self.place(bytearray(base64.b64decode(data)))

    def make_tuple(self, data):
        return tuple(self.items(data))

    def make_list(self, data):
        out = self.place([])
        out.extend(self.items(data))
        return out

    def make_set(self, data):
        out = self.place(set())
        out.update(self.items(data))
        return out

    def make_frozenset(self, data):
        return frozenset(self.items(data))

    def make_dict(self, data, cls=dict):
        out = self.place(cls())
        for key, value in data:
            made = self.build(key)
            out[made] = self.build(value)
        return out

    def make_OrderedDict(self, data):
        return self.make_dict(data, collections.OrderedDict)

    def make_range(self, data):
        return range(*self.items(data))

    def make_slice(self, data):
        return slice(*self.items(data))

    def make_constant(self, data):
        return {"Ellipsis": Ellipsis, "NotImplemented": NotImplemented}[data]

    def make_Decimal(self, data):
        return decimal.Decimal(data)

    def make_Fraction(self, data):
        return fractions.Fraction(*self.items(data))

    def make_date(self, data):
        return datetime.date.fromisoformat(data)

    def make_time(self, data, fold, offset):
        return datetime.time.fromisoformat(data).replace(fold=fold, tzinfo=self.zone(offset))

    def make_datetime(self, data, fold, offset):
        return datetime.datetime.fromisoformat(data).replace(fold=fold, tzinfo=self.zone(offset))

    def zone(self, offset):
        if offset is None:
            return None
        delta = datetime.timedelta(seconds=offset[0], microseconds=offset[1])
        plain = datetime.timezone(delta)
        if plain.tzname(None) == offset[2]:
            return datetime.timezone.utc if not delta else plain
        return datetime.timezone(delta, offset[2])

    def make_timedelta(self, data):
        return datetime.timedelta(*data)

    def make_UUID(self, data):
        return uuid.UUID(hex=data)

    def make_ref(self, data):
        if data >= len(self.made):
            raise Unbuildable("a reference to what is being made")
        return self.made[data]

    def make_enum(self, data, name):
        return find(data)[name]

    def make_class(self, data):
        return find(data)

    make_function = make_module = make_class

    def make_sub(self, data, tree):
        cls = find(data)
        self.place(None)  # numbered before its base's value
        number, plain = len(self.made) - 1, self.build(tree)
        base = next(base for base in BASES if issubclass(cls, base))
        self.made[number] = out = base.__new__(cls, plain)
        if base is bytearray:
            bytearray.extend(out, plain)
        return out

    def make_namedtuple(self, data, items):
        cls = find(data)
        self.place(None)
        number, plain = len(self.made) - 1, self.items(items)
        self.made[number] = tuple.__new__(cls, plain)
        return self.made[number]

    def make_dataclass(self, data, fields):
        out = self.place(object.__new__(find(data)))
        for name, tree in fields:
            object.__setattr__(out, name, self.build(tree))
        return out

    def make_exception(self, data, args, message):
        out = self.place(BaseException.__new__(find(data)))
        out.args = tuple(self.items(args))
        return out


def load(tree, reader=None):
    return (reader or Reader()).build(tree)
