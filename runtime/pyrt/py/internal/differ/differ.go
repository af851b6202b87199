// Package differ compares Go functions with Python ones: the same random arguments on both sides, results and exceptions as
// repr prints them. Tests give the cases; the flags -cases and -seed say how many and which.
package differ

import (
	"bufio"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"py/dist.pyrt/py"
)

//go:embed worker.py
var worker string

var (
	count = flag.Int("cases", 20000, "how many random calls to compare with CPython")
	seed  = flag.Int64("seed", 1, "what the random calls begin with")
)

// Case is a function on both sides. Args makes arguments that py.Repr can write.
type Case struct {
	Name   string
	Python string // an expression, as "lambda s: s.strip()"
	Go     func(args []any) (any, error)
	Args   func(r *rand.Rand) []any
	Known  func(args []any) bool // nil, or tells of arguments for which a difference is documented
}

// Python finds a CPython 3.11, or skips the test: PYTHON311, python3.11 on the path, pyenv.
func Python(t testing.TB) string {
	candidates := []string{os.Getenv("PYTHON311"), "python3.11"}
	if home, err := os.UserHomeDir(); err == nil {
		found, _ := filepath.Glob(filepath.Join(home, ".pyenv/versions/3.11.*/bin/python"))
		candidates = append(candidates, found...)
	}
	for _, candidate := range candidates {
		if path, err := exec.LookPath(candidate); candidate != "" && err == nil {
			return path
		}
	}
	t.Skip("no CPython 3.11 to compare with: set PYTHON311")
	return ""
}

const batch = 500

type call struct {
	test *Case
	text string
	args []any
}

// Run compares -cases calls, spread over the cases.
func Run(t *testing.T, cases []Case) {
	command := exec.Command(Python(t), "-c", worker)
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		input.Close()
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
	}()
	for _, c := range cases {
		fmt.Fprintf(input, "D\t%s\t%s\n", c.Name, c.Python)
	}
	reader := bufio.NewReaderSize(output, 1<<20)
	r := rand.New(rand.NewSource(*seed))
	declined, failed := map[string]int{}, map[string]int{}
	known := 0
	for done := 0; done < *count; done += batch {
		calls := make([]call, batch)
		var text strings.Builder
		for i := range calls {
			c := &cases[(done+i)%len(cases)]
			args := c.Args(r)
			calls[i] = call{c, py.Repr(py.Tuple(args)), args}
			fmt.Fprintf(&text, "C\t%s\t%s\n", c.Name, calls[i].text)
		}
		text.WriteString("F\n")
		sent := make(chan error, 1)
		go func() {
			_, err := io.WriteString(input, text.String())
			sent <- err
		}()
		for _, call := range calls {
			line, err := reader.ReadString('\n')
			if err != nil {
				t.Fatalf("CPython stopped: %v", err)
			}
			want := strings.TrimSuffix(line, "\n")
			got, refused := answer(call.test, call.args)
			if len(got) > 10000 && py.Len(got) > 10000 {
				got = fmt.Sprintf("%s and so on: %d", py.Slice(got, 0, 10000), py.Len(got))
			}
			if refused {
				declined[call.test.Name]++
			} else if got != want && call.test.Known != nil && call.test.Known(call.args) {
				known++
			} else if got != want {
				if failed[call.test.Name]++; failed[call.test.Name] <= 5 {
					t.Errorf("%s%s\n   Go     %s\n   Python %s", call.test.Name, call.text, got, want)
				}
			}
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
	}
	if t.Logf("%d differences that are documented", known); known > *count/1000 {
		t.Errorf("%d differences are too many to be the documented ones", known)
	}
	for name, n := range failed {
		t.Logf("%s: %d differences", name, n)
	}
	for name, n := range declined {
		t.Logf("%s: %d calls left to the original", name, n)
	}
}

func answer(c *Case, args []any) (text string, declined bool) {
	defer func() {
		if failure := recover(); failure != nil {
			if e, ok := failure.(*py.Exception); ok {
				text = describe(e)
				return
			}
			text = fmt.Sprintf("panic: %v", failure)
		}
	}()
	result, err := c.Go(args)
	var e *py.Exception
	switch {
	case err == nil:
		return py.Repr(result), false
	case errors.Is(err, py.ErrOverflow) || errors.Is(err, py.ErrUnsupported):
		return "", true
	case errors.As(err, &e):
		return describe(e), false
	}
	return "!" + err.Error(), false
}

func describe(e *py.Exception) string {
	class := e.Class[strings.LastIndexByte(e.Class, '.')+1:]
	return "!" + class + " " + py.Repr(py.Tuple(e.Args))
}
