package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/printer"
	"go/token"
	"sort"
	"strconv"
	"strings"
)

// The Go and C of a bundle (docs/formats/bundle.md): each unit's native files with a stub in the place of its bridged files,
// and the tables by which the shim and the library know the functions.

type bundleRequest struct {
	Version string       `json:"version"`
	Content string       `json:"content"` // 16 hexadecimal digits that tell this bundle from others
	Units   []bundleUnit `json:"units"`   // sorted by digest
}

type bundleUnit struct {
	Digest    string            `json:"digest"`
	Release   string            `json:"release"`
	Bridged   map[string]string `json:"bridged"` // files of the unit's bridged package
	Native    map[string]string `json:"native"`
	Tables    map[string]string `json:"tables"` // import path → path in the bundle
	Functions []bundleFunction  `json:"functions"`
}

type bundleFunction struct {
	Go         string            `json:"go"`     // "RemoveQuotes", "Token.Parse"
	Module     string            `json:"module"` // "sqlparse.utils"
	Name       string            `json:"name"`   // "remove_quotes", "Token.parse"
	Parameters []parameterRow    `json:"parameters"`
	Guards     map[string]guards `json:"guards"` // nil: all plain values
	Absorbed   []string          `json:"absorbed"`
}

func (f *bundleFunction) key() string { return f.Module + ":" + f.Name }

type parameterRow [2]string // name, "required", "optional", "args", "kwargs"

type guards struct {
	Kinds []string `json:"kinds"`
	Items []string `json:"items"`
}

type refusedRow struct {
	Unit   string `json:"unit"`
	Go     string `json:"go"` // "" for the whole unit
	Reason string `json:"reason"`
}

type bundleAnswer struct {
	Files   map[string]string `json:"files"`
	Refused []refusedRow      `json:"refused"`
	Count   int               `json:"count"` // of functions
}

func writeBundle(in *bundleRequest) (*bundleAnswer, error) {
	b := &bundler{in: in, answer: &bundleAnswer{Files: map[string]string{}, Refused: []refusedRow{}}}
	for i := range in.Units {
		if err := b.unit(&in.Units[i]); err != nil {
			return nil, fmt.Errorf("unit %s of %s: %w", in.Units[i].Digest, in.Units[i].Release, err)
		}
	}
	sort.SliceStable(b.rows, func(i, j int) bool {
		if b.rows[i].unit.Digest != b.rows[j].unit.Digest {
			return b.rows[i].unit.Digest < b.rows[j].unit.Digest
		}
		return b.rows[i].function.key() < b.rows[j].function.key()
	})
	b.answer.Count = len(b.rows)
	text, err := b.registryGo()
	if err != nil {
		return nil, err
	}
	b.answer.Files["registry.go"] = text
	b.answer.Files["shim/registry.c"] = b.registryC()
	return b.answer, nil
}

type bundleRow struct {
	unit     *bundleUnit
	function *bundleFunction
	call     string // the body of its Go function
}

type bundler struct {
	in     *bundleRequest
	answer *bundleAnswer
	rows   []bundleRow
}

func (b *bundler) refuse(unit *bundleUnit, name, reason string) {
	b.answer.Refused = append(b.answer.Refused, refusedRow{unit.Digest, name, reason})
}

// stub collects what stands in for the bridged files of a unit.
type stub struct {
	unit     *bundleUnit
	bridged  map[string]bridgedFunction // by "Name", "Type.Name"
	options  map[string]*ast.GenDecl    // of types "XOptions"
	from     map[*ast.GenDecl]*goFile
	native   map[string]bridgedFunction // "Name" of func nativeName, "Type.Name" of a method nativeName
	declared map[string]bool            // names of the native files
	used     map[string]bool            // names that they use and do not declare
	imports  map[string]string          // alias → path, of the stub
	decls    map[string]string          // name → text
}

func (b *bundler) unit(unit *bundleUnit) error {
	s := &stub{unit: unit, bridged: map[string]bridgedFunction{}, options: map[string]*ast.GenDecl{}, from: map[*ast.GenDecl]*goFile{},
		native: map[string]bridgedFunction{}, declared: map[string]bool{}, used: map[string]bool{}, imports: map[string]string{},
		decls: map[string]string{}}
	reason, files, err := s.read()
	if err != nil {
		return err
	}
	if reason != "" {
		b.refuse(unit, "", reason)
		return nil
	}
	alias := "u_" + unit.Digest[:16]
	var rows []bundleRow
	for i := range unit.Functions {
		function := &unit.Functions[i]
		call, reason := s.entry(function, alias)
		if reason != "" {
			b.refuse(unit, function.Go, reason)
			continue
		}
		rows = append(rows, bundleRow{unit, function, call})
	}
	if len(rows) == 0 {
		return nil
	}
	if reason := s.standIns(); reason != "" {
		b.refuse(unit, "", reason)
		return nil
	}
	text, err := s.write()
	if err != nil {
		return err
	}
	files["stub_py.go"] = text
	for name, text := range files {
		b.answer.Files["u/"+unit.Digest+"/"+name] = text
	}
	b.rows = append(b.rows, rows...)
	return nil
}

