package pyrt

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// What needs a process of its own: the start, its failures, output at exit. The test program runs itself again and plays
// a part there.

var parts = map[string]func(){
	"add": func() { fmt.Println(Add1(1)) },
	"print": func() {
		// nothing may be lost or out of order, whether a line has ended or not
		must := func(_ any, err error) {
			if err != nil {
				fmt.Println(err)
			}
		}
		must(try("write", "one"))
		os.Stdout.WriteString("two")
		must(try("write", "three\nfour"))
		os.Stdout.WriteString("five")
		must(try("write_bytes", []byte("six")))
		os.Stdout.WriteString("seven")
		must(Call(Func_("builtins", "print"), "eight", Kwargs{"end": ""}))
	},
	"first": func() {
		start := time.Now()
		if _, err := Add1(1); err != nil {
			fmt.Println(err)
		}
		fmt.Println(time.Since(start).Microseconds())
	},
	"sleep": func() {
		Add1(1)
		fmt.Println("ready")
		Call(Func_("time", "sleep"), 60)
	},
	"notify": func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt)
		Add1(1)
		go Call(Func_("time", "sleep"), 60)
		fmt.Println("ready")
		fmt.Println("got", <-signals)
	},
	"prefix": func() { fmt.Println((&Var{Module: "sys", Name: "prefix"}).Get()) },
	"where":  func() { fmt.Println(try("where")) },
	"python": func() { fmt.Println(Python()) },
	"requires": func() {
		Register(Distribution{Name: "new", Version: "2.0", RequiresPython: ">=3.8,!=3.9.*,>=3.99", Archive: wheel(secondFiles)})
		fmt.Println(Add1(1))
	},
	"tag": func() {
		Register(Distribution{Name: "native", Version: "2.0", Tag: "cp37-cp37m-manylinux1_x86_64", Archive: wheel(secondFiles)})
		fmt.Println(Add1(1))
	},
	"twice": func() {
		Register(Distribution{Name: "second", Version: "2", Archive: wheel(secondFiles)})
		fmt.Println(Add1(1))
	},
	"corrupt": func() {
		Register(Distribution{Name: "corrupt", Version: "1", SHA256: strings.Repeat("ab", 32), Archive: []byte("PK")})
		fmt.Println(Add1(1))
	},
	"climbing": func() {
		Register(Distribution{Name: "climbing", Version: "1", Archive: wheel(map[string]string{"../out.py": ""})})
		fmt.Println(Add1(1))
	},
}

func Func_(module, name string) *Func { return &Func{Module: module, Name: name} }

type childResult struct {
	out, err string
}

// child runs this test program as the named part, in a cache folder of its own unless env has one.
func child(t testing.TB, part string, env ...string) childResult {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(append(os.Environ(), "GORACE=atexit_sleep_ms=0", "PYRT_TEST_PART="+part), env...)
	var out, trouble bytes.Buffer
	command.Stdout, command.Stderr = &out, &trouble
	if err := command.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", part, err, out.String(), trouble.String())
	}
	return childResult{strings.TrimSpace(out.String()), trouble.String()}
}

func contains(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in %q", part, text)
		}
	}
}

func TestOutput(t *testing.T) {
	result := child(t, "print")
	same(t, result.out, "onetwothree\nfourfivesixseveneight")
	same(t, result.err, "")
}

func TestStartFailures(t *testing.T) {
	version := must[Interpreter](t)(Python()).Version
	contains(t, child(t, "requires").out, "pyrt: no CPython that can run the bridged code", "is CPython "+version,
		"new 2.0 needs Python >=3.8,!=3.9.*,>=3.99", "GOPHERSNAKE_PYTHON")
	contains(t, child(t, "tag").out, "native 2.0 has native extensions for cp37-cp37m-manylinux1_x86_64 only", "CPython "+version)
	contains(t, child(t, "twice").out, "two releases of second: 1 and 2")
	contains(t, child(t, "corrupt").out, "unpacking corrupt 1", "sha256 differs")
	contains(t, child(t, "climbing").out, `"../out.py" leads out of the archive`)
	contains(t, child(t, "add", "GOPHERSNAKE_PYTHON=/nowhere/python3").out, "GOPHERSNAKE_PYTHON=/nowhere/python3: not there")
	contains(t, child(t, "add", "GOPHERSNAKE_PYTHON=/bin/true").out, "/bin/true is no usable Python")
	contains(t, child(t, "add", "GOPHERSNAKE_PYTHON=/bin/false").out, "/bin/false: exit status 1")
	contains(t, child(t, "add", "GOPHERSNAKE_PYTHON=", "PATH=/nowhere").out, "python3 on PATH: not there")
	// interpreters that are not what they should be
	for name, row := range map[string][2]string{
		"old":    {`"Version": "3.7.16", "Implementation": "cpython"`, "is CPython 3.7.16; the bridge needs 3.8 or later"},
		"pypy":   {`"Version": "3.10.2", "Implementation": "pypy"`, "is pypy; the bridge needs CPython"},
		"free":   {`"Version": "3.13.0", "Implementation": "cpython", "FreeThreaded": true`, "is a free-threaded CPython 3.13.0"},
		"static": {`"Version": "3.11.9", "Implementation": "cpython", "SharedName": "libpython3.11.so.1.0", "Missing": ["/opt/x/lib/libpython3.11.so.1.0"]`, "has no usable libpython3.11.so.1.0: it is a static build, and none is in /opt/x/lib. Get one: on Debian and Ubuntu, apt-get install libpython3.11; with pyenv,"},
		"other":  {`"Version": "3.11.99", "Implementation": "cpython", "SharedName": "l", "Libraries": ["` + must[Interpreter](t)(Python()).Library + `"]`, "it is of another version: " + version},
		"broken": {`"Version": "3.11.99", "Implementation": "cpython", "SharedName": "l", "Libraries": ["/etc/passwd"]`, "/etc/passwd: "},
	} {
		path := filepath.Join(t.TempDir(), "python-"+name)
		script := fmt.Sprintf("#!/bin/sh\necho '{%s, \"Executable\": \"%s\"}'\n", row[0], path)
		if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		contains(t, child(t, "add", "GOPHERSNAKE_PYTHON="+path).out, row[1])
	}
}

