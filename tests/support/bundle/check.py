"""The scenarios of tests/e2e/bundle.bats: check.py SCENARIO [ARGUMENT…], with probe.py and the bundle on sys.path."""
import functools
import inspect
import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings


HERE = os.path.dirname(os.path.abspath(__file__))  # where programs of -c find probe.py


def state():
    import gophersnake_bundle
    return gophersnake_bundle.report()["library"]


def rows():
    import gophersnake_bundle
    return {row["name"]: row for row in gophersnake_bundle.report()["functions"]}


class Str(str):
    pass


def values():
    import probe
    assert state() == "not started"
    assert probe.alias(21) == 42  # taken before the swap
    assert state() == "running", state()
    # 5000 digits: beyond what crosses
    for value in [None, True, False, 0, -1, 2**63 - 1, -2**63, 2**63, -2**70, 16**300, 10**5000, 0.5, -0.0, math.inf, "é\0x", "", "\U0001f600",
                  b"", b"\0\xff", [], [1, [2, "x"]], (), (1, (None,)), {}, {"a": [1], 2: (3,), (1, 2): b""}, {1, 2}, set(), "x" * 100000,
                  [["y" * 10] * 1000], {"k": {"n": None}}, "\ud800", frozenset([1]), [{1}], object(), [Str("q")], Str("x"), range(3)]:
        result = probe.echo(value)
        assert result == value and type(result) is type(value), (value, result)
    assert math.copysign(1, probe.echo(-0.0)) == -1 and math.isnan(probe.echo(math.nan))
    assert type(probe.echo([Str("q")])[0]) is Str and list(probe.echo({"b": 1, "a": 2})) == ["b", "a"]
    endless = []
    endless.append(endless)
    assert probe.echo(endless) is endless
    deep = []
    for _ in range(150):
        deep = [deep]
    assert probe.echo(deep) is deep


def times():
    """Dates, Decimals and sets: what is exact crosses, and comes back with the same type, fold, zone, digits; the rest is Python's."""
    import datetime
    import decimal
    import gc
    import probe
    Decimal, date, time, moment, delta, zone = (decimal.Decimal, datetime.date, datetime.time, datetime.datetime, datetime.timedelta,
                                                datetime.timezone)
    named = zone(delta(hours=-3, microseconds=1), "odd é")
    crossing = [date(2020, 2, 29), date.min, date.max, time(), time(1, 2, 3, 4, fold=1), time(5, tzinfo=zone.utc), moment.max,
                moment(2020, 1, 2, 3, 4, 5, 6, tzinfo=zone(delta(hours=5, minutes=30)), fold=1), moment(1, 1, 1, tzinfo=named),
                delta(), delta(-1, 2, 3), delta.max, delta.min, Decimal("1.0"), Decimal("1.00"), Decimal("-0"), Decimal("1E+400"),
                Decimal("NaN"), Decimal("-sNaN12"), Decimal("-Infinity"), Decimal("9" * 60), {1, "a"}, set(), frozenset(), frozenset({1, (2,)}),
                {frozenset({date(2020, 1, 2)}), Decimal("2.50")}]
    crossing += [[value] for value in crossing] + [(1, crossing[7])] + [{"k": value} for value in crossing] + [{crossing[0]: {3}}]
    gc.set_threshold(1)  # as often as can be
    for number, value in enumerate(crossing):
        result = probe.echo(value)
        assert repr(result) == repr(value) or isinstance(value, (set, frozenset, dict, list)) and result == value, (value, result)
        assert type(result) is type(value)
        assert rows()["echo"]["native"] == number + 1, value
    gc.set_threshold(700)

    class Date(date):
        pass

    class Zone(datetime.tzinfo):
        def utcoffset(self, when):
            return delta(hours=1)

    class Money(Decimal):
        pass

    class Bag(set):
        pass

    staying = [Date(2020, 1, 2), moment(2020, 1, 2, tzinfo=Zone()), Money("1"), Bag("a"), [Date(2020, 1, 2)], {object()}, {Money("2")}]
    for value in staying:
        assert probe.echo(value) is value, value
    assert rows()["echo"]["native"] == len(crossing) and rows()["echo"]["back"]["guarded"] == len(staying)
    real, datetime.date = datetime.date, Date  # as freezegun does: results are the original's business
    assert probe.echo(real(2020, 1, 2)) == real(2020, 1, 2) and rows()["echo"]["back"]["unsupported"] == 1
    datetime.date = real

    class Trap:  # changes the list while a set in it is gone through
        def __del__(self):
            del victim[:]

    for _ in range(3):
        victim = [{1, 2}, "a" * 50, {3}, Decimal("1.5"), "b" * 50]
        trap = Trap()
        trap.itself = trap
        del trap
        gc.set_threshold(1)
        probe.echo(victim)
        gc.set_threshold(700)


