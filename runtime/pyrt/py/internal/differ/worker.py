"""The CPython side of the difference tests: a line "D name lambda" defines a function, a line "C name args" calls it.

Each call is answered by one line: the repr of the result, or "!" with class and args of the exception. The last line of a
batch is "F".
"""

import resource
import sys
import warnings

warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))

GLOBALS = {"inf": float("inf"), "nan": float("nan")}
exec("import re, unicodedata, itertools, math, datetime\nfrom decimal import Decimal", GLOBALS)


def main():
    functions = {}
    answers = []
    for line in sys.stdin.buffer:
        kind, _, rest = line.decode().rstrip("\n").partition("\t")
        if kind == "F":
            sys.stdout.buffer.write("".join(answers).encode())
            sys.stdout.buffer.flush()
            answers = []
            continue
        name, _, text = rest.partition("\t")
        if kind == "D":
            functions[name] = eval(text, GLOBALS)
            continue
        args = eval(text, GLOBALS)
        try:
            answer = repr(functions[name](*args))
        except Exception as error:
            answer = f"!{type(error).__name__} {error.args!r}"
        if len(answer) > 10000:  # a large width
            answer = f"{answer[:10000]} and so on: {len(answer)}"
        answers.append(answer.encode("utf-8", "surrogatepass").decode("utf-8", "replace") + "\n")


main()
