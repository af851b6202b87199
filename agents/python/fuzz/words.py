"""What changed inputs are made of: the values of recorded calls by kind, and the constants of the function and of what it uses."""
import datetime
import decimal
import re
import types

from gophersnake_recording import values

LONGEST, MOST, DEPTH = 400, 3000, 3
SPECIAL = ["\t", "\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\xa0", "\u2003", "\u2028", "\u3000", " ", "  ", "\0", "\x01", "\x1b", "\x7f", "'", '"', "`", "''", "\\",
           "\\n", "\\'", "/", "//", "%", "%%", "%s", "%41", "{}", "{0}", "$", "&", "&amp;", "<", ">", "#", ";", ":", "::", ",", ".", "..", "-", "--", "_", "__", "+", "*", "=", "?", "!", "@",
           "~", "^", "|", "(", ")", "[", "]", "{", "}", "é", "ß", "İ", "ı", "ſ", "ς", "ﬁ", "ǆ", "Å", "Å", "e\u0301", "\u0301", "\u200d", "\u200b", "\u00ad", "\ufeff", "\u202e", "١", "２",
           "９", "Ａ", "ａ", "。", "．", "：", "²", "½", "Ⅷ", "日", "한", "ひ", "א", "ع", "🐍", "👩\u200d🔬", "𝔸", "𝟙", "\U0010ffff", "\ue000", "0", "1", "9", "00", "-1", "1e5", "0x1f", "a", "A", "z", "Z",
           "b", "x", "xn--", "None", "True", "nan", "inf"]
WIDE = {ord(c): ord(c) + 0xfee0 for c in "0123456789abcXYZ.:-"}
ARABIC = {ord("0") + n: 0x660 + n for n in range(10)}
NUMBERS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 15, 16, 24, 28, 29, 30, 31, 32, 52, 53, 59, 60, 61, 64, 99, 100, 101, 127, 128, 255, 256, 365, 366, 400, 999, 1000, 1001, 1024, 1900, 1970,
           2000, 9999, 10000, 32767, 32768, 65535, 65536, 86400, 10 ** 6, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2 ** 53 + 1, 2 ** 62, 2 ** 63 - 1]
FLOATS = [0.0, -0.0, 0.5, -0.5, 1.0, 1.5, 2.5, 0.1, 1e-7, 1e15, 1e16, 1e17, 1e22, 1e300, 5e-324, 2.0 ** 53, 2.0 ** 63, float("inf"), float("-inf"), float("nan")]
TIMES = (datetime.date, datetime.time, datetime.datetime, datetime.timedelta, decimal.Decimal)  # of exactly these types
ZONES = [None, datetime.timezone.utc] + [datetime.timezone(datetime.timedelta(minutes=n)) for n in (60, -60, 330, -570, 1439, -1439)] + \
    [datetime.timezone(datetime.timedelta(0), "GMT"), datetime.timezone(datetime.timedelta(minutes=90), "+0130")]
DAYS = [(1, 1, 1), (1970, 1, 1), (1900, 2, 28), (2000, 2, 29), (2023, 12, 31), (2024, 2, 29), (2026, 1, 1), (9999, 12, 31)]
DELTAS = [datetime.timedelta(*row) for row in ((0,), (0, 0, 1), (0, 0, -1), (0, 1), (0, 59), (0, 60), (0, 3599), (0, 3600), (0, 86399), (1,), (-1,),
                                               (0, 86399, 999999), (7,), (30,), (365,), (366,), (999999999,), (-999999999,))]
DECIMALS = ["0", "-0", "0.0", "1", "1.0", "1.00", "-1.5", "0.5", "2.5", "0.005", "9.995", "123456789.123456789", "1E+5", "1E-7", "1E+300", "-1E-300",
            "Infinity", "-Infinity", "NaN", "9" * 30, "0." + "9" * 30, "-0.000001"]


class Pool:
    """Values by kind, each once, in a fixed order."""

    def __init__(self, *others):
        self.by_kind, self.seen = {}, set()
        for other in others:
            for rows in other.by_kind.values():
                for value in rows:
                    self.put(value)

    def put(self, value):
        kind = type(value)
        key = (kind, repr(value)) if kind is not str else value
        rows = self.by_kind.setdefault(kind, [])
        if key not in self.seen and len(rows) < MOST:
            self.seen.add(key)
            rows.append(value)

    def take(self, value, depth=0):
        """A value with all that it holds."""
        kind = type(value)
        if kind is str:
            self.put(value[:LONGEST])
        elif kind in TIMES:
            self.put(value)
        elif kind in (int, float, bytes):
            if kind is not bytes or len(value) <= LONGEST:
                self.put(value)
        elif kind in (list, tuple, set, frozenset) and depth < 8:
            for item in sorted(value, key=repr) if kind in (set, frozenset) else value:
                self.take(item, depth + 1)
            if kind in (list, tuple) and len(value) <= 20:
                self.put(value)
        elif kind is dict and depth < 8:
            for key, item in value.items():
                self.take(key, depth + 1)
                self.take(item, depth + 1)

    def of(self, kind):
        return self.by_kind.get(kind) or ()


def of_calls(rows):
    pool = Pool()
    for tree in rows:
        reader = values.Reader()
        try:
            for _, item in tree:
                pool.take(reader.build(item))
        except (values.Unbuildable, LookupError, TypeError, ValueError, AttributeError):
            continue
    return pool


def pattern_words(text):
    """The literal pieces of a regular expression."""
    for word in re.split(r"\\[AbBdDsSwWZ]|[()\[\]{}|*+?^$.]", text):
        word = re.sub(r"\\(.)", r"\1", word)
        if word:
            yield word


def constants(function, pool):
    """Literals of the function's code, of the functions that it names, and of the plain variables that those name."""
    function = getattr(function, "__wrapped__", function)
    stack, seen = [(getattr(function, "__func__", function), 0)], set()
    while stack:
        thing, depth = stack.pop()
        if id(thing) in seen or len(seen) > 4000 or depth > 2 * DEPTH:
            continue
        seen.add(id(thing))
        if isinstance(thing, types.FunctionType):
            if depth <= DEPTH:
                stack.append((thing.__code__, depth))
                for name in names_of(thing.__code__):
                    if name in thing.__globals__:
                        stack.append((thing.__globals__[name], depth + 1))
        elif isinstance(thing, types.CodeType):
            stack.extend((item, depth) for item in thing.co_consts)
        elif type(thing) is re.Pattern and isinstance(thing.pattern, str):
            for word in pattern_words(thing.pattern):
                pool.put(word[:LONGEST])
        elif type(thing) in (str, int, float, bytes):
            pool.take(thing)
        elif type(thing) in (list, tuple, set, frozenset, dict):
            items = thing.items() if type(thing) is dict else thing
            items = sorted(items, key=repr) if type(thing) in (set, frozenset) else list(items)
            stack.extend((item, depth + 1) for item in items[::1 + len(items) // 200])  # of a long table some of each part
        elif isinstance(thing, type) and thing.__module__ == function.__module__:
            stack.extend((getattr(item, "__func__", item), depth + 1) for item in list(vars(thing).values())
                         if isinstance(item, (types.FunctionType, staticmethod, classmethod)))


def names_of(code):
    stack, out = [code], []
    while stack:
        item = stack.pop()
        out.extend(item.co_names)
        stack.extend(part for part in item.co_consts if isinstance(part, types.CodeType))
    return dict.fromkeys(out)
