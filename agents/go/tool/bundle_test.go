package main

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

const (
	bundleBridged = `package p

import pyrt "py/dist.pyrt"
import other "py/other"

// F calls p.f.
func F(x any, n int, options ...FOptions) (any, error) { return fnF.Call(x) }

// FOptions are the optional parameters of F.
type FOptions struct {
	A      any // default 1
	Args   []any
	Kwargs pyrt.Kwargs
}

func G(x any) (string, error) { return "", nil }
func H(x *other.Thing) (any, error) { return nil, nil }

type Thing struct{ pyrt.Object }

func (x *Thing) Static(y any) error { return nil }
`
	bundleNative = `package p

import (
	table "py/dist.tables/p"
	"py/dist.tables/q"
)

func nativeF(x any, n int, options ...FOptions) (any, error) {
	if n > 1 {
		return bridgedF(x, n, options...)
	}
	text, err := G(table.X())
	return text + q.Y(), err
}

func (x *Thing) nativeStatic(y any) error { return nil }
`
)

func bundleOf(native string, functions ...bundleFunction) *bundleRequest {
	return &bundleRequest{Version: "1", Content: "00000000000000ff", Units: []bundleUnit{{Digest: strings.Repeat("ab", 32), Release: "p 1.0",
		Bridged: map[string]string{"p_py.go": bundleBridged}, Native: map[string]string{"p_native_py.go": native},
		Tables: map[string]string{"py/dist.tables/p": "py/t/1", "py/dist.tables/q": "py/t/2"}, Functions: functions}}}
}

var functionF = bundleFunction{Go: "F", Module: "p", Name: "f", Parameters: []parameterRow{{"x", "required"}, {"a", "optional"}, {"n", "required"},
	{"xs", "args"}, {"kw", "kwargs"}}, Guards: map[string]guards{"x": {Kinds: []string{"str", "None"}}, "kw": {Kinds: []string{"dict"}, Items: []string{"int"}}},
	Absorbed: []string{"p:g", "q:h"}}

func TestBundle(t *testing.T) {
	static := bundleFunction{Go: "Thing.Static", Module: "p", Name: "Thing.static", Parameters: []parameterRow{{"y", "required"}}}
	answer, err := writeBundle(bundleOf(bundleNative, functionF, static))
	if err != nil || len(answer.Refused) != 0 || answer.Count != 2 {
		t.Fatal(err, answer.Refused)
	}
	folder := "u/" + strings.Repeat("ab", 32) + "/"
	for name, wanted := range map[string][]string{
		folder + "p_native_py.go": {"table \"py/t/1\"", "q \"py/t/2\"", "func nativeF("},
		folder + "stub_py.go": {"func F(x any, n int, options ...FOptions) (any, error) {\n\treturn nativeF(x, n, options...)\n}", "type FOptions struct",
			"func bridgedF(x any, n int, options ...FOptions) (_ any, err error) {\n\terr = py.ErrUnsupported",
			"func G(x any) (_ string, err error) {", "type Thing struct{}", "func (x *Thing) Static(y any) error {\n\treturn x.nativeStatic(y)", "from p 1.0"},
		"registry.go": {"content = 0x00000000000000ff", "p0 := a.Any()\n\t\to.A = a.Option()\n\t\tp1 := border.To[int](a)\n\t\to.Args = a.Args()\n\t\to.Kwargs = a.Kwargs()",
			".F(p0, p1, o)", "return nil, new(u_abababababababab.Thing).Static(p0)"},
		"shim/registry.c": {`{"x", 33, 0, ROLE_REQUIRED}, {"a", 0, 0, ROLE_OPTIONAL}`, `{"kw", 512, 516, ROLE_KWARGS}`, `"p:f", "p 1.0", "p:g q:h"`,
			`{"y", 524287, 524287, ROLE_REQUIRED}`, "native_function_count = 2", `bundle_version[] = "1"`},
	} {
		for _, text := range wanted {
			if !strings.Contains(answer.Files[name], text) {
				t.Errorf("%s has no %q:\n%s", name, text, answer.Files[name])
			}
		}
		if strings.HasSuffix(name, ".go") {
			if _, err := parser.ParseFile(token.NewFileSet(), name, answer.Files[name], 0); err != nil {
				t.Error(err)
			}
		}
	}
	if strings.Index(answer.Files["shim/registry.c"], `"p:Thing.static"`) > strings.Index(answer.Files["shim/registry.c"], `"p:f"`) {
		t.Error("not in order")
	}
}

func TestBundleRefusals(t *testing.T) {
	with := func(change func(*bundleFunction)) bundleFunction {
		function := functionF
		change(&function)
		return function
	}
	for reason, in := range map[string]*bundleRequest{
		"there is no native function": bundleOf(bundleNative, with(func(f *bundleFunction) { f.Go = "G" })),
		"more required parameters":    bundleOf(bundleNative, with(func(f *bundleFunction) { f.Parameters = append([]parameterRow{{"z", "required"}}, f.Parameters...) })),
		"more optional parameters":    bundleOf(bundleNative, with(func(f *bundleFunction) { f.Parameters = append([]parameterRow{{"z", "optional"}}, f.Parameters...) })),
		"in Python and in Go differ":  bundleOf(bundleNative, with(func(f *bundleFunction) { f.Parameters = f.Parameters[:1] })),
		"py/other, which is not":      bundleOf("package p\n\nimport other \"py/other\"\n\nfunc nativeG(x any) (string, error) { return other.X(x) }\n", with(func(f *bundleFunction) { f.Go = "G" })),
		"needs Go that is not":        bundleOf("package p\n\nfunc nativeH(x any) (any, error) { return nil, nil }\n", with(func(f *bundleFunction) { f.Go = "H" })),
		"uses Thing, which is not":    bundleOf("package p\n\nfunc nativeG(x any) (string, error) { return x.(*Thing).Name(), nil }\n", with(func(f *bundleFunction) { f.Go = "G"; f.Parameters = f.Parameters[:1] })),
	} {
		answer, err := writeBundle(in)
		if err != nil || len(answer.Refused) != 1 || !strings.Contains(answer.Refused[0].Reason, reason) || answer.Count != 0 {
			t.Errorf("%s: %v %+v", reason, err, answer)
		}
	}
}
