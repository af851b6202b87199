package table

import (
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"py/dist.pyrt/py"
)

func TestDecode(t *testing.T) {
	big200 := new(big.Int).Lsh(big.NewInt(1), 200)
	for text, want := range map[string]any{
		`null`: nil, `true`: true, `7`: int64(7), `"ä\u0000"`: "ä\x00", `["int","-1f"]`: int64(-31),
		`["int","1` + strings.Repeat("0", 50) + `"]`: big200,
		`["float","8000000000000000"]`:               math.Copysign(0, -1),
		`["bytes","AAE="]`:                           []byte{0, 1}, `["list",[]]`: []any{},
		`["tuple",[1,["list",["a"]]]]`: py.Tuple{int64(1), []any{"a"}},
		`["opaque","m:C",3]`:           Opaque{"m:C", 3},
	} {
		got, err := Decode(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v", text, got, err)
		}
	}
	got, err := Decode(`["dict",[["b",1],[["tuple",[1]],["set",[1,2]]]]]`)
	if err != nil {
		t.Fatal(err)
	}
	entries := got.(*py.AnyDict)
	if entries.Len() != 2 || py.Repr(got) != "{'b': 1, (1,): {1, 2}}" {
		t.Error(py.Repr(got))
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{``, `{}`, `[]`, `["list"]`, `["list",1]`, `["word",[]]`, `[1,[]]`, `1.5`, `1 2`, `["int","x"]`,
		`["float","0"],`, `["dict",[[1]]]`, `["dict",[[["list",[]],1]]]`, `["bytes","?"]`, `["opaque","x"]`} {
		if got, err := Decode(text); err == nil {
			t.Errorf("%s: %#v", text, got)
		}
	}
}
