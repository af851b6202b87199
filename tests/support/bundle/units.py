"""Writes the unit of probe.py (docs/formats/bundle.md): units.py UNIT.json; prints its digest."""
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ANY = ["None", "bool", "int", "bigint", "float", "str", "bytes", "list", "tuple", "dict", "set", "frozenset",
       "date", "datetime", "aware_datetime", "time", "aware_time", "timedelta", "Decimal"]


def text(name):
    with open(os.path.join(HERE, name)) as file:
        return file.read()


def function(go, python, parameters, **kinds):
    guards = {key: {"kinds": value[0], "items": value[1]} for key, value in kinds.items()}
    return {"go": go, "module": "probe", "name": python, "parameters": parameters, "guards": guards, "absorbed": []}


FUNCTIONS = [
    function("Twice", "twice", [["x", "required"]], x=(["int"], [])),
    function("Greet", "greet", [["name", "required"], ["greeting", "optional"], ["times", "optional"], ["kw", "kwargs"]],
             name=(["str"], []), greeting=(["str"], []), times=(["int"], []), kw=(["dict"], ["str"])),
    function("Echo", "echo", [["value", "required"]], value=(ANY, ANY)),
    function("Sum", "sum_", [["xs", "args"]], xs=(["tuple"], ["int"])),
    function("Fail", "fail", [["how", "required"]], how=(["str"], [])),
    function("Join", "join", [["parts", "required"]], parts=(["list"], ["str"])),
    function("Spin", "spin", [["n", "required"]], n=(["int"], [])),
    function("Helped", "helped", [["x", "required"]], x=(["str"], [])),
    function("Cached", "cached", [["x", "required"]], x=(["str"], [])),
    function("Wrapped", "wrapped", [["x", "required"], ["y", "optional"]], x=(["str"], []), y=(["str"], [])),
    function("Led", "led", [["x", "required"], ["y", "optional"]], x=(["str"], []), y=(["str"], [])),
    function("Closed", "closed", [["x", "required"]], x=(["str"], [])),
    function("Generated", "generated", [["x", "required"]], x=(["str"], [])),
    function("Holder.Fixed", "Holder.fixed", [["x", "required"]], x=(["str"], [])),
]


def unit():
    return {"schema": "gophersnake.bundle-unit/1", "release": "probe 1.0", "bridged": {"probe_py.go": text("bridged.go.txt")},
            "native": {"probe_native_py.go": text("native.go.txt")}, "tables": {}, "functions": FUNCTIONS}


data = json.dumps(unit(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
with open(sys.argv[1], "w") as file:
    file.write(data)
print(hashlib.sha256(data.encode()).hexdigest())
