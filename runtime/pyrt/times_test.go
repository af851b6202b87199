package pyrt

import (
	"reflect"
	"testing"

	"py/dist.pyrt/py"
)

func made[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// times gives a value of each kind with the kind.
func times() map[Kinds]any {
	clock := made(py.NewTime(1, 2, 3, 4))
	date := made(py.NewDate(2020, 2, 29))
	zone := made(py.NewNamedZone(made(py.NewTimeDelta(0, -3600, 1)), "odd"))
	return map[Kinds]any{
		KindDate: date, KindTime: clock.WithFold(1), KindAwareTime: clock.WithZone(zone), KindDateTime: py.NewDateTime(date, py.Time{}),
		KindAwareDateTime: py.NewDateTime(date, clock.WithZone(py.UTC).WithFold(1)), KindTimeDelta: made(py.NewTimeDelta(-1, 2, 3)),
		KindDecimal: made(py.ParseDecimal("-1.50")), KindSet: made(py.NewAnySet(int64(1), "a")),
		KindFrozenset: made(py.NewAnyFrozenSet(py.Tuple{date}, made(py.NewAnyFrozenSet("x")))),
	}
}

func TestFitTimes(t *testing.T) {
	items := KindInt | KindStr | KindTuple | KindDate | KindFrozenset
	for kind, value := range times() {
		for other, name := range map[Kinds]string{kind: "its own", KindsPlain: "all", KindsPlain &^ kind: "all but its own"} {
			if got, fits := Fit(value, other, items); fits != (other&kind != 0) || !reflect.DeepEqual(got, value) {
				t.Errorf("%v of %s kinds: %v %v", value, name, got, fits)
			}
		}
		for _, in := range []any{[]any{value}, Tuple{value}, NewDict("k", value)} {
			if _, fits := Fit(in, KindsPlain, kind|items); !fits {
				t.Errorf("%v does not fit", in)
			}
			if _, fits := Fit(in, KindsPlain, KindsPlain&^kind); fits {
				t.Errorf("%v fits without its kind", in)
			}
		}
	}
	set := made(py.NewAnySet(made(py.ParseDecimal("1"))))
	if _, fits := Fit(set, KindSet, KindInt); fits {
		t.Error("a set of Decimals fits one of ints")
	}
	for _, value := range []any{(*py.AnySet)(nil), (*py.AnyFrozenSet)(nil), py.UTC} {
		if _, fits := Fit(value, KindsPlain, KindsPlain); fits {
			t.Errorf("%#v fits", value)
		}
	}
}

// Python gives each back as it was, and agrees about what it is; a Python function that gives one gives the same kind of value.
func TestTimesReachPython(t *testing.T) {
	for _, value := range times() {
		if got := sample(t, "echo", value); !py.Equal(got, value) || py.Repr(got) != py.Repr(value) && !isSet(value) || reflect.TypeOf(got) != reflect.TypeOf(value) {
			t.Errorf("%#v became %#v", value, got)
		}
		if text, err := Str(Call(Class{"builtins", "repr"}, value)); err != nil || text != py.Repr(value) && !isSet(value) {
			t.Errorf("%s is %s in Python: %v", py.Repr(value), text, err)
		}
	}
	sNaN := made(py.ParseDecimal("-sNaN12"))
	if got := sample(t, "echo", []any{sNaN}); !reflect.DeepEqual(got, []any{sNaN}) {
		t.Errorf("%#v", got)
	}
}

// isSet tells of what has an order of its own on either side.
func isSet(value any) bool {
	switch value.(type) {
	case *py.AnySet, *py.AnyFrozenSet:
		return true
	}
	return false
}

// What is no exact value stays a handle: a subclass, a zone with rules, a set of other things.
func TestTimesStayHandles(t *testing.T) {
	evaluate := func(text string) any {
		value, err := Call(Class{"builtins", "eval"}, text, Dict{})
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	for _, text := range []string{
		"type('D', (__import__('datetime').date,), {})(2020, 1, 2)", "{object()}", "frozenset({len})", "{(object(),)}",
		"__import__('datetime').datetime(2020, 1, 2, tzinfo=type('Z', (__import__('datetime').tzinfo,), {})())",
		"type('S', (set,), {})()", "type('N', (__import__('decimal').Decimal,), {})(1)", "{'\\ud800'}",
	} {
		if value, is := evaluate(text).(*Object); !is {
			t.Errorf("%s is %#v", text, value)
		}
	}
	held, err := NewObject(made(py.NewAnySet("a")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.CallMethod("add", "b"); err != nil {
		t.Fatal(err)
	}
	if count, err := Len(held, nil); err != nil || count != 2 {
		t.Errorf("%d %v", count, err)
	}
	if year, err := Int(Get(made(py.NewDate(2020, 1, 2)), "year")); err != nil || year != 2020 {
		t.Errorf("%d %v", year, err)
	}
}
