package re_test

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os/exec"
	"testing"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/internal/differ"
	"py/dist.pyrt/py/re"
)

var corpus = flag.Bool("corpus", false, "compare the patterns of CPython's own library (a minute)")

// TestCorpus: go test . -run Corpus -corpus
func TestCorpus(t *testing.T) {
	if !*corpus {
		t.Skip("only with -corpus")
	}
	command := exec.Command(differ.Python(t), "testdata/corpus.py")
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	compared, declined := 0, 0
	for decoder := json.NewDecoder(output); ; {
		var pattern, s, want string
		var flags re.Flag
		row := [4]any{&pattern, &flags, &s, &want}
		if err := decoder.Decode(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		compared++
		p, err := re.Compile(pattern, flags)
		var e *py.Exception
		got := ""
		switch {
		case err == nil:
			got = py.Repr(list(p.Finditer(s)))
		case errors.As(err, &e):
			got = "!" + py.Repr(py.Tuple(e.Args))
		default:
			declined++
			continue
		}
		if got != want {
			t.Errorf("%q %d %q\n   Go     %s\n   Python %s", pattern, flags, s, got, want)
		}
	}
	if err := command.Wait(); err != nil {
		t.Fatal(err)
	}
	if t.Logf("%d compared, %d of them declined", compared, declined); compared < 10000 {
		t.Error("too few")
	}
}
