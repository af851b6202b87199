package differ

import (
	"flag"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

var speed = flag.Bool("speed", false, "measure functions side by side with CPython")

// Timed is the same work on both sides: a statement of Python after a set-up, and a Go function.
type Timed struct {
	Name, Setup, Python string
	Go                  func()
}

// Time makes a Timed.
func Time(name, setup, python string, f func()) Timed { return Timed{name, setup, python, f} }

// rounds of about a millisecond each, of which the fastest counts: the machine may be busy with other things.
const rounds = 100

// Speed prints the times of a call in Go and in CPython, if -speed is given.
func Speed(t *testing.T, cases []Timed) {
	if !*speed {
		t.Skip("only with -speed")
	}
	python := Python(t)
	for _, c := range cases {
		number := 1
		for {
			if elapsed := timeOf(c.Go, number); elapsed > time.Millisecond || number > 1<<20 {
				break
			}
			number *= 2
		}
		best := time.Hour
		for i := 0; i < rounds; i++ {
			best = min(best, timeOf(c.Go, number))
		}
		ours := float64(best.Nanoseconds()) / float64(number)
		program := fmt.Sprintf("import timeit; t = timeit.Timer(%q, %q); n = max(1, int(0.001 / t.timeit(1) / 4));"+
			" n = max(1, int(n * 0.001 / t.timeit(n))); print(min(t.repeat(%d, n)) / n * 1e9)", c.Python, c.Setup, rounds)
		output, err := exec.Command(python, "-c", program).Output()
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		theirs, err := strconv.ParseFloat(strings.TrimSpace(string(output)), 64)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%-16s Go %9.1f ns   CPython %9.1f ns   %6.1f x\n", c.Name, ours, theirs, theirs/ours)
	}
}

func timeOf(f func(), number int) time.Duration {
	start := time.Now()
	for i := 0; i < number; i++ {
		f()
	}
	return time.Since(start)
}
