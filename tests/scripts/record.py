"""Values, tracer, generated inputs and judging of agents/python/recording, on the CPython that runs this. Exits 1 with the first difference."""
import collections
import contextlib
import dataclasses
import datetime
import decimal
import enum
import fractions
import io
import json
import os
import subprocess
import sys
import tempfile
import types
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "agents", "python"))
from recording import generate, judge, proposals, runtests, sources, values  # noqa: E402
from recording.targets import Targets  # noqa: E402
from recording.tracer import Tracer  # noqa: E402

class Colour(enum.Enum):
    RED = 1


class Text(str):
    pass


class Hostile(type):
    def __eq__(cls, other):
        raise RuntimeError("asked")
    __hash__ = None


class Asked(metaclass=Hostile):
    def __getattr__(self, name):
        raise RuntimeError("asked")


@dataclasses.dataclass
class Point:
    x: int
    y: list


Pair = collections.namedtuple("Pair", "a b")


class Failure(Exception):
    def __init__(self, code):
        super().__init__("code %d" % code)


def check(what, got, want):
    if got != want or type(got) is not type(want):
        sys.exit("%s: %r instead of %r" % (what, got, want))


def test_values():
    zone = datetime.timezone(datetime.timedelta(hours=2, microseconds=3), "X")
    by_value = [0, -1, 2 ** 53, 2 ** 53 + 1, -2 ** 200, True, False, None, 1.5, -0.0, float("nan"), float("-inf"), "é", "\0", "\ud800x", "", b"\0\xff",
                bytearray(b"x"), (1, (2,)), [1, [2]], {1: 2, "b": []}, {3, 1, 2}, frozenset("ab"), datetime.date(2020, 1, 2),
                datetime.datetime(2020, 1, 2, 3, 4, 5, 6, datetime.timezone.utc), datetime.datetime(2020, 1, 2, fold=1), datetime.time(1, 2, tzinfo=zone),
                datetime.timedelta(1, 2, 3), decimal.Decimal("sNaN12"), decimal.Decimal("-0E+5"), fractions.Fraction(1, 3), range(1, 5, 2), slice(1, None),
                Ellipsis, NotImplemented, complex(-0.0, 1), uuid.UUID(int=5), collections.OrderedDict(a=1), ValueError("a", [1]), Failure(3),
                Colour.RED, Point(1, [2]), Pair(1, "b")]
    for value in by_value:
        tree, border = values.dump(value)
        check("border of %r" % (value,), border, None)
        again = values.load(json.loads(json.dumps(tree)))
        check("type of %r" % (value,), type(again), type(value))
        check("value of %r" % (value,), json.dumps(values.dump(again)[0]), json.dumps(tree))
    check("bool is not int", values.dump(True)[0] is True and values.dump(1)[0] == 1, True)
    check("order", values.dump({"b": 1, "a": 2})[0], ["dict", [["b", 1], ["a", 2]]])
    loop = [1]
    loop.append(loop)
    again = values.load(values.dump(loop)[0])
    check("cycle", again[1] is again, True)
    shared = []
    again = values.load(values.dump([shared, shared, [shared]])[0])
    check("shared", again[0] is again[1] is again[2][0], True)
    deep = []
    for _ in range(100):
        deep = [deep]
    for value, reason in [(object(), "a handle of builtins:object"), (int, "the class builtins:int"), (len, "the function builtins:len"),
                          (types, "the module types"), ([0] * 30000, "a value more than 20000 values"), ("x" * (2 << 20), "a value larger than 1048576 bytes"),
                          (deep, "a value deeper than 60"), (Text("a"), "a str subclass of __main__:Text"), (Asked(), "a handle of __main__:Asked")]:
        check("reason", values.dump(value)[1], reason)
    check("subclass", values.load(values.dump(Text("a"))[0]), Text("a"))


