package pyrt

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// Interpreter says which CPython serves this process.
type Interpreter struct {
	Version    string // "3.11.7"
	Executable string
	Library    string // "" if it was in the process already
	Hosted     bool   // Python loaded this Go code
}

var interpreter struct {
	once    sync.Once
	started atomic.Bool
	err     error
	Interpreter
	probed probe // what it is, for sources that are registered later
}

// Python starts the interpreter unless it runs already, and says which one it is. Nobody needs to call it: the first call of
// any bridged function starts the interpreter too.
func Python() (Interpreter, error) {
	err := ready()
	return interpreter.Interpreter, err
}

// ready makes sure that the interpreter runs and that it sees all registered sources.
func ready() error {
	if !interpreter.started.Load() {
		interpreter.once.Do(func() {
			if interpreter.err = start(); interpreter.err == nil {
				interpreter.started.Store(true)
			} else {
				interpreter.err = fmt.Errorf("pyrt: %w", interpreter.err)
			}
		})
		if interpreter.err != nil {
			return interpreter.err
		}
	}
	if sources.waiting.Load() {
		return sources.add()
	}
	return nil
}

func start() error {
	if cgoMissing != "" {
		return errors.New(cgoMissing)
	}
	if err := sources.contradiction(); err != nil {
		return err
	}
	if pythonInProcess() == 2 {
		return startHosted()
	}
	done := make(chan error)
	go func() {
		// Python's main thread: it exists as long as the process and runs no code of the program. So no Python code can
		// install signal handlers in place of Go's, however the program's goroutines move.
		runtime.LockOSThread()
		err := startOwn()
		if err == nil {
			_, err = early("start")
		}
		if err == nil {
			ancestorsCell, err = cellOf("_gophersnake", "ancestors")
		}
		done <- err
		if err == nil {
			releaseDropped()
		}
	}()
	return <-done
}

// early calls a function of the bootstrap without going through ready().
func early(name string, args ...any) (any, error) {
	cell, err := cellOf("_gophersnake", name)
	if err != nil {
		return nil, err
	}
	return call(label(name), opCall, cell, nil, args, nil, nil, nil)
}

func startOwn() error {
	reasons := []string{}
	for _, candidate := range candidates() {
		found, err := candidate.find()
		if err == nil {
			err = sources.check(found)
		}
		if err == nil {
			if interpreter.Library, err = openFirst(found); err == nil {
				if err = startPython(found.home(), found.Executable); err != nil {
					return fmt.Errorf("%s: CPython %s does not start: %w", candidate.name, found.Version, err)
				}
				interpreter.Version, interpreter.Executable = found.Version, found.Executable
				interpreter.probed = *found
				return nil
			}
		}
		reasons = append(reasons, candidate.name+": "+err.Error())
	}
	return errors.New("no CPython that can run the bridged code:\n  " + strings.Join(reasons, "\n  "))
}

// openFirst opens the first of the interpreter's possible libraries that is there and of its version.
func openFirst(found *probe) (string, error) {
	reasons := []string{}
	for _, library := range found.Libraries {
		err := openLibrary(library, found.Version)
		if err == nil {
			return library, nil
		}
		reasons = append(reasons, library+": "+err.Error())
	}
	return "", found.libraryMissing(reasons)
}

func startHosted() error {
	runtime.LockOSThread() // the thread may hold the GIL: then its C calls must be made here
	defer runtime.UnlockOSThread()
	if err := openLibrary("", ""); err != nil {
		return fmt.Errorf("the Python that runs in this process: %w", err)
	}
	if err := startPython("", ""); err != nil {
		return fmt.Errorf("the Python that runs in this process: %w", err)
	}
	interpreter.Hosted = true
	cell, err := cellOf("_gophersnake", "ancestors")
	if err != nil {
		return err
	}
	ancestorsCell = cell
	result, err := early("facts")
	if err != nil {
		return err
	}
	list, _ := result.([]any)
	found := probe{}
	if len(list) == 6 {
		found.Version, _ = list[0].(string)
		found.Implementation, _ = list[1].(string)
		found.Executable, _ = list[2].(string)
		found.Platform, _ = list[3].(string)
		found.Suffix, _ = list[4].(string)
		found.FreeThreaded, _ = list[5].(bool)
	}
	interpreter.Version, interpreter.Executable = found.Version, found.Executable
	interpreter.probed = found
	if err := found.check(); err != nil {
		return fmt.Errorf("the Python that runs in this process: %w", err)
	}
	if err := sources.check(&found); err != nil {
		return fmt.Errorf("the Python that runs in this process: %w", err)
	}
	go releaseDropped()
	return nil
}
