package pyrt

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Distribution is one Python release that a Go module carries.
type Distribution struct {
	Name, Version  string
	RequiresPython string // its Requires-Python, "" if it says nothing
	Tag            string // the tags of its wheel if it has native code, else ""
	SHA256         string // of Archive, hexadecimal
	Archive        []byte // the wheel
}

// Register adds a release to those that Python can import. It only remembers it: package init functions call it. The first
// call of any bridged function unpacks what is new, once per user, and puts it on sys.path.
func Register(distribution Distribution) {
	sources.mutex.Lock()
	defer sources.mutex.Unlock()
	sources.list = append(sources.list, distribution)
	sources.waiting.Store(true)
}

// AddPath puts a folder of Python files at the end of sys.path: the program's own modules, say.
func AddPath(folder string) error {
	if err := ready(); err != nil {
		return err
	}
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	_, err = begin.Call([]any{[]any{}, []any{absolute}}, nil, nil, nil)
	return err
}

type sourceTable struct {
	mutex   sync.Mutex
	list    []Distribution
	added   int         // of list, how many are on sys.path
	waiting atomic.Bool // there are more
}

var sources sourceTable

func (d *Distribution) String() string { return d.Name + " " + d.Version }

// contradiction looks for two releases of one project. The same one twice is one.
func (t *sourceTable) contradiction() error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.contradictionLocked()
}

func (t *sourceTable) contradictionLocked() error {
	known := map[string]*Distribution{}
	for i := range t.list {
		d := &t.list[i]
		if other := known[d.Name]; other == nil {
			known[d.Name] = d
		} else if other.Version != d.Version || other.SHA256 != d.SHA256 {
			return fmt.Errorf("this program carries two releases of %s: %s and %s. A Python process has room for one: see `go mod graph` for who needs which",
				d.Name, other.Version, d.Version)
		}
	}
	return nil
}

// check tells whether an interpreter can serve the releases that are not on sys.path yet.
func (t *sourceTable) check(found *probe) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.checkLocked(found)
}

func (t *sourceTable) checkLocked(found *probe) error {
	var problems []string
	for i := t.added; i < len(t.list); i++ {
		d := &t.list[i]
		if d.RequiresPython != "" && !pythonFits(d.RequiresPython, found.release()) {
			problems = append(problems, fmt.Sprintf("%s needs Python %s", d, d.RequiresPython))
		} else if d.Tag != "" && !tagFits(d.Tag, found) {
			problems = append(problems, fmt.Sprintf("%s has native extensions for %s only", d, d.Tag))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	const shown = 10
	if more := len(problems) - shown; more > 0 {
		problems = append(problems[:shown], fmt.Sprintf("and %d more", more))
	}
	wayOut := "set GOPHERSNAKE_PYTHON to a CPython that fits"
	if interpreter.Hosted {
		wayOut = "run it in a CPython that fits"
	}
	return fmt.Errorf("%s is CPython %s on %s, but %s: %s, or convert the releases for this one",
		found.Executable, found.Version, found.Platform, strings.Join(problems, "; "), wayOut)
}

// add puts the releases that wait on sys.path.
func (t *sourceTable) add() error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if !t.waiting.Load() {
		return nil // another goroutine did it
	}
	if err := errors.Join(t.contradictionLocked(), t.checkLocked(&interpreter.probed)); err != nil {
		return fmt.Errorf("pyrt: %w", err)
	}
	paths, err := unpackAll(t.list[t.added:])
	if err != nil {
		return fmt.Errorf("pyrt: %w", err)
	}
	if _, err := early("begin", paths, []any{}); err != nil {
		return err
	}
	t.added = len(t.list)
	t.waiting.Store(false)
	return nil
}

// ---- unpacking -------------------------------------------------------------------------------------------------------

// unpackAll gives the folder of each release, unpacking those that this user has not yet. A folder has its final name when
// all of its files are on the disk, so it is complete whenever it is there.
func unpackAll(list []Distribution) ([]string, error) {
	paths := make([]string, len(list))
	cache, cacheErr := cacheFolder()
	var missing []int
	for i := range list {
		d := &list[i]
		if d.SHA256 == "" {
			digest := sha256.Sum256(d.Archive)
			d.SHA256 = hex.EncodeToString(digest[:])
		}
		if !isDigest(d.SHA256) {
			return nil, fmt.Errorf("%s: %q is no sha256", d, d.SHA256)
		}
		paths[i] = filepath.Join(cache, "pysrc", d.SHA256)
		if info, err := os.Stat(paths[i]); cacheErr != nil || err != nil || !info.IsDir() {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return paths, nil
	}
	folder, err := sourcesFolder()
	if err != nil {
		return nil, err
	}
	removeLeftovers(folder)
	fresh := map[string]string{} // folder under a temporary name → final name
	defer func() {
		for temporary := range fresh {
			os.RemoveAll(temporary)
		}
	}()
	for _, i := range missing {
		d := &list[i]
		paths[i] = filepath.Join(folder, d.SHA256)
		if info, err := os.Stat(paths[i]); err == nil && info.IsDir() {
			continue // in the private folder
		}
		temporary, err := os.MkdirTemp(folder, unpackingPrefix)
		if err != nil {
			return nil, err
		}
		fresh[temporary] = paths[i]
		if err := unpack(d, temporary); err != nil {
			return nil, fmt.Errorf("unpacking %s to %s: %w", d, folder, err)
		}
	}
	if err := syncFolder(folder); err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	for temporary, final := range fresh {
		if err := os.Rename(temporary, final); err != nil {
			if info, statErr := os.Stat(final); statErr != nil || !info.IsDir() {
				return nil, err
			}
			continue // another process was faster: ours goes
		}
		delete(fresh, temporary)
	}
	return paths, nil
}

func isDigest(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == sha256.Size && strings.ToLower(text) == text
}

const unpackingPrefix = ".unpacking-"

// removeLeftovers removes what processes that were killed left behind.
func removeLeftovers(folder string) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && strings.HasPrefix(entry.Name(), unpackingPrefix) && time.Since(info.ModTime()) > 24*time.Hour {
			os.RemoveAll(filepath.Join(folder, entry.Name()))
		}
	}
}

