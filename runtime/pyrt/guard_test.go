package pyrt

import (
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"py/dist.pyrt/py"
)

// Words of eight bytes, their rest and where they overlap.
func TestFitStr(t *testing.T) {
	for length := range 26 {
		plain := strings.Repeat("a", length)
		if !FitStr(plain) {
			t.Errorf("%d ASCII characters", length)
		}
		for at := range length {
			if FitStr(plain[:at] + "\x80" + plain[at+1:]) {
				t.Errorf("%d bytes, no UTF-8 at %d", length, at)
			}
			if !FitStr(plain[:at] + "é" + plain[at+1:]) {
				t.Errorf("%d characters, é at %d", length, at)
			}
		}
	}
}

func TestFit(t *testing.T) {
	huge := new(big.Int).Lsh(big.NewInt(1), 70)
	dict, _ := py.NewAnyDict("a", int64(1))
	set, _ := py.NewAnySet("a")
	type text string
	cyclic := []any{nil}
	cyclic[0] = cyclic
	rows := []struct {
		value any
		kinds Kinds
		items Kinds
		want  any
		fits  bool
	}{
		{"x", KindStr, 0, "x", true}, {"x", KindInt, 0, nil, false}, {"\xff", KindsPlain, 0, nil, false},
		{nil, KindNone, 0, nil, true}, {nil, KindStr, 0, nil, false}, {None, KindNone, 0, nil, true}, {None, KindStr, 0, nil, false},
		{true, KindBool, 0, true, true}, {true, KindInt, 0, nil, false}, {int64(1), KindInt, 0, int64(1), true},
		{1, KindInt, 0, int64(1), true}, {1, KindStr, 0, nil, false}, {uint8(255), KindInt, 0, int64(255), true},
		{int8(-1), KindInt, 0, int64(-1), true}, {uint64(1 << 63), KindInt, 0, nil, false},
		{uint64(1 << 63), KindBigInt, 0, new(big.Int).Lsh(big.NewInt(1), 63), true},
		{big.NewInt(5), KindInt, 0, int64(5), true}, {huge, KindInt, 0, nil, false}, {huge, KindBigInt, 0, huge, true},
		{(*big.Int)(nil), KindsPlain, 0, nil, false}, {1.5, KindFloat, 0, 1.5, true}, {float32(0.5), KindFloat, 0, 0.5, true},
		{[]byte("x"), KindBytes, 0, []byte("x"), true}, {[]byte(nil), KindBytes, 0, []byte{}, true},
		{text("x"), KindsPlain, KindsPlain, nil, false}, {func() {}, KindsPlain, KindsPlain, nil, false}, {&Object{}, KindsPlain, KindsPlain, nil, false},
		{[]any{"a", 1}, KindList, KindStr | KindInt, []any{"a", int64(1)}, true}, {[]any{"a", 1}, KindList, KindStr, nil, false},
		{[]any{}, KindList, 0, []any{}, true}, {[]any(nil), KindList, 0, []any{}, true}, {[]any{[]any{1.5}}, KindList, KindList | KindFloat, []any{[]any{1.5}}, true},
		{[]any{[]any{1.5}}, KindList, KindFloat, nil, false}, {cyclic, KindsPlain, KindsPlain, nil, false},
		{Tuple{uint(3)}, KindTuple, KindInt, Tuple{int64(3)}, true}, {Tuple{}, KindList, 0, nil, false},
		{NewDict("a", None), KindDict, KindStr | KindNone, NewDict("a", nil), true}, {NewDict("a", 1, "a", 2), KindsPlain, KindsPlain, nil, false},
		{NewDict(1, 1, true, 2), KindsPlain, KindsPlain, nil, false}, {NewDict([]any{}, 1), KindsPlain, KindsPlain, nil, false},
		{dict, KindDict, KindStr | KindInt, NewDict("a", int64(1)), true}, {dict, KindDict, KindStr, nil, false},
		{set, KindSet, KindStr, set, true}, {set, KindSet, KindInt, nil, false}, {map[string]any{}, KindsPlain, KindsPlain, nil, false},
	}
	for i, row := range rows {
		got, fits := Fit(row.value, row.kinds, row.items)
		if fits != row.fits || (fits && !reflect.DeepEqual(got, row.want)) {
			t.Errorf("%d: %T: %#v %v", i, row.value, got, fits)
		}
	}
	list := []any{"a", int64(1)}
	if got, _ := Fit(list, KindList, KindsPlain); &got.([]any)[0] != &list[0] {
		t.Error("a list that fits is copied")
	}
	list[1] = 1
	if got, _ := Fit(list, KindList, KindsPlain); &got.([]any)[0] == &list[0] || list[1] != 1 {
		t.Error("the caller's list is changed")
	}
	if got, fits := FitOption(None, KindNone, 0); got != None || !fits {
		t.Error(got, fits)
	}
	if got, fits := FitOption(nil, KindStr, 0); got != nil || !fits {
		t.Error(got, fits)
	}
	kwargs := Kwargs{"a": 1, "b": "x"}
	if got, fits := FitKwargs(kwargs, KindInt|KindStr, "c"); !fits || !reflect.DeepEqual(got, Kwargs{"a": int64(1), "b": "x"}) || kwargs["a"] != 1 {
		t.Error(got, fits)
	}
	if _, fits := FitKwargs(kwargs, KindInt|KindStr, "c", "a"); fits {
		t.Error("a keyword that is given twice fits")
	}
	if _, fits := FitKwargs(kwargs, KindInt); fits {
		t.Error("a str fits an int")
	}
}

