// Command driver makes recorded calls with native Go functions of one unit (agents/prove.c). It knows arguments only; what CPython
// gave is compared elsewhere, so that no translated code can talk itself right.
//
//	driver CALLS RESULTS [race | speed]
//
// CALLS has a document a line: {"functions": {"Go name": [[parameter, kind]…]}}, kind one of "required", "optional", "args",
// "kwargs", then {"n", "f", "args"} for each call. RESULTS is appended to, a line a step: "B n" before call n, "R n {…}" after
// it, "H n" or "M n" when it took too long or too much memory (then the process ends: a goroutine cannot be stopped), "E" at the
// end. In this build CPython is switched off in pyrt: every way to it ends in an error and is counted.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"syscall"
	"time"

	"py/dist.pyrt"
	"py/dist.pyrt/recorded"
)

const (
	callLimit   = 5 * time.Second // of the processor: on a busy machine the clock says little
	waitLimit   = 60 * time.Second
	memoryLimit = 1 << 30
	stackLimit  = 256 << 20
	textLimit   = 8 << 20
	totalLimit  = 256 << 20 // of results
)

type callRow struct {
	N    int            `json:"n"`
	F    string         `json:"f"`
	Args []recorded.Row `json:"args"`
}

type header struct {
	Functions map[string][][2]string `json:"functions"`
}

type outcome struct {
	Result    json.RawMessage `json:"result,omitempty"`
	Exception json.RawMessage `json:"exception,omitempty"`
	Panic     string          `json:"panic,omitempty"`
	Error     string          `json:"error,omitempty"`  // a Go error that is no Python exception
	Unable    string          `json:"unable,omitempty"` // the call cannot be made from Go
	After     json.RawMessage `json:"after,omitempty"`  // arguments, when they changed
	Bridge    int64           `json:"bridge,omitempty"` // how often CPython was wanted
	Printed   bool            `json:"printed,omitempty"`
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

func encodeArguments(arguments []recorded.Argument) json.RawMessage {
	return text(recorded.EncodeArguments(arguments))
}

// marshal writes a document as CPython's json does: no escapes for HTML.
func marshal(tree any) ([]byte, error) {
	var out bytes.Buffer
	writer := json.NewEncoder(&out)
	writer.SetEscapeHTML(false)
	err := writer.Encode(tree)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

func text(tree any) json.RawMessage {
	data, err := marshal(tree)
	if err != nil || len(data) > textLimit {
		data, _ = marshal(recorded.Strange("a value that is too large"))
	}
	return data
}

// run makes one call. It runs in a goroutine of its own: what it calls may hang or end the goroutine.
func run(function reflect.Value, in []reflect.Value, done chan<- outcome) {
	var out outcome
	finished := false
	defer func() {
		if problem := recover(); problem != nil {
			out = outcome{Panic: recorded.Shorten(fmt.Sprint("it panics: ", problem))}
		} else if !finished {
			out = outcome{Panic: "it ends its goroutine"}
		}
		done <- out
	}()
	results := function.Call(in)
	last := len(results) - 1
	if err, _ := results[last].Interface().(error); err != nil {
		if tree := recorded.EncodeException(err); tree != nil {
			out.Exception = text(tree)
		} else {
			out.Error = recorded.Shorten("the Go error " + strconv.Quote(err.Error()))
		}
	} else if last == 0 {
		out.Result = text(nil)
	} else {
		out.Result = text(recorded.EncodeTyped(results[0]))
	}
	finished = true
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// worked is the processor's time of this process.
func worked() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func printed() int64 {
	at, err := os.Stdout.Seek(0, io.SeekCurrent)
	if err != nil {
		fail(err)
	}
	return at
}

func one(row *callRow, parameters [][2]string, step func(word string, n int)) outcome {
	function := reflect.ValueOf(functions[row.F])
	if !function.IsValid() {
		return outcome{Unable: "it is no function of the driver"}
	}
	arguments, err := recorded.Decode(row.Args)
	if err != nil {
		return outcome{Unable: err.Error()}
	}
	in, err := recorded.Bind(function.Type(), parameters, arguments)
	if err != nil {
		return outcome{Unable: err.Error()}
	}
	before, bridge, written := encodeArguments(arguments), pyrt.ProveReached(), printed()
	done := make(chan outcome, 1)
	go run(function, in, done)
	deadline, start := time.NewTimer(waitLimit), worked()
	tick := time.NewTicker(50 * time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for {
		select {
		case out := <-done:
			if after := encodeArguments(arguments); string(after) != string(before) {
				out.After = after
			}
			out.Bridge = pyrt.ProveReached() - bridge
			out.Printed = printed() != written
			return out
		case <-deadline.C:
			step("H", row.N)
			os.Exit(3)
		case <-tick.C:
			if worked()-start > callLimit {
				step("H", row.N)
				os.Exit(3)
			}
			if heap() > memoryLimit {
				step("M", row.N)
				os.Exit(3)
			}
		}
	}
}

// each gives the lines of a file.
func each(path string, take func(line []byte)) {
	file, err := os.Open(path)
	if err != nil {
		fail(err)
	}
	defer file.Close()
	for reader := bufio.NewReaderSize(file, 1<<20); ; {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			take(line)
		}
		if err == io.EOF {
			return
		}
		if err != nil {
			fail(err)
		}
	}
}

func main() {
	results, err := os.OpenFile(os.Args[2], os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		fail(err)
	}
	if os.Stdout, err = os.CreateTemp("", "printed"); err != nil {
		fail(err)
	}
	debug.SetMaxStack(stackLimit)
	total := 0
	write := func(line string) {
		total += len(line)
		if _, err := results.WriteString(line); err != nil {
			fail(err)
		}
	}
	step := func(word string, n int) { write(fmt.Sprintf("%s %d\n", word, n)) }
	var about header
	first := true
	var rows []callRow
	each(os.Args[1], func(line []byte) {
		if first {
			if err := json.Unmarshal(line, &about); err != nil {
				fail(err)
			}
			first = false
			return
		}
		var row callRow
		if err := json.Unmarshal(line, &row); err != nil {
			fail(err)
		}
		if len(os.Args) > 3 {
			rows = append(rows, row)
			return
		}
		step("B", row.N)
		out := one(&row, about.Functions[row.F], step)
		result, err := marshal(&out)
		if err == nil && total+len(result) > totalLimit {
			result, err = marshal(&outcome{Panic: "its results are too large in all"})
		}
		if err != nil {
			fail(err)
		}
		write(fmt.Sprintf("R %d %s\n", row.N, result))
	})
	if len(os.Args) > 3 {
		repeat(os.Args[3], rows, about, write)
	}
	write("E\n")
}
