package main

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"time"

	"py/dist.pyrt/recorded"
)

// What is done with calls that are right: many at once in a build with the race detector ("race"), and one after the other on
// the clock ("speed"). RESULTS has "B n" and "R n {…}" for the first call of each function.

const (
	callers      = 4
	batches      = 8
	leakLimit    = 256 << 10 // bytes, in both halves of the batches
	functionTime = 4 * time.Second
	timedCalls   = 40
	timedRounds  = 5
	timedSpan    = 20 * time.Microsecond
)

type observation struct {
	Goroutines int   `json:"goroutines,omitempty"` // more than before
	Memory     int64 `json:"memory,omitempty"`     // bytes more, a batch of calls
	Calls      int   `json:"calls,omitempty"`      // of a batch
	Nanosecond int64 `json:"ns,omitempty"`         // the median call
}

type group struct {
	rows       []callRow
	function   reflect.Value
	parameters [][2]string
}

// arguments are made anew for each call: a call may change them.
func (g *group) arguments(row *callRow) []reflect.Value {
	arguments, err := recorded.Decode(row.Args)
	if err != nil {
		fail(err)
	}
	in, err := recorded.Bind(g.function.Type(), g.parameters, arguments)
	if err != nil {
		fail(err)
	}
	return in
}

func (g *group) batch() {
	var all sync.WaitGroup
	for caller := range callers {
		all.Add(1)
		go func() {
			defer all.Done()
			for i := range g.rows {
				g.function.Call(g.arguments(&g.rows[(i+caller*len(g.rows)/callers)%len(g.rows)]))
			}
		}()
	}
	all.Wait()
}

func collected() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// settled waits for goroutines that are about to end.
func settled(before int) int {
	more := 0
	for range 100 {
		if more = runtime.NumGoroutine() - before; more <= 0 {
			return 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	return more
}

func (g *group) race() observation {
	before, end := runtime.NumGoroutine(), time.Now().Add(functionTime)
	g.batch()
	out := observation{Goroutines: settled(before), Calls: callers * len(g.rows)}
	half := func() int64 {
		start, made := collected(), int64(0)
		for ; made < batches && time.Now().Before(end.Add(functionTime)); made++ {
			g.batch()
		}
		if grown := collected() - start; grown > leakLimit && made > 0 {
			return grown / made
		}
		return 0
	}
	g.batch() // memos fill
	if first := half(); first > 0 {
		end = time.Now().Add(functionTime)
		if second := half(); second > first/2 {
			out.Memory = second
		}
	}
	return out
}

func (g *group) speed() observation {
	var medians []int64
	for i := range min(len(g.rows), timedCalls) {
		row := &g.rows[i]
		best := int64(0)
		count := 1
		for round := 0; round < timedRounds; round++ {
			calls := make([]func(), count)
			for j := range calls {
				calls[j] = prepare[row.F](g.arguments(row))
			}
			start := time.Now()
			for _, call := range calls {
				call()
			}
			spent := time.Since(start)
			if spent < timedSpan && count < 10000 {
				count, round = count*4, round-1
				continue
			}
			if each := spent.Nanoseconds() / int64(count); best == 0 || each < best {
				best = max(each, 1)
			}
		}
		medians = append(medians, best)
	}
	slices.Sort(medians)
	return observation{Nanosecond: medians[len(medians)/2], Calls: len(medians)}
}

// options are those of a call, which has them or not.
func options[T any](in []reflect.Value, at int) []T {
	if at == len(in) {
		return nil
	}
	return []T{in[at].Interface().(T)}
}

func repeat(mode string, rows []callRow, about header, write func(string)) {
	var groups []*group
	for _, row := range rows {
		if len(groups) == 0 || groups[len(groups)-1].rows[0].F != row.F {
			groups = append(groups, &group{function: reflect.ValueOf(functions[row.F]), parameters: about.Functions[row.F]})
		}
		last := groups[len(groups)-1]
		last.rows = append(last.rows, row)
	}
	for _, g := range groups {
		write(fmt.Sprintf("B %d\n", g.rows[0].N))
		var out observation
		if mode == "race" {
			out = g.race()
		} else {
			out = g.speed()
		}
		line, err := marshal(&out)
		if err != nil {
			fail(err)
		}
		write(fmt.Sprintf("R %d %s\n", g.rows[0].N, line))
	}
}
