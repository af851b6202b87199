// Command mutants makes wrong versions of the native code of a unit, for tests/support/mutants_driver.c.
//
//	mutants FOLDER COUNT
//
// FOLDER has the unit's package as it is published: *_native_py.go with nativeX for each native function X. Written is a
// document a line: {"file", "line", "what", "functions": the X that the change may reach, "text": the whole file}. At most COUNT,
// spread over all places; the same folder always gives the same ones. Some do not compile.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"hash/fnv"
	"math/rand"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

type mutant struct {
	File      string   `json:"file"`
	Line      int      `json:"line"`
	What      string   `json:"what"`
	Functions []string `json:"functions"`
	Text      string   `json:"text"`
}

type file struct {
	name, text string
	tree       *ast.File
}

var (
	set   = token.NewFileSet()
	swaps = map[token.Token]token.Token{
		token.EQL: token.NEQ, token.NEQ: token.EQL, token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ,
		token.GEQ: token.GTR, token.LAND: token.LOR, token.LOR: token.LAND, token.ADD: token.SUB, token.SUB: token.ADD,
		token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL, token.AND: token.OR, token.OR: token.AND,
		token.SHL: token.SHR, token.SHR: token.SHL, token.INC: token.DEC, token.DEC: token.INC,
		token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN,
	}
	classes = []string{"ValueError", "TypeError", "KeyError", "IndexError", "OverflowError", "UnicodeError"}
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func read(folder string) []*file {
	paths, err := filepath.Glob(filepath.Join(folder, "*_native_py.go"))
	if err != nil {
		fail(err)
	}
	sort.Strings(paths)
	var files []*file
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			fail(err)
		}
		tree, err := parser.ParseFile(set, path, text, 0)
		if err != nil {
			fail(err)
		}
		files = append(files, &file{filepath.Base(path), string(text), tree})
	}
	return files
}

// name of a declaration: "nativeX", and "T.nativeX" of a method.
func name(decl *ast.FuncDecl) string { return decl.Name.Name }

// reach gives, for each package-level name, the native functions that it takes part in.
func reach(files []*file) func(string) []string {
	uses := map[string]map[string]bool{} // who is used → by whom
	note := func(user string, node ast.Node) {
		ast.Inspect(node, func(n ast.Node) bool {
			if id, is := n.(*ast.Ident); is && id.Name != user {
				if uses[id.Name] == nil {
					uses[id.Name] = map[string]bool{}
				}
				uses[id.Name][user] = true
			}
			return true
		})
	}
	for _, f := range files {
		for _, decl := range f.tree.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				note(name(d), d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if value, is := spec.(*ast.ValueSpec); is {
						for _, id := range value.Names {
							note(id.Name, value)
						}
					}
				}
			}
		}
	}
	return func(from string) []string {
		seen, stack := map[string]bool{from: true}, []string{from}
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for user := range uses[at] {
				if !seen[user] {
					seen[user] = true
					stack = append(stack, user)
				}
			}
		}
		var out []string
		for one := range seen {
			if public, is := strings.CutPrefix(one, "native"); is && public != "" {
				out = append(out, public)
			}
		}
		sort.Strings(out)
		return out
	}
}

type maker struct {
	file      *file
	functions []string
	out       []mutant
	around    []ast.Node // loops and switches, outer ones first
}

// leavesSwitch tells whether break would leave a switch: then it does what continue does, or something that is no small change.
func (m *maker) leavesSwitch(at token.Pos) bool {
	inside := false
	for _, node := range m.around {
		if node.Pos() <= at && at < node.End() {
			switch node.(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				inside = false
			default:
				inside = true
			}
		}
	}
	return inside
}

func (m *maker) offset(pos token.Pos) int { return set.Position(pos).Offset }

func (m *maker) replace(from, to token.Pos, by, what string) {
	old := m.file.text[m.offset(from):m.offset(to)]
	if old == by {
		return
	}
	m.out = append(m.out, mutant{m.file.name, set.Position(from).Line, what, m.functions,
		m.file.text[:m.offset(from)] + by + m.file.text[m.offset(to):]})
}

// givesUp tells whether statements only give up: to change when that happens is no fault that calls of the proved kinds can show.
func givesUp(list []ast.Stmt) bool {
	if len(list) != 1 {
		return false
	}
	back, is := list[0].(*ast.ReturnStmt)
	if !is || len(back.Results) == 0 {
		return false
	}
	selector, is := back.Results[len(back.Results)-1].(*ast.SelectorExpr)
	if id, named := back.Results[len(back.Results)-1].(*ast.Ident); named && id.Name == "err" {
		return true // an error from below that is handed on
	}
	return is && (selector.Sel.Name == "ErrUnsupported" || selector.Sel.Name == "ErrOverflow")
}