func TestFromNative(t *testing.T) {
	dict, _ := py.NewAnyDict("a", py.Tuple{int64(1)}, int64(2), []any{})
	set, _ := py.NewAnySet("a")
	want := NewDict("a", Tuple{int64(1)}, int64(2), []any{})
	got, err := FromNative([]any{dict, "x"}, nil)
	if err != nil || !reflect.DeepEqual(got, []any{want, "x"}) {
		t.Errorf("%#v %v", got, err)
	}
	list := []any{"x", py.Tuple{1.5}}
	if got, err := FromNative(list, nil); err != nil || &got.([]any)[0] != &list[0] {
		t.Errorf("%#v %v", got, err)
	}
	if got, err := FromNativeList([]any{dict}, nil); err != nil || !reflect.DeepEqual(got, []any{want}) {
		t.Errorf("%#v %v", got, err)
	}
	if got, err := FromNativeDict(NewDict("k", dict), nil); err != nil || !reflect.DeepEqual(got, NewDict("k", want)) {
		t.Errorf("%#v %v", got, err)
	}
	for _, value := range []any{set, Tuple{set}, NewDict(int64(1), set), py.Date{}, py.Tuple{py.IntDecimal(3)}} {
		if got, err := FromNative(value, nil); err != nil || !reflect.DeepEqual(got, value) {
			t.Errorf("%#v %v", got, err)
		}
	}
	for _, value := range []any{(*py.AnySet)(nil), Tuple{(*py.AnyFrozenSet)(nil)}, NewDict(int64(1), py.ValueError("x"))} {
		if got, err := FromNative(value, nil); !Unsupported(err) {
			t.Errorf("%#v %v", got, err)
		}
	}
	if _, err := FromNativeTyped("x", py.ErrOverflow); !Unsupported(err) {
		t.Error(err)
	}
	if Unsupported(nil) || Unsupported(py.ValueError("x")) {
		t.Error("no error is unsupported")
	}
}

