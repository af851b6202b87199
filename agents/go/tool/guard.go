package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// A native function X has three names: nativeX is what the translator wrote, bridgedX calls the original, and X, in a file of
// its own that is made here, is the general entry: arguments that fit go to the native one, all others, and those with which it
// gives up, to the original.

// guardRow says for which values of one parameter a function is proved.
type guardRow struct {
	Kinds []string `json:"kinds"`
	Items []string `json:"items"` // in it, at any depth
}

var kindNames = map[string]string{
	"None": "KindNone", "bool": "KindBool", "int": "KindInt", "bigint": "KindBigInt", "float": "KindFloat", "str": "KindStr",
	"bytes": "KindBytes", "list": "KindList", "tuple": "KindTuple", "dict": "KindDict", "set": "KindSet",
	"frozenset": "KindFrozenset", "date": "KindDate", "datetime": "KindDateTime", "aware_datetime": "KindAwareDateTime",
	"time": "KindTime", "aware_time": "KindAwareTime", "timedelta": "KindTimeDelta", "Decimal": "KindDecimal",
}

// prefixed gives "Name" and "Type.Name" with a prefix before the name.
func prefixed(prefix, name string) string {
	if dot := strings.IndexByte(name, '.'); dot >= 0 {
		return name[:dot+1] + prefix + name[dot+1:]
	}
	return prefix + name
}

// guardWriter writes one file: the entries of functions whose bridged ones stand in one file.
type guardWriter struct {
	m       *merger
	file    *goFile
	runtime string          // name of pyrt in that file
	used    map[string]bool // names of imports
	body    bytes.Buffer
}

// kinds writes a set of kinds; nil is all plain values.
func (w *guardWriter) kinds(names []string, known bool) (string, error) {
	if !known {
		return w.runtime + ".KindsPlain", nil
	}
	var words []string
	for _, name := range names {
		word, is := kindNames[name]
		if !is {
			return "", fmt.Errorf("%q is no kind", name)
		}
		words = append(words, w.runtime+"."+word)
	}
	if len(words) == 0 {
		return "0", nil
	}
	return strings.Join(words, "|"), nil
}

// argument is one parameter or field of options.
type argument struct {
	name, kind string // of Python: "required", "optional", "args", "kwargs"; "" when they are not known
	target     string // Go expression
	typed      string // Go type
}

func (m *merger) optionsOf(function *ast.FuncDecl) []*ast.Field {
	list := function.Type.Params.List
	if len(list) == 0 {
		return nil
	}
	variadic, is := list[len(list)-1].Type.(*ast.Ellipsis)
	if !is {
		return nil
	}
	name, is := variadic.Elt.(*ast.Ident)
	if !is {
		return nil
	}
	for _, file := range m.bridged {
		for _, node := range file.syntax.Decls {
			group, is := node.(*ast.GenDecl)
			if !is {
				continue
			}
			for _, spec := range group.Specs {
				row, is := spec.(*ast.TypeSpec)
				if !is || row.Name.Name != name.Name {
					continue
				}
				if structure, is := row.Type.(*ast.StructType); is {
					return structure.Fields.List
				}
			}
		}
	}
	return nil
}

// arguments gives the parameters, then the fields of the options, with what is known of them in Python.
func (w *guardWriter) arguments(name string, function *ast.FuncDecl) (fixed, fields []argument, err error) {
	for _, field := range function.Type.Params.List {
		if _, variadic := field.Type.(*ast.Ellipsis); variadic {
			continue
		}
		for _, parameter := range field.Names {
			fixed = append(fixed, argument{target: parameter.Name, typed: w.file.text(field.Type.Pos(), field.Type.End())})
		}
	}
	for _, field := range w.m.optionsOf(function) {
		for _, one := range field.Names {
			var typed bytes.Buffer
			if err := format.Node(&typed, token.NewFileSet(), field.Type); err != nil {
				return nil, nil, err
			}
			fields = append(fields, argument{target: one.Name, typed: typed.String()})
		}
	}
	if w.m.in.Guards[name] == nil {
		return fixed, fields, nil
	}
	var required, others [][2]string
	for _, row := range w.m.in.Parameters[name] {
		if row[1] == "required" {
			required = append(required, row)
		} else {
			others = append(others, row)
		}
	}
	if len(required) != len(fixed) || len(others) != len(fields) {
		return nil, nil, fmt.Errorf("%s: guards for other parameters", name)
	}
	for i, row := range required {
		fixed[i].name, fixed[i].kind = row[0], row[1]
	}
	for i, row := range others {
		fields[i].name, fields[i].kind = row[0], row[1]
	}
	return fixed, fields, nil
}