func TestUnwritableCache(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	temporary := t.TempDir()
	for range 2 {
		result := child(t, "where", "GOPHERSNAKE_CACHE_DIR="+filepath.Join(file, "cache"), "TMPDIR="+temporary)
		contains(t, result.out, filepath.Join(temporary, fmt.Sprintf("gophersnake-%d", os.Getuid())))
		contains(t, result.err, "the cache folder cannot be written", "GOPHERSNAKE_CACHE_DIR")
		same(t, strings.Count(result.err, "\n"), 1)
	}
	// somebody else's folder is not used
	strange := t.TempDir()
	if err := os.Mkdir(filepath.Join(strange, fmt.Sprintf("gophersnake-%d", os.Getuid())), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(strange, fmt.Sprintf("gophersnake-%d", os.Getuid())), 0o777); err != nil {
		t.Fatal(err)
	}
	result := child(t, "where", "GOPHERSNAKE_CACHE_DIR="+filepath.Join(file, "cache"), "TMPDIR="+strange)
	if !strings.HasPrefix(result.out, filepath.Join(strange, "gophersnake-")) || strings.Contains(result.out, fmt.Sprintf("gophersnake-%d/", os.Getuid())) {
		t.Errorf("unpacked to %s", result.out)
	}
	// no home at all
	result = child(t, "where", "GOPHERSNAKE_CACHE_DIR=", "XDG_CACHE_HOME=", "HOME=", "TMPDIR="+temporary)
	contains(t, result.out, temporary)
}

func TestParallelStart(t *testing.T) {
	cache := t.TempDir()
	var group sync.WaitGroup
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			if result := child(t, "add", "GOPHERSNAKE_CACHE_DIR="+cache); result.out != "2 <nil>" || result.err != "" {
				t.Errorf("%+v", result)
			}
		}()
	}
	group.Wait()
	entries := must[[]os.DirEntry](t)(os.ReadDir(filepath.Join(cache, "pysrc")))
	if len(entries) != 2 {
		t.Errorf("%d folders of two releases: %v", len(entries), entries)
	}
}

