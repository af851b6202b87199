#!/usr/bin/env python3
"""A small translator program for tests of the translator `command`: it knows a few functions of sqlparse.utils by heart.

    translator.py MODE FOLDER

MODE says how it behaves: "good", "mixed" (good, one that does not compile, one that imports what is refused, one with another
signature), "modules" (imports of Go modules: the listed one of the tests, and others), "broken" (nothing compiles), "silent", "fails", "hangs", "floods", "names" (files that are none), "daemon".
"""
import json
import os
import sys
import time

REMOVE_QUOTES = '''
// RemoveQuotes is not what people will read here: the bridged comment stays.
func RemoveQuotes(val any) (any, error) {
	text, ok := val.(string)
	if !ok || text == "" {
		return bridgedRemoveQuotes(val)
	}
	if isQuote(text[0]) && text[0] == text[len(text)-1] {
		if len(text) == 1 {
			return "", nil
		}
		return text[1 : len(text)-1], nil
	}
	return text, nil
}

func isQuote(c byte) bool {
	return strings.IndexByte(quotes, c) >= 0
}

const quotes = "\\"'`"
'''

SPLIT = '''
func SplitUnquotedNewlines(stmt any) (any, error) {
	text, ok := stmt.(string)
	if !ok {
		return nil, py.ErrUnsupported
	}
	lines := []any{}
	unclosed := map[byte]int{'"': 0, '\\'': 0}
	start, at := 0, 0
	for at < len(text) {
		c := text[at]
		switch c {
		case '\\r', '\\n':
			lines = append(lines, text[start:at])
			at++
			if c == '\\r' && at < len(text) && text[at] == '\\n' {
				at++
			}
			start = at
		case '"', '\\'':
			if at >= unclosed[c] {
				end := stringEnd(text, at+1, c)
				if end < len(text) && text[end] == c {
					at = end + 1
					continue
				}
				unclosed[c] = end
			}
			at++
		default:
			at++
		}
	}
	return append(lines, text[start:]), nil
}

func stringEnd(text string, at int, quote byte) int {
	for at < len(text) && text[at] != quote {
		if text[at] != '\\\\' {
			at++
			continue
		}
		if at+1 == len(text) || text[at+1] == '\\n' {
			return at
		}
		at += 2
	}
	return at
}
'''

DOES_NOT_COMPILE = '''
func Consume(iterator any, n any) (any, error) {
	return helperThatIsWrong(n), nil
}

func helperThatIsWrong(n any) int {
	return n
}
'''

DOES_NOT_PARSE = '''
func Imt(token any, options ...ImtOptions) (any, error) {
	return (
}
'''

FORBIDDEN = '''
func Recurse(options ...RecurseOptions) (any, error) {
	return exec.Command("id").Output()
}
'''

OTHER_SIGNATURE = '''
func Indent(filter any) (any, error) {
	return nil, nil
}
'''

VET = '''
func Offset(filter_ any, options ...OffsetOptions) (any, error) {
	return fmt.Sprintf("%d", "x"), nil
}
'''


QUOTES = '''package utils

import (
	"example.org/quotes"
	"example.org/quotes/go-names"
	missing "example.org/quotes/none"
	"example.org/elsewhere"
)

func RemoveQuotes(val any) (any, error) {
	return quotes.Quote(names.Name()), nil
}

func Consume(iterator any, n any) (any, error) {
	return missing.X(), nil
}

func Recurse(options ...RecurseOptions) (any, error) {
	return elsewhere.X(), nil
}
'''


# The same with the Go module of tests/e2e/command.bats, when it is listed.
IS_QUOTE = "return strings.IndexByte(quotes, c) >= 0"
LISTED = {"module": "example.org/quotes", "version": "v1.0.0"}


def good(job=None):
    text = REMOVE_QUOTES
    imports = ["strings", "py/dist.pyrt/py"]
    if job and LISTED in job["imports"]["modules"]:
        text = text.replace(IS_QUOTE, "return quotemarks.Is(c)").split("\nconst quotes")[0]
        imports = ["example.org/quotes", "py/dist.pyrt/py"]
    return {"utils.go": "package utils\n\nimport (\n" + "".join('\t"%s"\n' % path for path in imports) + ")\n" + text + SPLIT}


def mixed(job):
    files = good(job)
    files["more.go"] = ('package utils\n\nimport (\n\t"fmt"\n\t"os/exec"\n)\n' + DOES_NOT_COMPILE + DOES_NOT_PARSE + FORBIDDEN +
                        OTHER_SIGNATURE + VET)
    return files


def main():
    mode, folder = sys.argv[1:]
    with open(os.path.join(folder, "job.json")) as file:
        job = json.load(file)
    assert job["schema"] == "gophersnake.job/1" and os.getcwd() == folder == os.environ["GOPHERSNAKE_JOB"]
    print("translator: unit", job["unit"], "mode", mode, sorted(os.environ))
    out = os.path.join(folder, "out")
    files = {}
    if mode in ("good", "daemon"):
        files = good(job)
    elif mode == "mixed":
        files = mixed(job)
    elif mode == "modules" and LISTED in job["imports"]["modules"]:
        files = {"utils.go": QUOTES}
    elif mode == "broken":
        files = {"utils.go": "package utils\n" + DOES_NOT_COMPILE}
    elif mode == "names":
        files = {"utils.txt": "x", "README": "y"}
        os.symlink("/etc/passwd", os.path.join(out, "link.go"))
        os.mkdir(os.path.join(out, "folder.go"))
        os.mkfifo(os.path.join(out, "pipe.go"))
    elif mode == "fails":
        print("no idea what to do \udcff".encode("utf-8", "surrogateescape").decode("latin-1"), file=sys.stderr)
        sys.exit(3)
    elif mode == "hangs":
        time.sleep(600)
    elif mode == "floods":
        while True:
            sys.stdout.write("x" * 1000000)
    if mode == "daemon" and os.fork() == 0:  # out of the group, and late: what it writes does not count
        os.setsid()
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        time.sleep(1)
        with open(os.path.join(out, "utils.go"), "w") as file:
            file.write("package other\n")
        os._exit(0)
    for name, text in files.items():
        with open(os.path.join(out, name), "w") as file:
            file.write(text)


main()
