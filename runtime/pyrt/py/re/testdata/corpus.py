"""Prints, as JSON, the patterns of CPython's own library and of its tests of re, with strings and what finditer gives:
[pattern, flags, string, repr of the matches], one to a line.
"""

import ast
import glob
import json
import random
import re
import signal
import sysconfig
import warnings

from test import re_tests

warnings.simplefilter("ignore")
random.seed(5)


class TooLong(Exception):
    pass


def stop(*_):
    raise TooLong


def literal_patterns():
    for path in sorted(glob.glob(sysconfig.get_path("stdlib") + "/**/*.py", recursive=True)):
        try:
            tree = ast.parse(open(path, encoding="utf-8").read())
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re")), args=[ast.Constant(value=str(pattern)), *rest]):
                    yield pattern, flags_of(rest)


def flags_of(nodes):
    flags = 0
    for node in nodes:
        try:
            flags |= int(eval(compile(ast.Expression(node), "", "eval"), {"re": re}))
        except Exception:
            pass  # a string to match, not flags
    return flags & (re.I | re.M | re.S | re.X | re.A)


def strings_for(pattern):
    alphabet = (re.sub(r"\\.", "", pattern) + "aA1 \n_-.")[:80]
    words = re.findall(r"[\w:/<>.=-]{2,}", pattern) + ["a", "12"]
    for _ in range(12):
        yield "".join(random.choice(alphabet) if random.random() < 0.8 else random.choice("abc019 .,:;<>/=\"'\n\té")
                      for _ in range(random.randrange(30)))
    for _ in range(4):
        yield " ".join(random.choice(words) for _ in range(5))


def show(match):
    return ([match.span(i) for i in range(match.re.groups + 1)], match.groups(), match.lastindex, match.lastgroup,
            match.groupdict())


def main():
    signal.signal(signal.SIGALRM, stop)
    own = {test[0]: test[1] for test in re_tests.tests}
    for pattern, flags in sorted(set(literal_patterns()) | {(pattern, 0) for pattern in own}):
        try:
            compiled = re.compile(pattern, flags)
        except re.error as error:
            print(json.dumps([pattern, flags, "", f"!{error.args!r}"]))
            continue
        except (ValueError, OverflowError):
            continue
        for string in [own.get(pattern, ""), *strings_for(pattern)]:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.5)
                result = repr([show(match) for match in compiled.finditer(string)])
                signal.setitimer(signal.ITIMER_REAL, 0)
                (string + pattern).encode()
            except (TooLong, UnicodeEncodeError):
                continue
            print(json.dumps([pattern, flags, string, result]))


main()
