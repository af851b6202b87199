"""Changed inputs: one recorded call, changed by kind. Call n of a function is the same for ever: its randomness is seeded with the name and n.

The kinds of a parameter stay those of its recorded calls, since a native function is guarded by them; None comes where it was recorded
or is the default.
"""
import copy
import datetime
import decimal
import inspect
import random
import re
import zlib

from gophersnake_recording import generate, values
from . import words

BIG, LONG = 1 << 63, 6000


def letter(point):
    """The character of a code point, a space for what is none or a surrogate."""
    return chr(point) if 0 <= point < 0xd800 or 0xe000 <= point < 0x110000 else " "


def kinds_below(value, out, depth=0):
    kind = type(value)
    out.add("bigint" if kind is int and not -BIG <= value < BIG else kind)
    if depth < 8 and kind in (list, tuple, set, frozenset):
        for item in value:
            kinds_below(item, out, depth + 1)
    elif depth < 8 and kind is dict:
        for key, item in value.items():
            kinds_below(key, out, depth + 1)
            kinds_below(item, out, depth + 1)


class Inputs:
    """parameters: [[name, kind, annotation, required]…]; visible, held_out: lists of recorded arguments (trees)."""

    def __init__(self, name, function, parameters, visible, held_out):
        self.name, self.function = name, function
        self.parameters = [tuple(row[:2]) for row in parameters]
        self.required = {row[0] for row in parameters if row[3]}
        self.bases = [(tree, False) for tree in visible] + [(tree, True) for tree in held_out]
        self.trees = {False: visible or [], True: visible + held_out}
        shown = words.of_calls(visible)
        shared = words.Pool()
        words.constants(function, shared)
        self.constants = shared
        self.pools = {False: words.Pool(shown, shared), True: words.Pool(shown, shared, words.of_calls(held_out))}
        self.kinds = {row[0]: set() for row in parameters}
        for tree, _ in self.bases:
            for key, value in self.build(tree) or ():
                kinds_below(value, self.kinds.setdefault(key, set()))
        self.letters = {shown: sorted({c for text in pool.of(str) for c in text})[:600] for shown, pool in self.pools.items()}
        self.with_none = {key for key, found in self.kinds.items() if type(None) in found} | self.none_by_default()
        self.seed = zlib.crc32(name.encode())

    def none_by_default(self):
        try:
            return {key for key, row in inspect.signature(self.function).parameters.items() if row.default is None}
        except (TypeError, ValueError):
            return set()

    def build(self, tree):
        reader = values.Reader()
        try:
            return [(key, reader.build(item)) for key, item in tree]
        except (values.Unbuildable, LookupError, TypeError, ValueError, AttributeError):
            return None

    def make(self, number):
        """([(name, value)…], derived from a held-out call?), or (None, …) when call number cannot be made."""
        chance = random.Random(self.seed << 32 | number)
        tree, secret = self.bases[chance.randrange(len(self.bases))]
        args = self.build(tree)
        if args is None:
            return None, secret
        change = Change(chance, self.pools[secret], self.letters[secret], self.constants)
        if chance.random() < 0.25 and len(self.parameters) > 1:
            args = self.mix(args, secret, chance)
        for _ in range(1 + (chance.random() < 0.3) + (chance.random() < 0.1)):
            if args:
                at = chance.randrange(len(args))
                key, value = args[at]
                change.kinds = self.kinds.get(key, set())
                args[at] = (key, self.fit(key, value, self.changed(key, value, change)))
        return args, secret

    def changed(self, key, value, change):
        if key in self.with_none and dict(self.parameters).get(key) not in ("var", "kwvar") and change.chance.random() < 0.06:
            return None
        return change.value(value)

    def fit(self, key, old, new):
        kind = dict(self.parameters).get(key)
        if kind == "var" and type(new) is not tuple or kind == "kwvar" and (type(new) is not dict or not all(type(name) is str for name in new)):
            return old
        if kind == "kwvar" and any(name in dict(self.parameters) for name in new):
            return old
        return {name: new[name] for name in sorted(new)} if kind == "kwvar" else new  # Go has no order of them

    def mix(self, args, secret, chance):
        """Options in combinations: each parameter as it is here, as in another call, or left out."""
        here, out = dict(args), []
        for key, kind in self.parameters:
            draw = chance.random()
            if draw < 0.5:
                if key in here:
                    out.append((key, here[key]))
                continue
            if draw < 0.6 and key not in self.required:
                continue
            trees = self.trees[secret]
            other = self.build(trees[chance.randrange(len(trees))]) if trees else None
            given = dict(other or ())
            if key in given:
                out.append((key, given[key]))
            elif key in here:
                out.append((key, here[key]))
        return out

    def bind(self, args):
        return generate.bind(self.function, self.parameters, args)


