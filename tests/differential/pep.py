"""Differential check of `gophersnake pep` against the packaging library.

    python tests/differential/pep.py COUNT SEED -- COMMAND...

COMMAND reads JSON lines and answers each; packaging must be importable. Exits 1 and lists the differences.
Known, by design: numbers of 2^64 and more, more than 64 parts and over-long input are errors here.
"""
import json
import random
import subprocess
import sys

from packaging.markers import Marker, UndefinedComparison
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

PICK = random.Random()
ENVIRONMENTS = [
    dict(implementation_name="cpython", implementation_version=full, os_name=os, platform_machine="x86_64",
         platform_release=release, platform_system=system, platform_version="#1 SMP", python_full_version=full,
         platform_python_implementation="CPython", python_version=short, sys_platform=sys_platform, extra=extra)
    for full, short, os, release, system, sys_platform, extra in [
        ("3.11.7", "3.11", "posix", "6.1.0-13-amd64", "Linux", "linux", ""),
        ("3.13.0rc1", "3.13", "posix", "5.10", "Linux", "linux", "foo-bar"),
        ("3.9.2+", "3.9", "nt", "10", "Windows", "win32", "Foo_Bar"),
    ]
]


def version():
    pick = PICK.choice
    text = pick(["", "", "", "v", "V", "1!", "0!", " "])
    text += ".".join(pick(["0", "0", "1", "2", "3", "10", "01", "20240101123456"]) for _ in range(PICK.randint(1, 4)))
    separators = ["", ".", "-", "_"]
    if PICK.random() < 0.3:
        text += pick(separators) + pick(["a", "b", "rc", "c", "alpha", "beta", "pre", "preview", "A", "RC"]) \
            + pick(separators) + pick(["", "0", "1", "2"])
    if PICK.random() < 0.25:
        text += pick(["-1", ".post", "post1", ".post2", "-r3", "rev", "_post_0", ".POST1"])
    if PICK.random() < 0.2:
        text += pick([".dev", "dev0", ".dev1", "-dev2", "_DEV_3"])
    if PICK.random() < 0.15:
        text += "+" + pick(["local", "1", "ubuntu.1", "a-b_c", "01", "1.A", "x.1.y"])
    return mutate(text, 0.06)


def mutate(text, chance):
    while text and PICK.random() < chance:
        at = PICK.randrange(len(text) + 1)
        cut = PICK.randint(0, 2)
        text = text[:at] + PICK.choice(["", ".", "-", "a", "1", " ", "*", "+", ",", ";", "(", ")", "'", '"', "=", "!", "\\",
                                        "[", "]", "@", "_", "\t", "\n", "~", ">"]) + text[at + cut:]
    return text


def clause():
    operator = PICK.choice(["==", "!=", "<=", ">=", "<", ">", "~=", "==="])
    tail = PICK.choice(["", "", "", ".*"])
    bound = version() if PICK.random() < 0.6 or tail else ".".join(PICK.choice("0123") for _ in range(PICK.randint(1, 3)))
    return operator + PICK.choice(["", " "]) + bound.strip() + tail


def specifier():
    return mutate(PICK.choice([",", " , "]).join(clause() for _ in range(PICK.choice([0, 1, 1, 1, 2, 3]))), 0.05)


def comparison():
    variables = ["python_version", "python_full_version", "os_name", "os.name", "sys_platform", "platform_release",
                 "platform_machine", "python_implementation", "implementation_version", "extra", "extra", "platform_system"]
    values = ["3.11", "3.8", "3.13", "3.*", "3.11.7", "linux", "posix", "Foo_Bar", "foo.bar", "x86_64", "CPython", "win32",
              "a b", "6.1", "10", "", "3.8,3.9", "it's"]
    def literal():
        value = PICK.choice(values)
        quote = '"' if "'" in value else PICK.choice("'\"")
        return quote + value + quote
    left, right = PICK.choice(variables), literal()
    if PICK.random() < 0.3:
        left, right = right, left
    if PICK.random() < 0.03:
        right = PICK.choice(variables)
    operator = PICK.choice(["==", "!=", "<", "<=", ">", ">=", "~=", "===", "in", "not in", "not  in"])
    space = " " if operator[0] in "in" else PICK.choice(["", " "])
    return left + space + operator + space + right


