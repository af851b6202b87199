// Times the native functions of converted modules on the calls that ship with them: native.py writes the table, runs this and
// CPython in turns and compares.
//
//	bench SPAN   nanoseconds that a call is repeated for; a line for each call: file, function, number in the file, nanoseconds
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"syscall"
	"time"

	"go.internal/pyrt"
	"go.internal/pyrt/recorded"
)

const leastCalls = 16 // the first calls find cold caches and a small heap

type function struct {
	recorded.Function
	prepare func(in []reflect.Value) func() // the call without reflection
}

type unit struct {
	calls     string // path
	functions map[string]function
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// worked is the processor's time of this process, its garbage collector included: on a busy machine the clock says little.
func worked() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func measure(call func(), span time.Duration) float64 {
	call()
	for count := 1; ; count *= 2 {
		start := worked()
		for range count {
			call()
		}
		if spent := worked() - start; spent >= span && count >= leastCalls {
			return float64(spent.Nanoseconds()) / float64(count)
		}
	}
}

func main() {
	nanoseconds, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fail(err)
	}
	for _, unit := range units {
		calls, err := recorded.Load(unit.calls)
		if err != nil {
			fail(err)
		}
		for i := range calls {
			call := &calls[i]
			function, is := unit.functions[call.Python]
			if !is || call.After != nil {
				continue // another call would be given other arguments
			}
			in, _, err := call.Prepare(function.Function)
			if err != nil {
				fail(err)
			}
			guarded := pyrt.GuardedCalls()
			spent := measure(function.prepare(in), time.Duration(nanoseconds))
			if pyrt.GuardedCalls() != guarded {
				fail(fmt.Errorf("%s went to CPython", call))
			}
			fmt.Printf("%s %s %d %.1f\n", filepath.Base(unit.calls), call.Python, i, spent)
		}
	}
}
