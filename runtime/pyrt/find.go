package pyrt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Finding a CPython: a list of candidates, each an interpreter program that is run once to say what it is and where its
// libpython stands. The answer is kept in the user's cache for as long as nothing that can change it changes.

// candidate is one place to look for an interpreter.
type candidate struct {
	name   string // for errors
	locate func() (string, error)
}

// candidates lists the places in the order in which they are tried. Who names one gets that one or an error.
func candidates() []candidate {
	if wanted := os.Getenv("GOPHERSNAKE_PYTHON"); wanted != "" {
		return []candidate{{
			name:   "GOPHERSNAKE_PYTHON=" + wanted,
			locate: func() (string, error) { return lookPath(wanted) },
		}}
	}
	return []candidate{{
		name:   "python3 on PATH",
		locate: func() (string, error) { return lookPath("python3") },
	}}
}

func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("not there (%w): install CPython 3.8 or later with its libpython, or set GOPHERSNAKE_PYTHON to one", err)
	}
	return filepath.Abs(path)
}

// probe is what an interpreter says of itself.
type probe struct {
	Version        string   // "3.11.7"
	Implementation string   // "cpython"
	Executable     string   // not a virtual environment's: the one that it was made from
	Prefix         string   // where the standard library is
	ExecPrefix     string   // where its extension modules are
	Platform       string   // "linux-x86_64"
	Standard       string   // a file of the standard library
	Suffix         string   // of extension modules: ".cpython-311-x86_64-linux-gnu.so"
	FreeThreaded   bool     // built without the GIL
	Libraries      []string // where its libpython may be, likeliest first
	Missing        []string // where it is not
	SharedName     string   // "libpython3.11.so.1.0"
}

// The interpreter is asked without its site packages and environment. What is mapped into it is the surest answer.
const probeSource = `
import json, os, sys, sysconfig
get = lambda name: str(sysconfig.get_config_var(name) or "")
version = "%d.%d" % sys.version_info[:2]
names = [name for name in (get("INSTSONAME"), get("LDLIBRARY")) if name and not name.endswith(".a")]
shared = names[0] if names else "libpython%s.so.1.0" % version
names += [name for name in ("libpython%s.so.1.0" % version, "libpython%s.so" % version) if name not in names]
places = []
try:
    with open("/proc/self/maps") as maps:
        for line in maps:
            path = line.rstrip("\n").partition("/")[2]
            if os.path.basename(path).startswith("libpython" + version) and "/" + path not in places:
                places.append("/" + path)
except OSError:
    pass
base = getattr(sys, "_base_executable", None) or sys.executable
folders = [get("LIBDIR"), os.path.join(get("LIBDIR"), get("MULTIARCH")), get("LIBPL"), os.path.join(sys.base_prefix, "lib"),
           os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(base))), "lib"), get("PYTHONFRAMEWORKPREFIX")]
for folder in folders:
    for name in names:
        path = os.path.join(folder, name)
        if folder and path not in places:
            places.append(path)
print(json.dumps({
    "Version": "%d.%d.%d" % sys.version_info[:3] + {"alpha": "a", "beta": "b", "candidate": "rc"}.get(sys.version_info[3], "")
               + (str(sys.version_info[4]) if sys.version_info[3] != "final" else ""),
    "Implementation": sys.implementation.name, "Executable": base, "Prefix": sys.base_prefix,
    "ExecPrefix": sys.base_exec_prefix, "Platform": sysconfig.get_platform(),
    "Standard": os.__file__, "Suffix": get("EXT_SUFFIX"), "FreeThreaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "Libraries": [path for path in places if os.path.exists(path)],
    "Missing": [path for path in places if not os.path.exists(path)], "SharedName": shared}))
`

const probeTimeout = time.Minute

func (c *candidate) find() (*probe, error) {
	path, err := c.locate()
	if err != nil {
		return nil, err
	}
	key, stable := answerKey(path)
	if stable {
		if found := cachedAnswer(key); found != nil {
			return found, nil
		}
	}
	found, err := ask(path)
	if err != nil {
		return nil, err
	}
	if err := found.check(); err != nil {
		return nil, err
	}
	if stable {
		keepAnswer(key, found)
	}
	return found, nil
}

func ask(path string) (*probe, error) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, path, "-I", "-S", "-c", probeSource)
	command.WaitDelay = time.Second
	var output, trouble bytes.Buffer
	command.Stdout, command.Stderr = &output, &trouble
	if err := command.Run(); err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("no answer within %v", probeTimeout)
		}
		return nil, fmt.Errorf("%s: %w%s", path, err, lastLine(trouble.String()))
	}
	found := &probe{}
	if err := json.Unmarshal(output.Bytes(), found); err != nil {
		return nil, fmt.Errorf("%s is no usable Python: it answered %.80q", path, output.String())
	}
	return found, nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + last
	}
	return ""
}

