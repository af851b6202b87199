package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"sort"
	"strings"
)

// declaration is one top-level declaration of what a translator wrote.
type declaration struct {
	id         string // "utils.go#Name"
	file       *goFile
	node       ast.Decl
	names      []string // what it declares: "Name", "Type.Name"; a group declares several
	replaces   string   // "Name" or "Type.Name" of the bridged function, ""
	refused    string   // why it cannot be kept
	identifier map[string]bool
	imports    map[string]bool // names of imports that it uses
}

type bridgedFunction struct {
	file     *goFile
	function *ast.FuncDecl
}

type merger struct {
	in       *request
	allowed  map[string]string // Neutral and the tables
	bridged  []*goFile
	function map[string]bridgedFunction // by "Name", "Type.Name"
	taken    map[string]bool            // package-level names and methods of the bridged package
	list     []*declaration
	byName   map[string]*declaration
	answer   *mergeAnswer
}

type problemRow struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

type resultRow struct {
	Name   string `json:"name"`
	Native bool   `json:"native"`
	Reason string `json:"reason"`
}

type placeRow struct {
	File        string `json:"file"`
	First       int    `json:"first"` // lines
	Last        int    `json:"last"`
	Declaration string `json:"declaration"`
}

type mergeAnswer struct {
	Problems  []problemRow      `json:"problems"`
	Functions []resultRow       `json:"functions"` // those that were proposed
	Files     map[string]string `json:"files"`     // new ones
	Edited    map[string]string `json:"edited"`    // of the bridged package, with the replaced functions renamed
	Places    []placeRow        `json:"places"`    // of declarations in Files
}

func merge(in *request) (*mergeAnswer, error) {
	m := &merger{in: in, function: map[string]bridgedFunction{}, taken: map[string]bool{}, byName: map[string]*declaration{},
		answer: &mergeAnswer{Problems: []problemRow{}, Functions: []resultRow{}, Files: map[string]string{},
			Edited: map[string]string{}, Places: []placeRow{}}}
	m.allowed = maps.Clone(in.Neutral)
	if m.allowed == nil {
		m.allowed = map[string]string{}
	}
	for path, row := range in.Tables {
		m.allowed[path] = row.Package
	}
	for path, name := range in.Outside {
		if name != nil {
			m.allowed[path] = *name
		}
	}
	if err := m.readBridged(); err != nil {
		return nil, fmt.Errorf("bridged package: %w", err)
	}
	if err := m.readOut(); err != nil {
		return nil, err
	}
	for _, row := range m.list {
		m.judge(row)
	}
	m.settle()
	if err := m.write(); err != nil {
		return nil, err
	}
	return m.answer, nil
}

func (m *merger) problem(file, reason string) {
	m.answer.Problems = append(m.answer.Problems, problemRow{file, reason})
}

// ---- reading ---------------------------------------------------------------------------------------------------------

