package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const bridgedText = `// Code generated; DO NOT EDIT.

package utils

import (
	pyrt "py/dist.pyrt"
)

var fnAdd = pyrt.Func{Module: "m", Name: "add"}

// Add calls m.add.
//
//	Adds.
func Add(a any, options ...AddOptions) (any, error) {
	return fnAdd.Call([]any{a}, nil, nil, nil)
}

// AddOptions are the optional parameters of Add.
type AddOptions struct {
	B      any
	Kwargs pyrt.Kwargs
}

// Twice calls m.twice.
func Twice(a int, with pyrt.Kwargs) (int, error) {
	return 2 * a, nil
}

type Thing struct{}

// Size gives m.Thing.size.
func (self *Thing) Size() (any, error) {
	return nil, nil
}

// Own gives m.Thing.own.
func (self *Thing) Own() (any, error) {
	return nil, nil
}
`

func writeAll(t *testing.T, files map[string]string) string {
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func run1(t *testing.T, out map[string]string, dropped map[string]string) *mergeAnswer {
	listed := "other_name"
	in := &request{Outside: map[string]*string{"example.org/listed": &listed, "example.org/listed/none": nil},
		Modules: "example.org/listed@v1.0.0", Bridged: writeAll(t, map[string]string{"utils_py.go": bridgedText}), Out: writeAll(t, out), Package: "utils",
		Header: "// Code generated.", Neutral: map[string]string{"py/m/other": "x_other"},
		Tables: map[string]table{"py/dist.tables/m/low": {Package: "low"}}, Replace: []string{"Add", "Twice", "Thing.Size"}, Dropped: dropped}
	answer, err := merge(in)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func reasons(answer *mergeAnswer) string {
	var rows []string
	for _, row := range answer.Functions {
		state := "native"
		if !row.Native {
			state = row.Reason
		}
		rows = append(rows, row.Name+": "+state)
	}
	for _, row := range answer.Problems {
		rows = append(rows, row.File+": "+row.Reason)
	}
	return strings.Join(rows, "\n")
}

func wantReasons(t *testing.T, answer *mergeAnswer, want ...string) {
	t.Helper()
	got := reasons(answer)
	if got != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

const addGuard = `
// Add calls m.add.
//
//	Adds.
func Add(a any, options ...AddOptions) (any, error) {
	nativeArg1, nativeFits := a, false
	if nativeText, nativeIs := a.(string); nativeIs {
		nativeFits = pyrt.FitStr(nativeText)
	} else {
		nativeArg1, nativeFits = pyrt.Fit(a, pyrt.KindsPlain, pyrt.KindsPlain)
	}
	nativeOptions := options
	if nativeFits && len(options) > 0 {
		nativeGiven := options[0]
		if nativeFits {
			nativeGiven.B, nativeFits = pyrt.FitOption(nativeGiven.B, pyrt.KindsPlain, pyrt.KindsPlain)
		}
		if nativeFits {
			nativeGiven.Kwargs, nativeFits = pyrt.FitKwargs(nativeGiven.Kwargs, pyrt.KindsPlain)
		}
		nativeOptions = []AddOptions{nativeGiven}
	}
	if nativeFits {
		result, err := nativeAdd(nativeArg1, nativeOptions...)
		if _, plain := result.(string); !plain || err != nil {
			result, err = pyrt.FromNative(result, err)
		}
		if !pyrt.Unsupported(err) {
			return result, err
		}
	}
	pyrt.CountGuarded()
	return bridgedAdd(a, options...)
}
`

const twiceGuard = `
// Twice calls m.twice.
func Twice(a int, with pyrt.Kwargs) (int, error) {
	nativeArg2, nativeFits := pyrt.FitKwargs(with, pyrt.KindsPlain)
	if nativeFits {
		if result, err := pyrt.FromNativeTyped(nativeTwice(a, nativeArg2)); !pyrt.Unsupported(err) {
			return result, err
		}
	}
	pyrt.CountGuarded()
	return bridgedTwice(a, with)
}
`

const sizeGuard = `
// Size gives m.Thing.size.
func (self *Thing) Size() (any, error) {
	result, err := self.nativeSize()
	if _, plain := result.(string); !plain || err != nil {
		result, err = pyrt.FromNative(result, err)
	}
	if !pyrt.Unsupported(err) {
		return result, err
	}
	pyrt.CountGuarded()
	return self.bridgedSize()
}
`

// What is proved for some kinds takes these, by the order of Python's parameters.
func TestGuards(t *testing.T) {
	in := &request{Bridged: writeAll(t, map[string]string{"utils_py.go": bridgedText}), Package: "utils", Header: "// Code generated.",
		Out:     writeAll(t, map[string]string{"a.go": "package utils\n\nfunc Add(a any, options ...AddOptions) (any, error) { return nil, nil }\n"}),
		Replace: []string{"Add"},
		Guards: map[string]map[string]guardRow{"Add": {"first": {Kinds: []string{"None", "list"}, Items: []string{"str", "bigint"}},
			"more": {Kinds: []string{"dict"}, Items: []string{"int"}}}},
		Parameters: map[string][][2]string{"Add": {{"first", "required"}, {"second", "optional"}, {"more", "kwargs"}}}}
	answer, err := merge(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"pyrt.Fit(a, pyrt.KindNone|pyrt.KindList, pyrt.KindStr|pyrt.KindBigInt)", "FitOption(nativeGiven.B, 0, 0)",
		`FitKwargs(nativeGiven.Kwargs, pyrt.KindInt, "first", "second")`} {
		if text := answer.Files["utils_guard_py.go"]; !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	in.Parameters["Add"] = in.Parameters["Add"][1:]
	if _, err := merge(in); err == nil || !strings.Contains(err.Error(), "Add: guards for other parameters") {
		t.Error(err)
	}
	in.Guards["Add"] = map[string]guardRow{"first": {Kinds: []string{"complex"}}}
	in.Parameters["Add"] = [][2]string{{"first", "required"}, {"second", "optional"}, {"more", "kwargs"}}
	if _, err := merge(in); err == nil || !strings.Contains(err.Error(), `"complex" is no kind`) {
		t.Error(err)
	}
}

func TestReplace(t *testing.T) {
	answer := run1(t, map[string]string{"a.go": `package utils

import (
	"fmt"
	str "strings"

	rt "py/dist.pyrt"
)

// Mine says something else.
func Add(a any, options ...AddOptions) (any, error) {
	// inside
	return bridgedAdd(a, options...)
}

func Twice(a int, with rt.Kwargs) (int, error) { return helper(a), nil }

var table = map[string]int{"a": deep()}

func helper(a int) int { strings := 1; _ = strings; return a + table["a"] + kind{}.more() }

type kind struct{}

func (k kind) more() int { return len(str.ToUpper("x")) }

func deep() int { return 1 }

func unused() { fmt.Println() }
`}, nil)
	wantReasons(t, answer, "Add: native", "Twice: native")
	text := answer.Files["a_native_py.go"]
	for _, want := range []string{"\nfunc nativeAdd(a any, options ...AddOptions) (any, error) {\n\t// inside",
		"\trt \"py/dist.pyrt\"\n\tstr \"strings\"\n", "func deep() int", "func (k kind) more()", "var table ="} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, not := range []string{"Mine", "unused", "fmt"} {
		if strings.Contains(text, not) {
			t.Errorf("%q in\n%s", not, text)
		}
	}
	guard := answer.Files["utils_guard_py.go"]
	if want := "// Code generated.\n\npackage utils\n\nimport (\n\tpyrt \"py/dist.pyrt\"\n)\n" + addGuard + twiceGuard; guard != want {
		t.Errorf("got:\n%s\nwant:\n%s", guard, want)
	}
	edited := answer.Edited["utils_py.go"]
	want := strings.ReplaceAll(strings.ReplaceAll(bridgedText, "func Add(", "func bridgedAdd("), "func Twice(", "func bridgedTwice(")
	want = strings.ReplaceAll(strings.ReplaceAll(want, "// Add calls", "// bridgedAdd calls"), "// Twice calls", "// bridgedTwice calls")
	if edited != want {
		t.Errorf("edited:\n%s", edited)
	}
	for _, place := range answer.Places {
		lines := strings.Split(answer.Files[place.File], "\n")
		_, name, _ := strings.Cut(place.Declaration, "#")
		if !strings.Contains(strings.Join(lines[place.First-1:place.Last], "\n"), strings.TrimPrefix(name, "kind.")) {
			t.Errorf("%s is not in lines %d to %d", name, place.First, place.Last)
		}
	}
}

func TestMethods(t *testing.T) {
	answer := run1(t, map[string]string{"a.go": `package utils

func (self *Thing) Size() (any, error) { return self.count(), nil }
func (self *Thing) count() int          { return 1 }
func (self *Thing) Own() (any, error)   { return 1, nil }
func (self *Thing) New() (any, error)   { return 1, nil }
`}, nil)
	wantReasons(t, answer,
		"Thing.Own: Thing.Own is a name of the bridged package that may not be replaced",
		"Thing.Size: native",
		"a.go: Thing.New: Thing.New: no such function in the bridged package; helpers must not be exported")
	if !strings.Contains(answer.Edited["utils_py.go"], "func (self *Thing) bridgedSize() (any, error)") {
		t.Error(answer.Edited["utils_py.go"])
	}
	if text := answer.Files["utils_guard_py.go"]; !strings.HasSuffix(text, sizeGuard) {
		t.Error(text)
	}
	if text := answer.Files["a_native_py.go"]; !strings.Contains(text, "nativeSize() (any, error) { return self.count()") || !strings.Contains(text, "count() int") || strings.Contains(text, "New") {
		t.Error(text)
	}
}

func TestOutside(t *testing.T) {
	answer := run1(t, map[string]string{"a.go": "package utils\n\nimport \"example.org/listed\"\n\n" +
		"func Add(a any, options ...AddOptions) (any, error) { return other_name.X(a), nil }\n"}, nil)
	wantReasons(t, answer, "Add: native")
	if text := answer.Files["a_native_py.go"]; !strings.Contains(text, `"example.org/listed"`) {
		t.Error(text)
	}
}

func TestPolicy(t *testing.T) {
	heads := map[string]string{
		`"os/exec"`:                      `import "os/exec": running programs is refused`,
		`"net/http"`:                     `import "net/http": the network is refused`,
		`"unsafe"`:                       `import "unsafe": unsafe is refused`,
		`"C"`:                            `import "C": cgo is refused`,
		`"py/dist.tables/m/no"`:          `import "py/dist.tables/m/no": there is no such table`,
		`"py/dist.pyrt/py/internal/ucd"`: `import "py/dist.pyrt/py/internal/ucd": not one of the packages that this unit may import`,
		`"py/other"`:                     `import "py/other": not one of the packages that this unit may import`,
		`"example.org/x"`:                `import "example.org/x": of no module that the setting go_modules lists (example.org/listed@v1.0.0)`,
		`"example.org/listed/none"`:      `import "example.org/listed/none": its module, as go_modules lists it (example.org/listed@v1.0.0), has no such package for others`,
		`"runtime/debug"`:                `import "runtime/debug": not on the list of standard packages`,
		`"syscall"`:                      `import "syscall": system calls are refused`,
		`"os"`:                           `import "os": files and the environment are refused`,
		`"golang.org/x/mod"`:             `import "golang.org/x/mod": of no module that the setting go_modules lists (example.org/listed@v1.0.0)`,
	}
	for path, reason := range heads {
		name := packageName(strings.Trim(path, `"`), nil)
		answer := run1(t, map[string]string{"a.go": "package utils\n\nimport " + path + "\n\nfunc Add(a any, options ...AddOptions) " +
			"(any, error) { return h(), nil }\nfunc h() any { " + name + ".X(); return 1 }\n" +
			"func (self *Thing) Size() (any, error) { return 1, nil }\n"}, nil)
		wantReasons(t, answer, "Add: uses h: "+reason, "Thing.Size: native", "a.go: "+reason, "a.go: h: "+reason)
	}
	answer := run1(t, map[string]string{"a.go": `package utils

import "py/m/other"

//go:linkname x y
func Add(a any, options ...AddOptions) (any, error) { return nil, nil }

func init() {}

var _ = 1

var early, _ = x_other.F()

func Twice(a int, with Kw) (int, error) { return early, nil }

func (self *Thing) Size() (any, error) {
	//go:noinline
	return late(), nil
}

var late = func() any { v, _ := x_other.F(); return v }
`}, nil)
	wantReasons(t, answer,
		`Add: the directive "//go:linkname x y" is refused`,
		"Thing.Size: the directive \"//go:noinline\" is refused",
		"Twice: the signature differs: wanted func Twice(a int, with pyrt.Kwargs) (int, error), got func Twice(a int, with Kw) (int, error)",
		"a.go: init: func init is refused: importing a package must not do anything")
}

func TestRuntimePackages(t *testing.T) {
	answer := run1(t, map[string]string{"a.go": `package utils

import (
	"sync"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
	"py/dist.pyrt/py/unicodedata"
	"py/dist.tables/m/low"
)

var pattern = sync.OnceValue(func() *re.Pattern { return re.MustCompile("a+") })

func Add(a any, options ...AddOptions) (any, error) {
	_, _ = pattern(), unicodedata.Category
	return low.Names(), py.ErrUnsupported
}

var early = re.MustCompile("a+")

func (self *Thing) Size() (any, error) { return early.Groups, nil }
`}, nil)
	wantReasons(t, answer, "Add: native",
		"Thing.Size: uses early: re.MustCompile is called when the package is imported")
}

func TestFiles(t *testing.T) {
	good := "func (self *Thing) Size() (any, error) { return 1, nil }\n"
	rows := map[string]string{
		"package other\n" + good:                       "a.go: package other, wanted: package utils",
		"//go:build linux\n\npackage utils\n" + good:   "a.go: the directive \"//go:build linux\" is refused",
		"package utils\nimport . \"strings\"\n" + good: "a.go: imports with a dot are refused",
		"package utils\n//line b.go:1\n" + good:        "a.go: the directive \"//line b.go:1\" is refused",
		"no go at all":                                 "a.go: does not parse: line 1: expected 'package', found no",
		"":                                             "a.go: does not parse: line 1: expected ';', found 'EOF'",
	}
	for text, want := range rows {
		wantReasons(t, run1(t, map[string]string{"a.go": text}, nil), want)
	}
	answer := run1(t, map[string]string{"a.go": "package utils\n" + good, "b.txt": "", "c.go": "package utils\n" + good}, nil)
	wantReasons(t, answer, "Thing.Size: native", "Thing.Size: Thing.Size is declared twice", "b.txt: only files named *.go are read")
	folder := writeAll(t, map[string]string{})
	if err := os.Symlink("/etc/passwd", filepath.Join(folder, "x.go")); err != nil {
		t.Fatal(err)
	}
	problem := ""
	if _, _, err := readFolder(folder, func(_, reason string) { problem = reason }); err != nil || problem != "not a regular file" {
		t.Error(err, problem)
	}
}

func TestSalvage(t *testing.T) {
	answer := run1(t, map[string]string{"a.go": `package utils

func Add(a any, options ...AddOptions) (any, error) {
	return (
}

func Twice(a int, with pyrt.Kwargs) (int, error) { return broken(, nil }

func (self *Thing) Size() (any, error) { return 1, nil }
`}, nil)
	wantReasons(t, answer,
		"Add: does not parse: line 5: expected operand, found '}'",
		"Thing.Size: native",
		"Twice: does not parse: line 7: expected operand, found ','")
	if first := answer.Places[0].First; !strings.Contains(strings.Split(answer.Files["a_native_py.go"], "\n")[first-1], "nativeSize()") {
		t.Error(answer.Places)
	}
}

func TestDropped(t *testing.T) {
	files := map[string]string{"__.go": "package utils\n\nimport \"py/dist.pyrt\"\n\nfunc Add(a any, options ...AddOptions) (any, error) { return one(), nil }\n" +
		"func Twice(a int, with pyrt.Kwargs) (int, error) { return two(), nil }\nfunc one() int { return two() }\nfunc two() int { return 2 }\n"}
	wantReasons(t, run1(t, files, nil), "Add: native", "Twice: native")
	answer := run1(t, files, map[string]string{"__.go#one": "line 3: bad"})
	wantReasons(t, answer, "Add: uses one: line 3: bad", "Twice: native", "__.go: one: line 3: bad")
	if text := answer.Files["out_native_py.go"]; strings.Contains(text, "one()") || !strings.Contains(text, "two()") {
		t.Error(answer.Files)
	}
	wantReasons(t, run1(t, files, map[string]string{"__.go#two": "bad"}), "Add: uses two: bad", "Twice: uses two: bad", "__.go: two: bad")
}
