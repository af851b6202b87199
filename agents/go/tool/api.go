package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"path/filepath"
	"sort"
	"strings"
)

// printAPI gives what `go doc -all` would say of each package: its exported declarations without bodies. Modules that import
// each other share a package behind their own paths; it is printed too, since that is where their methods are.
func printAPI(root string, packages []string) (map[string]string, error) {
	out := map[string]string{}
	for queue := packages; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		if _, done := out[path]; done {
			continue
		}
		files, err := readPackage(filepath.Join(root, strings.TrimPrefix(path, "py/")), nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		text, imports, err := printPackage(path, files)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out[path] = text
		for _, alias := range sortedKeys(imports) {
			if behind := imports[alias]; strings.HasPrefix(behind, "py/dist.") && strings.Contains(behind, "/scc") {
				queue = append(queue, behind)
			}
		}
	}
	return out, nil
}

type apiRow struct {
	kind       int // as go doc orders: constants, variables, functions, types with their methods
	name, text string
}

func printPackage(path string, files []*goFile) (string, map[string]string, error) {
	var out bytes.Buffer
	var rows []apiRow
	imports := map[string]string{}
	name, doc := "", ""
	for _, file := range files {
		if constrained(file) {
			continue
		}
		name = file.syntax.Name.Name
		if file.syntax.Doc != nil && doc == "" {
			doc = file.syntax.Doc.Text()
		}
		ast.FileExports(file.syntax)
		for _, node := range file.syntax.Decls {
			if group, ok := node.(*ast.GenDecl); ok && group.Tok == token.IMPORT {
				continue
			}
			row, err := printDeclaration(file, node, imports)
			if err != nil {
				return "", nil, err
			}
			rows = append(rows, row)
		}
	}
	fmt.Fprintf(&out, "package %s // import %q\n\n%s", name, path, doc)
	sort.SliceStable(rows, func(i, j int) bool {
		if rows[i].kind != rows[j].kind {
			return rows[i].kind < rows[j].kind
		}
		return rows[i].name < rows[j].name
	})
	if len(imports) > 0 {
		out.WriteString("\nPACKAGES NAMED BELOW\n\n")
		for _, alias := range sortedKeys(imports) {
			fmt.Fprintf(&out, "%s %q\n", alias, imports[alias])
		}
	}
	titles := []string{"CONSTANTS", "VARIABLES", "FUNCTIONS", "TYPES"}
	last := -1
	for _, row := range rows {
		if row.kind != last {
			fmt.Fprintf(&out, "\n%s\n", titles[row.kind])
			last = row.kind
		}
		fmt.Fprintf(&out, "\n%s\n", row.text)
	}
	return out.String(), imports, nil
}

// Files for other platforms or builds would say everything twice.
func constrained(file *goFile) bool {
	if strings.HasSuffix(file.name, "_stub.go") || strings.HasSuffix(file.name, "_other.go") || strings.HasSuffix(file.name, "_test.go") {
		return true
	}
	for _, group := range file.syntax.Comments {
		for _, comment := range group.List {
			if comment.Pos() < file.syntax.Package && strings.HasPrefix(comment.Text, "//go:build !") {
				return true
			}
		}
	}
	return false
}

func printDeclaration(file *goFile, node ast.Decl, imports map[string]string) (apiRow, error) {
	row := apiRow{kind: 2}
	switch kind := node.(type) {
	case *ast.FuncDecl:
		kind.Body = nil
		row.name = functionName(kind)
		if kind.Recv != nil {
			row.kind = 3
		}
	case *ast.GenDecl:
		row.name = strings.Join(declaredNames(kind), " ")
		row.kind = map[token.Token]int{token.CONST: 0, token.VAR: 1, token.TYPE: 3}[kind.Tok]
		for _, spec := range kind.Specs {
			if values, ok := spec.(*ast.ValueSpec); ok && kind.Tok == token.VAR {
				// What it is set to is not its API, but it may be what tells its type.
				literal, isLiteral := (*ast.CompositeLit)(nil), false
				if len(values.Values) == 1 {
					literal, isLiteral = values.Values[0].(*ast.CompositeLit)
				}
				values.Values = nil
				if values.Type == nil && isLiteral {
					values.Type = literal.Type
				} else if values.Type == nil {
					values.Type = ast.NewIdent("…")
				}
			}
		}
	}
	ast.Inspect(node, func(at ast.Node) bool {
		if selector, ok := at.(*ast.SelectorExpr); ok {
			if name, ok := selector.X.(*ast.Ident); ok && file.imports[name.Name] != nil {
				imports[name.Name] = file.imports[name.Name].path
			}
		}
		return true
	})
	var out bytes.Buffer
	if err := format.Node(&out, file.set, node); err != nil {
		return row, err
	}
	row.text = out.String()
	return row, nil
}