func declaredNames(node ast.Decl) []string {
	var names []string
	switch kind := node.(type) {
	case *ast.FuncDecl:
		names = append(names, functionName(kind))
	case *ast.GenDecl:
		for _, spec := range kind.Specs {
			switch row := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, row.Name.Name)
			case *ast.ValueSpec:
				for _, name := range row.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

func (m *merger) readBridged() error {
	files, err := readPackage(m.in.Bridged, m.allowed)
	if err != nil {
		return err
	}
	m.bridged = files
	for _, file := range files {
		for _, node := range file.syntax.Decls {
			for _, name := range declaredNames(node) {
				m.taken[name] = true
			}
			if function, ok := node.(*ast.FuncDecl); ok {
				m.function[functionName(function)] = bridgedFunction{file, function}
			}
		}
	}
	for _, name := range m.in.Replace {
		if _, there := m.function[name]; !there {
			return fmt.Errorf("no function %s in it", name)
		}
		m.taken[prefixed("bridged", name)] = true
		m.taken[prefixed("native", name)] = true
	}
	return nil
}

func (m *merger) readOut() error {
	data, names, err := readFolder(m.in.Out, m.problem)
	if err != nil {
		return err
	}
	for _, name := range names {
		file, err := parseFile(name, data[name], m.allowed)
		if err != nil {
			broken := map[string]string{}
			repaired := salvage(name, data[name], func(what, reason string) { broken[what] = reason })
			file, err = parseFile(name, repaired, m.allowed)
			for _, what := range sortedKeys(broken) {
				m.refuseByName(name, what, broken[what])
			}
		}
		if err != nil {
			m.problem(name, "does not parse: "+firstError(err))
			continue
		}
		if reason := m.refuseFile(file); reason != "" {
			m.problem(name, reason)
			continue
		}
		m.collect(file)
	}
	return nil
}

// refuseByName notes a function that is there only in name.
func (m *merger) refuseByName(file, name, reason string) {
	if _, there := m.function[name]; !there {
		m.problem(file, name+": "+reason)
		return
	}
	m.answer.Functions = append(m.answer.Functions, resultRow{Name: name, Reason: reason})
}

func (m *merger) refuseFile(file *goFile) string {
	if file.syntax.Name.Name != m.in.Package {
		return fmt.Sprintf("package %s, wanted: package %s", file.syntax.Name.Name, m.in.Package)
	}
	if file.imports["."] != nil {
		return "imports with a dot are refused"
	}
	for _, group := range file.syntax.Comments {
		for _, comment := range group.List {
			if reason := refuseComment(comment.Text); reason != "" && comment.Pos() < file.syntax.Name.Pos() {
				return reason
			}
			// It would change the lines by which errors find their declaration.
			if strings.HasPrefix(comment.Text, "//line ") || strings.HasPrefix(comment.Text, "/*line ") {
				return refuseComment(comment.Text)
			}
		}
	}
	for _, name := range sortedKeys(file.imports) {
		row := file.imports[name]
		row.refused = refuseImport(row.path, m.allowed)
		if _, outside := m.in.Outside[row.path]; row.refused != "" && (outside || isOutside(row.path)) {
			row.refused = m.refuseOutside(row.path)
		}
		if row.refused != "" {
			m.problem(file.name, row.refused)
		}
	}
	return ""
}

func start(node ast.Decl) token.Pos {
	var doc *ast.CommentGroup
	switch kind := node.(type) {
	case *ast.FuncDecl:
		doc = kind.Doc
	case *ast.GenDecl:
		doc = kind.Doc
	}
	if doc != nil {
		return doc.Pos()
	}
	return node.Pos()
}

func (m *merger) collect(file *goFile) {
	unresolved := map[*ast.Ident]bool{}
	for _, name := range file.syntax.Unresolved {
		unresolved[name] = true
	}
	for _, node := range file.syntax.Decls {
		names := declaredNames(node)
		if len(names) == 0 { // imports
			continue
		}
		row := &declaration{id: file.name + "#" + names[0], file: file, node: node, names: names,
			identifier: map[string]bool{}, imports: map[string]bool{}}
		ast.Inspect(node, func(at ast.Node) bool {
			switch kind := at.(type) {
			case *ast.SelectorExpr:
				if name, ok := kind.X.(*ast.Ident); ok && unresolved[name] && file.imports[name.Name] != nil {
					row.imports[name.Name] = true
					return false
				}
				row.identifier["."+kind.Sel.Name] = true
			case *ast.Ident:
				if unresolved[kind] || (kind.Obj != nil && kind.Obj == file.syntax.Scope.Objects[kind.Name]) {
					row.identifier[kind.Name] = true
				}
			}
			return true
		})
		for _, group := range file.syntax.Comments {
			for _, comment := range group.List {
				if comment.Pos() >= start(node) && comment.End() <= node.End() {
					if reason := refuseComment(comment.Text); reason != "" && row.refused == "" {
						row.refused = reason
					}
				}
			}
		}
		m.list = append(m.list, row)
	}
}

// ---- judging ---------------------------------------------------------------------------------------------------------

func (m *merger) judge(row *declaration) {
	for _, name := range row.names {
		if first := m.byName[name]; first != nil && first != row && row.refused == "" {
			row.refused = name + " is declared twice"
		} else if first == nil {
			m.byName[name] = row
		}
	}
	for _, name := range sortedKeys(row.imports) {
		if used := row.file.imports[name]; used.refused != "" && row.refused == "" {
			row.refused = used.refused
		}
	}
	if reason := m.in.Dropped[row.id]; reason != "" && row.refused == "" {
		row.refused = reason
	}
	if row.refused != "" {
		return
	}
	switch kind := row.node.(type) {
	case *ast.FuncDecl:
		row.refused = m.judgeFunction(row, kind)
	case *ast.GenDecl:
		row.refused = m.judgeGroup(row, kind)
	}
}

func (m *merger) judgeFunction(row *declaration, function *ast.FuncDecl) string {
	name := row.names[0]
	if function.Recv == nil && (function.Name.Name == "init" || function.Name.Name == "_") {
		return "func " + function.Name.Name + " is refused: importing a package must not do anything"
	}
	if function.Body == nil {
		return "it has no body"
	}
	for _, candidate := range m.in.Replace {
		if candidate != name {
			continue
		}
		bridged := m.function[name]
		wanted, got := bridged.file.header(bridged.function, true), row.file.header(function, true)
		if wanted != got {
			return fmt.Sprintf("the signature differs: wanted %s, got %s", bridged.file.header(bridged.function, false),
				row.file.header(function, false))
		}
		row.replaces = name
		return ""
	}
	if m.taken[name] {
		return name + " is a name of the bridged package that may not be replaced"
	}
	if function.Name.IsExported() {
		return name + ": no such function in the bridged package; helpers must not be exported"
	}
	return ""
}

func (m *merger) judgeGroup(row *declaration, group *ast.GenDecl) string {
	for _, name := range row.names {
		switch {
		case name == "_":
			return "a blank variable is refused: importing a package must not do anything"
		case m.taken[name]:
			return name + " is a name of the bridged package"
		case ast.IsExported(name):
			return name + ": helpers must not be exported"
		}
	}
	for _, spec := range group.Specs {
		values, ok := spec.(*ast.ValueSpec)
		for i := 0; ok && i < len(values.Values); i++ {
			reason := refuseInitialiser(values.Values[i], row.file.imports, func(path string) bool {
				return strings.HasPrefix(path, "py/")
			})
			if reason != "" {
				return reason
			}
		}
	}
	return ""
}

// uses lists the declarations that one refers to: by name, and of a type its methods. A name that means something local
// counts too; that keeps a helper more, never one too few.
func (m *merger) uses(row *declaration) []*declaration {
	var list []*declaration
	for _, other := range m.list {
		if other == row {
			continue
		}
		for _, name := range other.names {
			receiver, method, isMethod := strings.Cut(name, ".")
			ownMethod := isMethod && m.byName[receiver] == row && other.replaces == ""
			if row.identifier[name] || ownMethod || (isMethod && row.identifier["."+method] && other.replaces == "") {
				list = append(list, other)
				break
			}
		}
	}
	return list
}

// reach is everything that a declaration needs, itself included, and the first refusal among it.
func (m *merger) reach(from *declaration) (map[*declaration]bool, string) {
	seen := map[*declaration]bool{from: true}
	queue := []*declaration{from}
	reason := from.refused
	for len(queue) > 0 {
		row := queue[0]
		queue = queue[1:]
		for _, used := range m.uses(row) {
			if seen[used] {
				continue
			}
			// A call of another replaced function goes to the bridge when that one is refused.
			if used.replaces != "" || (used.refused != "" && m.function[used.names[0]].function != nil) {
				continue
			}
			if used.refused != "" && reason == "" {
				reason = fmt.Sprintf("uses %s: %s", used.names[0], used.refused)
			}
			seen[used] = true
			queue = append(queue, used)
		}
	}
	return seen, reason
}

// settle decides which functions become native and which declarations are kept for them.
func (m *merger) settle() {
	keep := map[*declaration]bool{}
	for _, row := range m.list {
		_, known := m.function[row.names[0]]
		if _, isFunction := row.node.(*ast.FuncDecl); !isFunction || (row.replaces == "" && !known) {
			if isFunction && row.refused != "" {
				m.problem(row.file.name, row.names[0]+": "+row.refused)
			}
			continue
		}
		seen, reason := m.reach(row)
		m.answer.Functions = append(m.answer.Functions, resultRow{row.names[0], reason == "", reason})
		for used := range seen {
			keep[used] = keep[used] || reason == ""
		}
	}
	var kept []*declaration
	for _, row := range m.list {
		if keep[row] {
			kept = append(kept, row)
		}
	}
	m.list = kept
	sort.SliceStable(m.answer.Functions, func(i, j int) bool { return m.answer.Functions[i].Name < m.answer.Functions[j].Name })
}

func sortedKeys[T any](of map[string]T) []string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