class Change:
    """Changes of values by kind."""

    def __init__(self, chance, pool, letters, constants):
        self.chance, self.pool, self.letters, self.constants, self.kinds = chance, pool, letters, constants, set()

    def pick(self, rows, otherwise):
        return rows[self.chance.randrange(len(rows))] if rows else otherwise

    def known(self, kind):
        """One of the pool's values of a kind. A call may change what it is given."""
        return copy.deepcopy(self.pick(self.pool.of(kind), None))

    def value(self, value, depth=0):
        kind = type(value)
        if kind is bool:
            return not value
        if kind is int:
            return self.integer(value)
        if kind is float:
            return self.number(value)
        if kind is str:
            for _ in range(self.pick((1, 1, 1, 2, 2, 3, 5), 1)):
                value = self.text(value)
            return value[:LONG]
        if kind in (bytes, bytearray):
            return kind(self.octets(bytes(value)))
        if kind in words.TIMES:
            return self.moment(value, kind)
        if kind in (list, tuple) and depth < 6:
            for _ in range(self.pick((1, 1, 2, 3), 1)):
                value = self.items(value, kind, depth)
            return value
        if kind is dict and depth < 6:
            return self.entries(value, depth)
        if kind in (set, frozenset) and depth < 6:
            items = sorted(value, key=repr)
            changed = self.items(items, list, depth)
            try:
                return kind(changed)
            except TypeError:
                return kind(items[1:])
        if value is None:
            others = [kind for kind in (str, int, float, bytes, list, tuple) + words.TIMES if kind in self.kinds]
            return self.known(self.pick(others, None)) if others else None
        return value

    def moment(self, value, kind):
        """Of a date and its like, a Decimal; what cannot be made stays. Aware ones stay aware, naive ones naive."""
        if self.chance.random() < 0.25:
            aware = getattr(value, "tzinfo", None) is not None
            return self.pick([other for other in self.pool.of(kind) if (getattr(other, "tzinfo", None) is not None) == aware], value)
        try:
            if kind is decimal.Decimal:
                return self.decimal(value)
            if kind is datetime.timedelta:
                return self.delta(value)
            if kind is datetime.date or kind is datetime.datetime and self.chance.random() < 0.5:
                return self.day(value)
            return self.clock(value)
        except (ValueError, OverflowError, decimal.DecimalException):
            return value

    def delta(self, value):
        act = self.chance.randrange(6)
        if act == 0:
            return -value
        if act == 1:
            return self.pick(words.DELTAS, value)
        if act == 2:
            return value + self.pick(words.DELTAS, value)
        if act == 3:
            return datetime.timedelta(self.chance.randrange(-400, 400), self.chance.randrange(86400), self.pick((0, 0, 1, 500000, 999999), 0))
        return value + datetime.timedelta(0, self.chance.randrange(-4000, 4000), self.pick((0, 0, self.chance.randrange(1000000)), 0))

    def day(self, value):
        act = self.chance.randrange(4)
        if act == 0:
            year, month, day = self.pick(words.DAYS, None)
            return value.replace(year=year, month=month, day=day)
        if act == 1:
            return value.replace(year=self.chance.randrange(1, 10000))
        if act == 2:
            return value.replace(month=self.chance.randrange(1, 13), day=self.chance.randrange(1, 29))
        return value + datetime.timedelta(self.chance.randrange(-40, 40))

    def clock(self, value):
        act = self.chance.randrange(5)
        if act == 0:
            return value.replace(hour=self.chance.randrange(24), minute=self.chance.randrange(60))
        if act == 1:
            return value.replace(second=self.pick((0, 1, 59), 0), microsecond=self.pick((0, 0, 1, 1000, 500000, 999999), 0))
        if act == 2:
            return value.replace(hour=self.pick((0, 1, 11, 12, 13, 23), 0), minute=0, second=0, microsecond=0)
        if act == 3:
            return value.replace(fold=1 - value.fold)
        if type(value.tzinfo) is datetime.timezone:
            return value.replace(tzinfo=self.pick(words.ZONES[1:], None))
        return value.replace(microsecond=self.chance.randrange(1000000))

    def decimal(self, value):
        act = self.chance.randrange(7)
        sign, digits, exponent = value.as_tuple()
        if act == 0 or not value.is_finite():
            return decimal.Decimal(self.pick(words.DECIMALS, "0"))
        if act == 1:
            return value.copy_negate()
        if act == 2:
            return decimal.Decimal((sign, digits, exponent + self.pick((1, -1, 2, -2, 5, -7), 1)))
        if act == 3:
            return decimal.Decimal((sign, digits + (0,), exponent - 1))  # the same number, written otherwise
        if act == 4:
            return decimal.Decimal((sign, digits + tuple(self.chance.randrange(10) for _ in range(3)), exponent - self.chance.randrange(5)))
        if act == 5:
            return decimal.Decimal(self.integer(int(value) if abs(exponent) < 18 else 1))
        return decimal.Decimal(round(self.chance.uniform(-1000, 1000) * 1000)).scaleb(-3)

    def integer(self, value):
        act = self.chance.randrange(12)
        if act < 2:
            new = value + self.pick((1, -1, 2, -2, 10, -10), 1)
        elif act == 2:
            new = -value
        elif act == 3:
            new = self.pick((value * 2, value // 2, value * 10, value // 10, ~value), 0)
        elif act < 6:
            new = self.pick(self.pool.of(int), value) + self.pick((0, 0, 1, -1), 0)
        elif act < 8:
            new = self.pick(self.constants.of(int), value) + self.pick((0, 0, 1, -1), 0)
        elif act == 8:
            new = self.pick(words.NUMBERS, 0) * self.pick((1, 1, -1), 1)
        elif act == 9:
            new = (1 << self.chance.randrange(63)) + self.pick((0, 1, -1), 0)
            new = -new if self.chance.random() < 0.3 else new
        elif act == 10:
            new = self.pick((BIG - 1, -BIG, -BIG + 1), 0) if self.chance.random() < 0.2 else self.chance.randrange(-5, 130)
        else:
            new = self.chance.randrange(-300, 3000)
        if "bigint" in self.kinds and self.chance.random() < 0.3:
            return new * self.pick((BIG, 10 ** 30, -BIG * 2), 1)
        return new if -BIG <= new < BIG else value

    def number(self, value):
        act = self.chance.randrange(8)
        if act == 0:
            return -value
        if act == 1:
            return value + self.pick((1, -1, 0.5, 0.1, 1e-9), 1)
        if act == 2:
            return value * self.pick((0.5, 2, 10, 1 / 3, 1e10, 1e-10), 1)
        if act == 3:
            return float(self.pick(self.pool.of(float), value))
        if act == 4:
            return float(self.pick(words.NUMBERS, 1)) + self.pick((0, 0.5), 0)
        if act == 5:
            return round(self.chance.uniform(-1000, 1000), self.chance.randrange(6))
        if act == 6:
            return float(self.pick(self.constants.of(float) or self.constants.of(int), 1) % 1e300)
        return self.pick(words.FLOATS, 0.0)

    def piece(self):
        """Something to put into a string."""
        act = self.chance.randrange(10)
        if act < 2:
            return self.pick(words.SPECIAL, " ")
        if act == 2:
            return self.character()
        if act < 5:
            return self.pick(self.letters, "a")
        if act < 7:
            return self.pick(self.constants.of(str), "")[:200]
        text = self.pick(self.pool.of(str), "")
        at = self.chance.randrange(len(text) + 1)
        return text[at:at + 1 + self.chance.randrange(12)] if act < 9 else text

    def character(self):
        """Any character: of any size in UTF-8, or where a number of the function's own may be a border."""
        act = self.chance.randrange(3)
        if act == 0:
            point = self.pick(self.constants.of(int), 0) + self.pick((0, 0, 1, -1), 0)
        elif act == 1:
            point = (1 << self.chance.randrange(7, 21)) + self.pick((0, -1, 1), 0)
        else:
            point = self.chance.randrange(1 << self.chance.randrange(7, 22))
        return letter(point)

    def beside(self, text):
        """Just beside what it is: the next character or the one before, the next number or another one."""
        number = self.pick(list(re.finditer("[0-9]{1,18}", text)), None) if self.chance.random() < 0.5 else None
        if number:
            new = self.pick((int(number[0]) + 1, int(number[0]) - 1, self.pick(words.NUMBERS, 0), self.pick(self.constants.of(int), 0)), 0)
            return text[:number.start()] + str(max(-BIG, min(new, BIG))) + text[number.end():]
        at = self.chance.randrange(len(text) or 1)
        return text[:at] + letter(ord(text[at:at + 1] or "a") + self.pick((1, -1), 1)) + text[at + 1:]

    def span(self, text, most):
        at = self.chance.randrange(len(text) + 1)
        return at, min(len(text), at + 1 + self.chance.randrange(most))

    def text(self, text):
        act = self.chance.randrange(26)
        at, end = self.span(text, 4)
        if act < 6:
            return text[:at] + self.piece() + text[at:]
        if act < 9:
            return text[:at] + self.piece() + text[end:]
        if act < 11:
            return text[:at] + text[end:]
        if act == 11:
            at, end = self.span(text, 12)
            return text[:end] + text[at:end] * self.pick((1, 1, 2, 7), 1) + text[end:]
        if act == 12:
            other, last = self.span(text, 4)
            if end <= other:
                return text[:at] + text[other:last] + text[end:other] + text[at:end] + text[last:]
            return text[::-1]
        if act == 13:
            return self.pick((text.upper, text.lower, text.swapcase, text.title, text.casefold), text.lower)()
        if act == 14:
            return text[:at] + self.pick((text[at:end].upper, text[at:end].lower, text[at:end].swapcase), text.upper)() + text[end:]
        if act == 15:
            return text.translate(self.pick((words.WIDE, words.ARABIC), words.WIDE))
        if act == 16:
            return text.replace(self.pick((" ", "\n", "'", '"', "-", ".", ","), " "), self.pick(("\t", "\n", " ", "  ", '"', "'", "\r\n", "\u3000", "", "-"), " "),
                                self.pick((-1, 1), 1))
        if act == 17:
            return self.pick((text[at:], text[:at], text.strip(), text[1:], text[:-1], text[1:-1]), text)
        if act == 18:
            return text + self.pick(("", " ", "\n", ",", "-"), "") + self.pick(self.pool.of(str), "")
        if act == 19:
            return self.pick(self.pool.of(str), text)
        if act == 20:
            return self.pick(self.constants.of(str), text)
        if act == 21:
            return self.pick((" ", "\t", "\n", "\xa0", "\u3000", "\x1c", '"', "'", "("), " ") * self.pick((1, 1, 2), 1) + text + \
                self.pick((" ", "\t", "\n", "\r", "\x0b", '"', "'", ")", "\0"), " ")
        if act == 22 and self.chance.random() < 0.3:
            return (text or "a") * self.pick((2, 3, 10, 100), 2) if len(text) < 500 else text
        if act == 23 and self.chance.random() < 0.3:
            return ""
        if act == 24:
            return self.beside(text)
        if act == 25:
            return text[:at] + self.character() + text[at + 1:]
        return "".join(self.piece() for _ in range(self.chance.randrange(1, 6)))

    def octets(self, data):
        at, end = self.span(data, 4)
        act = self.chance.randrange(8)
        if act < 2:
            return data[:at] + bytes([self.chance.randrange(256)]) + data[at:]
        if act == 2:
            return data[:at] + data[end:]
        if act == 3:
            return data[:end] + data[at:end] + data[end:]
        if act == 4:
            return data[:at] + self.pick(self.pool.of(bytes), b"") + data[at:]
        if act == 5:
            return data[:at] + self.piece().encode("utf-8", "surrogatepass") + data[end:]
        if act == 6:
            return self.pick(self.constants.of(bytes), data)
        return self.pick((b"", data[at:], data[:at], data[::-1], data.upper(), data * 2), b"")[:LONG]

    def items(self, value, kind, depth):
        items, act = list(value), self.chance.randrange(10)
        at = self.chance.randrange(len(items)) if items else 0
        if items and act < 4:
            items[at] = self.value(items[at], depth + 1)
        elif items and act == 4:
            items.pop(at)
        elif items and act == 5:
            items.insert(self.chance.randrange(len(items) + 1), copy.deepcopy(items[at]))
        elif act == 6:
            self.chance.shuffle(items)
        elif act == 7:
            other = self.known(kind)
            if other:
                items.insert(self.chance.randrange(len(items) + 1), self.pick(list(other), None))
            elif items:
                items.append(self.value(items[at], depth + 1))
        elif act == 8 and items:
            items = self.pick((items[::-1], items[at:], items[:at], items * 2 if len(items) < 200 else items), items)
        elif act == 9 and kind in self.kinds and depth < 3 and items:
            items[at] = [items[at]] if kind is list else (items[at],) if any(type(item) is tuple for item in items) else items[at]
        return items if kind is list else kind(items)

    def entries(self, value, depth):
        rows, act = list(value.items()), self.chance.randrange(8)
        at = self.chance.randrange(len(rows)) if rows else 0
        if rows and act < 3:
            rows[at] = (rows[at][0], self.value(rows[at][1], depth + 1))
        elif rows and act == 3:
            rows.pop(at)
        elif rows and act == 4:
            rows[at] = (self.value(rows[at][0], depth + 1), rows[at][1])
        elif act == 5:
            self.chance.shuffle(rows)
        elif rows and act == 6:
            rows.append((self.value(rows[at][0], depth + 1), self.value(rows[at][1], depth + 1)))
        elif rows:
            rows = rows[at:]
        try:
            return dict(rows)
        except TypeError:
            return dict(value)
