// Package main becomes a shared library that Python loads: pyrt then uses the interpreter that is there already.
package main

import "C"

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"

	pyrt "py/dist.pyrt"
)

var add = pyrt.Func{Module: "guest", Name: "add"}

func init() {
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	file, err := archive.Create("guest.py")
	if err == nil {
		_, err = file.Write([]byte("def add(n):\n    return n + 1\ndef call(f):\n    return f()\ndef fail():\n    raise ValueError('guest')\n"))
	}
	if err = errors.Join(err, archive.Close()); err != nil {
		panic(err)
	}
	pyrt.Register(pyrt.Distribution{Name: "guest", Version: "1", RequiresPython: os.Getenv("GUEST_REQUIRES"), Archive: buffer.Bytes()})
}

func report(err error) C.longlong {
	fmt.Println(err)
	return -1
}

//export Add
func Add(n C.longlong) C.longlong {
	result, err := add.CallIntInt(int(n))
	if err != nil {
		return report(err)
	}
	return C.longlong(result)
}

// Everything calls from another goroutine, lets Python call Go, and raises.
//
//export Everything
func Everything() C.longlong {
	done := make(chan error)
	go func() {
		found, err := pyrt.Python()
		if err == nil && !found.Hosted {
			err = errors.New("not hosted")
		}
		if err == nil {
			_, err = add.CallIntInt(1)
		}
		done <- err
	}()
	if err := <-done; err != nil {
		return report(err)
	}
	guest, err := pyrt.Import("guest")
	if err != nil {
		return report(err)
	}
	result, err := guest.CallMethod("call", func() (int, error) { return add.CallIntInt(40) })
	if err != nil || result != int64(41) {
		return report(fmt.Errorf("%v, %v", result, err))
	}
	if _, err := guest.CallMethod("fail"); !errors.Is(err, pyrt.ValueError) {
		return report(err)
	}
	return 0
}

func main() {}
