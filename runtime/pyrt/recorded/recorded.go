// Package recorded makes calls that were recorded in CPython with the Go of converted packages, and compares what comes out.
// The tests that converted modules bring along use it:
//
//	go test go.internal/py-sqlparse/...
//
// CPython has no part in it. A call that wants it, because a native function leaves it to the original, has failed. The
// values are those of docs/formats/recording.md in gophersnake's repository; types count, a bool is no int, a tuple no list.
package recorded

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"sort"
	"strconv"
	"testing"

	"py/dist.pyrt"
)

// Function is the Go of a Python function.
type Function struct {
	Go         any         // a func
	Parameters [][2]string // of the Python function, as [Bind] takes them
}

// Call is a recorded call. One of Result and Exception is there.
type Call struct {
	Python    string          `json:"f"` // "sqlparse.utils:remove_quotes"
	ID        string          `json:"id"`
	Arguments []Row           `json:"args"`
	After     json.RawMessage `json:"after"` // the arguments afterwards, when they are others
	Result    json.RawMessage `json:"result"`
	Exception json.RawMessage `json:"exception"`
}

// Load reads a file of recorded calls.
func Load(path string) ([]Call, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var document struct {
		Schema string `json:"schema"`
		Calls  []Call `json:"calls"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if document.Schema != "gophersnake.calls/1" {
		return nil, fmt.Errorf("%s: its schema is %.100q", path, document.Schema)
	}
	return document.Calls, nil
}

// Prepare gives the arguments of a call in the shape of a Go function, and as they are by name.
func (call *Call) Prepare(function Function) ([]reflect.Value, []Argument, error) {
	arguments, err := Decode(call.Arguments)
	if err != nil {
		return nil, nil, err
	}
	in, err := Bind(reflect.TypeOf(function.Go), function.Parameters, arguments)
	return in, arguments, err
}

// Check makes a call and says what differs from CPython, nil if nothing does.
func (call *Call) Check(function Function) error {
	in, arguments, err := call.Prepare(function)
	if err != nil {
		return fmt.Errorf("the call cannot be made: %w", err)
	}
	before, guarded := canonical(EncodeArguments(arguments)), pyrt.GuardedCalls()
	results := reflect.ValueOf(function.Go).Call(in)
	if pyrt.GuardedCalls() != guarded {
		return fmt.Errorf("the call went to the original in CPython")
	}
	last := len(results) - 1
	failure, _ := results[last].Interface().(error)
	got, expected, gave := any(nil), call.Result, "gives"
	if call.Exception != nil {
		expected = call.Exception
	}
	switch {
	case failure != nil:
		if got = EncodeException(failure); got == nil {
			return fmt.Errorf("a Go error that is no exception: %w", failure)
		}
		gave = "raises"
	case last > 0:
		got = EncodeTyped(results[0])
	}
	want, err := parse(expected)
	if err != nil {
		return fmt.Errorf("the recorded outcome: %w", err)
	}
	if (failure != nil) != (call.Exception != nil) || canonical(got) != canonical(want) {
		return fmt.Errorf("Go %s %s, CPython %s", gave, canonical(got), canonical(want))
	}
	after := before
	if call.After != nil {
		tree, err := parse(call.After)
		if err != nil {
			return fmt.Errorf("the recorded arguments afterwards: %w", err)
		}
		after = canonical(tree)
	}
	if now := canonical(EncodeArguments(arguments)); now != after {
		return fmt.Errorf("the arguments are %s afterwards, in CPython %s", now, after)
	}
	return nil
}

// Test makes the calls of a file, each a test of its own. The functions are by their Python names.
func Test(t *testing.T, path string, functions map[string]Function) {
	calls, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{}
	for i := range calls {
		call := &calls[i]
		function, is := functions[call.Python]
		if !is {
			t.Fatalf("%s: a call of %s, which is no function of the test", path, call.Python)
		}
		made[call.Python] = true
		t.Run(call.Python+"/"+strconv.Itoa(i), func(t *testing.T) {
			if err := call.Check(function); err != nil {
				t.Errorf("%s: %v", call, err)
			}
		})
	}
	for name := range functions {
		if !made[name] {
			t.Errorf("%s has no call of %s", path, name)
		}
	}
}

func (call *Call) String() string {
	arguments, err := json.Marshal(call.Arguments)
	if err != nil {
		return call.Python
	}
	return fmt.Sprintf("%s with %.1000s", call.Python, arguments)
}

// canonical is the text of a tree: the same for what counts as the same. A NaN is a NaN, a set has no order.
func canonical(tree any) string {
	var out bytes.Buffer
	writer := json.NewEncoder(&out)
	writer.SetEscapeHTML(false)
	if err := writer.Encode(plain(tree)); err != nil {
		return err.Error()
	}
	return string(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
}

func plain(tree any) any {
	array, is := tree.([]any)
	if !is {
		return tree
	}
	if len(array) == 2 && array[0] == "float" {
		digits, _ := array[1].(string)
		if bits, err := strconv.ParseUint(digits, 16, 64); err == nil && math.IsNaN(math.Float64frombits(bits)) {
			return []any{"float", "NaN"}
		}
	}
	rows := make([]any, len(array))
	for i := range array {
		rows[i] = plain(array[i])
	}
	if len(rows) == 2 && (rows[0] == "set" || rows[0] == "frozenset") {
		items, _ := rows[1].([]any)
		sort.Slice(items, func(i, j int) bool { return canonical(items[i]) < canonical(items[j]) })
	}
	return rows
}