def guards():
    import probe
    assert probe.twice(2**62) == 2**63 and probe.twice(2**70) == 2**71  # beyond int64 in the result, in the argument
    assert probe.twice(True) == 2 and probe.twice("ab") == "abab" and probe.twice(1.5) == 3.0
    assert probe.greet("bob") == "hello bob" and probe.greet("bob", times=2, end="é") == "hello bobé" * 2
    assert probe.greet(Str("bob")) == "hello bob"
    assert probe.sum_(1, 2, 3) == 6 and probe.sum_(1.5, 2) == 3.5 and probe.sum_() == 0
    assert probe.join(["a", "b"]) == ["a!", "b!"] and probe.join(("a",)) == ["a!"] and probe.join([Str("a")]) == ["a!"]
    assert probe.cached("x") == "native" and probe.cached("x") == "native" and probe.cached.cache_info().hits == 1
    assert probe.cached(1) == "python"
    assert probe.wrapped("x") == "native" and probe.wrapped("x", "b") == "native b" == probe.wrapped(y="b", x="x")
    assert probe.wrapped(1) == "python" and probe.wrapped.__wrapped__("x") == "python"
    assert probe.led("x") == "native" and probe.led("x", "b") == "native b" == probe.led("x", y="b") and probe.led(1) == "python"
    assert probe.closed("x") == "native" and probe.closed(1) == "python free"
    assert list(probe.generated(1)) == [1] and probe.Holder.fixed("x") == "native" and probe.Holder().fixed(1) == "python"
    for call in (lambda: probe.wrapped(), lambda: probe.wrapped("x", x="y"), lambda: probe.wrapped("x", z=1), lambda: probe.led(x="x"),
                 lambda: probe.led("x", x="y"), lambda: probe.led("x", "y", "z"), lambda: probe.greet(),
                 lambda: probe.twice(1, 2)):
        try:
            call()
        except TypeError:
            continue
        raise AssertionError("no TypeError")
    table = rows()
    assert table["twice"]["calls"] == 5 and table["twice"]["native"] == 0, table["twice"]
    assert table["twice"]["back"] == {"guarded": 4, "unsupported": 1, "patched": 0, "raised": 0, "panicked": 0}, table["twice"]
    assert table["generated"]["reason"] == "it is a generator or a coroutine"
    assert table["greet"]["native"] == 2 and table["greet"]["seconds"] > 0


def exceptions():
    import probe
    for how in ("value", "raise"):
        try:
            probe.fail(how)
        except ValueError as error:
            assert error.args == ("python", how) and error.__context__ is None
            frames = traceback.extract_tb(error.__traceback__)
            assert [frame.name for frame in frames] == ["exceptions", "fail"], frames
            assert "a line that tests look for" in frames[-1].line
        else:
            raise AssertionError(how)
    for how in ("panic", "nil", "bad"):
        assert probe.fail(how) == "python " + how
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert probe.fail("bridged") == "python bridged"
    assert caught[0].filename == __file__.replace(".pyc", ".py"), caught[0]  # stacklevel=2 is the caller
    assert probe.fail("x") == "native"
    assert rows()["fail"]["back"] == {"guarded": 0, "unsupported": 2, "patched": 0, "raised": 2, "panicked": 2}


