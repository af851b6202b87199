package main

import (
	"fmt"
	"go/ast"
	"strings"
)

// standardPackages is what Go from outside may import of the standard library: no files, processes, network or memory tricks.
var standardPackages = []string{
	"bufio", "bytes", "cmp", "compress/flate", "compress/gzip", "compress/zlib", "container/heap", "container/list", "container/ring", "context", "crypto/hmac", "crypto/md5",
	"crypto/sha1", "crypto/sha256", "crypto/sha512", "encoding/base32", "encoding/base64", "encoding/binary", "encoding/csv",
	"encoding/hex", "encoding/json", "errors", "fmt", "hash", "hash/adler32", "hash/crc32", "hash/crc64", "hash/fnv", "html",
	"io", "iter", "maps", "math", "math/big", "math/bits", "math/cmplx", "math/rand", "math/rand/v2", "regexp",
	"regexp/syntax", "slices", "sort", "strconv", "strings", "sync", "sync/atomic", "text/tabwriter", "time", "unicode",
	"unicode/utf16", "unicode/utf8", "unique",
}

// namedRefusals are refused with a word of their own.
var namedRefusals = map[string]string{
	"C":           "cgo is refused",
	"unsafe":      "unsafe is refused",
	"os/exec":     "running programs is refused",
	"net":         "the network is refused",
	"syscall":     "system calls are refused",
	"embed":       "embedded files are refused",
	"plugin":      "plugins are refused",
	"runtime/cgo": "cgo is refused",
	"os":          "files and the environment are refused",
	"reflect":     "reflection is refused",
}

// runtimePackages are the packages of pyrt that Go from outside may import, with their names.
var runtimePackages = map[string]string{
	"py/dist.pyrt":                "pyrt",
	"py/dist.pyrt/py":             "py",
	"py/dist.pyrt/py/re":          "re",
	"py/dist.pyrt/py/table":       "table",
	"py/dist.pyrt/py/unicodedata": "unicodedata",
}

// tablesPrefix is where the tables of releases are. Those that the request lists may be imported.
const tablesPrefix = "py/dist.tables/"

// refuseImport says why an import path may not be used, "" when it may. neutral has the allowed packages beside the standard
// library and pyrt, tables among them.
func refuseImport(path string, neutral map[string]string) string {
	for _, allowed := range standardPackages {
		if path == allowed {
			return ""
		}
	}
	if _, allowed := neutral[path]; allowed || runtimePackages[path] != "" {
		return ""
	}
	if reason, named := namedRefusals[path]; named {
		return fmt.Sprintf("import %q: %s", path, reason)
	}
	switch {
	case strings.HasPrefix(path, "net/"):
		return fmt.Sprintf("import %q: %s", path, namedRefusals["net"])
	case strings.HasPrefix(path, tablesPrefix):
		return fmt.Sprintf("import %q: there is no such table", path)
	case strings.HasPrefix(path, "py/"):
		return fmt.Sprintf("import %q: not one of the packages that this unit may import", path)
	}
	return fmt.Sprintf("import %q: not on the list of standard packages", path)
}

// isOutside tells a package of a module from outside from those of the standard library: its first element has a dot.
func isOutside(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

// refuseOutside says why a package of a Go module from outside may not be imported.
func (m *merger) refuseOutside(path string) string {
	list := m.in.Modules
	if list == "" {
		list = "nothing"
	}
	if _, listed := m.in.Outside[path]; !listed {
		return fmt.Sprintf("import %q: of no module that the setting go_modules lists (%s)", path, list)
	}
	return fmt.Sprintf("import %q: its module, as go_modules lists it (%s), has no such package for others", path, list)
}

// packageName is the name by which a package is known without an alias.
func packageName(path string, neutral map[string]string) string {
	if name, known := neutral[path]; known {
		return name
	}
	if name := runtimePackages[path]; name != "" {
		return name
	}
	elements := strings.Split(path, "/")
	name := elements[len(elements)-1]
	if len(elements) > 1 && len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
		name = elements[len(elements)-2]
	}
	return name
}

// refuseComment says why a comment may not stand in the code: it would steer the compiler.
func refuseComment(text string) string {
	for _, start := range []string{"//go:", "//line ", "/*line ", "//export ", "// +build", "//+build"} {
		if strings.HasPrefix(text, start) {
			word, _, _ := strings.Cut(text, "\n")
			return fmt.Sprintf("the directive %q is refused", strings.TrimSpace(word))
		}
	}
	return ""
}

// refuseInitialiser looks for work at import time: importing a package must never run Python.
func refuseInitialiser(value ast.Expr, aliases map[string]*fileImport, pythonic func(path string) bool) string {
	reason := ""
	ast.Inspect(value, func(node ast.Node) bool {
		if _, function := node.(*ast.FuncLit); function {
			return false
		}
		call, isCall := node.(*ast.CallExpr)
		if !isCall || reason != "" {
			return reason == ""
		}
		selector, isSelector := call.Fun.(*ast.SelectorExpr)
		if !isSelector {
			return true
		}
		name, isName := selector.X.(*ast.Ident)
		if !isName {
			return true
		}
		if row := aliases[name.Name]; row != nil && pythonic(row.path) {
			reason = fmt.Sprintf("%s.%s is called when the package is imported", name.Name, selector.Sel.Name)
		}
		return true
	})
	return reason
}
