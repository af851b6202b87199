package pyrt

import (
	"errors"
	"os"
	"strconv"
	"testing"
)

// go test -run '^$' -bench .

func BenchmarkIntInt(b *testing.B) {
	Add1(1)
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if _, err := Add1(i & 0xff); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStrStr(b *testing.B) {
	Shout("")
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if _, err := Shout("twenty characters, 1"); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmark(b *testing.B, call func() error) {
	b.Helper()
	if err := call(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCall(b *testing.B) {
	function := Func{Module: "sample", Name: "echo"}
	benchmark(b, func() error { return second(function.Call([]any{1}, nil, nil, nil)) })
}

func BenchmarkCallKeywords(b *testing.B) {
	function := Func{Module: "sample", Name: "options"}
	benchmark(b, func() error {
		return second(function.Call([]any{1}, []Keyword{{Name: "c", Value: "x"}, {Name: "d", Value: true}}, nil, nil))
	})
}

func BenchmarkMethod(b *testing.B) {
	token, _ := NewToken("a")
	other, _ := NewToken("b")
	benchmark(b, func() error { return second(token.Join(other, nil)) })
}

func BenchmarkAttribute(b *testing.B) {
	token, _ := NewToken("a")
	benchmark(b, func() error { return second(token.Value()) })
}

func BenchmarkConstructor(b *testing.B) {
	benchmark(b, func() error { return second(NewToken("a")) })
}

func BenchmarkHandle(b *testing.B) {
	token, _ := NewToken("a")
	function := Func{Module: "sample", Name: "echo"}
	benchmark(b, func() error { return second(function.Call([]any{token}, nil, nil, nil)) })
}

func BenchmarkListOf1000(b *testing.B) {
	list := make([]any, 1000)
	for i := range list {
		list[i] = i
	}
	function := Func{Module: "sample", Name: "echo"}
	benchmark(b, func() error { return second(function.Call([]any{list}, nil, nil, nil)) })
}

func BenchmarkCallback(b *testing.B) {
	list := make([]any, 1000)
	each := Func{Module: "sample", Name: "each"}
	call := func(arg any) any { return arg }
	benchmark(b, func() error { return second(each.Call([]any{list, call}, nil, nil, nil)) })
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/callback")
}

func BenchmarkIter(b *testing.B) {
	n := 0
	benchmark(b, func() error {
		for _, err := range Iter(try("generator", 1000)) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/item")
}

func BenchmarkError(b *testing.B) {
	benchmark(b, func() error {
		if _, err := try("fail", "small", 1); !errors.Is(err, ValueError) {
			return err
		}
		return nil
	})
}

func BenchmarkParallelIntInt(b *testing.B) {
	Add1(1)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := Add1(1); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkFirstCall times the first call in a new process, with everything in the cache.
func BenchmarkFirstCall(b *testing.B) {
	cache := "GOPHERSNAKE_CACHE_DIR=" + os.Getenv("GOPHERSNAKE_CACHE_DIR")
	child(b, "first", cache)
	total := 0
	for i := 0; i < b.N; i++ {
		micros, err := strconv.Atoi(child(b, "first", cache).out)
		if err != nil {
			b.Fatal(err)
		}
		total += micros
	}
	b.ReportMetric(float64(total)/1000/float64(b.N), "ms/first-call")
}
