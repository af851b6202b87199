package pyrt

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"
	"time"
)

// The tests' own release: a wheel made here, registered as a generated pysrc package does, and Go code as the generator
// writes it.

var sampleFiles = map[string]string{
	"sample/__init__.py": `
"""A sample."""
import os, sys, threading

LIMIT = 10
ITEMS = [1, 2]
_log = []

def add1(x: int) -> int:
    return x + 1

def shout(s: str) -> str:
    return s.upper()

def echo(*args, **kwargs):
    if kwargs:
        return args, kwargs
    return args[0] if len(args) == 1 else args

def describe(*args):
    return [type(arg).__name__ for arg in args]

def order(**kwargs):
    return list(kwargs)

def options(a, b=1, /, c=2, *args, d=3, **kwargs):
    return [a, b, c, list(args), d, kwargs]

def where():
    return os.path.dirname(os.path.abspath(__file__))

def data():
    with open(os.path.join(where(), "data.txt"), "rb") as file:
        return file.read()

def version():
    from importlib.metadata import version
    return version("sample-dist")

def big(n):
    return 1 << n

def surrogate():
    return "a\ud800b"

class Text(str):
    pass

class Number(int):
    pass

class Row(list):
    pass

def text():
    return Text("safe")

def number():
    return Number(7)

def wrong(x: int) -> int:
    return "seven"

class Problem(Exception):
    pass

class SmallProblem(Problem, ValueError):
    pass

def recurse(n):
    return recurse(n + 1)

def fail(kind, *args):
    secret = object()
    if kind == "chain":
        try:
            {}["key"]
        except KeyError as error:
            raise SmallProblem("no", 42) from error
    if kind == "recursion":
        return recurse(1)
    if kind == "unprintable":
        class Bad(Exception):
            def __str__(self):
                raise ValueError("no str")
        raise Bad()
    raise {"value": ValueError, "small": SmallProblem, "exit": SystemExit}[kind](*args)

class Token:
    kind = "token"
    live = 0

    def __init__(self, value, *, colour=None):
        if value == "bad":
            raise SmallProblem("bad value")
        self.value = value
        self.colour = colour
        Token.live += 1

    def __del__(self):
        Token.live -= 1

    def __str__(self):
        return "Token(%s)" % self.value

    def __len__(self):
        return len(self.value)

    def __iter__(self):
        return iter(self.value)

    def join(self, other, sep="-"):
        return self.value + sep + other.value

    def same(self, other):
        return self is other

    @classmethod
    def of(cls, value):
        return cls(value)

    @property
    def upper(self):
        return self.value.upper()

class Word(Token):
    pass

class Odd:
    def __new__(cls, what):
        return what

def live():
    import gc
    gc.collect()
    return Token.live

def each(items, function):
    return [function(item) for item in items]

def call(function, *args, **kwargs):
    return function(*args, **kwargs)

def caught(function):
    try:
        return function()
    except Exception as error:
        return type(error).__name__, str(error), [cls.__name__ for cls in type(error).__mro__]

def signature(function):
    import inspect
    return str(inspect.signature(function)), function.__name__

def generator(n):
    try:
        for number in range(n):
            yield number
        if n == 5:
            raise SmallProblem("five")
    finally:
        _log.append("closed")

def log():
    copy = list(_log)
    del _log[:]
    return copy

class Manager:
    def __init__(self, swallow=False):
        self.swallow = swallow

    def __enter__(self):
        _log.append("enter %d" % threading.get_ident())
        return "value"

    def __exit__(self, kind, error, trace):
        _log.append("exit %s %d" % (kind.__name__ if kind else None, threading.get_ident()))
        return self.swallow

class AsyncManager:
    async def __aenter__(self):
        return "async value"

    async def __aexit__(self, *details):
        _log.append("async exit")

async def coroutine(n, function=None):
    import asyncio
    await asyncio.sleep(0)
    if n < 0:
        raise SmallProblem("negative")
    return n * 2 if function is None else function(n)

async def async_generator(n):
    for number in range(n):
        yield number

def loop_id():
    async def identity():
        import asyncio
        return id(asyncio.get_running_loop())
    return identity()

def deep(n):
    value = []
    for _ in range(n):
        value = [value]
    return value

def cycle():
    value = [1]
    value.append(value)
    return value

def make_class(name):
    return type(name, (Token,), {})

def threads(function, n):
    results = []
    workers = [threading.Thread(target=lambda: results.append(function())) for _ in range(n)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return results

def write(text):
    sys.stdout.write(text)

def write_bytes(data):
    sys.stdout.buffer.write(data)

def processes():
    import multiprocessing, subprocess
    out = subprocess.run([sys.executable, "-c", "print(1 + 1)"], stdout=subprocess.PIPE).stdout
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return out, pool.map(add1, [1, 2])

def main_thread():
    return threading.current_thread() is threading.main_thread()

def stop_me(number):
    import signal
    signal.signal(number, lambda *args: None)
`,
	"sample/data.txt":                      "package data\n",
	"sample/sub.py":                        "from . import add1\nVALUE = {'a': [1, (2, None)]}\n",
	"sample_dist-1.2.dist-info/METADATA":   "Metadata-Version: 2.1\nName: sample-dist\nVersion: 1.2\n",
	"sample_dist-1.2.dist-info/RECORD":     "",
	"sample_dist-1.2.data/purelib/pure.py": "WHERE = __file__\n",
	"sample_dist-1.2.data/platlib/plat.py": "WHERE = __file__\n",
	"sample_dist-1.2.data/scripts/tool":    "#!python\n",
	"sample_dist-1.2.data/headers/x.h":     "",
	"space/one.py":                         "N = 1\n", // a namespace package in two releases
	"evil.pth":                             "import os; os.environ['PTH'] = 'run'\n",
}

