"""Values through the shim while the library (echo.c) changes the bytes: sanitize.py COUNT. Beside probe.py."""
import datetime
import random
import sys
from decimal import Decimal

import gophersnake_bundle
import probe

random.seed(7)


ZONE = datetime.timezone(datetime.timedelta(hours=-3, microseconds=1), "é")
TIMES = [datetime.date(2020, 2, 29), datetime.time(1, 2, fold=1), datetime.time(3, tzinfo=datetime.timezone.utc), datetime.datetime.max,
         datetime.datetime(1, 1, 1, tzinfo=ZONE), datetime.timedelta(-5, 7), Decimal("Infinity"), Decimal("1E+400"), Decimal("-0.0"), 5, "x"]


def value(depth=0):
    kind = random.randrange(14 if depth < 4 else 9)
    count = random.randrange(4)
    if kind < 9:
        return random.choice([None, True, False, random.randrange(-2**63, 2**63), 2**random.randrange(64, 400), -2**70, random.random(),
                              "é\0x" * count, "a" * 700 * count, b"\0\xff" * count, "\ud800", Ellipsis])
    if kind < 11:
        return [value(depth + 1) for _ in range(count)]
    if kind == 11:
        return tuple(value(depth + 1) for _ in range(count))
    if kind == 12:
        return random.choice([set, frozenset])(random.choice(TIMES) for _ in range(count))
    if kind == 13 and count:
        return random.choice(TIMES)
    return {i: value(depth + 1) for i in range(count)}


same = 0
for _ in range(int(sys.argv[1])):
    sent = value()
    same += probe.echo(sent) == sent
    probe.join(["x"] * random.randrange(50))
    probe.greet("x", end="y")
    probe.wrapped("x", y="z")
rows = {row["name"]: row for row in gophersnake_bundle.report()["functions"]}
assert rows["echo"]["native"] > int(sys.argv[1]) // 20, rows["echo"]
print("same %d of %s, native %d" % (same, sys.argv[1], rows["echo"]["native"]))