func allowedInBundle(path string, tables map[string]string) bool {
	return !strings.HasPrefix(path, "py/") || path == pyrtPath || strings.HasPrefix(path, pyrtPath+"/") || tables[path] != ""
}

const pyrtPath = "py/dist.pyrt"

// read parses the unit's files and gives the native ones with the tables' paths of the bundle.
func (s *stub) read() (reason string, files map[string]string, err error) {
	for _, name := range sortedKeys(s.unit.Bridged) {
		file, err := parseFile(name, []byte(s.unit.Bridged[name]), nil)
		if err != nil {
			return "", nil, err
		}
		s.collectBridged(file)
	}
	files = map[string]string{}
	for _, name := range sortedKeys(s.unit.Native) {
		file, err := parseFile(name, []byte(s.unit.Native[name]), nil)
		if err != nil {
			return "", nil, err
		}
		if name == "stub_py.go" {
			return "a file of the name stub_py.go", nil, nil
		}
		for _, alias := range sortedKeys(file.imports) {
			if path := file.imports[alias].path; !allowedInBundle(path, s.unit.Tables) {
				return "it uses " + path + ", which is not in the bundle", nil, nil
			}
		}
		s.collectNative(file)
		files[name] = s.moveTables(file)
	}
	for name := range s.declared {
		delete(s.used, name)
	}
	return "", files, nil
}

func (s *stub) collectBridged(file *goFile) {
	for _, node := range file.syntax.Decls {
		switch kind := node.(type) {
		case *ast.FuncDecl:
			s.bridged[functionName(kind)] = bridgedFunction{file, kind}
		case *ast.GenDecl:
			for _, name := range declaredNames(kind) {
				if kind.Tok == token.TYPE && len(kind.Specs) == 1 && strings.HasSuffix(name, "Options") {
					s.options[name] = kind
					s.from[kind] = file
				}
			}
		}
	}
}

func (s *stub) collectNative(file *goFile) {
	for _, node := range file.syntax.Decls {
		for _, name := range declaredNames(node) {
			s.declared[name] = true
		}
		if function, ok := node.(*ast.FuncDecl); ok {
			receiver, own := receiverName(function), function.Name.Name
			if public, is := strings.CutPrefix(own, "native"); is && public != "" {
				if receiver != "" {
					public = receiver + "." + public
					s.used[receiver] = true
				}
				s.native[public] = bridgedFunction{file, function}
			}
		}
	}
	for _, name := range file.syntax.Unresolved {
		if file.imports[name.Name] == nil {
			s.used[name.Name] = true
		}
	}
}

// moveTables splices the paths of tables into the imports.
func (s *stub) moveTables(file *goFile) string {
	var out bytes.Buffer
	last := 0
	for _, spec := range file.syntax.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		to := s.unit.Tables[path]
		if err != nil || to == "" {
			continue
		}
		at := file.offset(spec.Path.Pos())
		out.Write(file.data[last:at])
		if spec.Name == nil { // the package keeps the name that the code knows it by
			for alias, row := range file.imports {
				if row.path == path {
					out.WriteString(alias + " ")
				}
			}
		}
		out.WriteString(strconv.Quote(to))
		last = at + len(spec.Path.Value)
	}
	out.Write(file.data[last:])
	return out.String()
}

// ---- stand-ins -------------------------------------------------------------------------------------------------------

func printed(file *goFile, node any) string {
	var out bytes.Buffer
	if printer.Fprint(&out, file.set, node) != nil {
		return ""
	}
	return out.String()
}

// importsOf notes what a piece of a bridged file imports; false when that is not in the bundle.
func (s *stub) importsOf(file *goFile, node ast.Node) (ok bool) {
	ok = true
	ast.Inspect(node, func(at ast.Node) bool {
		if selector, is := at.(*ast.SelectorExpr); is {
			if name, is := selector.X.(*ast.Ident); is && file.imports[name.Name] != nil {
				path := file.imports[name.Name].path
				ok = ok && allowedInBundle(path, nil)
				s.imports[name.Name] = path
			}
		}
		return true
	})
	return ok
}

