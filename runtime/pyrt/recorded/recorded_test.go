package recorded

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"py/dist.pyrt"
	"py/dist.pyrt/py"
)

func echo(value any) (any, error) { return value, nil }

func grow(items []any, options ...struct{ By any }) ([]any, error) {
	if len(options) > 0 {
		items[0] = options[0].By
	}
	return append(items[:len(items):len(items)], int64(1)), nil
}

func refuse(value any) (any, error) {
	return nil, &pyrt.Error{Class: pyrt.Class{Module: "builtins", Name: "ValueError"}, Message: "no", Args: []any{"no"}}
}

func guarded(value any) (any, error) {
	pyrt.CountGuarded()
	return value, nil
}

func check(t *testing.T, line string, function Function) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "calls.json")
	if err := os.WriteFile(path, []byte(`{"schema": "gophersnake.calls/1", "calls": [`+line+`]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	calls, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return calls[0].Check(function)
}

func TestCheck(t *testing.T) {
	one := [][2]string{{"value", "required"}}
	for _, row := range []struct {
		function any
		line     string
		want     string // "": equal
	}{
		{echo, `{"f": "m:f", "args": [["value", "a"]], "result": "a"}`, ""},
		{echo, `{"f": "m:f", "args": [["value", 1]], "result": true}`, "gives 1, CPython true"},
		{echo, `{"f": "m:f", "args": [["value", 1]], "result": "1"}`, `gives 1, CPython "1"`},
		{echo, `{"f": "m:f", "args": [["value", null]], "result": null}`, ""},
		{echo, `{"f": "m:f", "args": [["value", ["tuple", [1]]]], "result": ["list", [1]]}`, `["tuple",[1]], CPython ["list",[1]]`},
		{echo, `{"f": "m:f", "args": [["value", ["float", "7ff8000000000000"]]], "result": ["float", "fff8000000000001"]}`, ""},
		{echo, `{"f": "m:f", "args": [["value", ["float", "8000000000000000"]]], "result": ["float", "0000000000000000"]}`, "CPython"},
		{echo, `{"f": "m:f", "args": [["value", ["set", [2, 1]]]], "result": ["set", [1, 2]]}`, ""},
		{echo, `{"f": "m:f", "args": [["value", ["dict", [[1, 2], [3, 4]]]]], "result": ["dict", [[3, 4], [1, 2]]]}`, "CPython"},
		{echo, `{"f": "m:f", "args": [["value", ["frozenset", [2, ["date", "2020-02-29"]]]]], "result": ["frozenset", [["date", "2020-02-29"], 2]]}`, ""},
		{echo, `{"f": "m:f", "args": [["value", ["frozenset", []]]], "result": ["set", []]}`, "CPython"},
		{echo, `{"f": "m:f", "args": [["value", ["list", [["Decimal", "1.0"]]]]], "result": ["list", [["Decimal", "1.0"]]]}`, ""},
		{echo, `{"f": "m:f", "args": [["value", ["Decimal", "1.0"]]], "result": ["Decimal", "1.00"]}`, "CPython"},
		{echo, `{"f": "m:f", "args": [["value", ["Decimal", "-sNaN012"]]], "result": ["Decimal", "-sNaN12"]}`, ""},
		{echo, `{"f": "m:f", "args": [["value", ["timedelta", [-1, 2, 3]]]], "result": ["timedelta", [-1, 2, 3]]}`, ""},
		{echo, `{"f": "m:f", "args": [["value", ["time", "01:02:03.000004", 1, null]]], "result": ["time", "01:02:03.000004", 1, null]}`, ""},
		{echo, `{"f": "m:f", "args": [["value", ["time", "01:02:03", 1, null]]], "result": ["time", "01:02:03", 0, null]}`, "CPython"},
		{echo, `{"f": "m:f", "args": [["value", ["datetime", "2020-01-02T03:04:05", 0, [-3600, 5, "x"]]]], "result": ["datetime", "2020-01-02T03:04:05", 0, [-3600, 5, "x"]]}`, ""},
		{echo, `{"f": "m:f", "args": [["value", ["datetime", "2020-01-02T03:04:05", 0, [0, 0, "UTC"]]]], "result": ["datetime", "2020-01-02T03:04:05", 0, [0, 0, "Z"]]}`, "CPython"},
		{echo, `{"f": "m:f", "args": [["value", ["datetime", "2020-01-02T03:04:05", 0, null]]], "result": ["date", "2020-01-02"]}`, "CPython"},
		{echo, `{"f": "m:f", "args": [["value", ["date", "2020-02-30"]]], "result": 1}`, "cannot be made"},
		{echo, `{"f": "m:f", "args": [["value", ["datetime", "2020-01-02T03:04:05", 0, ["handle", "zoneinfo:ZoneInfo", -1]]]], "result": 1}`, "cannot be made"},
		{echo, `{"f": "m:f", "args": [["value", ["range", [1, 2, 3]]]], "result": 1}`, "cannot be made"},
		{echo, `{"f": "m:f", "args": [], "result": 1}`, "cannot be made"},
		{echo, `{"f": "m:f", "args": [["value", "a"]], "exception": ["exception", "builtins:ValueError", ["no"], "no"]}`, "CPython"},
		{refuse, `{"f": "m:f", "args": [["value", "a"]], "exception": ["exception", "builtins:ValueError", ["no"], "no"]}`, ""},
		{refuse, `{"f": "m:f", "args": [["value", "a"]], "exception": ["exception", "builtins:KeyError", ["no"], "no"]}`, "raises"},
		{refuse, `{"f": "m:f", "args": [["value", "a"]], "result": ["exception", "builtins:ValueError", ["no"], "no"]}`, "raises"},
		{guarded, `{"f": "m:f", "args": [["value", "a"]], "result": "a"}`, "original"},
	} {
		err := check(t, row.line, Function{row.function, one})
		if (err == nil) != (row.want == "") || err != nil && !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.line, err, row.want)
		}
	}
}

func TestCheckArgumentsAfterwards(t *testing.T) {
	grows := Function{grow, [][2]string{{"items", "required"}, {"by", "optional"}}}
	const head = `{"f": "m:f", "args": [["items", ["list", ["a"]]], ["by", "b"]], "result": ["list", ["b", 1]]`
	if err := check(t, head+`, "after": [["items", ["list", ["b"]]], ["by", "b"]]}`, grows); err != nil {
		t.Error(err)
	}
	if err := check(t, head+`}`, grows); err == nil || !strings.Contains(err.Error(), "afterwards") {
		t.Error("a changed argument that CPython does not change: ", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.json")
	for _, text := range []string{``, `{}`, `{"schema": "gophersnake.calls/2", "calls": []}`, `{"schema": "gophersnake.calls/1", "calls": 1}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if calls, err := Load(path); err == nil {
			t.Errorf("%q: %v", text, calls)
		}
	}
}

func TestCanonicalSet(t *testing.T) {
	set, err := py.NewAnySet(int64(3), "x", int64(1))
	if err != nil {
		t.Fatal(err)
	}
	if text := canonical(Encode(set)); text != `["set",["x",1,3]]` {
		t.Error(text)
	}
}
