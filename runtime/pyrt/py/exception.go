package py

import (
	"errors"
	"fmt"
	"strings"
)

// Exception is a Python exception as a Go error: the name of its class, as a traceback prints it ("ValueError", "re.error"),
// and its args.
//
//	raise ValueError("bad", 3)        return &py.Exception{Class: "ValueError", Args: []any{"bad", int64(3)}}
type Exception struct {
	Class string
	Args  []any
}

// Error gives the last line of the traceback: "ValueError: bad digit".
func (e *Exception) Error() string {
	if message := e.Message(); message != "" {
		return e.Class + ": " + message
	}
	return e.Class
}

// Message is str(e).
func (e *Exception) Message() string {
	switch {
	case len(e.Args) == 5 && (e.Class == "UnicodeDecodeError" || e.Class == "UnicodeEncodeError"):
		return unicodeMessage(e)
	case len(e.Args) == 0:
		return ""
	case len(e.Args) > 1:
		return Repr(Tuple(e.Args))
	case e.Class == "KeyError":
		return Repr(e.Args[0])
	}
	return Str(e.Args[0])
}

// ErrOverflow is what the checked functions on int64 give for a result beyond int64, where Python goes on with a big int. A
// native function hands it on as it is; its guard then calls the original.
var ErrOverflow = errors.New("an int beyond int64")

// bases gives the base class of each class but those whose base is Exception.
var bases = map[string]string{
	"FloatingPointError": "ArithmeticError", "OverflowError": "ArithmeticError", "ZeroDivisionError": "ArithmeticError",
	"IndexError": "LookupError", "KeyError": "LookupError",
	"ModuleNotFoundError": "ImportError", "UnboundLocalError": "NameError",
	"NotImplementedError": "RuntimeError", "RecursionError": "RuntimeError",
	"IndentationError": "SyntaxError", "TabError": "IndentationError",
	"UnicodeError": "ValueError", "UnicodeDecodeError": "UnicodeError", "UnicodeEncodeError": "UnicodeError",
	"UnicodeTranslateError": "UnicodeError",
	"BlockingIOError":       "OSError", "ChildProcessError": "OSError", "ConnectionError": "OSError", "FileExistsError": "OSError",
	"FileNotFoundError": "OSError", "InterruptedError": "OSError", "IsADirectoryError": "OSError",
	"NotADirectoryError": "OSError", "PermissionError": "OSError", "ProcessLookupError": "OSError", "TimeoutError": "OSError",
	"BrokenPipeError": "ConnectionError", "ConnectionAbortedError": "ConnectionError",
	"ConnectionRefusedError": "ConnectionError", "ConnectionResetError": "ConnectionError",
	"json.decoder.JSONDecodeError": "ValueError", "binascii.Error": "ValueError", "decimal.InvalidOperation": "ArithmeticError",
	"Exception": "BaseException", "KeyboardInterrupt": "BaseException", "SystemExit": "BaseException",
	"GeneratorExit": "BaseException",
}

// Except is the test of an except clause: the exception in err's chain, if its class is one of those or derives from one
// (along the hierarchy of the built-in classes; others derive from Exception), else nil.
//
//	except (KeyError, ValueError) as e:        if e := py.Except(err, "KeyError", "ValueError"); e != nil {
func Except(err error, classes ...string) *Exception {
	var e *Exception
	if err == nil || !errors.As(err, &e) {
		return nil
	}
	for class := e.Class; class != ""; {
		for _, wanted := range classes {
			if class == wanted {
				return e
			}
		}
		base, known := bases[class]
		switch {
		case known:
			class = base
		case class == "BaseException":
			class = ""
		default:
			class = "Exception"
		}
	}
	return nil
}

func raise(class, format string, args []any) *Exception {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	return &Exception{Class: class, Args: []any{format}}
}

// ValueError makes a ValueError; without args the format is the message as it is.
func ValueError(format string, args ...any) *Exception { return raise("ValueError", format, args) }

// TypeError makes a TypeError.
func TypeError(format string, args ...any) *Exception { return raise("TypeError", format, args) }

// IndexError makes an IndexError.
func IndexError(format string, args ...any) *Exception { return raise("IndexError", format, args) }

// OverflowError makes an OverflowError: Python's own, as of int(float("inf")); not the same as [ErrOverflow].
func OverflowError(format string, args ...any) *Exception {
	return raise("OverflowError", format, args)
}

// ZeroDivisionError makes a ZeroDivisionError.
func ZeroDivisionError(format string, args ...any) *Exception {
	return raise("ZeroDivisionError", format, args)
}

// AttributeError makes an AttributeError.
func AttributeError(format string, args ...any) *Exception {
	return raise("AttributeError", format, args)
}

// KeyError makes the KeyError for a key that is not there.
func KeyError(key any) *Exception { return &Exception{Class: "KeyError", Args: []any{key}} }

// StopIteration makes the exception that ends an iterator.
func StopIteration() *Exception { return &Exception{Class: "StopIteration"} }

// UnicodeDecodeError makes the exception of bytes.decode for object[start:end].
func UnicodeDecodeError(encoding string, object []byte, start, end int, reason string) *Exception {
	return &Exception{"UnicodeDecodeError", []any{encoding, object, int64(start), int64(end), reason}}
}

// UnicodeEncodeError makes the exception of str.encode; start and end count code points.
func UnicodeEncodeError(encoding, object string, start, end int, reason string) *Exception {
	return &Exception{"UnicodeEncodeError", []any{encoding, object, int64(start), int64(end), reason}}
}

func unicodeMessage(e *Exception) string {
	encoding, _ := e.Args[0].(string)
	start, _ := e.Args[2].(int64)
	end, _ := e.Args[3].(int64)
	reason, _ := e.Args[4].(string)
	var out strings.Builder
	switch object := e.Args[1].(type) {
	case []byte:
		if start >= 0 && start < int64(len(object)) && end == start+1 {
			fmt.Fprintf(&out, "'%s' codec can't decode byte 0x%02x in position %d: %s", encoding, object[start], start, reason)
		} else {
			fmt.Fprintf(&out, "'%s' codec can't decode bytes in position %d-%d: %s", encoding, start, end-1, reason)
		}
	case string:
		if c, ok := At(object, int(start)); ok && end == start+1 {
			fmt.Fprintf(&out, "'%s' codec can't encode character '%s' in position %d: %s", encoding, escapeCode(c), start, reason)
		} else {
			fmt.Fprintf(&out, "'%s' codec can't encode characters in position %d-%d: %s", encoding, start, end-1, reason)
		}
	}
	return out.String()
}

func escapeCode(c rune) string {
	switch {
	case c <= 0xFF:
		return fmt.Sprintf(`\x%02x`, c)
	case c <= 0xFFFF:
		return fmt.Sprintf(`\u%04x`, c)
	}
	return fmt.Sprintf(`\U%08x`, c)
}