func (m *maker) literal(lit *ast.BasicLit) {
	switch lit.Kind {
	case token.INT:
		if number, err := strconv.ParseInt(lit.Value, 0, 64); err == nil {
			m.replace(lit.Pos(), lit.End(), strconv.FormatInt(number+1, 10), fmt.Sprintf("%s becomes %d", lit.Value, number+1))
		}
	case token.CHAR:
		if c, _, _, err := strconv.UnquoteChar(lit.Value[1:len(lit.Value)-1], '\''); err == nil {
			m.replace(lit.Pos(), lit.End(), strconv.QuoteRune(c+1), fmt.Sprintf("%s becomes %q", lit.Value, c+1))
		}
	case token.STRING:
		text, err := strconv.Unquote(lit.Value)
		if err != nil {
			return
		}
		other := "x"
		if runes := []rune(text); len(runes) == 1 {
			other = string(runes[0] + 1)
		} else if len(runes) > 1 {
			other = string(runes[:len(runes)-1])
		}
		m.replace(lit.Pos(), lit.End(), strconv.Quote(other), fmt.Sprintf("%.60s becomes %.60q", lit.Value, other))
	}
}

func (m *maker) visit(node ast.Node) bool {
	switch node.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		m.around = append(m.around, node)
	}
	switch n := node.(type) {
	case *ast.ImportSpec:
		return false
	case *ast.BasicLit:
		m.literal(n)
	case *ast.BinaryExpr:
		if other, known := swaps[n.Op]; known {
			m.replace(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other.String(), fmt.Sprintf("%s becomes %s", n.Op, other))
		}
	case *ast.IncDecStmt:
		m.replace(n.TokPos, n.TokPos+2, swaps[n.Tok].String(), fmt.Sprintf("%s becomes %s", n.Tok, swaps[n.Tok]))
	case *ast.AssignStmt:
		if other, known := swaps[n.Tok]; known {
			m.replace(n.TokPos, n.TokPos+token.Pos(len(n.Tok.String())), other.String(), fmt.Sprintf("%s becomes %s", n.Tok, other))
		}
	case *ast.IfStmt:
		if givesUp(n.Body.List) {
			return n.Else != nil
		}
		cond := m.file.text[m.offset(n.Cond.Pos()):m.offset(n.Cond.End())]
		m.replace(n.Cond.Pos(), n.Cond.End(), "!("+cond+")", fmt.Sprintf("if %.60s is turned round", cond))
		m.replace(n.Body.Lbrace+1, n.Body.Rbrace, "", fmt.Sprintf("what if %.60s does is dropped", cond))
	case *ast.ReturnStmt:
		return !givesUp([]ast.Stmt{n}) // what stands beside such an error is not looked at
	case *ast.CaseClause:
		if givesUp(n.Body) {
			return false
		}
		if len(n.Body) > 0 {
			m.replace(n.Body[0].Pos(), n.Body[len(n.Body)-1].End(), "", "what a case does is dropped")
		}
	case *ast.BranchStmt:
		if n.Label != nil || m.leavesSwitch(n.Pos()) {
			return false
		}
		if n.Tok == token.CONTINUE {
			m.replace(n.Pos(), n.End(), "break", "continue becomes break")
		} else if n.Tok == token.BREAK {
			m.replace(n.Pos(), n.End(), "continue", "break becomes continue")
		}
	case *ast.ExprStmt:
		m.replace(n.Pos(), n.End(), "", "a call is dropped")
	case *ast.Ident:
		if n.Name == "true" || n.Name == "false" {
			m.replace(n.Pos(), n.End(), strconv.FormatBool(n.Name == "false"), n.Name+" is turned round")
		}
	case *ast.SelectorExpr:
		for i, class := range classes {
			if n.Sel.Name == class {
				m.replace(n.Sel.Pos(), n.Sel.End(), classes[(i+1)%len(classes)], class+" becomes "+classes[(i+1)%len(classes)])
			}
		}
	}
	return true
}

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("mutants FOLDER COUNT"))
	}
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail(err)
	}
	files := read(os.Args[1])
	of := reach(files)
	var all []mutant
	for _, f := range files {
		for _, decl := range f.tree.Decls {
			names := []string{}
			switch d := decl.(type) {
			case *ast.FuncDecl:
				names = append(names, name(d))
			case *ast.GenDecl:
				if d.Tok != token.VAR && d.Tok != token.CONST {
					continue
				}
				for _, spec := range d.Specs {
					for _, id := range spec.(*ast.ValueSpec).Names {
						names = append(names, id.Name)
					}
				}
			}
			m := maker{file: f}
			for _, one := range names {
				m.functions = append(m.functions, of(one)...)
			}
			sort.Strings(m.functions)
			if len(m.functions) > 0 {
				ast.Inspect(decl, m.visit)
			}
			all = append(all, m.out...)
		}
	}
	seed := fnv.New64a()
	for _, f := range files {
		seed.Write([]byte(f.text))
	}
	chance := rand.New(rand.NewSource(int64(seed.Sum64())))
	chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	out := json.NewEncoder(os.Stdout)
	for i := range min(count, len(all)) {
		if err := out.Encode(&all[i]); err != nil {
			fail(err)
		}
	}
}