// types notes the options of a signature.
func (s *stub) types(node ast.Node) {
	ast.Inspect(node, func(at ast.Node) bool {
		if name, is := at.(*ast.Ident); is && s.options[name.Name] != nil {
			s.used[name.Name] = true
		}
		return true
	})
}

// declare writes a function of the unit: one that gives up, or one that calls its native self.
func (s *stub) declare(name, public string, native bool) string {
	of, there := s.bridged[public]
	if !there {
		return name + " is no function of the unit"
	}
	function := of.function
	if !s.importsOf(of.file, function.Type) {
		return "the signature of " + public + " needs Go that is not in the bundle"
	}
	s.types(function.Type)
	parameters := printed(of.file, &ast.FuncType{Params: function.Type.Params})
	receiver, own := "", name
	if dot := strings.IndexByte(name, '.'); dot >= 0 {
		receiver, own = "(x *"+name[:dot]+") ", name[dot+1:]
	}
	head := "func " + receiver + own + strings.TrimPrefix(parameters, "func")
	if native {
		call := "native" + own
		if receiver != "" {
			call = "x." + call
		}
		var results string
		if function.Type.Results != nil {
			results = printed(of.file, &ast.FuncType{Params: &ast.FieldList{}, Results: function.Type.Results})
			results = strings.TrimPrefix(results, "func()")
		}
		s.decls[name] = fmt.Sprintf("%s%s {\n\treturn %s(%s)\n}\n", head, results, call, argumentsOf(function.Type))
		return ""
	}
	var results []string
	if function.Type.Results != nil {
		for i, field := range function.Type.Results.List {
			result := "_ " + printed(of.file, field.Type)
			if i == len(function.Type.Results.List)-1 {
				result = "err error"
			}
			results = append(results, result)
		}
	}
	s.imports["py"] = pyrtPath + "/py"
	s.decls[name] = fmt.Sprintf("%s (%s) {\n\terr = py.ErrUnsupported\n\treturn\n}\n", head, strings.Join(results, ", "))
	return ""
}

func argumentsOf(kind *ast.FuncType) string {
	var list []string
	for _, field := range kind.Params.List {
		_, variadic := field.Type.(*ast.Ellipsis)
		for _, name := range field.Names {
			text := name.Name
			if variadic {
				text += "..."
			}
			list = append(list, text)
		}
	}
	return strings.Join(list, ", ")
}

// standIns declares what the native files use of the unit beside themselves.
func (s *stub) standIns() string {
	for done := map[string]bool{}; ; {
		var name string
		for _, candidate := range sortedKeys(s.used) {
			if !done[candidate] && s.decls[candidate] == "" {
				name = candidate
				break
			}
		}
		if name == "" {
			return ""
		}
		done[name] = true
		if reason := s.standIn(name); reason != "" {
			return reason
		}
	}
}

func (s *stub) standIn(name string) string {
	if group := s.options[name]; group != nil {
		file := s.from[group]
		if !s.importsOf(file, group) {
			return name + " needs Go that is not in the bundle"
		}
		shown := *group
		shown.Doc = nil
		s.decls[name] = printed(file, &shown) + "\n"
		return ""
	}
	if public, is := strings.CutPrefix(name, "bridged"); is && s.bridged[public].function != nil {
		return s.declare(name, public, false)
	}
	if s.bridged[name].function != nil {
		return s.declare(name, name, false)
	}
	for public := range s.native {
		if strings.HasPrefix(public, name+".") { // the receiver of a static method
			s.decls[name] = "type " + name + " struct{}\n"
			return ""
		}
	}
	if token.IsExported(name) {
		return "it uses " + name + ", which is not in the bundle"
	}
	return "" // a name of Go itself; the compiler knows the rest
}

func (s *stub) write() (string, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "// Code generated by gophersnake from %s; DO NOT EDIT.\n\npackage %s\n\n", s.unit.Release, s.packageName())
	out.WriteString("import (\n")
	for _, alias := range sortedKeys(s.imports) {
		fmt.Fprintf(&out, "\t%s %q\n", alias, s.imports[alias])
	}
	out.WriteString(")\n")
	for _, name := range sortedKeys(s.decls) {
		out.WriteString("\n" + s.decls[name])
	}
	text, err := format.Source(out.Bytes())
	return string(text), err
}

func (s *stub) packageName() string {
	for _, row := range s.native {
		return row.file.syntax.Name.Name
	}
	return ""
}
