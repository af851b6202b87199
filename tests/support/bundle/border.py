"""What a call of a native function costs, the swapped code object included: border.py [ROUNDS]. Beside check.py and the bundle."""
import sys
import timeit

import gophersnake_bundle
import probe


def plain(x):
    return x


CALLS = [("str to str of 20 characters", "probe.echo(text)", 350), ("int to int", "probe.twice(7)", 250),
         ("one that watches a helper", "probe.helped(text)", None), ("refused: the original goes on", "probe.twice(1.5)", None),
         ("list of 100 str, both ways", "probe.join(texts)", None), ("Python's own call of such a function", "plain(text)", None)]
rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
values = {"probe": probe, "plain": plain, "text": "abcdefghijklmnopqrst", "texts": ["abcdefghijklmnopqrst"] * 100}
for what, call, limit in CALLS:
    number = 2000 if "texts" in call else 50000
    times = sorted(timeit.repeat(call, globals=values, number=number, repeat=rounds))
    print("%-40s %6.0f ns (median %6.0f)%s" % (what, times[0] / number * 1e9, times[len(times) // 2] / number * 1e9,
                                               "   wanted: <= %d" % limit if limit else ""))
print("CPython %s, %s" % (sys.version.split()[0], gophersnake_bundle.report()["library"]))