// Nothing of this needs Python: the interpreter is not there.
func TestNativeError(t *testing.T) {
	_, err := FromNative(nil, fmt.Errorf("inside: %w", py.ValueError("bad %d", 3)))
	var raised *Error
	if !errors.As(err, &raised) || raised.Class != ValueError || raised.Message != "bad 3" || !reflect.DeepEqual(raised.Args, []any{"bad 3"}) {
		t.Fatalf("%#v", err)
	}
	for class, want := range map[Class]bool{ValueError: true, Exception: true, BaseException: true, KeyError: false, UnicodeError: false} {
		if errors.Is(err, class) != want {
			t.Error(class)
		}
	}
	for _, row := range []struct {
		raised  *py.Exception
		class   Class
		message string
	}{
		{py.KeyError("x"), LookupError, "'x'"}, {&py.Exception{Class: "re.error", Args: []any{"no"}}, Exception, "no"},
		{&py.Exception{Class: "json.decoder.JSONDecodeError", Args: []any{"no", int64(3)}}, ValueError, "('no', 3)"},
		{py.UnicodeDecodeError("ascii", []byte{255}, 0, 1, "no"), ValueError, "'ascii' codec can't decode byte 0xff in position 0: no"},
	} {
		var got *Error
		if err := NativeError(row.raised); !errors.As(err, &got) || !errors.Is(err, row.class) || got.Message != row.message {
			t.Errorf("%#v", err)
		}
	}
	if err := Raise(ValueError, "a", int64(1)).(*Error); err.Message != "('a', 1)" {
		t.Error(err.Message)
	}
	if plain := errors.New("x"); NativeError(plain) != plain || NativeError(nil) != nil {
		t.Error("other errors stay")
	}
}

func TestPackagePyReachesPython(t *testing.T) {
	dict, _ := py.NewAnyDict(int64(1), "a", py.Tuple{"t"}, []any{1.5})
	set, _ := py.NewAnySet("b", int64(2))
	described := sample(t, "echo", py.Tuple{dict})
	if !reflect.DeepEqual(described, Tuple{NewDict(int64(1), "a", Tuple{"t"}, []any{1.5})}) {
		t.Errorf("%#v", described)
	}
	if got, err := Call(Class{"builtins", "sorted"}, set, Kwargs{"key": Class{"builtins", "str"}}); err != nil || !reflect.DeepEqual(got, []any{int64(2), "b"}) {
		t.Errorf("%#v %v", got, err)
	}
	same(t, sample(t, "caught", func() error { return py.KeyError("k") }).(Tuple)[:2], Tuple{"KeyError", "'k'"})
	_, err := Call(Class{"builtins", "int"}, "x")
	if !errors.Is(err, ValueError) || errors.Is(err, KeyError) {
		t.Error(err)
	}
}

var kept any

//go:noinline
func native(value any) (any, error) { return value, nil }

// BenchmarkGuardNone is what is no guard: the call of the native function and the loop.
func BenchmarkGuardNone(b *testing.B) {
	var value any = "twenty characters, 1"
	for i := 0; i < b.N; i++ {
		kept, _ = native(value)
	}
}

// guarded1 and guarded2 are entries as agents/go/tool writes them.
func guarded1(value any) (any, error) {
	nativeArg1, nativeFits := value, false
	if text, is := value.(string); is {
		nativeFits = FitStr(text)
	} else {
		nativeArg1, nativeFits = Fit(value, KindStr|KindNone, KindStr)
	}
	if nativeFits {
		result, err := native(nativeArg1)
		if _, plain := result.(string); !plain || err != nil {
			result, err = FromNative(result, err)
		}
		if !Unsupported(err) {
			return result, err
		}
	}
	CountGuarded()
	return nil, nil
}

func guarded2(value, second any) (any, error) {
	nativeArg1, nativeFits := value, false
	if text, is := value.(string); is {
		nativeFits = FitStr(text)
	} else {
		nativeArg1, nativeFits = Fit(value, KindStr|KindNone, KindStr)
	}
	if text, is := second.(string); is && nativeFits {
		nativeFits = FitStr(text)
	} else if nativeFits {
		second, nativeFits = Fit(second, KindStr|KindNone, KindStr)
	}
	if nativeFits {
		result, err := native(nativeArg1)
		if _, plain := result.(string); !plain || err != nil {
			result, err = FromNative(result, err)
		}
		if !Unsupported(err) {
			return result, err
		}
	}
	CountGuarded()
	return nil, nil
}

func BenchmarkGuardStr(b *testing.B) {
	var value any = "twenty characters, 1"
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		result, err := guarded1(value)
		if err != nil {
			b.Fatal(err)
		}
		kept = result
	}
}

func BenchmarkGuardTwoStr(b *testing.B) {
	var one, two any = "twenty characters, 1", "'x'"
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		result, err := guarded2(one, two)
		if err != nil {
			b.Fatal(err)
		}
		kept = result
	}
}