def marker(depth=0):
    parts = []
    for _ in range(PICK.choice([1, 1, 2, 3])):
        inner = marker(depth + 1) if depth < 3 and PICK.random() < 0.3 else comparison()
        parts.append("(" + inner + ")" if inner.count(" and ") + inner.count(" or ") or PICK.random() < 0.2 else inner)
    text = parts[0]
    for part in parts[1:]:
        text += PICK.choice([" and ", " or "]) + part
    return mutate(text, 0.02)


def name():
    return mutate(PICK.choice(["foo", "Foo.Bar", "a", "zope.interface", "a_b--c", "X-1", "0a", "foo_", "-x", ""]), 0.08)


def requirement():
    text = name() + PICK.choice(["", "", " "])
    if PICK.random() < 0.3:
        text += "[" + PICK.choice([",", " , "]).join(PICK.choice(["a", "B_c", "d.e", "x"]) for _ in range(PICK.randint(0, 3))) + "]"
    kind = PICK.random()
    if kind < 0.15:
        text += PICK.choice([" @ ", "@"]) + PICK.choice(["http://x/y", "file:///a b", "git+https://h/r@v#egg=z;os_name=='a'"])
    elif kind < 0.3:
        text += "(" + specifier() + ")"
    elif kind < 0.8:
        text += specifier() + PICK.choice(["", "", ","])
    if PICK.random() < 0.35:
        text += PICK.choice([";", " ; ", "; "]) + marker()
    return mutate(text, 0.05)


def request():
    op = PICK.choice(["version-compare", "version-normalize", "specifier-contains", "specifier-contains",
                      "requirement-parse", "requirement-parse", "marker-evaluate", "name-normalize"])
    if op == "version-compare":
        return {"op": op, "a": version(), "b": version()}
    if op == "version-normalize":
        return {"op": op, "version": version()}
    if op == "specifier-contains":
        wanted, found = specifier(), version()
        if "=" in wanted and PICK.random() < 0.3:  # close to the bound
            found = wanted.split(",")[0].lstrip("=<>!~ ") + PICK.choice(["", ".post1", ".dev0", "a1", "+x", ".0"])
        return {"op": op, "specifier": wanted, "version": found, "prereleases": PICK.choice([True, False, None])}
    if op == "requirement-parse":
        return {"op": op, "requirement": requirement()}
    if op == "marker-evaluate":
        return {"op": op, "marker": marker(), "environment": PICK.choice(ENVIRONMENTS)}
    return {"op": op, "name": name()}


def reference(q):
    op = q["op"]
    if op == "version-compare":
        a, b = Version(q["a"]), Version(q["b"])
        return (a > b) - (a < b)
    if op == "version-normalize":
        return str(Version(q["version"]))
    if op == "specifier-contains":
        return SpecifierSet(q["specifier"]).contains(q["version"], prereleases=q["prereleases"])
    if op == "requirement-parse":
        r = Requirement(q["requirement"])
        return {"name": r.name, "extras": sorted(r.extras), "specifier": str(r.specifier), "url": r.url,
                "marker": str(r.marker) if r.marker else None}
    if op == "marker-evaluate":
        return Marker(q["marker"]).evaluate(dict(q["environment"]))
    return canonicalize_name(q["name"], validate=True)


def main():
    count, seed, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[4:]
    PICK.seed(seed)
    requests = [request() for _ in range(count)]
    answers = subprocess.run(command, input="".join(json.dumps(q) + "\n" for q in requests), text=True,
                             capture_output=True, check=True).stdout.split("\n")[:-1]
    if len(answers) != count:
        sys.exit(f"{len(answers)} answers to {count} requests")
    differences = errors = 0
    for q, line in zip(requests, answers):
        got = json.loads(line)
        try:
            wanted = {"result": reference(q)}
        except (InvalidVersion, InvalidSpecifier, InvalidRequirement, InvalidName, UndefinedComparison, ValueError,
                KeyError) as e:
            wanted = {"error": str(e)}
        errors += "error" in wanted
        if ("error" in got) != ("error" in wanted) or got.get("result") != wanted.get("result"):
            differences += 1
            if differences <= 20:
                print(json.dumps(q), "\n  got   ", line, "\n  wanted", json.dumps(wanted))
    print(f"{count} cases ({errors} of them errors), {differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
