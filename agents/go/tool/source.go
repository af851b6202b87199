package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

const (
	fileLimit  = 4 << 20
	totalLimit = 16 << 20
	countLimit = 200
)

type fileImport struct {
	alias, path string
	refused     string // reason
}

// goFile is one parsed file.
type goFile struct {
	name    string
	data    []byte
	set     *token.FileSet
	syntax  *ast.File
	imports map[string]*fileImport // by the name in the file
}

func (f *goFile) offset(at token.Pos) int { return f.set.Position(at).Offset }
func (f *goFile) line(at token.Pos) int   { return f.set.PositionFor(at, false).Line }
func (f *goFile) text(from, to token.Pos) string {
	return string(f.data[f.offset(from):f.offset(to)])
}

func parseFile(name string, data []byte, neutral map[string]string) (*goFile, error) {
	file := &goFile{name: name, data: data, set: token.NewFileSet(), imports: map[string]*fileImport{}}
	syntax, err := parser.ParseFile(file.set, name, data, parser.ParseComments|parser.AllErrors)
	if err != nil {
		return nil, err
	}
	file.syntax = syntax
	for _, spec := range syntax.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("line %d: import path %s", file.line(spec.Pos()), spec.Path.Value)
		}
		row := &fileImport{alias: packageName(path, neutral), path: path}
		if spec.Name != nil {
			row.alias = spec.Name.Name
		}
		file.imports[row.alias] = row
	}
	return file, nil
}

// readFolder reads the regular .go files of a folder; what else is there is told as a problem.
func readFolder(folder string, problem func(file, reason string)) (map[string][]byte, []string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, err
	}
	files := map[string][]byte{}
	var names []string
	total := int64(0)
	for _, entry := range entries {
		name := entry.Name()
		info, err := entry.Info()
		switch {
		case err != nil:
			return nil, nil, err
		case !strings.HasSuffix(name, ".go"):
			problem(name, "only files named *.go are read")
		case info.Mode()&fs.ModeType != 0:
			problem(name, "not a regular file")
		case info.Size() > fileLimit || total+info.Size() > totalLimit || len(names) == countLimit:
			problem(name, "too large, or too many files")
		default:
			data, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				return nil, nil, err
			}
			total += info.Size()
			files[name] = data
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return files, names, nil
}

func readPackage(folder string, neutral map[string]string) ([]*goFile, error) {
	data, names, err := readFolder(folder, func(string, string) {})
	if err != nil {
		return nil, err
	}
	var files []*goFile
	for _, name := range names {
		file, err := parseFile(name, data[name], neutral)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// receiverName is "T" of (x *T), (x T) and (x *T[K]).
func receiverName(function *ast.FuncDecl) string {
	if function.Recv == nil || len(function.Recv.List) != 1 {
		return ""
	}
	at := function.Recv.List[0].Type
	for {
		switch kind := at.(type) {
		case *ast.StarExpr:
			at = kind.X
		case *ast.ParenExpr:
			at = kind.X
		case *ast.IndexExpr:
			at = kind.X
		case *ast.IndexListExpr:
			at = kind.X
		case *ast.Ident:
			return kind.Name
		default:
			return ""
		}
	}
}

// functionName is "Name" or "Type.Name".
func functionName(function *ast.FuncDecl) string {
	if function.Recv == nil {
		return function.Name.Name
	}
	return receiverName(function) + "." + function.Name.Name
}

// header is the line of a function as people write it; with imports spelled by their path when paths is set, so that two
// files with different aliases can be compared.
func (f *goFile) header(function *ast.FuncDecl, paths bool) string {
	shown := &ast.FuncDecl{Recv: function.Recv, Name: function.Name, Type: function.Type}
	var out bytes.Buffer
	if printer.Fprint(&out, f.set, shown) != nil {
		return ""
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	if !paths {
		return text
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, 0)
	if err != nil || len(parsed.Decls) != 1 {
		return text
	}
	ast.Inspect(parsed.Decls[0], func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if name, ok := selector.X.(*ast.Ident); ok && f.imports[name.Name] != nil {
				name.Name = strconv.Quote(f.imports[name.Name].path)
			}
		}
		return true
	})
	out.Reset()
	if printer.Fprint(&out, token.NewFileSet(), parsed.Decls[0]) != nil {
		return text
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

type functionRow struct {
	File      string `json:"file"`
	Name      string `json:"name"` // "Name" or "Type.Name"
	Signature string `json:"signature"`
	Line      int    `json:"line"`
	EndLine   int    `json:"end_line"`
}

func listFunctions(folder string) ([]functionRow, error) {
	files, err := readPackage(folder, nil)
	if err != nil {
		return nil, err
	}
	rows := []functionRow{}
	for _, file := range files {
		for _, declaration := range file.syntax.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok {
				rows = append(rows, functionRow{file.name, functionName(function), file.header(function, false),
					file.line(function.Pos()), file.line(function.End())})
			}
		}
	}
	return rows, nil
}

var (
	chunkStart = regexp.MustCompile(`(?m)^(func|type|var|const|import|package)\b`)
	chunkName  = regexp.MustCompile(`^func\s*(?:\(\s*(?:\w+\s+)?\*?\s*(\w+)[^)]*\)\s*)?(\w+)`)
)

// salvage blanks the top-level declarations that do not parse, so that one broken function does not cost its neighbours.
// It goes by lines that begin with a keyword, as all formatted Go does. broken gets the name and the reason of each.
func salvage(name string, data []byte, broken func(name, reason string)) []byte {
	starts := chunkStart.FindAllIndex(data, -1)
	out := bytes.Clone(data)
	for i, start := range starts {
		end := len(data)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		chunk := data[start[0]:end]
		if bytes.HasPrefix(chunk, []byte("package")) {
			continue
		}
		lines := bytes.Count(data[:start[0]], []byte("\n"))
		source := "package p;" + strings.Repeat("\n", lines) + string(chunk)
		_, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
		if err == nil {
			continue
		}
		what := "line " + strconv.Itoa(lines+1)
		if match := chunkName.FindSubmatch(chunk); match != nil {
			what = string(match[2])
			if len(match[1]) > 0 {
				what = string(match[1]) + "." + what
			}
		}
		broken(what, "does not parse: "+firstError(err))
		for at := start[0]; at < end; at++ {
			if out[at] != '\n' {
				out[at] = ' '
			}
		}
	}
	return out
}

func firstError(err error) string {
	var list scanner.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return fmt.Sprintf("line %d: %s", list[0].Pos.Line, list[0].Msg)
	}
	return err.Error()
}