def looks():
    import copy
    import pydoc
    from unittest import mock
    import probe
    assert str(inspect.signature(probe.greet)) == "(name, greeting='hello', times=1, **kw)"
    assert inspect.getsource(probe.greet).startswith("def greet(name") and probe.greet.__doc__ == "Greets."
    assert probe.greet.__code__.co_firstlineno == inspect.getsourcelines(probe.greet)[1]
    assert probe.greet.__name__ == probe.greet.__qualname__ == "greet" and probe.greet.__module__ == "probe"
    assert pickle.loads(pickle.dumps(probe.greet)) is probe.greet and probe.alias is probe.twice
    assert probe.greet.__code__.co_varnames == ("name", "greeting", "times", "kw") and probe.greet.__code__.co_argcount == 3
    wrapping = functools.wraps(probe.greet)(lambda *a: None)
    assert wrapping.__wrapped__ is probe.greet
    assert copy.copy(probe.greet) is probe.greet is copy.deepcopy([probe.greet])[0] and "Greets." in pydoc.render_doc(probe.greet)
    with mock.patch("probe.greet", autospec=True) as spec:
        probe.greet("x", times=2)
        spec.assert_called_once_with("x", times=2)
        try:
            probe.greet()
        except TypeError:
            pass
        else:
            raise AssertionError("a mock with another signature")

    class Sub(probe.Holder):
        pass
    assert Sub.fixed("x") == "native" and Sub().fixed(1) == "python"
    seen = []
    sys.setprofile(lambda frame, event, arg: seen.append((event, frame.f_code.co_name)))
    probe.twice(2)
    sys.setprofile(None)
    assert ("call", "twice") in seen and ("return", "twice") in seen, seen
    calls = []
    sys.settrace(lambda frame, event, arg: calls.append((event, frame.f_code.co_name)))
    probe.twice(2)
    sys.settrace(None)
    assert ("call", "twice") in calls, calls
    probe.greet.__defaults__ = ("bye", 1)
    assert probe.greet("x") == "bye x"


def patched():
    from unittest import mock
    import probe
    assert probe.helped("a") == "native"
    with mock.patch("probe.helper", lambda x: "mock"):
        assert probe.helped("a") == "mock"
    assert probe.helped("a") == "native"
    with mock.patch("probe.deepest", lambda x: "deep " + x):
        assert probe.helped("a") == "helper deep a"
    assert probe.helped("a") == "native"
    with mock.patch("warnings.formatwarning", None):
        assert probe.helped("a") == "helper "
    assert probe.helped("a") == "native"
    for patch, wanted in ((mock.patch.object(probe.Tool, "use", lambda self, x: "method"), "helper method"),
                          (mock.patch.object(probe.Base, "shape", lambda self, x: "base"), "helper base"),
                          (mock.patch.object(probe.Tool, "shape", lambda self, x: "hidden", create=True), "helper hidden"),
                          (mock.patch("probe.Tool.suffix", "!"), "helper a!"), (mock.patch("probe.Tool", mock.MagicMock()), None),
                          (mock.patch("probe.MARK", "?"), "helper a?"), (mock.patch("probe.TABLE", ["+"]), "helper a+"),
                          (mock.patch("probe.format", lambda x: "shadow", create=True), "helper shadow"),
                          (mock.patch("builtins.format", lambda x: "builtin"), "helper builtin")):
        with patch:
            result = probe.helped("a")
            assert result == wanted if wanted else result != "native", (result, wanted)
        assert probe.helped("a") == "native", wanted
    # What a function of the package assigns to itself is no patch; a table that is changed in place is not seen.
    assert probe.kept() == [] and probe.helped("a") == "native"
    probe.TABLE.append("+")
    assert probe.helped("a") == "native"
    probe.TABLE.clear()
    code, probe.helper.__code__ = probe.helper.__code__, (lambda x: "other").__code__
    assert probe.helped("a") == "other"
    probe.helper.__code__ = code
    assert probe.helped("a") == "native"
    helper = probe.helper
    del probe.helper
    try:
        probe.helped("a")
        raise AssertionError("no NameError")
    except NameError:
        pass
    probe.helper = helper
    assert probe.helped("a") == "native"
    for number in range(3):  # changes of other names cost a look, no more
        probe.unrelated = number
        assert probe.helped("a") == "native"
    assert rows()["helped"]["back"]["patched"] == 14, rows()["helped"]
    with mock.patch("probe.helped", return_value=3):
        assert probe.helped("a") == 3
    assert probe.helped("a") == "native"


def in_child(_=None):
    import probe
    return probe.cached.__wrapped__("x"), state()


def forks():
    import multiprocessing
    import probe
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(in_child, [1]) == [("native", "running")]  # before the first call here
    assert state() == "not started"
    assert probe.twice(2) == 4 and state() == "running"
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(in_child, [1]) == [("python", "forked")]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(in_child, [1]) == [("native", "running")]
    child = os.fork()
    if not child:
        os._exit(0 if probe.cached.__wrapped__("x") == "python" and probe.twice(2) == 4 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert probe.cached.__wrapped__("x") == "native"


def threads():
    import probe
    wrong = []

    def work(number):
        for i in range(300):
            text = "%d-%d" % (number, i) * (1 + i % 7 * 500)  # some large enough to let others run
            if probe.join([text, text]) != [text + "!"] * 2 or probe.echo({text: i}) != {text: i}:
                wrong.append(text)
    some = [threading.Thread(target=work, args=(i,)) for i in range(16)]
    for thread in some:
        thread.start()
    for thread in some:
        thread.join()
    assert not wrong and rows()["join"]["native"] == 16 * 300


def interrupted():
    # Who was started in the background inherits an ignored SIGINT.
    program = ("import probe, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
               "assert probe.spin(1) != -1\nprint('ready', flush=True)\n"
               "while True: probe.spin(1000000)\n")
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=HERE)
    assert child.stdout.readline() == b"ready\n"
    child.send_signal(signal.SIGINT)
    errors = child.communicate(timeout=60)[1].decode()
    assert "KeyboardInterrupt" in errors and child.returncode in (130, -signal.SIGINT), (child.returncode, errors)


