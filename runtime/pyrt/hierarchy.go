package pyrt

// baseOf has the base class of each built-in exception but those whose base is Exception, so that errors.Is of what Go raised
// needs no Python.
var baseOf = map[string]string{
	"BlockingIOError":           "OSError",
	"BrokenPipeError":           "ConnectionError",
	"BytesWarning":              "Warning",
	"ChildProcessError":         "OSError",
	"ConnectionAbortedError":    "ConnectionError",
	"ConnectionError":           "OSError",
	"ConnectionRefusedError":    "ConnectionError",
	"ConnectionResetError":      "ConnectionError",
	"DeprecationWarning":        "Warning",
	"Exception":                 "BaseException",
	"FileExistsError":           "OSError",
	"FileNotFoundError":         "OSError",
	"FloatingPointError":        "ArithmeticError",
	"FutureWarning":             "Warning",
	"GeneratorExit":             "BaseException",
	"ImportWarning":             "Warning",
	"IndentationError":          "SyntaxError",
	"IndexError":                "LookupError",
	"InterruptedError":          "OSError",
	"IsADirectoryError":         "OSError",
	"KeyError":                  "LookupError",
	"KeyboardInterrupt":         "BaseException",
	"ModuleNotFoundError":       "ImportError",
	"NotADirectoryError":        "OSError",
	"NotImplementedError":       "RuntimeError",
	"OverflowError":             "ArithmeticError",
	"PendingDeprecationWarning": "Warning",
	"PermissionError":           "OSError",
	"ProcessLookupError":        "OSError",
	"RecursionError":            "RuntimeError",
	"ResourceWarning":           "Warning",
	"RuntimeWarning":            "Warning",
	"SyntaxWarning":             "Warning",
	"SystemExit":                "BaseException",
	"TabError":                  "IndentationError",
	"TimeoutError":              "OSError",
	"UnboundLocalError":         "NameError",
	"UnicodeDecodeError":        "UnicodeError",
	"UnicodeEncodeError":        "UnicodeError",
	"UnicodeError":              "ValueError",
	"UnicodeTranslateError":     "UnicodeError",
	"UnicodeWarning":            "Warning",
	"UserWarning":               "Warning",
	"ZeroDivisionError":         "ArithmeticError",
}

// builtinException has all of them.
var builtinException = map[string]bool{
	"ArithmeticError":           true,
	"AssertionError":            true,
	"AttributeError":            true,
	"BaseException":             true,
	"BlockingIOError":           true,
	"BrokenPipeError":           true,
	"BufferError":               true,
	"BytesWarning":              true,
	"ChildProcessError":         true,
	"ConnectionAbortedError":    true,
	"ConnectionError":           true,
	"ConnectionRefusedError":    true,
	"ConnectionResetError":      true,
	"DeprecationWarning":        true,
	"EOFError":                  true,
	"Exception":                 true,
	"FileExistsError":           true,
	"FileNotFoundError":         true,
	"FloatingPointError":        true,
	"FutureWarning":             true,
	"GeneratorExit":             true,
	"ImportError":               true,
	"ImportWarning":             true,
	"IndentationError":          true,
	"IndexError":                true,
	"InterruptedError":          true,
	"IsADirectoryError":         true,
	"KeyError":                  true,
	"KeyboardInterrupt":         true,
	"LookupError":               true,
	"MemoryError":               true,
	"ModuleNotFoundError":       true,
	"NameError":                 true,
	"NotADirectoryError":        true,
	"NotImplementedError":       true,
	"OSError":                   true,
	"OverflowError":             true,
	"PendingDeprecationWarning": true,
	"PermissionError":           true,
	"ProcessLookupError":        true,
	"RecursionError":            true,
	"ReferenceError":            true,
	"ResourceWarning":           true,
	"RuntimeError":              true,
	"RuntimeWarning":            true,
	"StopAsyncIteration":        true,
	"StopIteration":             true,
	"SyntaxError":               true,
	"SyntaxWarning":             true,
	"SystemError":               true,
	"SystemExit":                true,
	"TabError":                  true,
	"TimeoutError":              true,
	"TypeError":                 true,
	"UnboundLocalError":         true,
	"UnicodeDecodeError":        true,
	"UnicodeEncodeError":        true,
	"UnicodeError":              true,
	"UnicodeTranslateError":     true,
	"UnicodeWarning":            true,
	"UserWarning":               true,
	"ValueError":                true,
	"Warning":                   true,
	"ZeroDivisionError":         true,
}

// knownBases are classes of other modules that native code raises.
var knownBases = map[Class]string{
	{"binascii", "Error"}:               "ValueError",
	{"json.decoder", "JSONDecodeError"}: "ValueError",
	{"re", "error"}:                     "Exception",
}

// derives tells whether a class derives from another, where that is known without Python.
func derives(class, from Class) (derives, known bool) {
	name := class.Name
	if base, is := knownBases[class]; is {
		name = base
	} else if class.Module != "builtins" || !builtinException[name] {
		return false, false
	}
	if from.Module != "builtins" || !builtinException[from.Name] {
		return false, knownBases[from] != "" // an alias (IOError) is Python's business
	}
	for name != from.Name {
		if name == "BaseException" {
			return false, true
		}
		base, is := baseOf[name]
		if !is {
			base = "Exception"
		}
		name = base
	}
	return true, true
}