def test_shipped(folder):
    """The pytest file that ships reads and writes the values of calls as the recorder does."""
    place = os.path.join(folder, "shipped")
    os.mkdir(place)
    with open(os.path.join(place, "calls.json"), "w") as file:
        file.write('{"calls": []}')
    with open(os.path.join(ROOT, "agents", "python", "test_native.py")) as file:
        source = file.read()
    space = {"__file__": os.path.join(place, "test_native.py"), "__name__": "shipped"}
    marks = types.SimpleNamespace(parametrize=lambda *what, **how: lambda function: function)
    given = sys.modules.get("pytest")
    sys.modules["pytest"] = types.SimpleNamespace(mark=marks)
    exec(compile(source, "test_native.py", "exec"), space)
    sys.modules.pop("pytest")
    if given:
        sys.modules["pytest"] = given
    odd = datetime.timezone(datetime.timedelta(hours=-2, microseconds=3), "X")
    rows = [True, 2 ** 60, -0.0, "\0", b"\xff", (1, [2]), {"b": 1, "a": 2}, {3, 1}, frozenset({"a", datetime.date(2020, 2, 29)}), datetime.date.max,
            datetime.datetime(2020, 1, 2, 3, 4, 5, 6, fold=1), datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc), datetime.time(1, tzinfo=odd),
            datetime.time(1, fold=1), datetime.timedelta(-1, 2, 3), decimal.Decimal("1.00"), decimal.Decimal("-sNaN12"), [decimal.Decimal("1E+5")]]
    for value in rows:
        tree = values.dump(value)[0]
        check("shipped tree of %r" % (value,), space["text"](space["dump"](value)), space["text"](tree))
        check("shipped value of %r" % (value,), space["text"](space["again"](tree)), space["text"](tree))
        check("shipped type of %r" % (value,), type(space["build"](tree)), type(value))
    for left, right in [(decimal.Decimal("1.0"), decimal.Decimal("1.00")), (1, True), (datetime.datetime(2020, 1, 1), datetime.date(2020, 1, 1)),
                        (datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc), datetime.datetime(2020, 1, 1)), ({1}, frozenset({1}))]:
        check("%r is not %r" % (left, right), space["text"](space["dump"](left)) != space["text"](space["dump"](right)), True)


MODULE = '''
import os
def f(a, b=2, *more, flag=False, **rest):
    """f"""
    if a > 10:
        raise ValueError(a)
    for x in more:
        a += x
    return a + b
def both(text):
    try:
        return int(text)
    except ValueError:
        return None
def again(text):
    try:
        int(text)
    finally:
        try:
            {}["k"]
        except KeyError:
            pass
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)
def mutates(rows):
    rows.append(len(rows))
def writes(path):
    with open(path, "w") as file:
        file.write("x")
def gives(n):
    yield n
def outer(n):
    return [inner(x) for x in range(n)]
def inner(x):
    return x * x
def _private(x):
    if x > 3:
        return 1
    return 0
def entry(x):
    return _private(x)
class K:
    def method(self, x):
        return self
    @classmethod
    def make(cls, x):
        return x
'''


class Kept:
    def __init__(self):
        self.rows = []

    def write(self, row):
        self.rows.append(json.loads(json.dumps(row)))