var secondFiles = map[string]string{
	"space/two.py": "N = 2\n",
	"second.py":    "import sample\nN = sample.LIMIT\n",
}

func wheel(files map[string]string) []byte {
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Unix(1700000000, 0)}
		file, err := archive.CreateHeader(header)
		if err == nil {
			_, err = file.Write([]byte(files[name]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := archive.Close(); err != nil {
		panic(err)
	}
	return buffer.Bytes()
}

func distribution(name, version string, files map[string]string) Distribution {
	archive := wheel(files)
	digest := sha256.Sum256(archive)
	return Distribution{Name: name, Version: version, SHA256: hex.EncodeToString(digest[:]), Archive: archive}
}

// ---- as generated ----------------------------------------------------------------------------------------------------

var (
	fnAdd1    = Func{Module: "sample", Name: "add1"}
	fnShout   = Func{Module: "sample", Name: "shout"}
	fnWrong   = Func{Module: "sample", Name: "wrong"}
	fnTokenOf = Func{Module: "sample", Name: "Token.of"}
	varLimit  = Var{Module: "sample", Name: "LIMIT"}

	methodTokenJoin = Method{Module: "sample", Class: "Token", Name: "join"}
)

func Add1(x int) (int, error)        { return fnAdd1.CallIntInt(x) }
func Shout(s string) (string, error) { return fnShout.CallStrStr(s) }
func TokenOf(value any) (any, error) { return fnTokenOf.Call([]any{value}, nil, nil, nil) }

type Token struct{ Instance }
type Word struct{ Token }

var TokenClass = Class{Module: "sample", Name: "Token"}
var WordClass = Class{Module: "sample", Name: "Word"}
var ProblemClass = Class{Module: "sample", Name: "Problem"}
var SmallProblemClass = Class{Module: "sample", Name: "SmallProblem"}

type NewTokenOptions struct{ Colour any }

func NewToken(value any, options ...NewTokenOptions) (*Token, error) {
	var o NewTokenOptions
	if len(options) > 0 {
		o = options[0]
	}
	self := new(Token)
	if err := TokenClass.New(self, []any{value}, []Keyword{{Name: "colour", Value: o.Colour}}, nil, nil); err != nil {
		return nil, err
	}
	return self, nil
}

func (self *Token) Join(other any, sep any) (any, error) {
	return methodTokenJoin.Call(self, []any{other}, []Keyword{{Name: "sep", Value: sep}}, nil, nil)
}

func (self *Token) Value() (any, error)      { return Get(self, "value") }
func (self *Token) SetValue(value any) error { return Set(self, "value", value) }

type Problem struct{ Instance }

var sampleTypes = [...]Type{
	{Module: "sample", Name: "Token", New: func() Bound { return new(Token) }},
	{Module: "sample", Name: "Word", New: func() Bound { return new(Word) }},
	{Module: "sample", Name: "Problem", New: func() Bound { return new(Problem) }},
}

func init() {
	RegisterTypes(sampleTypes[:])
	Register(distribution("sample-dist", "1.2", sampleFiles))
	Register(distribution("second", "1", secondFiles))
}

// ---- helpers ---------------------------------------------------------------------------------------------------------

// TestMain gives the tests a cache folder of their own, and lets a child process play a part (see child).
func TestMain(m *testing.M) {
	if part := os.Getenv("PYRT_TEST_PART"); part != "" {
		parts[part]()
		return
	}
	folder, err := os.MkdirTemp("", "pyrt-test-")
	if err != nil {
		panic(err)
	}
	if os.Getenv("GOPHERSNAKE_CACHE_DIR") == "" {
		os.Setenv("GOPHERSNAKE_CACHE_DIR", folder)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// sample calls a function of the sample module; a last Kwargs is its keywords.
func sample(t testing.TB, name string, args ...any) any {
	t.Helper()
	result, err := try(name, args...)
	if err != nil {
		t.Fatalf("sample.%s: %+v", name, err)
	}
	return result
}

func try(name string, args ...any) (any, error) {
	module, err := Import("sample")
	if err != nil {
		return nil, err
	}
	return module.CallMethod(name, args...)
}

// same compares by what Go prints, types included.
func same(t testing.TB, got, want any) {
	t.Helper()
	if g, w := show(got), show(want); g != w {
		t.Errorf("got %s, want %s", g, w)
	}
}

func show(value any) string {
	text := fmt.Sprintf("%#v", value)
	return strings.NewReplacer("interface {}", "any", "pyrt.", "").Replace(text)
}

func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%+v", err)
		}
		return value
	}
}
