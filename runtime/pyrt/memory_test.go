package pyrt

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMemory looks for what is never given back, in Go, in C or in Python: a mixed load must not make the process grow.
func TestMemory(t *testing.T) {
	resident := func() int {
		data, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			t.Skip(err)
		}
		pages, _ := strconv.Atoi(strings.Fields(string(data))[1])
		return pages * os.Getpagesize() / 1024
	}
	long := strings.Repeat("x", 5000)
	load := func() {
		for i := 0; i < 3000; i++ {
			Add1(i)
			Shout(long)
			sample(t, "echo", []any{long, Tuple{1.5, Dict{{"k", i}}}, []byte(long)})
			sample(t, "echo", must[*Token](t)(NewToken(long)))
			sample(t, "call", func(n int, kwargs Kwargs) any { return Tuple{n, kwargs["k"]} }, i, Kwargs{"k": long})
			try("call", func() error { return errors.New(long) })
			try("fail", "small", long)
			try("echo", long, "\xff")
			try("echo", func() {}, struct{}{})
			fnWrong.CallIntInt(1)
			Call(sample(t, "make_class", "Passing"), "z") // a type that goes again
			for range Iter(try("generator", 2)) {
				break
			}
			sample(t, "deep", 70)
		}
		sample(t, "log")
		for range 4 {
			sample(t, "live") // collects Python's garbage
			runtime.GC()
			time.Sleep(20 * time.Millisecond)
		}
	}
	load()
	load()
	before := resident()
	for range 4 {
		load()
	}
	if after := resident(); after > before+8*1024 {
		t.Errorf("grew from %d to %d KiB", before, after)
	} else {
		t.Logf("%d KiB, then %d KiB", before, after)
	}
}