def test_tracer(folder):
    with open(os.path.join(folder, "traced.py"), "w") as file:
        file.write(MODULE)
    sys.path.insert(0, folder)
    import traced
    kept = Kept()
    targets = Targets(folder, {"traced.py": "traced"})
    tracer = Tracer(targets, kept, "test")
    identity = traced.f
    tracer.start()
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            traced.f(1)
            traced.f(1, 2, 3, 4, flag=True, other=None)
            with contextlib.suppress(ValueError):
                traced.f(11)
            traced.both("x")
            traced.both("5")
            with contextlib.suppress(ValueError):
                traced.again("x")
            traced.deep(5)
            rows = [0]
            traced.mutates(rows)
            traced.writes(os.path.join(folder, "out"))
            list(traced.gives(1))
            traced.outer(3)
            for i in range(100):
                traced.entry(i % 2)
            traced.entry(4)
            traced.K().method(1)
            traced.K.make(5)
            with contextlib.suppress(RecursionError):
                traced.deep(10 ** 6)
            tracer.arm()
            for i in range(3000):
                traced.inner(i)
            if not os.fork():
                traced.inner(-7)
                os._exit(0)
            os.wait()
        finally:
            tracer.stop()
    tracer.count()
    check("identity", traced.f is identity, True)
    calls = [row for row in kept.rows if row["k"] == "call"]

    def of(name):
        return [row for row in calls if row["f"] == "traced:" + name]
    check("args", [row.get("args") for row in of("f")], [
        [["a", 1]], [["a", 1], ["more", ["tuple", [3, 4]]], ["flag", True], ["rest", ["dict", [["other", None]]]]], [["a", 11]]])
    check("results", [row.get("result") for row in of("f")], [3, 10, None])
    check("exception", of("f")[2]["exception"], ["exception", "builtins:ValueError", [11], "11"])
    check("caught", [row.get("result", "?") for row in of("both")], [None, 5])
    check("left through finally", "unsure" in of("again")[0] and "result" not in of("again")[0], True)
    check("recursion", sorted(row["result"] for row in of("deep") if "result" in row)[:6], [0, 1, 2, 3, 4, 5])
    check("mutation", of("mutates")[0]["after"], [["rows", ["list", [0, 1]]]])
    check("effect", of("writes")[0]["effects"], ["writes a file"])
    check("generator", of("gives"), [])
    check("comprehension", of("outer")[0]["result"], ["list", [0, 1, 4]])
    check("new below", [["x", 4]] in [row["args"] for row in of("entry")], True)
    check("novelty", len(of("entry")) <= 4, True)
    check("cap", len(of("inner")) <= 12 + 1, True)
    check("fork", [row for row in of("inner") if row["args"] == [["x", -7]]], [])
    check("method", "handle of traced:K" in of("K.method")[0]["border"], True)
    check("class method", of("K.make")[0]["args"], [["x", 5]])
    seen = [row for row in kept.rows if row["k"] == "count"][-1]
    check("seen", seen["seen"]["traced:f"], 3)
    check("callees", seen["calls"]["traced:outer"], ["traced:inner"])
    check("trouble", [row for row in kept.rows if row["k"] == "trouble"], [])


def test_generate():
    def f(a, b=1, *more, c=2, **rest):
        return a, b, more, c, rest
    parameters = [("a", "pos"), ("b", "pos"), ("more", "var"), ("c", "kwonly"), ("rest", "kwvar")]
    for args, want in [([("a", 1)], (1, 1, (), 2, {})), ([("a", 1), ("more", (5,))], (1, 1, (5,), 2, {})),
                       ([("a", 1), ("c", 3), ("rest", {"d": 4})], (1, 1, (), 3, {"d": 4}))]:
        positional, named = generate.bind(f, parameters, args)
        check("bind", f(*positional, **named), want)
    import random
    row = {"name": "m:g", "parameters": [["a", "pos", "Optional[list[str]]", True], ["b", "pos", "int", False]], "examples": [[["a", ["list", ["x"]]]]]}

    def g(a, b=3):
        return a
    one, two = (generate.inputs(row, g, random.Random("seed")) for _ in range(2))
    check("the same inputs", repr(one), repr(two))
    check("some inputs", len(one) > 100, True)


def test_split():
    held = sum(judge.is_held_out(judge.mark(["f", number])) for number in range(10000))
    check("30 of 100", 2800 < held < 3200, True)
    check("fixed", judge.is_held_out(judge.mark(["f", 1])), judge.is_held_out(judge.mark(["f", 1])))