// TestKeptAnswer sees that the interpreter is asked once, and again when something changes.
func TestKeptAnswer(t *testing.T) {
	folder, cache := t.TempDir(), t.TempDir()
	executable := must[Interpreter](t)(Python()).Executable
	count := filepath.Join(folder, "count")
	shim := filepath.Join(folder, "python3")
	root := filepath.Join(folder, "root")
	if err := os.MkdirAll(filepath.Join(root, "versions"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(folder, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(folder, "bin", "pyenv"), fmt.Sprintf("#!/bin/sh\necho x >> %s\nshift 2\nexec %s \"$@\"\n", count, executable))
	write(shim, fmt.Sprintf("#!/bin/sh\nexport PYENV_ROOT=\"%s\"\nexec \"%s/bin/pyenv\" exec python3 \"$@\"\n", root, folder))
	asked := func(want int, env ...string) {
		t.Helper()
		result := child(t, "add", append([]string{"GOPHERSNAKE_CACHE_DIR=" + cache, "GOPHERSNAKE_PYTHON=" + shim}, env...)...)
		same(t, result.out, "2 <nil>")
		text, _ := os.ReadFile(count)
		if got := strings.Count(string(text), "x"); got != want {
			t.Errorf("asked %d times, not %d", got, want)
		}
	}
	asked(1)
	asked(1)
	asked(2, "PYENV_VERSION=other")
	asked(2, "PYENV_VERSION=other")
	asked(2)
	write(filepath.Join(root, "version"), "3.11\n")
	asked(3)
	asked(3)
	if err := os.Mkdir(filepath.Join(root, "versions", "new"), 0o755); err != nil {
		t.Fatal(err)
	}
	asked(4)
	local := filepath.Join(folder, "local", "deeper")
	if err := os.MkdirAll(local, 0o755); err != nil {
		t.Fatal(err)
	}
	asked(5, "PYENV_DIR="+local)
	write(filepath.Join(folder, "local", ".python-version"), "3.12\n")
	asked(6, "PYENV_DIR="+local)
	asked(6, "PYENV_DIR="+local)
	// a damaged answer is asked for again
	kept, _ := filepath.Glob(filepath.Join(cache, "python", "*.json"))
	if len(kept) == 0 {
		t.Fatal("no answer was kept")
	}
	for _, path := range kept {
		write(path, "{")
	}
	asked(7)
	// another script may answer otherwise each time
	write(shim, fmt.Sprintf("#!/bin/sh\nexec \"%s/bin/other\" exec python3 \"$@\"\n", folder))
	if err := os.Rename(filepath.Join(folder, "bin", "pyenv"), filepath.Join(folder, "bin", "other")); err != nil {
		t.Fatal(err)
	}
	asked(8)
	asked(9)
}

// TestEveryPython runs all other tests with every CPython of pyenv.
func TestEveryPython(t *testing.T) {
	if os.Getenv("GOPHERSNAKE_PYTHON") != "" {
		t.Skip("inside")
	}
	if testing.Short() {
		t.Skip("short")
	}
	home, _ := os.UserHomeDir()
	found, _ := filepath.Glob(filepath.Join(home, ".pyenv", "versions", "*", "bin", "python"))
	found = append(found, "/usr/bin/python3")
	for _, python := range found {
		t.Run(strings.ReplaceAll(strings.TrimPrefix(python, home+"/.pyenv/versions/"), "/", "_"), func(t *testing.T) {
			version, err := exec.Command(python, "-c", "import sys; print(sys.version_info >= (3, 8))").Output()
			if err != nil {
				t.Skip(err)
			}
			if strings.TrimSpace(string(version)) != "True" {
				contains(t, child(t, "add", "GOPHERSNAKE_PYTHON="+python).out, "pyrt: ")
				contains(t, child(t, "add", "GOPHERSNAKE_PYTHON="+python).out, "GOPHERSNAKE_PYTHON")
				return
			}
			command := exec.Command(os.Args[0], "-test.short", "-test.timeout=2m")
			command.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "GOPHERSNAKE_PYTHON="+python)
			if output, err := command.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

// TestSignals sees that Go's handling of signals stays.
func TestSignals(t *testing.T) {
	for part, want := range map[string]string{"sleep": "signal: interrupt", "notify": "<nil>"} {
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "PYRT_TEST_PART="+part)
		pipe := must[io.ReadCloser](t)(command.StdoutPipe())
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(30*time.Second, func() { command.Process.Kill() })
		if _, err := io.ReadFull(pipe, make([]byte, 6)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond) // into Python's sleep
		if err := command.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		output, _ := io.ReadAll(pipe)
		same(t, fmt.Sprint(command.Wait()), want)
		if part == "notify" {
			same(t, string(output), "got interrupt\n")
		}
		timer.Stop()
	}
}

// TestPlaces starts interpreters at odd places.
func TestPlaces(t *testing.T) {
	executable := must[Interpreter](t)(Python()).Executable
	folder := t.TempDir()
	environment := filepath.Join(folder, "venv")
	if output, err := exec.Command(executable, "-m", "venv", "--without-pip", environment).CombinedOutput(); err != nil {
		t.Skipf("no venv: %s", output)
	}
	same(t, child(t, "add", "GOPHERSNAKE_PYTHON="+filepath.Join(environment, "bin", "python")).out, "2 <nil>")
	if prefix := filepath.Dir(filepath.Dir(executable)); prefix != "/usr" {
		odd := filepath.Join(folder, "ünï日 x")
		if err := os.Symlink(prefix, odd); err != nil {
			t.Fatal(err)
		}
		result := child(t, "prefix", "GOPHERSNAKE_PYTHON="+filepath.Join(odd, "bin", filepath.Base(executable)), "LC_ALL=C", "LANG=C")
		same(t, result.out, odd+" <nil>")
	}
	// what could mislead an interpreter does not
	result := child(t, "add", "PYTHONHOME=/nowhere", "PYTHONPATH="+folder, "PYTHONSTARTUP=/nowhere", "PYTHONDONTWRITEBYTECODE=1")
	same(t, result.out+result.err, "2 <nil>")
}

// TestWithoutCgo sees that a program without cgo builds and that its calls say what is missing.
func TestWithoutCgo(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip(err)
	}
	program := filepath.Join(t.TempDir(), "program")
	build := exec.Command(goTool, "test", "-c", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	command := exec.Command(program)
	command.Env = append(os.Environ(), "PYRT_TEST_PART=add")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	contains(t, string(output), "0 pyrt: this program was built without cgo")
}