// check gives the call that guards one argument, "" when its Go type says all.
func (w *guardWriter) check(name string, row argument, option bool, others []string) (string, error) {
	guard, is := w.m.in.Guards[name][row.name]
	known := w.m.in.Guards[name] != nil
	if !is {
		guard = guardRow{}
	}
	kinds, err := w.kinds(guard.Kinds, known)
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w", name, row.name, err)
	}
	items, err := w.kinds(guard.Items, known)
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w", name, row.name, err)
	}
	switch typed := row.typed; {
	case typed == "any" && option:
		return fmt.Sprintf("%s.FitOption(%%s, %s, %s)", w.runtime, kinds, items), nil
	case typed == "any":
		return fmt.Sprintf("%s.Fit(%%s, %s, %s)", w.runtime, kinds, items), nil
	case typed == "string":
		return fmt.Sprintf("%%[1]s, %s.FitStr(%%[1]s)", w.runtime), nil
	case typed == "[]any":
		return fmt.Sprintf("%s.FitList(%%s, %s)", w.runtime, items), nil
	case typed == w.runtime+".Dict":
		return fmt.Sprintf("%s.FitDict(%%s, %s)", w.runtime, items), nil
	case strings.HasSuffix(typed, ".Kwargs"):
		call := fmt.Sprintf("%s.FitKwargs(%%s, %s", w.runtime, items)
		for _, other := range others {
			call += ", " + strconv.Quote(other)
		}
		return call + ")", nil
	}
	return "", nil
}

// takesText tells whether an argument may be a string or something else.
func (w *guardWriter) takesText(name string, row argument) bool {
	return row.typed == "any" && (w.m.in.Guards[name] == nil || slices.Contains(w.m.in.Guards[name][row.name].Kinds, "str"))
}

// entry writes the general entry of one function. No parameter of the bridged package has a name with an upper-case letter
// that does not begin with "p_": nativeFits and its like are free.
func (w *guardWriter) entry(name string, function *ast.FuncDecl) error {
	fixed, fields, err := w.arguments(name, function)
	if err != nil {
		return err
	}
	out := &w.body
	out.WriteByte('\n')
	if doc := function.Doc; doc != nil { // what people read does not depend on who wrote the body
		out.WriteString(w.file.text(doc.Pos(), doc.End()) + "\n")
	}
	out.WriteString(w.file.text(function.Pos(), function.Body.Pos()) + "{\n")
	ast.Inspect(function.Type, w.noteImports)
	if function.Recv != nil {
		ast.Inspect(function.Recv, w.noteImports)
	}
	checked := false
	native, bridged := []string{}, []string{}
	var names []string
	for _, row := range append(append([]argument{}, fixed...), fields...) {
		if row.kind == "required" || row.kind == "optional" {
			names = append(names, row.name)
		}
	}
	for i, row := range fixed {
		call, err := w.check(name, row, false, names)
		if err != nil {
			return err
		}
		bridged = append(bridged, row.target)
		if call == "" || row.target == "_" {
			native = append(native, row.target)
			continue
		}
		target := fmt.Sprintf("nativeArg%d", i+1)
		native = append(native, target)
		call = fmt.Sprintf(call, row.target)
		begin, end := fmt.Sprintf("%s := %s\nif nativeFits {\n", target, row.target), "\n}\n"
		if !checked {
			begin, end = fmt.Sprintf("%s, nativeFits := %s, false\n", target, row.target), "\n"
		}
		switch {
		case w.takesText(name, row): // most are strings: no call more for these
			fmt.Fprintf(out, "%sif nativeText, nativeIs := %s.(string); nativeIs {\nnativeFits = %s.FitStr(nativeText)\n} else {\n%s, nativeFits = %s\n}%s",
				begin, row.target, w.runtime, target, call, end)
		case checked:
			fmt.Fprintf(out, "%s%s, nativeFits = %s%s", begin, target, call, end)
		default:
			fmt.Fprintf(out, "%s, nativeFits := %s\n", target, call)
		}
		checked = true
	}
	if variadic := variadicName(function); variadic != "" {
		bridged, native = append(bridged, variadic+"..."), append(native, "nativeOptions...")
		if !checked {
			out.WriteString("nativeFits := true\n")
			checked = true
		}
		fmt.Fprintf(out, "nativeOptions := %s\nif nativeFits && len(%s) > 0 {\nnativeGiven := %s[0]\n", variadic, variadic, variadic)
		for _, row := range fields {
			call, err := w.check(name, row, true, names)
			if err != nil {
				return err
			}
			if call != "" {
				field := "nativeGiven." + row.target
				fmt.Fprintf(out, "if nativeFits {\n%s, nativeFits = %s\n}\n", field, fmt.Sprintf(call, field))
			}
		}
		fmt.Fprintf(out, "nativeOptions = %s{nativeGiven}\n}\n", strings.Replace(w.variadicType(function), "...", "[]", 1))
	}
	if checked {
		out.WriteString("if nativeFits {\n")
	}
	receiver := ""
	if function.Recv != nil {
		receiver = function.Recv.List[0].Names[0].Name + "."
	}
	short := function.Name.Name
	call := fmt.Sprintf("%snative%s(%s)", receiver, short, strings.Join(native, ", "))
	w.result(function, call)
	if checked {
		out.WriteString("}\n")
	}
	fmt.Fprintf(out, "%s.CountGuarded()\nreturn %sbridged%s(%s)\n}\n", w.runtime, receiver, short, strings.Join(bridged, ", "))
	w.used[w.runtime] = true
	return nil
}

