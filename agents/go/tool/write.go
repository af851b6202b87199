package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

var fileStem = regexp.MustCompile(`[^a-zA-Z0-9]+`)

func (m *merger) write() error {
	edits := map[*goFile][]string{}
	files := map[*goFile][]*declaration{}
	var order []*goFile
	for _, row := range m.list {
		if files[row.file] == nil {
			order = append(order, row.file)
		}
		files[row.file] = append(files[row.file], row)
		if row.replaces != "" {
			bridged := m.function[row.replaces]
			edits[bridged.file] = append(edits[bridged.file], row.replaces)
		}
	}
	for _, file := range order {
		stem := strings.Trim(fileStem.ReplaceAllString(strings.TrimSuffix(file.name, ".go"), "_"), "_")
		if stem == "" { // a name that begins with "_" would be no part of the package
			stem = "out"
		}
		name := m.freeName(stem, "native")
		text, err := m.writeFile(file, files[file])
		if err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
		m.answer.Files[name] = string(text)
		if err := m.locate(name, text, files[file]); err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
	}
	for _, file := range m.bridged {
		if names := edits[file]; names != nil {
			m.answer.Edited[file.name] = m.rename(file, names)
			if err := m.writeGuards(file, names); err != nil {
				return fmt.Errorf("%s: %w", file.name, err)
			}
		}
	}
	return nil
}

// freeName gives "utils_native_py.go", with a number where there is such a file.
func (m *merger) freeName(stem, what string) string {
	name := fmt.Sprintf("%s_%s_py.go", stem, what)
	for number := 2; m.answer.Files[name] != "" || m.isBridgedFile(name); number++ {
		name = fmt.Sprintf("%s_%d_%s_py.go", stem, number, what)
	}
	return name
}

func (m *merger) isBridgedFile(name string) bool {
	for _, file := range m.bridged {
		if file.name == name {
			return true
		}
	}
	return false
}

func (m *merger) writeFile(file *goFile, rows []*declaration) ([]byte, error) {
	var out bytes.Buffer
	used := map[string]bool{}
	for _, row := range rows {
		for name := range row.imports {
			used[name] = true
		}
	}
	fmt.Fprintf(&out, "%s\n\npackage %s\n\n", m.in.Header, m.in.Package)
	if len(used) > 0 {
		paths := sortedKeys(used)
		sort.SliceStable(paths, func(i, j int) bool { return file.imports[paths[i]].path < file.imports[paths[j]].path })
		out.WriteString("import (\n")
		for _, name := range paths {
			fmt.Fprintf(&out, "\t%s %s\n", name, strconv.Quote(file.imports[name].path))
		}
		out.WriteString(")\n")
	}
	for _, row := range rows {
		out.WriteByte('\n')
		if row.replaces == "" {
			out.WriteString(file.text(start(row.node), row.node.End()) + "\n")
			continue
		}
		// Its general entry has the name and the comment that people see (guard.go).
		function := row.node.(*ast.FuncDecl)
		out.WriteString(file.text(function.Pos(), function.Name.Pos()) + "native" + file.text(function.Name.Pos(), function.End()) + "\n")
	}
	return format.Source(out.Bytes())
}

// locate notes the lines of each declaration in what was written, by order: formatting keeps that.
func (m *merger) locate(name string, text []byte, rows []*declaration) error {
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, name, text, parser.ParseComments)
	if err != nil {
		return err
	}
	number := 0
	for _, node := range syntax.Decls {
		if len(declaredNames(node)) == 0 {
			continue
		}
		m.answer.Places = append(m.answer.Places, placeRow{name, set.Position(start(node)).Line, set.Position(node.End()).Line,
			rows[number].id})
		number++
	}
	return nil
}

// rename splices the new names of replaced functions into a bridged file, and into the first word of their comments.
func (m *merger) rename(file *goFile, names []string) string {
	var places []int
	for _, name := range names {
		function := m.function[name].function
		places = append(places, file.offset(function.Name.Pos()))
		if doc := function.Doc; doc != nil && strings.HasPrefix(doc.List[0].Text, "// "+function.Name.Name+" ") {
			places = append(places, file.offset(doc.Pos())+len("// "))
		}
	}
	sort.Ints(places)
	var out bytes.Buffer
	last := 0
	for _, at := range places {
		out.Write(file.data[last:at])
		out.WriteString("bridged")
		last = at
	}
	out.Write(file.data[last:])
	return out.String()
}
