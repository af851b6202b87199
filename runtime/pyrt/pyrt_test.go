package pyrt

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCalls(t *testing.T) {
	same(t, must[int](t)(Add1(41)), 42)
	same(t, must[int](t)(Add1(-1)), 0)
	same(t, must[string](t)(Shout("straße ✓")), "STRASSE ✓")
	same(t, must[string](t)(Shout("")), "")
	long := strings.Repeat("long ", 1000)
	same(t, must[string](t)(Shout(long)), strings.ToUpper(long))
	same(t, sample(t, "options", 1), []any{int64(1), int64(1), int64(2), []any{}, int64(3), Dict{}})
	same(t, sample(t, "order", Kwargs{"b": 1, "a": 2, "c": nil}), []any{"a", "b", "c"})
	many := make([]any, 100)
	for i := range many {
		many[i] = int64(i)
	}
	same(t, sample(t, "echo", many...), Tuple(many))
}

func TestOptionalParameters(t *testing.T) {
	function := Func{Module: "sample", Name: "options"}
	keywords := func(b, c, d any) []Keyword {
		return []Keyword{{Name: "b", Value: b, PositionalOnly: true}, {Name: "c", Value: c, BeforeArgs: true}, {Name: "d", Value: d}}
	}
	check := func(want any, keywords []Keyword, star []any, kwargs Kwargs) {
		t.Helper()
		same(t, must[any](t)(function.Call([]any{"a"}, keywords, star, kwargs)), want)
	}
	one, two, three, none := int64(1), int64(2), int64(3), []any{}
	check([]any{"a", one, two, none, three, Dict{}}, keywords(nil, nil, nil), nil, nil)
	check([]any{"a", "B", two, none, "D", Dict{}}, keywords("B", nil, "D"), nil, nil)
	check([]any{"a", one, "C", none, three, Dict{}}, keywords(nil, "C", nil), nil, nil)
	check([]any{"a", "B", "C", []any{"x", "y"}, nil, Dict{{"e", "E"}}}, keywords("B", "C", None), []any{"x", "y"}, Kwargs{"e": "E"})
	for want, call := range map[string]func() (any, error){
		"sample.options: c comes by position, so b must be given too": func() (any, error) {
			return function.Call([]any{"a"}, keywords(nil, "C", nil), []any{"x"}, nil)
		},
		"sample.options: variable arguments come by position, so c must be given too": func() (any, error) {
			return function.Call([]any{"a"}, keywords("B", nil, nil), []any{"x"}, nil)
		},
		"sample.options: d is given twice: by its field and in Kwargs": func() (any, error) {
			return function.Call([]any{"a"}, keywords(nil, nil, 1), nil, Kwargs{"d": 2})
		},
		"sample.options: argument 1: a Go chan int cannot become a Python object": func() (any, error) {
			return function.Call([]any{make(chan int)}, nil, nil, nil)
		},
	} {
		if _, err := call(); err == nil || err.Error() != "pyrt: "+want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := function.Call(nil, nil, nil, nil); !errors.Is(err, TypeError) {
		t.Errorf("a missing argument gave %v", err)
	}
	same(t, Given(nil), None)
	same(t, Given(1), 1)
}

func TestValues(t *testing.T) {
	huge, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	for _, value := range []any{
		nil, true, false, int64(0), int64(math.MaxInt64), int64(math.MinInt64), 1.5, math.Inf(1), "", "x", "日本\x00✓",
		[]byte{}, []byte("\xff\x00"), []any{}, []any{int64(1), "a", nil, []any{}}, Tuple{}, Tuple{int64(1), Tuple{2.5}},
		Dict{}, Dict{{"b", int64(1)}, {int64(1), Dict{{Tuple{"t", nil}, []any{}}}}, {nil, nil}},
		huge, new(big.Int).Lsh(big.NewInt(1), 64),
	} {
		same(t, sample(t, "echo", value), value)
	}
	type name string
	type count uint16
	text := "text"
	for _, row := range []struct{ in, want any }{
		{1, int64(1)}, {int8(-1), int64(-1)}, {uint64(math.MaxUint64), new(big.Int).SetUint64(math.MaxUint64)}, {count(3), int64(3)},
		{name("n"), "n"}, {float32(0.5), 0.5}, {&text, "text"}, {(*string)(nil), nil}, {None, nil}, {big.NewInt(7), int64(7)},
		{[]string{"a"}, []any{"a"}}, {[2]int{1, 2}, []any{int64(1), int64(2)}}, {map[string]any{"b": 1, "a": 2}, Dict{{"a", int64(2)}, {"b", int64(1)}}},
		{map[int]bool{2: true, 1: false}, Dict{{int64(1), false}, {int64(2), true}}}, {[]any(nil), []any{}}, {(*Token)(nil), nil}, {(*Object)(nil), nil},
		{Kwargs{"a": 1}, nil},
	} {
		if _, ok := row.in.(Kwargs); ok {
			same(t, sample(t, "echo", Kwargs{"a": 1}), Tuple{Tuple{}, Dict{{"a", int64(1)}}})
			continue
		}
		same(t, sample(t, "echo", row.in), row.want)
	}
	same(t, sample(t, "big", 70), new(big.Int).Lsh(big.NewInt(1), 70))
	same(t, sample(t, "describe", 1, "s", []byte{}, 1.0, nil, true, Tuple{}, []any{}, Dict{}, huge, TokenClass, TypeError),
		[]any{"int", "str", "bytes", "float", "NoneType", "bool", "tuple", "list", "dict", "int", "type", "type"})
	if _, err := try("echo", "\xff"); !errors.Is(err, UnicodeDecodeError) {
		t.Errorf("a string that is no UTF-8: %v", err)
	}
	if _, err := try("echo", struct{}{}); err == nil {
		t.Error("a struct became a Python object")
	}
}

func TestOddValues(t *testing.T) {
	surrogate := sample(t, "surrogate").(*Object)
	same(t, surrogate.TypeName(), "str")
	same(t, must[int](t)(Len(surrogate, nil)), 3)
	if _, err := Str(surrogate, nil); err == nil {
		t.Error("a lone surrogate became a Go string")
	}
	cycle := sample(t, "cycle").([]any)
	same(t, cycle[0], int64(1))
	inner := cycle[1].(*Object)
	same(t, must[any](t)(Item(must[any](t)(Item(inner, 1)), 0)), int64(1))
	deep := sample(t, "deep", 100)
	depth := 0
	for {
		list, ok := deep.([]any)
		if !ok || len(list) == 0 {
			break
		}
		deep = list[0]
		depth++
	}
	if depth < 50 {
		t.Errorf("only %d lists deep", depth)
	}
	if deep.(*Object).TypeName() != "list" {
		t.Errorf("the rest is %v", deep)
	}
	endless := []any{nil}
	endless[0] = endless
	if _, err := try("echo", endless); err == nil || !strings.Contains(err.Error(), "nested") {
		t.Errorf("an endless Go value: %v", err)
	}
}

func TestConversions(t *testing.T) {
	same(t, must[string](t)(Str(try("text"))), "safe")
	same(t, must[int](t)(Int(try("number"))), 7)
	same(t, must[int](t)(Int(true, nil)), 1)
	same(t, must[float64](t)(Float(int64(2), nil)), 2.0)
	same(t, must[bool](t)(Bool(true, nil)), true)
	same(t, must[bool](t)(Truth(try("echo", []any{}))), false)
	bytearray := Class{"builtins", "bytearray"}
	same(t, must[[]byte](t)(Bytes(bytearray.Call([]byte("ab")))), []byte("ab"))
	same(t, must[[]byte](t)(Bytes([]byte("c"), nil)), []byte("c"))
	same(t, must[[]any](t)(List(Class{"builtins", "range"}.Call(2))), []any{int64(0), int64(1)})
	same(t, must[[]any](t)(List("ab", nil)), []any{"a", "b"})
	same(t, must[[]any](t)(As[[]any]("f", must[any](t)(Class{"sample", "Row"}.Call([]any{1})), nil)), []any{int64(1)})
	same(t, must[[]string](t)(To[[]string](try("echo", []any{"a", "b"}))), []string{"a", "b"})
	same(t, must[map[string][]int](t)(To[map[string][]int](try("echo", Dict{{"a", []any{1}}}))), map[string][]int{"a": {1}})
	same(t, *must[*string](t)(As[*string]("f", "x", nil)), "x")
	same(t, must[*string](t)(As[*string]("f", nil, nil)) == nil, true)
	same(t, must[any](t)(As[any]("f", nil, nil)), nil)
	same(t, must[uint8](t)(To[uint8](int64(255), nil)), uint8(255))
	same(t, AsNone("f", nil, nil), nil)
	for want, err := range map[string]error{
		"pyrt: sample.wrong contradicts its annotation: Python gave a str where Go has int":               second(fnWrong.CallIntInt(1)),
		"pyrt: m.f contradicts its annotation: Python gave None where Go has string":                      second(As[string]("m.f", nil, nil)),
		"pyrt: m.f contradicts its annotation: Python gave an int where None was announced":               AsNone("m.f", int64(1), nil),
		"pyrt: the int 256 does not fit a Go uint8":                                                       second(To[uint8](int64(256), nil)),
		"pyrt: the int 18446744073709551616 does not fit a Go int":                                        second(Int(try("big", 64))),
		"pyrt: Python gave a sample.Token where Go has string":                                            second(Str(TokenOf("a"))),
		"pyrt: item 1: Python gave a float where Go has int":                                              second(To[[]int]([]any{int64(1), 2.5}, nil)),
		"pyrt: sample.add1 contradicts its annotation: the int 9223372036854775808 does not fit a Go int": second(Add1(math.MaxInt64)),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestClasses(t *testing.T) {
	token, err := NewToken("ab", NewTokenOptions{Colour: "red"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, must[any](t)(token.Value()), "ab")
	same(t, must[any](t)(token.PyGet("colour")), "red")
	if err := token.SetValue("cd"); err != nil {
		t.Fatal(err)
	}
	same(t, must[any](t)(token.PyGet("upper")), "CD")
	same(t, fmt.Sprint(token), "Token(cd)")
	same(t, must[int](t)(Len(token, nil)), 2)
	other, ok := must[any](t)(TokenOf("x")).(*Token)
	if !ok {
		t.Fatal("Token.of gave no *Token")
	}
	same(t, must[any](t)(token.Join(other, nil)), "cd-x")
	same(t, must[any](t)(token.Join(other, "+")), "cd+x")
	same(t, must[any](t)(token.PyCall("join", other, Kwargs{"sep": "/"})), "cd/x")
	same(t, must[any](t)(token.PyCall("same", token)), true)
	same(t, must[any](t)(Get(TokenClass, "kind")), "token")
	if err := Set(TokenClass, "kind", "other"); err != nil {
		t.Fatal(err)
	}
	same(t, must[any](t)(token.PyGet("kind")), "other")

	echo := sample(t, "echo", token).(*Token)
	same(t, Same(echo, token), true)
	same(t, Same(other, token), false)
	same(t, must[bool](t)(Equal(echo, token)), true)

	// the nearest class on the MRO that has a Go type
	made, err := Call(sample(t, "make_class", "Dynamic"), "z")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := made.(*Token); !ok {
		t.Errorf("a subclass of Token is a %T", made)
	}
	word := must[any](t)(WordClass.Call("w"))
	if _, ok := word.(*Word); !ok {
		t.Errorf("Word gave a %T", word)
	}
	same(t, must[*Word](t)(To[*Word](word, nil)).String(), "Token(w)")

	if _, err := NewToken("bad"); !errors.Is(err, SmallProblemClass) {
		t.Errorf("NewToken(bad) gave %v", err)
	}
	err = Class{"sample", "Odd"}.New(new(Token), []any{"str"}, nil, nil, nil)
	if err == nil || err.Error() != "pyrt: the class sample.Odd gave a str, not an instance: use Call" {
		t.Errorf("Odd gave %v", err)
	}
	var unbound Token
	for _, err := range []error{second(unbound.Join(1, nil)), second(Get(&unbound, "x")), second((*Token)(nil).Join(1, nil))} {
		if err == nil || !strings.Contains(err.Error(), "stands for no Python object") {
			t.Errorf("an unbound Token: %v", err)
		}
	}
	same(t, unbound.String(), "<no Python object>")
}

func TestVariables(t *testing.T) {
	same(t, must[any](t)(varLimit.Get()), int64(10))
	if err := varLimit.Set(11); err != nil {
		t.Fatal(err)
	}
	same(t, must[any](t)(varLimit.Get()), int64(11))
	if err := varLimit.Set(10); err != nil {
		t.Fatal(err)
	}
	value := Var{Module: "sample.sub", Name: "VALUE"}
	same(t, must[any](t)(value.Get()), Dict{{"a", []any{int64(1), Tuple{int64(2), nil}}}})
	if _, err := (&Var{Module: "sample", Name: "NONE"}).Get(); !errors.Is(err, AttributeError) {
		t.Errorf("a variable that is not there: %v", err)
	}
	if _, err := (&Var{Module: "sample.none", Name: "NONE"}).Get(); !errors.Is(err, ModuleNotFoundError) {
		t.Errorf("a module that is not there: %v", err)
	}
	// a list as a handle stays the same list
	module := must[*Object](t)(Import("sample"))
	items := must[*Object](t)(module.GetObject("ITEMS"))
	must[any](t)(items.CallMethod("append", 3))
	same(t, must[any](t)(module.Get("ITEMS")), []any{int64(1), int64(2), int64(3)})
	list := must[*Object](t)(NewObject([]any{1}))
	if err := SetItem(list, 0, "x"); err != nil {
		t.Fatal(err)
	}
	same(t, must[any](t)(Item(list, 0)), "x")
	if err := DeleteItem(list, 0); err != nil {
		t.Fatal(err)
	}
	same(t, must[int](t)(Len(list, nil)), 0)
	// functions are looked up at each call
	old := must[*Object](t)(module.GetObject("add1"))
	if err := module.Set("add1", func(n int) int { return n + 100 }); err != nil {
		t.Fatal(err)
	}
	same(t, must[int](t)(Add1(1)), 101)
	if err := module.Set("add1", old); err != nil {
		t.Fatal(err)
	}
	same(t, must[int](t)(Add1(1)), 2)
}

func TestErrors(t *testing.T) {
	_, err := try("fail", "chain")
	var failure *Error
	if !errors.As(err, &failure) {
		t.Fatalf("no *Error: %v", err)
	}
	same(t, failure.Class, SmallProblemClass)
	same(t, failure.Error(), "sample.SmallProblem: ('no', 42)")
	same(t, failure.Args, []any{"no", int64(42)})
	same(t, failure.Cause.Class, KeyError)
	for _, part := range []string{"Traceback (most recent call last):", "in fail", `{}["key"]`, "KeyError: 'key'", "direct cause", "SmallProblem"} {
		if !strings.Contains(failure.Traceback, part) {
			t.Errorf("the traceback has no %q:\n%s", part, failure.Traceback)
		}
	}
	same(t, fmt.Sprintf("%+v", err), failure.Traceback)
	same(t, fmt.Sprintf("%v", err), failure.Error())
	if _, ok := failure.Value.(*Problem); !ok {
		t.Errorf("the exception is a %T", failure.Value)
	}
	for class, want := range map[Class]bool{ProblemClass: true, SmallProblemClass: true, ValueError: true, Exception: true, BaseException: true,
		KeyError: false, TypeError: false, {"never.imported", "Error"}: false} {
		if errors.Is(err, class) != want {
			t.Errorf("Is %v: %v", class, !want)
		}
		if errors.Is(fmt.Errorf("context: %w", err), class) != want {
			t.Errorf("wrapped, Is %v: %v", class, !want)
		}
	}
	_, err = try("fail", "value")
	same(t, err.Error(), "ValueError")
	_, err = try("fail", "exit", 3)
	same(t, errors.Is(err, SystemExit), true)
	_, err = try("fail", "unprintable")
	same(t, strings.Contains(err.Error(), "<no message: its __str__ raised ValueError>"), true)
	_, err = try("fail", "recursion")
	same(t, errors.Is(err, RecursionError), true)
	if raised := Raise(SmallProblemClass, "x"); !errors.Is(raised, ValueError) || errors.Is(raised, KeyError) {
		t.Error("Raise does not follow the classes")
	}
}

func TestCallbacks(t *testing.T) {
	times := func(n int) int { return n * 10 }
	same(t, sample(t, "each", []any{1, 2}, times), []any{int64(10), int64(20)})
	same(t, sample(t, "call", func() {}), nil)
	same(t, sample(t, "call", func(a string, b ...int) (string, int) { return a, len(b) }, "x", 1, 2), Tuple{"x", int64(2)})
	same(t, sample(t, "call", func(args ...any) (any, error) { return args, nil }, 1, "a"), []any{int64(1), "a"})
	same(t, sample(t, "call", func(args []any, kwargs Kwargs) (any, error) { return kwargs["k"], nil }, Kwargs{"k": 5}), int64(5))
	same(t, sample(t, "call", func(a int, kwargs Kwargs) any { return kwargs["k"] }, 1, Kwargs{"k": "v"}), "v")
	same(t, sample(t, "call", func(token *Token) *Token { return token }, must[*Token](t)(NewToken("cb"))).(*Token).String(), "Token(cb)")
	same(t, sample(t, "call", func(m map[string][]float64) float64 { return m["a"][1] }, Dict{{"a", []any{1, 2}}}), 2.0)
	same(t, sample(t, "call", func(s *string) bool { return s == nil }, nil), true)
	same(t, sample(t, "call", func(s string) string { return s }, must[any](t)(try("text"))), "safe")
	same(t, sample(t, "signature", func(a, b int, kwargs Kwargs) {}).(Tuple)[0], "(p1, p2, **kwargs)")
	same(t, sample(t, "signature", strings.ToUpper), Tuple{"(p1)", "ToUpper"})

	boom := errors.New("boom")
	_, err := try("call", func() error { return fmt.Errorf("context: %w", boom) })
	same(t, errors.Is(err, boom), true)
	same(t, errors.Is(err, RuntimeError), true)
	same(t, err.Error(), "gophersnake.GoError: context: boom")
	same(t, sample(t, "caught", func() error { return boom }), Tuple{"GoError", "boom", []any{"GoError", "RuntimeError", "Exception", "BaseException", "object"}})
	same(t, sample(t, "caught", func() error { return Raise(SmallProblemClass, "from Go") }).(Tuple)[:2], Tuple{"SmallProblem", "from Go"})
	same(t, sample(t, "caught", func() error { return Raise(KeyError) }).(Tuple)[:2], Tuple{"KeyError", ""})
	_, err = try("call", func() error { panic("oh no") })
	var problem *Panic
	if !errors.As(err, &problem) || problem.Value != "oh no" || !strings.Contains(problem.Stack, "TestCallbacks") {
		t.Errorf("a panic: %v", err)
	}
	same(t, errors.Is(err, RuntimeError), true)
	_, err = try("call", func() error { panic(boom) })
	same(t, errors.Is(err, boom), true)
	// a Python exception that passes through Go is the same one afterwards
	_, err = try("call", func() error { _, err := try("fail", "small", "inner"); return fmt.Errorf("wrapped: %w", err) })
	same(t, errors.Is(err, SmallProblemClass), true)
	same(t, err.Error(), "sample.SmallProblem: inner")
	same(t, strings.Contains(err.(*Error).Traceback, "in fail"), true)
	for _, call := range []func() (any, error){
		func() (any, error) { return try("call", times) },
		func() (any, error) { return try("call", times, 1, 2) },
		func() (any, error) { return try("call", times, "x") },
		func() (any, error) { return try("call", times, 1, Kwargs{"k": 1}) },
	} {
		if _, err := call(); !errors.Is(err, TypeError) {
			t.Errorf("wrong arguments gave %v", err)
		}
	}
	if _, err := try("call", func(chan int) {}); err == nil || !strings.Contains(err.Error(), "chan int") {
		t.Errorf("a channel parameter: %v", err)
	}
	if _, err := try("call", func() any { return make(chan int) }); err == nil || !strings.Contains(err.Error(), "its result") {
		t.Errorf("a channel result: %v", err)
	}
	// Go waits for another goroutine that needs Python
	same(t, sample(t, "call", func() (any, error) {
		result := make(chan any)
		go func() { n, _ := Add1(1); result <- n }()
		return <-result, nil
	}), int64(2))
	// Python's own threads call Go, which calls Python
	for _, n := range sample(t, "threads", func() (int, error) { return Add1(4) }, 4).([]any) {
		same(t, n, int64(5))
	}
	same(t, sample(t, "call", func() (any, error) { return try("call", func() (any, error) { return try("add1", 1) }) }), int64(2))
	same(t, must[any](t)(Call(&fnAdd1, 1)), int64(2))
	same(t, sample(t, "call", &fnAdd1, 5), int64(6))
}

// TestEndlessCallbacks goes from Python to Go and back until Python's stack is at its limit.
func TestEndlessCallbacks(t *testing.T) {
	depth := 0
	var again func() (any, error)
	again = func() (any, error) {
		depth++
		return try("call", again)
	}
	if _, err := again(); !errors.Is(err, RecursionError) {
		t.Errorf("%d deep: %v", depth, err)
	}
	if depth < 100 {
		t.Errorf("only %d deep", depth)
	}
	t.Logf("%d deep", depth)
	same(t, must[int](t)(Add1(1)), 2)
}

func collect(t *testing.T) {
	for i := 0; i < 5; i++ {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
}

func TestRelease(t *testing.T) {
	before := sample(t, "live").(int64)
	for i := 0; i < 2000; i++ {
		must[*Token](t)(NewToken("x"))
		sample(t, "echo", []any{Tuple{must[any](t)(TokenOf("y"))}})
	}
	deadline := time.Now().Add(10 * time.Second)
	for sample(t, "live").(int64) > before+10 && time.Now().Before(deadline) {
		collect(t)
	}
	if after := sample(t, "live").(int64); after > before+10 {
		t.Errorf("%d of 4000 objects are still there", after-before)
	}
	// Go functions and errors that Python dropped
	for i := 0; i < 100; i++ {
		sample(t, "call", func() {})
		try("call", func() error { return errors.New("x") })
		try("echo", func() {}, make(chan int)) // fails after the function was encoded
		try("echo", func() {}, "\xff")         // fails in C
		try("echo", Dict{{[]any{}, func() {}}})
	}
	deadline = time.Now().Add(10 * time.Second)
	for goValues.count() > 20 && time.Now().Before(deadline) {
		sample(t, "live")
		collect(t)
	}
	if count := goValues.count(); count > 20 {
		t.Errorf("%d Go values are still there", count)
	}
}

func TestIter(t *testing.T) {
	gather := func(result any, err error) (items []any) {
		for item, err := range Iter(result, err) {
			if err != nil {
				return append(items, err.Error())
			}
			items = append(items, item)
		}
		return items
	}
	sample(t, "log")
	same(t, gather(try("generator", 3)), []any{int64(0), int64(1), int64(2)})
	same(t, gather(try("generator", 5)), []any{int64(0), int64(1), int64(2), int64(3), int64(4), "sample.SmallProblem: five"})
	same(t, sample(t, "log"), []any{"closed", "closed"})
	for range Iter(try("generator", 3)) {
		break
	}
	runtime.GC()
	same(t, gather(must[any](t)(TokenOf("ab")), nil), []any{"a", "b"})
	same(t, gather([]any{int64(1)}, nil), []any{int64(1)})
	same(t, gather(Tuple{"x"}, nil), []any{"x"})
	same(t, gather(Dict{{"k", 1}}, nil), []any{"k"})
	same(t, gather("ab", nil), []any{"a", "b"})
	same(t, gather(int64(1), nil), []any{"TypeError: 'int' object is not iterable"})
	same(t, gather(nil, errors.New("before")), []any{"before"})
	same(t, gather(try("async_generator", 2)), []any{int64(0), int64(1)})
}

func TestWith(t *testing.T) {
	sample(t, "log")
	boom := errors.New("boom")
	manager := func(args ...any) any { return must[any](t)(Class{"sample", "Manager"}.Call(args...)) }
	same(t, With(manager(), func(value any) error { same(t, value, "value"); return nil }), nil)
	same(t, With(manager(), func(any) error { return boom }) == boom, true)
	same(t, With(manager(true), func(any) error { return boom }), nil)
	err := With(manager(), func(any) error { _, err := try("fail", "value"); return err })
	same(t, errors.Is(err, ValueError), true)
	func() {
		defer func() { same(t, recover(), "panicked") }()
		With(manager(true), func(any) error { panic("panicked") })
	}()
	log := sample(t, "log").([]any)
	var kinds []string
	for i := 0; i < len(log); i += 2 {
		in, out := strings.Fields(log[i].(string)), strings.Fields(log[i+1].(string))
		kinds = append(kinds, out[1])
		same(t, in[1], out[2]) // the same thread
	}
	same(t, kinds, []string{"None", "GoError", "GoError", "ValueError", "GoPanic"})
	same(t, With(must[any](t)(Class{"sample", "AsyncManager"}.Call()), func(value any) error { same(t, value, "async value"); return nil }), nil)
	same(t, sample(t, "log"), []any{"async exit"})
	same(t, errors.Is(With(1, func(any) error { return nil }), TypeError), true)
}

func TestAwait(t *testing.T) {
	same(t, must[any](t)(Await(try("coroutine", 4))), int64(8))
	_, err := Await(try("coroutine", -1))
	same(t, errors.Is(err, SmallProblemClass), true)
	same(t, must[any](t)(Await(try("loop_id"))), must[any](t)(Await(try("loop_id"))))
	_, err = Await(1, nil)
	same(t, errors.Is(err, TypeError), true)
	// from inside the loop
	same(t, must[any](t)(Await(try("coroutine", 1, func(n int) (any, error) { return Await(try("coroutine", n)) }))), int64(2))
	var group sync.WaitGroup
	for i := 0; i < 50; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			if result, err := Await(try("coroutine", i)); err != nil || result != int64(2*i) {
				t.Errorf("%d: %v %v", i, result, err)
			}
		}()
	}
	group.Wait()
}

func TestGoroutines(t *testing.T) {
	var group sync.WaitGroup
	for g := 0; g < 100; g++ {
		group.Add(1)
		go func() {
			defer group.Done()
			if g%10 == 0 {
				runtime.LockOSThread() // the thread ends with the goroutine
			}
			for i := 0; i < 50; i++ {
				if n, err := Add1(i); err != nil || n != i+1 {
					t.Errorf("%d: %v", n, err)
				}
				if token, err := NewToken("g"); err != nil || token.String() != "Token(g)" {
					t.Errorf("%v: %v", token, err)
				}
				if result, err := try("call", func(n int) int { return n }, i); err != nil || result != int64(i) {
					t.Errorf("%v: %v", result, err)
				}
				if _, err := try("fail", "small", i); !errors.Is(err, SmallProblemClass) {
					t.Error(err)
				}
			}
		}()
	}
	group.Wait()
}

func TestSources(t *testing.T) {
	cache := os.Getenv("GOPHERSNAKE_CACHE_DIR")
	where := sample(t, "where").(string)
	if !strings.HasPrefix(where, filepath.Join(cache, "pysrc")) {
		t.Errorf("the sample is in %s", where)
	}
	same(t, sample(t, "data"), []byte("package data\n"))
	same(t, sample(t, "version"), "1.2")
	for _, name := range []string{"pure", "plat"} {
		same(t, must[any](t)((&Var{Module: name, Name: "WHERE"}).Get()), filepath.Join(filepath.Dir(where), name+".py"))
	}
	for _, name := range []string{"sample_dist-1.2.data", "tool", "x.h"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(where), name)); err == nil {
			t.Errorf("%s was unpacked", name)
		}
	}
	same(t, must[any](t)((&Var{Module: "space.one", Name: "N"}).Get()), int64(1))
	same(t, must[any](t)((&Var{Module: "space.two", Name: "N"}).Get()), int64(2))
	same(t, must[any](t)((&Var{Module: "second", Name: "N"}).Get()), int64(10))
	compiled, _ := filepath.Glob(filepath.Join(where, "__pycache__", "*.pyc"))
	if len(compiled) == 0 {
		t.Error("no .pyc was written")
	}
	environment := must[any](t)(Get(must[*Object](t)(Import("os")), "environ"))
	same(t, must[any](t)(CallMethod(environment, "get", "PTH")), nil)

	late := distribution("late", "1", map[string]string{"late.py": "N = 3\n"})
	Register(late)
	same(t, must[any](t)((&Var{Module: "late", Name: "N"}).Get()), int64(3))
	Register(late) // the same again
	same(t, must[int](t)(Add1(1)), 2)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "mine.py"), []byte("N = 4\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := AddPath(folder); err != nil {
		t.Fatal(err)
	}
	same(t, must[any](t)((&Var{Module: "mine", Name: "N"}).Get()), int64(4))
}

func TestProcesses(t *testing.T) {
	same(t, sample(t, "processes"), Tuple{[]byte("2\n"), []any{int64(2), int64(3)}})
}

func TestInterpreter(t *testing.T) {
	found, err := Python()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", found)
	paths := must[any](t)((&Var{Module: "sys", Name: "path"}).Get()).([]any)
	for _, path := range paths {
		if strings.Contains(path.(string), "site-packages") || path == "" {
			t.Errorf("sys.path has %q", path)
		}
	}
	same(t, must[any](t)((&Var{Module: "sys", Name: "executable"}).Get()), found.Executable)
	same(t, sample(t, "main_thread"), false)
	if _, err := try("stop_me", 2); !errors.Is(err, ValueError) {
		t.Errorf("Python could install a signal handler: %v", err)
	}
	for _, module := range []string{"ssl", "sqlite3", "ctypes", "zlib", "decimal"} {
		if _, err := Import(module); err != nil {
			t.Errorf("%s: %v", module, err)
		}
	}
}
