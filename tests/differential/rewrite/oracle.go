// Compares the import rewriter (driver.c) with go/ast over every Go file below
// some folders: import lists and tokens are equal but for the mapping, files
// that gofmt agreed with still do, and the bytes are those of SortImports and
// format.Node.
//
//	go run oracle.go DRIVER FOLDER…   (without a folder: GOROOT/src)
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
)

var mappings = map[string]func(string) string{
	"identity": func(path string) string { return path },
	"prefix":   func(path string) string { return "zz.example/m/" + path },
	"reverse": func(path string) string {
		bytes := []byte(path)
		for i, j := 0, len(bytes)-1; i < j; i, j = i+1, j-1 {
			bytes[i], bytes[j] = bytes[j], bytes[i]
		}
		return "q.example/" + string(bytes)
	},
	"some": func(path string) string {
		if len(path)%2 != 0 {
			return path
		}
		if len(path)%4 != 0 {
			return "a.example/" + path
		}
		return "z/" + path
	},
	"below": func(path string) string {
		for _, row := range [][2]string{{"net", "b.example/net"}, {"go/ast", "x.example/py-go/a"}, {"internal", "go.internal/py-internal/v2"}} {
			if path == row[0] || strings.HasPrefix(path, row[0]+"/") {
				return row[1] + path[len(row[0]):]
			}
		}
		return path
	},
}

type importRow struct{ name, path string }

func imports(file *ast.File, mapped func(string) string) []importRow {
	var rows []importRow
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if path != "C" {
			path = mapped(path)
		}
		rows = append(rows, importRow{name, path})
	}
	sort.Slice(rows, func(i, j int) bool {
		return rows[i].path < rows[j].path || rows[i].path == rows[j].path && rows[i].name < rows[j].name
	})
	return rows
}

// Tokens with comments, import declarations and what mapping changes in comments left out.
func tokens(source []byte, skip int) string {
	var scan scanner.Scanner
	set := token.NewFileSet()
	scan.Init(set.AddFile("", -1, len(source)), source, func(token.Position, string) {}, scanner.ScanComments)
	var out strings.Builder
	for {
		position, kind, text := scan.Scan()
		if kind == token.EOF {
			return out.String()
		}
		if set.Position(position).Offset < skip || strings.HasPrefix(text, "//go:") {
			continue
		}
		fmt.Fprintln(&out, kind, text)
	}
}

func headerEnd(set *token.FileSet, file *ast.File) int {
	end := set.Position(file.Name.End()).Offset
	for _, group := range file.Comments { // an import comment
		if set.Position(group.Pos()).Line == set.Position(file.Name.Pos()).Line && group.Pos() > file.Name.Pos() {
			end = set.Position(group.List[0].End()).Offset
		}
	}
	for _, declaration := range file.Decls {
		if general, ok := declaration.(*ast.GenDecl); ok && general.Tok == token.IMPORT {
			end = set.Position(general.End()).Offset
		}
	}
	return end
}

func mapLinkname(text string, mapped func(string) string) string {
	fields := strings.Fields(text)
	if len(fields) < 3 {
		return text
	}
	symbol := fields[2]
	slash := strings.LastIndex(symbol, "/") + 1
	dot := strings.Index(symbol[slash:], ".")
	if dot < 0 {
		return text
	}
	path := mapped(strings.NewReplacer("%2e", ".", "%2E", ".").Replace(symbol[:slash+dot]))
	last := strings.LastIndex(path, "/") + 1
	path = path[:last] + strings.ReplaceAll(path[last:], ".", "%2e")
	at := strings.LastIndex(text, symbol)
	if len(fields) > 3 { // not the last word: find it after the local name
		at = strings.Index(text, fields[1]) + len(fields[1])
		at += strings.Index(text[at:], symbol)
	}
	return text[:at] + path + symbol[slash+dot:] + text[at+len(symbol):]
}

func mapGenerate(line string, mapped func(string) string) string {
	const paths = "-._~+/"
	isPath := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 || strings.IndexByte(paths, c) >= 0
	}
	prefix := "//go:generate"
	out := prefix
	for at := len(prefix); at < len(line); {
		next := at
		for next < len(line) && isPath(line[next]) {
			next++
		}
		word := line[at:next]
		begins := strings.IndexByte(" \t\"'`=,", line[at-1]) >= 0
		ends := next == len(line) || strings.IndexByte(" \t\r\"'`@,", line[next]) >= 0
		rest := ""
		if strings.HasSuffix(word, "/...") {
			word, rest = word[:len(word)-4], "/..."
		}
		if begins && ends && word != "" {
			word = mapped(word)
		}
		out += word + rest
		if next < len(line) {
			out += line[next : next+1]
		}
		at = next + 1
	}
	return out
}

