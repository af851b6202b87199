"""Inputs of the functions that run in Go in this environment: inputs.py TRANSLATIONS > INPUTS.json. To standard error: those without."""
import collections
import glob
import importlib
import json
import os
import sys

import django
from django.conf import settings

settings.configure(USE_TZ=True)
django.setup()
import gophersnake_bundle  # noqa: E402

found = collections.defaultdict(list)
for path in sorted(glob.glob(os.path.join(sys.argv[1], "**", "inputs.json"), recursive=True)):
    with open(path) as file:
        for name, literals in json.load(file).items():
            found[name] += literals
for module in sorted({row["name"].partition(":")[0] for row in gophersnake_bundle._native.functions()}):
    try:
        importlib.import_module(module)
    except ImportError as error:
        print("# cannot import %s: %s" % (module, error), file=sys.stderr)
native, without = {}, []
for row in gophersnake_bundle.report()["functions"]:
    name = "%s:%s" % (row["module"], row["name"])
    if row["state"] == "native":
        if name in found:
            native[name] = found[name]
        else:
            without.append(name)
json.dump(native, sys.stdout)
if without:
    print("# no inputs for %d: %s" % (len(without), " ".join(without)), file=sys.stderr)