func (p *probe) home() string { return p.Prefix + ":" + p.ExecPrefix }

// release gives the numbers of the version.
func (p *probe) release() [3]int {
	var numbers [3]int
	for i, part := range strings.SplitN(p.Version, ".", 3) {
		end := 0
		for end < len(part) && part[end] >= '0' && part[end] <= '9' {
			end++
		}
		numbers[i], _ = strconv.Atoi(part[:end])
	}
	return numbers
}

func (p *probe) check() error {
	release := p.release()
	switch {
	case p.Implementation != "cpython":
		return fmt.Errorf("%s is %s; the bridge needs CPython 3.8 or later: set GOPHERSNAKE_PYTHON to one", p.Executable, p.Implementation)
	case release[0] != 3 || release[1] < 8:
		return fmt.Errorf("%s is CPython %s; the bridge needs 3.8 or later: set GOPHERSNAKE_PYTHON to one", p.Executable, p.Version)
	case p.FreeThreaded:
		return fmt.Errorf("%s is a free-threaded CPython %s; the bridge needs one with the GIL: set GOPHERSNAKE_PYTHON to one", p.Executable, p.Version)
	}
	return nil
}

func (p *probe) libraryMissing(reasons []string) error {
	release := p.release()
	text := fmt.Sprintf("%s (CPython %s) has no usable %s", p.Executable, p.Version, p.SharedName)
	if len(reasons) == 0 {
		text += ": it is a static build, and none is in " + strings.Join(folders(p.Missing), ", ")
	} else {
		text += ": " + strings.Join(reasons, "; ")
	}
	return fmt.Errorf("%s. Get one: on Debian and Ubuntu, apt-get install libpython%d.%d; with pyenv, PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force %s; "+
		"or set GOPHERSNAKE_PYTHON to a CPython that has one", text, release[0], release[1], p.Version)
}

func folders(paths []string) []string {
	var list []string
	seen := map[string]bool{}
	for _, path := range paths {
		if folder := filepath.Dir(path); !seen[folder] {
			seen[folder] = true
			list = append(list, folder)
		}
	}
	return list
}

// ---- the kept answer -------------------------------------------------------------------------------------------------

// identity names a file and its state.
func identity(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return path + " (none)"
	}
	return fmt.Sprintf("%s %d %d", path, info.Size(), info.ModTime().UnixNano())
}

// answerKey names everything that decides what the interpreter at that path answers. Not stable: it cannot be told.
func answerKey(path string) (key string, stable bool) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", false
	}
	// The binary itself; a link to something else (mise, asdf) decides by rules that we don't know.
	head := make([]byte, 4096)
	file, err := os.Open(real)
	if err != nil {
		return "", false
	}
	count, _ := file.Read(head)
	file.Close()
	head = head[:count]
	key = "2\n" + probeSource + "\n" + runtime.GOARCH + "\n" + path + "\n" + identity(real)
	if !bytes.HasPrefix(head, []byte("#!")) {
		return key, strings.HasPrefix(filepath.Base(real), "python")
	}
	state, ok := pyenvState(string(head))
	return key + "\n" + state, ok
}

type keptAnswer struct {
	Key   string
	Files []string // identities of the interpreter, its standard library and its libpython
	Probe probe
}

func (p *probe) files() []string {
	files := []string{identity(p.Executable), identity(p.Standard)}
	for _, library := range p.Libraries {
		files = append(files, identity(library))
	}
	return files
}

func answerFile(key string) (string, error) {
	folder, err := cacheFolder()
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte(key))
	return filepath.Join(folder, "python", hex.EncodeToString(digest[:16])+".json"), nil
}

func cachedAnswer(key string) *probe {
	path, err := answerFile(key)
	if err != nil {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var kept keptAnswer
	if json.Unmarshal(data, &kept) != nil || kept.Key != key || kept.Probe.check() != nil || len(kept.Probe.Libraries) == 0 {
		return nil
	}
	if strings.Join(kept.Files, "\n") != strings.Join(kept.Probe.files(), "\n") {
		return nil
	}
	return &kept.Probe
}

// keepAnswer is best effort: without it the next process asks again. An answer without a library is not kept: one may come.
func keepAnswer(key string, found *probe) {
	path, err := answerFile(key)
	if err != nil || len(found.Libraries) == 0 {
		return
	}
	data, err := json.Marshal(keptAnswer{key, found.files(), *found})
	if err != nil || os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	_ = writeAtomically(path, data)
}

func writeAtomically(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return err
}