func mapComments(set *token.FileSet, file *ast.File, source []byte, mapped func(string) string) {
	packageLine := set.Position(file.Name.Pos()).Line
	for _, group := range file.Comments {
		for _, comment := range group.List {
			position := set.Position(comment.Pos())
			before := bytes.TrimRight(source[:position.Offset], " \t")
			if strings.HasPrefix(comment.Text, "//go:linkname") && (len(before) == 0 || before[len(before)-1] == '\n') {
				comment.Text = mapLinkname(comment.Text, mapped)
			}
			if strings.HasPrefix(comment.Text, "//go:generate ") && position.Column == 1 {
				comment.Text = mapGenerate(comment.Text, mapped)
			}
			if position.Line == packageLine && comment.Pos() > file.Name.Pos() {
				text := strings.TrimLeft(comment.Text[2:], " \t")
				if rest, ok := strings.CutPrefix(text, "import "); ok {
					literal := strings.TrimLeft(rest, " \t")
					if end := strings.IndexByte(literal[1:], '"'); literal[0] == '"' && end > 0 {
						path := literal[1 : end+1]
						comment.Text = strings.Replace(comment.Text, path, mapped(path), 1)
					}
				}
			}
		}
	}
}

func reference(path string, source []byte, mapped func(string) string) ([]byte, *ast.File, *token.FileSet, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, nil, err
	}
	mapComments(set, file, source, mapped)
	for _, spec := range file.Imports {
		if old, _ := strconv.Unquote(spec.Path.Value); old != "C" {
			spec.Path.Value = strconv.Quote(mapped(old))
		}
	}
	ast.SortImports(set, file)
	var out bytes.Buffer
	err = format.Node(&out, set, file)
	return out.Bytes(), file, set, err
}

var failures int

func fail(path, mapping, format string, args ...any) {
	failures++
	if failures < 20 {
		fmt.Printf("%s (%s): %s\n", path, mapping, fmt.Sprintf(format, args...))
	}
}

type counts struct{ files, exact, loose, refused int }

func check(path, mapping string, status string, got []byte, counted *counts) {
	source, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	mapped := mappings[mapping]
	counted.files++
	_, headerErr := parser.ParseFile(token.NewFileSet(), path, source, parser.ImportsOnly)
	if headerErr != nil || status != "0" {
		counted.refused++
		if status == "0" {
			return // go/parser refuses more (names, versions, build constraints)
		}
		if headerErr == nil {
			fail(path, mapping, "refused by the rewriter, not by go/parser")
		}
		return
	}
	if mapping == "identity" && !bytes.Equal(source, got) {
		fail(path, mapping, "identity changed the bytes")
	}
	set := token.NewFileSet()
	before, _ := parser.ParseFile(set, path, source, parser.ImportsOnly|parser.ParseComments)
	after, err := parser.ParseFile(token.NewFileSet(), path, got, parser.ImportsOnly)
	if err != nil {
		fail(path, mapping, "the result does not parse: %v", err)
		return
	}
	if a, b := fmt.Sprint(imports(before, mapped)), fmt.Sprint(imports(after, mappings["identity"])); a != b {
		fail(path, mapping, "imports differ:\n  %s\n  %s", a, b)
	}
	afterSet := token.NewFileSet()
	after, _ = parser.ParseFile(afterSet, path, got, parser.ImportsOnly|parser.ParseComments)
	if tokens(source, headerEnd(set, before)) != tokens(got, headerEnd(afterSet, after)) {
		fail(path, mapping, "tokens behind the imports differ")
	}
	formatted, err := format.Source(source)
	if err != nil || !bytes.Equal(formatted, source) {
		counted.loose++
		return
	}
	want, _, _, err := reference(path, source, mapped)
	if err != nil {
		fail(path, mapping, "go/format: %v", err)
		return
	}
	counted.exact++
	if !bytes.Equal(want, got) {
		at := 0
		for at < len(want) && at < len(got) && want[at] == got[at] {
			at++
		}
		from := max(0, at-200)
		fail(path, mapping, "bytes differ at %d:\n--- want\n%s\n--- got\n%s\n", at, want[from:min(len(want), at+200)], got[from:min(len(got), at+200)])
	}
	if again, err := format.Source(got); err != nil || !bytes.Equal(again, got) {
		fail(path, mapping, "gofmt would change the result")
	}
}

func run(driver, mapping string, files []string) counts {
	command := exec.Command(driver, mapping)
	command.Stdin = strings.NewReader(strings.Join(files, "\n") + "\n")
	command.Stderr = os.Stderr
	pipe, err := command.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := command.Start(); err != nil {
		panic(err)
	}
	var counted counts
	reader := bufio.NewReaderSize(pipe, 1<<20)
	for range files {
		line, err := reader.ReadString('\n')
		if err != nil {
			panic(fmt.Sprint("the driver ended early: ", err))
		}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		size, _ := strconv.Atoi(fields[2])
		got := make([]byte, size)
		if _, err := io.ReadFull(reader, got); err != nil {
			panic(err)
		}
		check(fields[0], mapping, fields[1], got, &counted)
	}
	if err := command.Wait(); err != nil {
		panic(err)
	}
	return counted
}

func main() {
	folders := os.Args[2:]
	if len(folders) == 0 {
		folders = []string{filepath.Join(runtime.GOROOT(), "src")}
	}
	var files []string
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && strings.HasSuffix(path, ".go") {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			panic(err)
		}
	}
	for _, mapping := range []string{"identity", "prefix", "reverse", "some", "below"} {
		counted := run(os.Args[1], mapping, files)
		fmt.Printf("%-8s %d files: %d byte for byte, %d compared by imports and tokens (gofmt would change the input), %d with a header that is not Go\n",
			mapping, counted.files, counted.exact, counted.loose, counted.refused)
	}
	if failures > 0 || len(files) == 0 {
		fmt.Println(failures, "failures")
		os.Exit(1)
	}
}
