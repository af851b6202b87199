"""What is recorded: the functions and methods of the release's own files, found by ast and told apart by file, line and name.

A code object belongs to a function by (file, first line, name), which is exact on every CPython: co_firstlineno is the line of the
first decorator. Nested functions, lambdas and comprehensions count for the function around them.
"""
import ast
import dis
import os

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
GENERATOR = 0x20 | 0x80 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
CLASS_KINDS = {"staticmethod": "static", "classmethod": "class"}


class Target:
    """One function of the release."""

    def __init__(self, name, node, kind, public):
        self.name = name  # "module:qualname"
        self.kind = kind  # function, method, static, class, generator, coroutine
        self.public = public
        self.line, self.end_line = node.lineno, node.end_lineno
        self.branches = branches(node)  # [(lines it comes from, line of the inside)]
        self.handlers = [item.body[0].lineno for item in ast.walk(node) if isinstance(item, ast.ExceptHandler)]
        self.decorators = [ast.dump(item) for item in node.decorator_list]
        self.lines = set()  # that can run, of the code objects that were seen
        self.parameters = None


def branches(node):
    """Line arcs into and past the inside of if, while and for; one-line ones cannot be told apart and are left out."""
    rows = []
    for item in ast.walk(node):
        if isinstance(item, (ast.If, ast.While)):
            head = item.test
        elif isinstance(item, (ast.For, ast.AsyncFor)):
            head = item.iter
        else:
            continue
        inside = item.body[0].lineno
        if inside > head.end_lineno:
            rows.append((item.lineno, head.end_lineno, inside))
    return rows


def walk(body, module, prefix, public, found, depth=0):
    for item in body:
        if isinstance(item, FUNCTIONS):
            shown = public and (not item.name.startswith("_") or (prefix and item.name.startswith("__") and item.name.endswith("__")))
            names = [part.id for part in item.decorator_list if isinstance(part, ast.Name)]
            kind = "method" if prefix else "function"
            for name in names:
                kind = CLASS_KINDS.get(name, kind) if prefix else kind
            if isinstance(item, ast.AsyncFunctionDef):
                kind = "coroutine"
            first = min([item.lineno] + [part.lineno for part in item.decorator_list])
            found.append((first, item.name, Target("%s:%s%s" % (module, prefix, item.name), item, kind, shown)))
        elif isinstance(item, ast.ClassDef):
            walk(item.body, module, prefix + item.name + ".", public and not item.name.startswith("_"), found)
        else:  # if, try, with at module level
            for field in ("body", "orelse", "finalbody"):
                inner = getattr(item, field, None)
                if isinstance(inner, list) and depth < 20 and inner and isinstance(inner[0], ast.stmt):
                    walk(inner, module, prefix, public, found, depth + 1)
            for handler in getattr(item, "handlers", []) or []:
                if depth < 20:
                    walk(handler.body, module, prefix, public, found, depth + 1)


class Targets:
    """modules: {file below root: dotted name}. only: the modules whose functions are recorded, None for all; those of the
    others are read when one of them runs, and are like private ones: known as what ran below a function."""

    def __init__(self, root, modules, only=None):
        self.root = os.path.realpath(root) + os.sep
        self.files, self.by_name, self.others = {}, {}, {}
        self.modules = set(modules.values())
        for file, module in sorted(modules.items()):
            path = os.path.join(self.root, file)
            if only is not None and module not in only:
                self.others[path] = module
            else:
                self.read(path, module, True)

    def read(self, path, module, watched):
        try:
            with open(path, "rb") as source:
                tree = ast.parse(source.read(), path)
        except (OSError, SyntaxError, ValueError, RecursionError):
            return  # the inventory says so
        found = []
        public = watched and not any(part.startswith("_") for part in module.split("."))
        walk(tree.body, module, "", public, found)
        table = self.files[path] = {}
        for first, name, target in found:
            table[(first, name)] = target
            if watched:
                self.by_name[target.name] = target

    def table(self, path):
        if path in self.others:
            self.read(path, self.others.pop(path), False)
        return self.files.get(path)

    def of_code(self, code):
        """The target of a function's own code object, None for all else."""
        table = self.table(code.co_filename)
        if table is None and code.co_filename.startswith(self.root[:-1]):
            table = self.table(os.path.realpath(code.co_filename))
        target = table.get((code.co_firstlineno, code.co_name)) if table else None
        if target is not None and target.parameters is None:
            self.complete(target, code)
        return target

    def complete(self, target, code):
        count, only = code.co_argcount, code.co_kwonlyargcount
        names = code.co_varnames
        at = count + only
        rows = [(name, "posonly" if index < code.co_posonlyargcount else "pos") for index, name in enumerate(names[:count])]
        kwonly = [(name, "kwonly") for name in names[count:at]]
        if code.co_flags & 0x04:
            rows.append((names[at], "var"))
            at += 1
        rows += kwonly
        if code.co_flags & 0x08:
            rows.append((names[at], "kwvar"))
        target.parameters = rows
        if code.co_flags & GENERATOR and target.kind != "coroutine":
            target.kind = "generator"
        target.lines = set(code_lines(code))
        target.lines.discard(code.co_firstlineno)
        target.lines = {line for line in target.lines if line > 0}


def code_lines(code):
    stack, lines = [code], set()
    while stack:
        item = stack.pop()
        lines.update(line for _, line in dis.findlinestarts(item) if line)
        stack.extend(part for part in item.co_consts if isinstance(part, type(code)))
    return lines


def coverage(target, arcs):
    """{"lines": [reached, of], "branches": [taken, of]} of the union of the arcs of calls."""
    reached = {line for arc in arcs for line in arc if line > 0}
    taken = 0
    for first, last, inside in target.branches:
        leaving = [after for before, after in arcs if first <= before <= last and not first <= after <= last]
        taken += any(after == inside for after in leaving)
        taken += any(after != inside for after in leaving)
    taken += sum(line in reached for line in target.handlers)
    return {"lines": [len(target.lines & reached), len(target.lines)],
            "branches": [taken, 2 * len(target.branches) + len(target.handlers)]}