// result writes the call of the native function and what becomes of its result.
func (w *guardWriter) result(function *ast.FuncDecl, call string) {
	results := function.Type.Results
	if results == nil || results.NumFields() < 2 {
		fmt.Fprintf(&w.body, "if err := %s.NativeError(%s); !%s.Unsupported(err) {\nreturn err\n}\n", w.runtime, call, w.runtime)
		return
	}
	if w.file.text(results.List[0].Type.Pos(), results.List[0].Type.End()) == "any" { // most are strings: no call for these
		fmt.Fprintf(&w.body, "result, err := %s\nif _, plain := result.(string); !plain || err != nil {\nresult, err = %s.FromNative(result, err)\n}\n"+
			"if !%s.Unsupported(err) {\nreturn result, err\n}\n", call, w.runtime, w.runtime)
		return
	}
	convert := "FromNativeTyped"
	switch w.file.text(results.List[0].Type.Pos(), results.List[0].Type.End()) {
	case "[]any":
		convert = "FromNativeList"
	case w.runtime + ".Dict":
		convert = "FromNativeDict"
	}
	fmt.Fprintf(&w.body, "if result, err := %s.%s(%s); !%s.Unsupported(err) {\nreturn result, err\n}\n", w.runtime, convert, call, w.runtime)
}

func (w *guardWriter) noteImports(node ast.Node) bool {
	if selector, is := node.(*ast.SelectorExpr); is {
		if name, is := selector.X.(*ast.Ident); is && w.file.imports[name.Name] != nil {
			w.used[name.Name] = true
		}
	}
	return true
}

func variadicName(function *ast.FuncDecl) string {
	list := function.Type.Params.List
	if len(list) == 0 || len(list[len(list)-1].Names) == 0 {
		return ""
	}
	if _, is := list[len(list)-1].Type.(*ast.Ellipsis); !is {
		return ""
	}
	return list[len(list)-1].Names[0].Name
}

func (w *guardWriter) variadicType(function *ast.FuncDecl) string {
	last := function.Type.Params.List[len(function.Type.Params.List)-1].Type
	return w.file.text(last.Pos(), last.End())
}

// writeGuards writes the general entries of the functions of one bridged file that become native.
func (m *merger) writeGuards(file *goFile, names []string) error {
	w := &guardWriter{m: m, file: file, runtime: "pyrt", used: map[string]bool{}}
	alias := ""
	for _, name := range sortedKeys(file.imports) {
		if file.imports[name].path == "py/dist.pyrt" && name != "_" {
			w.runtime, alias = name, name
		}
	}
	sort.Slice(names, func(i, j int) bool {
		return m.function[names[i]].function.Pos() < m.function[names[j]].function.Pos()
	})
	for _, name := range names {
		if err := w.entry(name, m.function[name].function); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s\n\npackage %s\n\nimport (\n", m.in.Header, m.in.Package)
	if alias == "" {
		out.WriteString("\tpyrt \"py/dist.pyrt\"\n")
		delete(w.used, w.runtime)
	}
	paths := sortedKeys(w.used)
	sort.SliceStable(paths, func(i, j int) bool { return file.imports[paths[i]].path < file.imports[paths[j]].path })
	for _, name := range paths {
		fmt.Fprintf(&out, "\t%s %s\n", name, strconv.Quote(file.imports[name].path))
	}
	out.WriteString(")\n")
	out.Write(w.body.Bytes())
	text, err := format.Source(out.Bytes())
	if err != nil {
		return err
	}
	name := m.freeName(strings.TrimSuffix(strings.TrimSuffix(file.name, ".go"), "_py"), "guard")
	m.answer.Files[name] = string(text)
	return m.locateGuards(name, text)
}

// locateGuards says whose entries stand where, as locate does of what a translator wrote.
func (m *merger) locateGuards(name string, text []byte) error {
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, name, text, parser.ParseComments)
	if err != nil {
		return err
	}
	for _, node := range syntax.Decls {
		function, is := node.(*ast.FuncDecl)
		if !is {
			continue
		}
		m.answer.Places = append(m.answer.Places, placeRow{name, set.Position(start(node)).Line, set.Position(node.End()).Line,
			m.byName[functionName(function)].id})
	}
	return nil
}
