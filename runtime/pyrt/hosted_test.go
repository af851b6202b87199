package pyrt

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const hostSource = `
import ctypes, sys, threading
library, with_gil = sys.argv[1:]
guest = (ctypes.PyDLL if with_gil == "yes" else ctypes.CDLL)(library)
guest.Add.restype = ctypes.c_longlong
guest.Add.argtypes = [ctypes.c_longlong]
first = guest.Add(41)
if first == -1:
    sys.exit()
results = []
def work():
    for n in range(200):
        results.append(guest.Add(n) == n + 1)
if with_gil == "no":
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    guest.Everything.restype = ctypes.c_longlong
    results.append(guest.Everything() == 0)
else:
    work()
import guest as module
places = [number for number, path in enumerate(sys.path) if "pysrc" in path]
sites = [number for number, path in enumerate(sys.path) if "site-packages" in path or "dist-packages" in path]
print(first, len(results), all(results), module.add(1), len(places), all(places[0] < site for site in sites))
`

// TestHosted loads Go code into Python, with and without the GIL around the call.
func TestHosted(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip(err)
	}
	python := os.Getenv("GOPHERSNAKE_PYTHON")
	if python == "" {
		python = "python3"
	}
	library := filepath.Join(t.TempDir(), "guest.so")
	build := exec.Command(goTool, "build", "-buildmode=c-shared", "-o", library, "./testdata/hosted")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	run := func(withGIL string, env ...string) string {
		command := exec.Command(python, "-c", hostSource, library, withGIL)
		command.Env = append(os.Environ(), env...)
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		return strings.TrimSpace(string(output))
	}
	same(t, run("no"), "42 1601 True 2 1 True")
	same(t, run("yes"), "42 200 True 2 1 True")
	contains(t, run("no", "GUEST_REQUIRES=<3"), "pyrt: the Python that runs in this process", "guest 1 needs Python <3")
}