def handlers():
    """Signals of Python's go on after Go has started."""
    import probe
    got = []
    signal.signal(signal.SIGUSR1, lambda *a: got.append("before"))
    action = signal.getsignal(signal.SIGPIPE)
    assert probe.twice(2) == 4
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR2, lambda *a: got.append("after"))
    os.kill(os.getpid(), signal.SIGUSR2)
    assert got == ["before", "after"] and signal.getsignal(signal.SIGPIPE) == action
    for setting, wanted in (("", 0), ("signal.signal(signal.SIGPIPE, signal.SIG_DFL)", -signal.SIGPIPE)):
        program = ("import os, signal\n%s\nimport probe\nassert probe.twice(2) == 4\nr, w = os.pipe()\nos.close(r)\n"
                   "try: os.write(w, b'x')\nexcept BrokenPipeError: pass\n" % setting)
        child = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, cwd=HERE)
        assert child.returncode == wanted, (setting, child)
    program = "import faulthandler, os, signal\nfaulthandler.enable()\nimport probe\nassert probe.fail('nil') == 'python nil'\nimport ctypes\nctypes.string_at(0)\n"
    child = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, cwd=HERE)
    assert b"Segmentation fault" in child.stderr and b"string_at" in child.stderr and child.returncode == -signal.SIGSEGV, child


def interpreters():
    import probe
    assert probe.twice(2) == 4
    try:
        import _interpreters
    except ImportError:
        import _xxsubinterpreters as _interpreters
    number = _interpreters.create()
    program = ("import sys\nsys.path[:0] = %r\nimport warnings\nwarnings.simplefilter('error')\nimport probe, gophersnake_bundle\n"
               "assert probe.cached('x') == 'python'\nwanted = gophersnake_bundle.report()['library']\n"
               "assert 'sub-interpreter' in wanted, wanted\n" % sys.path[:2])
    failed = _interpreters.run_string(number, program)
    assert not failed, failed
    assert probe.cached("x") == "native"


def off():
    import probe
    assert probe.cached("x") == "python" and rows()["cached"]["state"] == "python"
    print(rows()["cached"]["reason"])


def broken():
    """One warning, at the import or at the first call, and Python's results."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        import probe
        for _ in range(3):
            assert probe.cached.__wrapped__("x") == "python" and probe.twice(3) == 6
    assert [row.category for row in caught] == [RuntimeWarning], caught
    print(caught[0].message)


def strict():
    try:
        import probe
        probe.cached("x")
    except ImportError as error:
        print("ImportError:", error)


def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        off()


def late():
    """What importing costs, and that nothing of Go runs before the first call."""
    before = set(sys.modules)
    import gophersnake_bundle
    extra = {name for name in set(sys.modules) - before if not name.startswith("gophersnake_bundle")}
    assert not extra, extra
    with open("/proc/self/maps") as maps:
        assert "_go.so" not in maps.read()
    assert len(os.listdir("/proc/self/task")) == 1


def imports():
    """A call at import time is the original's and does not start Go; the next one does."""
    import importer
    assert importer.result == "python" and state() == "not started"
    assert importer.later() == "native" and state() == "running"
    assert rows()["cached"]["calls"] == 2 and rows()["cached"]["native"] == 1


def sleepers():
    """Other threads run while Go works on something large."""
    import probe
    ticks, done = [], threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(1)
            time.sleep(0.001)
    probe.spin(10000000)  # the first long one is noted
    thread = threading.Thread(target=tick)
    thread.start()
    count = len(ticks)
    for _ in range(10):
        probe.spin(30000000)
    seen = len(ticks) - count
    done.set()
    thread.join()
    assert seen > 3, seen


if __name__ == "__main__":
    globals()[sys.argv[1]]()
