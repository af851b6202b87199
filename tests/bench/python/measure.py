"""Times of one Python environment, in one process: measure.py functions INPUTS.json | headlines | import | import-only | first. JSON to standard output.

Processor time, which a busy machine disturbs least; of the first call the wall's, and memory. Inputs are Python literals, as translations/
has them; those that raise are timed apart: Go gives them back to Python by design.
"""
import functools
import importlib
import json
import sys
import time

AIM = 0.004  # seconds of one measurement

SQL = ("select a.id, b.name, count(*) as n from table_one a left join table_two b on a.id = b.a_id where a.created > '2020-01-01' "
       "and b.name in ('x', 'y', 'z') group by a.id, b.name having count(*) > 3 order by n desc limit 10;\n")
TEXT = (SQL * 60)[:10000]


def best(function, repeat=3):
    """Seconds of one call of a function without arguments."""
    number, clock = 1, time.process_time
    while True:
        start = clock()
        for _ in range(number):
            function()
        took = clock() - start
        if took >= AIM / 2:
            break
        number *= 2 if took < AIM / 20 else max(2, int(AIM / took / 2) + 1)
    times = [took]
    for _ in range(repeat - 1):
        start = clock()
        for _ in range(number):
            function()
        times.append(clock() - start)
    return min(times) / number


def find(name):
    module, _, qualname = name.partition(":")
    value = functools.reduce(getattr, qualname.split("."), importlib.import_module(module))
    return value.__wrapped__ if type(value).__name__ == "_lru_cache_wrapper" else value


def sort_inputs(function, inputs):
    """Those that return, those that raise."""
    good, bad = [], []
    for arguments, keywords in inputs:
        try:
            function(*arguments, **keywords)
        except Exception:
            bad.append((arguments, keywords))
        else:
            good.append((arguments, keywords))
    return good, bad


def functions(path):
    import ast

    import django
    from django.conf import settings
    settings.configure(USE_TZ=True)
    django.setup()
    times = {}
    with open(path) as file:
        given = json.load(file)
    for name, literals in sorted(given.items()):
        function, inputs = find(name), []
        for literal in literals:
            value = ast.literal_eval(literal)
            pair = len(value) == 2 and isinstance(value[0], tuple) and isinstance(value[1], dict)
            inputs.append(value if pair else (value, {}))
        row = times[name] = {}
        for what, some in zip(("returns", "raises"), sort_inputs(function, inputs)):
            if not some:
                continue

            def run():
                for arguments, keywords in some:
                    try:
                        function(*arguments, **keywords)
                    except Exception:
                        pass
            row[what] = best(run) / len(some)
            row["inputs " + what] = len(some)
    return times


def headlines():
    import idna
    import sqlparse
    return {
        "sqlparse.format, 10 kB, reindent": best(lambda: sqlparse.format(TEXT, reindent=True)),
        "sqlparse.split, 10 kB": best(lambda: sqlparse.split(TEXT)),
        "idna.encode, three labels": best(lambda: idna.encode("b\u00fccher.stra\u00dfe.example")),
        "idna.decode, three labels": best(lambda: idna.decode("xn--bcher-kva.xn--strae-oqa.example")),
    }


def imports():
    start = time.process_time()
    import django  # noqa: F401
    bare = time.process_time() - start
    import django.contrib.admin.utils, django.core.handlers.wsgi, django.db.models, django.forms, django.template.defaultfilters  # noqa
    return {"django": bare, "django with forms, models, templates, admin": time.process_time() - start}


def import_only():
    """For who counts instructions: without garbage collections, which come by chance, and the end of the interpreter."""
    import gc
    import os
    gc.disable()
    imports()
    os._exit(0)


def memory():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS"))


def first():
    import sqlparse
    loaded = memory()
    start = time.perf_counter()
    sqlparse.split("select 1; select 2")
    took = time.perf_counter() - start
    start = time.perf_counter()
    sqlparse.split("select 1; select 2")
    return {"first": took, "second": time.perf_counter() - start, "loaded": loaded, "called": memory()}


WHAT = {"functions": functions, "headlines": headlines, "import": imports, "import-only": import_only, "first": first}
json.dump(WHAT[sys.argv[1]](*sys.argv[2:]), sys.stdout)