func unpack(d *Distribution, folder string) error {
	digest := sha256.Sum256(d.Archive)
	if hex.EncodeToString(digest[:]) != d.SHA256 {
		return errors.New("the archive in this program is not the one that was registered: its sha256 differs")
	}
	archive, err := zip.NewReader(bytes.NewReader(d.Archive), int64(len(d.Archive)))
	if err != nil {
		return err
	}
	// Folders first, then files on all processors.
	made := map[string]bool{}
	targets := make([]string, len(archive.File))
	for i, entry := range archive.File {
		target, err := placeOf(entry)
		if err != nil {
			return err
		}
		if target == "" {
			continue
		}
		targets[i] = filepath.Join(folder, filepath.FromSlash(target))
		if parent := filepath.Dir(targets[i]); !made[parent] {
			if err := os.MkdirAll(parent, 0o755); err != nil {
				return err
			}
			made[parent] = true
		}
	}
	var next atomic.Int64
	var group sync.WaitGroup
	failures := make([]error, runtime.GOMAXPROCS(0))
	for worker := range failures {
		group.Add(1)
		go func() {
			defer group.Done()
			for failures[worker] == nil {
				i := int(next.Add(1)) - 1
				if i >= len(targets) {
					return
				}
				if targets[i] != "" {
					failures[worker] = unpackFile(archive.File[i], targets[i])
				}
			}
		}()
	}
	group.Wait()
	return errors.Join(failures...)
}

// placeOf says where a file of a wheel goes, as an installer would put it: name.data/purelib and platlib join the root, the
// rest of name.data (scripts, headers, data) has no place. "" for that and for folders.
func placeOf(entry *zip.File) (string, error) {
	name := entry.Name
	if strings.HasSuffix(name, "/") {
		return "", nil
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) || path.Clean(name) != name || strings.ContainsAny(name, "\\\x00") {
		return "", fmt.Errorf("the name %q leads out of the archive", name)
	}
	if mode := entry.Mode(); mode&fs.ModeType != 0 {
		return "", fmt.Errorf("%s is no file but %v", name, mode.Type())
	}
	top, rest, found := strings.Cut(name, "/")
	if !found || !strings.HasSuffix(top, ".data") {
		return name, nil
	}
	kind, rest, found := strings.Cut(rest, "/")
	if found && (kind == "purelib" || kind == "platlib") {
		return rest, nil
	}
	return "", nil
}

func unpackFile(entry *zip.File, target string) error {
	mode := fs.FileMode(0o644)
	if entry.Mode()&0o111 != 0 {
		mode = 0o755
	}
	source, err := entry.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", entry.Name, err)
	}
	defer source.Close()
	file, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, source)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("%s: %w", entry.Name, err)
	}
	return nil
}