def test_replay(folder):
    """Two processes in which hash seed, time zone and folder differ."""
    with open(os.path.join(folder, "replayed.py"), "w") as file:
        file.write("import os, time, threading\n_memo = {}\nshown = []\n"
                   "def seed(x):\n    return hash('a') + x\ndef zone(x):\n    return time.timezone + x\ndef place(x):\n    return os.getcwd()\n"
                   "def order(x):\n    shown.append(x)\n    return len(shown)\ndef memo(x):\n    return _memo.setdefault(x, x)\n"
                   "def prints(x):\n    os.write(1, b'one')\n    print('two')\ndef ends(x):\n    raise SystemExit(x)\ndef dies(x):\n    os._exit(9)\n"
                   "def steady(x):\n    return [x]\n")
    names = ["seed", "zone", "place", "order", "memo", "prints", "ends", "steady", "dies"]
    calls = [{"f": "replayed:" + name, "id": name + str(number), "args": [["x", number]]} for name in names for number in (1, 2)]
    records = os.path.join(folder, "records")
    os.mkdir(records)
    with open(os.path.join(records, "calls.json"), "w") as file:
        json.dump({"functions": {row["f"]: {"parameters": [["x", "pos", "", True]]} for row in calls}, "calls": calls}, file)
    boot = "import sys; sys.path[0] = %r; from recording import main; main.run()" % os.path.join(ROOT, "agents", "python")
    for side, environment in enumerate((["PYTHONHASHSEED=1", "TZ=UTC"], ["PYTHONHASHSEED=2", "TZ=Asia/Kolkata"])):
        for number in range(4):
            task = {"records": records, "path": [folder], "side": side, "folder": os.path.join(folder, "cwd%d" % side)}
            done = subprocess.run([sys.executable, "-S", "-s", "-c", boot, "replay"] + environment, input=json.dumps(task).encode(), stdout=subprocess.PIPE,
                                  env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"})
            with open(os.path.join(records, "replay-%d-%d.jsonl" % (side, number)), "wb") as file:
                file.write(done.stdout)
            if done.stdout.endswith(b'{"k":"end"}\n'):
                break
    replays = judge.Replays(records)

    def verdict(name, **recorded):
        return replays.verdict(dict({"id": name + "1"}, **recorded))
    for name in ("seed", "zone", "place", "order"):
        check(name, (verdict(name, result=0)[1] or "").startswith("differs between two processes"), True)
    check("memo", verdict("memo", result=1), ({"result": 1}, None))
    check("output", verdict("prints", result=None), ({"result": None, "output": ["onetwo\n", ""]}, None))
    check("exit", verdict("ends", exception=["exception", "builtins:SystemExit", [1], "1"])[1], None)
    check("death", verdict("dies", result=None)[1], "the interpreter crashed or was killed")
    check("another result", (verdict("steady", result=["list", [2]])[1] or "").startswith("differs from what was recorded"), True)
    check("steady", verdict("steady", result=["list", [1]]), ({"result": ["list", [1]]}, None))
    check("state", (replays.changed["replayed:memo"], replays.changed["replayed:order"]), ({"replayed._memo"}, {"replayed.shown"}))


def test_proposals():
    check("positional", proposals.arguments("('a', [1])"), (["a", [1]], {}))
    check("named", proposals.arguments(" (('a',), {'b': None}) "), (["a"], {"b": None}))
    check("a dict that names nothing", proposals.arguments("(('a',), {1: 2})"), ([("a",), {1: 2}], {}))
    for text, reason in [("('a')", "no tuple"), ("open('x')", "no literal"), ("(", "no literal"), (5, "no string"), ("(" + "1," * 40000 + ")", "longer"),
                         ("(" * 5000 + ")" * 5000, "no literal")]:
        try:
            check("bad input", proposals.arguments(text), None)
        except ValueError as error:
            check(reason, reason in str(error), True)
    modules = ["m%d" % number for number in range(200)]
    check("all of a small release", proposals.only({"m1:f": []}, modules[:10]), None)
    check("of a large one", proposals.only({"m1:f": [], "gone:f": []}, modules), ["m1"])
    check("named modules", proposals.only({"m1:f": [], "only": ["m2"], "prelude": "m3:x"}, modules[:10]), ["m1", "m2"])


def test_candidates(folder):
    """What the guard of a native function sends to the original does not count."""
    with open(os.path.join(folder, "judged.py"), "w") as file:
        file.write("def f(a, b=None):\n    return a\n")
    targets = Targets(folder, {"judged.py": "judged"})
    judge.compiled(targets)
    name, target = "judged:f", targets.by_name["judged:f"]
    sound = [({"args": [["a", "x%d" % number]], "arcs": [[-1, 2]], "effects": []}, {}) for number in range(8)]

    def decide(unsteady=(), borders=()):
        rows = [row for row, _ in sound] + [{"args": args, "arcs": [], "effects": []} for args in unsteady]
        recording = types.SimpleNamespace(calls={name: dict(enumerate(rows))}, borders={name: [
            {"border": border, "arcs": [], "effects": []} for border in borders]})
        return judge.decide(target, sound, {}, [{"args": args} for args in unsteady], recording, [], False)
    check("a candidate", decide(), None)
    check("a set, which no sound call has", decide([[["a", ["set", ["x"]]]]]), None)
    check("more of them", decide([[["a", ["set", ["x"]]]]] * 3), "3 calls differ between two processes")
    check("like the sound ones", decide([[["a", "y"]]]), "1 calls differ between two processes")
    check("the default", decide([[]]), "1 calls differ between two processes")
    check("never given in a sound call", decide([[["a", "y"], ["b", 1]]]), "1 calls differ between two processes")
    check("arguments that do not cross", decide(borders=["the argument a is a handle of m:C"] * 9), None)
    check("results that do not cross", decide(borders=["the result is a handle of m:C"] * 9), "most of its calls do not cross by value: the result is a handle of m:C")


def test_only(folder):
    """Functions of other modules are known as what ran below, and their effects count."""
    for name, text in [("watched", "import beside\ndef f(x):\n    return beside.g(x)\n"), ("beside", "import os\ndef g(x):\n    os.listdir('/')\n    return x\n")]:
        with open(os.path.join(folder, name + ".py"), "w") as file:
            file.write(text)
    import watched
    kept = Kept()
    tracer = Tracer(Targets(folder, {"watched.py": "watched", "beside.py": "beside"}, ["watched"]), kept, "test")
    tracer.start()
    try:
        watched.f(1)
    finally:
        tracer.stop()
    tracer.count()
    check("only", [(row["f"], row["effects"]) for row in kept.rows if row["k"] == "call"], [("watched:f", ["os.listdir"])])
    check("below", [row["calls"] for row in kept.rows if row["k"] == "count"], [{"watched:f": ["beside:g"]}])


DJANGO_TESTS = {
    "runtests.py": "# of django: --settings\nimport sys, unittest\nprogram = unittest.main(None, argv=sys.argv[:1] + sys.argv[4:], exit=False)\n"
                   "sys.exit(not program.result.wasSuccessful())\n",
    "a/test_text.py": "import unittest\nfrom package import (\n    other, text)\nclass T(unittest.TestCase):\n    def test_one(self):\n        pass\n"
                      "    def test_two(self):\n        self.fail()\n    def test_seen(self):\n        1 / 0\n    def test_hangs(self):\n        while True: pass\n",
    "a/test_data.py": "from django.test import (\n    SimpleTestCase,\n    TestCase)\nfrom package.text import f\n",
    "package/__init__.py": "", "package/text.py": "", "package/other.py": "",
    "a/test_other.py": "import package.other\n", "a/__init__.py": "", "gis_tests/test_text.py": "import package.text\n"}


def test_runtests(folder):
    for name, text in DJANGO_TESTS.items():
        path = os.path.join(folder, "django", "tests", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    kept, notes = Kept(), []
    tracer = Tracer(Targets(folder, {}), kept, "test")
    before = os.getcwd()
    try:
        os.chdir(os.path.join(folder, "django"))
        check("is there", (runtests.is_there("."), runtests.is_there(folder)), (True, False))
        check("labels", runtests.labels("tests", {"package.text"}), ["a.test_text"])
        runtests.run({"skip": {"a.test_text.T.test_seen"}, "seconds": 0.2, "modules": ["package.text"], "note": notes.append}, tracer, kept, sources.Alarm, sources.TooLong)
    finally:
        tracer.stop()
        os.chdir(before)
    check("runtests.py", [(row["k"], row.get("id")) for row in kept.rows if row["k"] != "suite"],
          [("test", "a.test_text.T.test_hangs"), ("late", "a.test_text.T.test_hangs"), ("test", "a.test_text.T.test_one"), ("test", "a.test_text.T.test_two")])
    check("its figures", (kept.rows[-1]["with"], kept.rows[-1]["tests"], notes), ("runtests.py", {"passed": 1, "failed": 2}, []))


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        test_values()
        test_shipped(folder)
        test_generate()
        test_split()
        test_replay(folder)
        test_proposals()
        test_tracer(folder)
        test_only(folder)
        test_candidates(folder)
        test_runtests(folder)


main()
