"""Prints what an unpacked wheel contains, as one JSON document ("gophersnake.inventory/1").

    python -I -S inventory.py ROOT

Only the standard library, CPython 3.8 or newer; nothing of the wheel is imported or executed: its files are read with `ast`.
The output depends on the files alone. A module that cannot be read has "error" and nothing else; one hostile file never stops the rest.
"""
import ast
import hashlib
import io
import json
import os
import re
import sys
import tokenize
import warnings

SOURCE_LIMIT = 64 * 1024 * 1024
TEXT_LIMIT = 4000  # of a default, an annotation
PROPERTY_DECORATORS = {"property", "cached_property", "functools.cached_property", "classproperty", "abstractproperty",
                       "abc.abstractproperty"}
MODULE_NAME = re.compile(r"\w+")  # not isidentifier: importlib imports migrations/0001_initial.py
EXTENSION = re.compile(r"^([A-Za-z_]\w*)(?:\.[\w-]+)?\.(?:so|pyd)$")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = FUNCTIONS + (ast.ClassDef, ast.Lambda)


def clean(text):
    """Text without lone surrogates, which JSON readers refuse, and without NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


class Reader:
    """Source text of nodes, by position: exact on every Python version, and no recursion."""

    def __init__(self, text):
        self.lines = re.split("(?<=\n)", text.replace("\r\n", "\n").replace("\r", "\n"))

    def source(self, node):
        if node is None:
            return None
        first, last = node.lineno - 1, node.end_lineno - 1
        rows = [line.encode("utf-8") for line in self.lines[first:last + 1]]
        if not rows:
            return ""
        rows[-1] = rows[-1][:node.end_col_offset]
        rows[0] = rows[0][node.col_offset:]
        text = b"".join(rows).decode("utf-8", "replace")
        return clean(text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + "\u2026")


def dotted(node):
    """The dotted name of a Name or Attribute chain, else ""."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))


def subject(node):
    """The dotted name of a decorator or base, without call arguments and subscripts."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return dotted(node)


def docstring(node):
    doc = ast.get_docstring(node)
    return None if doc is None else clean(doc)


def literal_names(node):
    """A list or tuple of string constants, also a sum of such; None when it is something else."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts, names = [], []
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            parts.append(node.right)
            node = node.left
        for part in [node] + parts[::-1]:
            found = None if isinstance(part, ast.BinOp) else literal_names(part)
            if found is None:
                return None
            names += found
        return names
    if not isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return None
    names = [item.value for item in node.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return [clean(name) for name in names] if len(names) == len(node.elts) else None


def targets(node):
    """Names that an assignment's target binds."""
    stack, names = [node], []
    while stack:
        item = stack.pop()
        if isinstance(item, ast.Name):
            names.append(item.id)
        elif isinstance(item, (ast.Tuple, ast.List)):
            stack.extend(reversed(item.elts))
        elif isinstance(item, ast.Starred):
            stack.append(item.value)
    return names


def within(node):
    """All nodes of a function's body in source order, without those of nested scopes."""
    stack = list(reversed(node.body))
    while stack:
        item = stack.pop()
        yield item
        if not isinstance(item, SCOPES):
            stack.extend(reversed(list(ast.iter_child_nodes(item))))


def parameters(node, reader):
    arguments = node.args
    only = getattr(arguments, "posonlyargs", [])
    positional = only + arguments.args
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    rows = [("posonly" if index < len(only) else "pos", argument, default)
            for index, (argument, default) in enumerate(zip(positional, defaults))]
    if arguments.vararg:
        rows.append(("var", arguments.vararg, None))
    rows += [("kwonly", argument, default) for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults)]
    if arguments.kwarg:
        rows.append(("kwvar", arguments.kwarg, None))
    return [{"name": argument.arg, "kind": kind, "default": reader.source(default),
             "annotation": reader.source(argument.annotation)} for kind, argument, default in rows]


def function(node, prefix, reader, conditional):
    return {"name": node.name, "qualname": prefix + node.name, "line": node.lineno, "end_line": node.end_lineno,
            "doc": docstring(node), "async": isinstance(node, ast.AsyncFunctionDef),
            "generator": any(isinstance(item, (ast.Yield, ast.YieldFrom)) for item in within(node)),
            "conditional": conditional, "decorators": [subject(item) or reader.source(item) for item in node.decorator_list],
            "params": parameters(node, reader), "returns": reader.source(node.returns)}


def statements(body):
    """(statement, conditional, type_checking) of a body, into if, try, with, for and while, in source order."""
    stack = [(item, False, False) for item in reversed(body)]
    while stack:
        item, conditional, checking = stack.pop()
        yield item, conditional, checking
        inner = []
        if isinstance(item, ast.If):
            typing = dotted(item.test).split(".")[-1] == "TYPE_CHECKING"
            inner += [(part, True, checking or typing) for part in item.body]
            inner += [(part, True, checking) for part in item.orelse]
        elif isinstance(item, (ast.With, ast.AsyncWith)):
            inner += [(part, conditional, checking) for part in item.body]
        elif not isinstance(item, SCOPES):
            for field in ("body", "handlers", "orelse", "finalbody", "cases"):
                for part in getattr(item, field, []) or []:
                    if isinstance(part, ast.stmt):
                        inner.append((part, True, checking))
                    else:
                        inner += [(row, True, checking) for row in getattr(part, "body", [])]
        stack.extend(reversed(inner))


def self_attributes(node):
    """Names assigned to the first parameter's attributes."""
    first = (getattr(node.args, "posonlyargs", []) + node.args.args)[:1]
    if not first or "staticmethod" in [subject(item) for item in node.decorator_list]:
        return []
    names = []
    for item in within(node):
        if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store) and isinstance(item.value, ast.Name) \
                and item.value.id == first[0].arg:
            names.append(item.attr)
    return names


def unique(names):
    return list(dict.fromkeys(names))


def klass(node, prefix, reader, conditional, out):
    """Appends the class, then its nested classes, to out; with a stack of its own, since nesting is outside input."""
    stack = [(node, prefix, conditional)]
    while stack:
        node, prefix, conditional = stack.pop()
        qualname = prefix + node.name
        bases = [subject(base) for base in node.bases]
        decorators = [subject(item) or reader.source(item) for item in node.decorator_list]
        methods, properties, attributes, slots, own, nested = {}, {}, [], [], [], []
        for item, maybe, checking in statements(node.body):
            if checking:
                continue
            if isinstance(item, FUNCTIONS):
                if "classmethod" not in [subject(part) for part in item.decorator_list]:
                    own += self_attributes(item)
                names = [subject(part) for part in item.decorator_list]
                if any(name in PROPERTY_DECORATORS or name.endswith((".cached_property", ".classproperty")) for name in names):
                    methods.pop(item.name, None)
                    properties[item.name] = {"name": item.name, "setter": any("cached_property" in name for name in names),
                                             "doc": docstring(item), "returns": reader.source(item.returns),
                                             "line": item.lineno}
                elif any(name.split(".")[-1] in ("setter", "deleter", "getter") and "." in name for name in names):
                    if item.name in properties and any(name.endswith(".setter") for name in names):
                        properties[item.name]["setter"] = True
                elif "overload" not in [name.split(".")[-1] for name in names]:
                    properties.pop(item.name, None)
                    methods.pop(item.name, None)
                    methods[item.name] = function(item, qualname + ".", reader, maybe)
            elif isinstance(item, ast.ClassDef):
                nested.append((item, qualname + ".", conditional or maybe))
            elif isinstance(item, (ast.Assign, ast.AnnAssign)):
                found = [name for target in (item.targets if isinstance(item, ast.Assign) else [item.target])
                         for name in targets(target)]
                if "__slots__" in found:
                    value = item.value
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        slots.append(clean(value.value))
                    else:
                        slots += literal_names(value) or []
                if subject(item.value) == "property" and item.value is not None:
                    call = item.value
                    setter = isinstance(call, ast.Call) and (len(call.args) > 1 or
                                                             any(word.arg == "fset" for word in call.keywords))
                    for name in found:
                        properties[name] = {"name": name, "setter": setter, "doc": None, "returns": None,
                                            "line": item.lineno}
                else:
                    attributes += found
        taken = set(methods) | set(properties)
        names = [name.split(".")[-1] for name in bases]
        out.append({
            "name": node.name, "qualname": qualname, "line": node.lineno, "end_line": node.end_lineno, "doc": docstring(node),
            "bases": bases, "decorators": decorators, "conditional": conditional,
            "is_enum": any(name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "Choices", "TextChoices",
                                    "IntegerChoices") for name in names),
            "is_dataclass": any(name.split(".")[-1] == "dataclass" for name in decorators),
            "is_namedtuple": any(name in ("NamedTuple", "namedtuple") for name in names),
            "attributes": [name for name in unique(attributes) if name not in taken],
            "slots": [name for name in unique(slots) if name not in taken],
            "self_attributes": [name for name in unique(own) if name not in taken],
            "methods": list(methods.values()), "properties": list(properties.values())})
        stack.extend(reversed(nested))


def imports(tree, name, is_package):
    """Every import statement of the file, in source order."""
    rows = []
    stack = [(item, "import") for item in reversed(tree.body)]
    while stack:
        item, when = stack.pop()
        if isinstance(item, ast.Import):
            for alias in item.names:
                rows.append({"module": alias.name, "from": False, "star": False, "line": item.lineno, "when": when,
                             "names": [{"name": alias.name, "as": alias.asname}]})
        elif isinstance(item, ast.ImportFrom):
            module = item.module or ""
            if item.level:
                parts = name.split(".")
                drop = item.level - (1 if is_package else 0)
                if drop < len(parts):
                    base = ".".join(parts[:len(parts) - drop])
                    module = base + ("." + module if module else "")
                else:
                    module = ""
            star = any(alias.name == "*" for alias in item.names)
            rows.append({"module": module, "from": True, "star": star, "line": item.lineno, "when": when,
                         "names": [] if star else [{"name": alias.name, "as": alias.asname} for alias in item.names]})
        elif isinstance(item, FUNCTIONS):
            inner = "late" if when != "type_checking" else when
            stack.extend((part, inner) for part in reversed(item.body))
        elif isinstance(item, ast.stmt):
            then = when
            if when == "import" and isinstance(item, (ast.If, ast.Try)):
                then = "conditional"
            if isinstance(item, ast.If) and dotted(item.test).split(".")[-1] == "TYPE_CHECKING":
                stack.extend((part, when) for part in reversed(item.orelse))
                stack.extend((part, "type_checking") for part in reversed(item.body))
                continue
            for part in reversed(list(ast.iter_child_nodes(item))):
                if isinstance(part, (ast.stmt, ast.excepthandler)) or type(part).__name__ == "match_case":
                    stack.append((part, then))
        elif isinstance(item, ast.excepthandler) or type(item).__name__ == "match_case":
            stack.extend((part, when) for part in reversed(item.body))
    return rows


def contents(tree, reader, module):
    functions, classes, variables, names = {}, {}, {}, None
    for item, conditional, checking in statements(tree.body):
        if checking:
            continue
        if isinstance(item, FUNCTIONS):
            if "overload" in [subject(part).split(".")[-1] for part in item.decorator_list]:
                continue
            classes.pop(item.name, None)
            variables.pop(item.name, None)
            functions.pop(item.name, None)
            functions[item.name] = function(item, "", reader, conditional)
        elif isinstance(item, ast.ClassDef):
            functions.pop(item.name, None)
            variables.pop(item.name, None)
            classes.pop(item.name, None)
            classes[item.name] = found = []
            klass(item, "", reader, conditional, found)
        elif isinstance(item, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            places = item.targets if isinstance(item, ast.Assign) else [item.target]
            value = item.value
            for name in [name for place in places for name in targets(place)]:
                if name == "__all__":
                    found = literal_names(value)
                    if isinstance(item, ast.AugAssign):
                        names = names + found if names is not None and found is not None else None
                    else:
                        names = found
                elif not (name.startswith("__") and name.endswith("__")) or name in ("__version__", "__author__"):
                    if isinstance(item, ast.AnnAssign) and value is None or name in functions or name in classes:
                        continue
                    plain = isinstance(value, (ast.Constant, ast.Name, ast.Attribute)) and not isinstance(item, ast.AugAssign)
                    variables.setdefault(name, {
                        "name": name, "line": item.lineno,
                        "annotation": reader.source(item.annotation) if isinstance(item, ast.AnnAssign) else None,
                        "value": reader.source(value) if plain else None})
    module["all"] = unique(names) if names is not None else None
    module["functions"] = list(functions.values())
    by_name = {row["qualname"]: row for rows in classes.values() for row in rows}  # of two in an if and its else, the last
    module["classes"] = list(by_name.values())
    module["variables"] = list(variables.values())


def read_module(name, path, relative, is_package):
    module = {"name": name, "file": relative, "is_package": is_package}
    with open(path, "rb") as file:
        data = file.read(SOURCE_LIMIT + 1)
    module["sha256"] = hashlib.sha256(data).hexdigest()
    module["lines"] = data.count(b"\n") + (1 if data and not data.endswith(b"\n") else 0)
    try:
        if len(data) > SOURCE_LIMIT:
            raise ValueError("the file is larger than %d bytes" % SOURCE_LIMIT)
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
        text = data.decode(encoding)
        if text.startswith("\ufeff"):
            text = text[1:]
        tree = ast.parse(text, relative)
        module["doc"] = docstring(tree)
        module["imports"] = imports(tree, name, is_package)
        contents(tree, Reader(text), module)
    except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError, OverflowError) as error:
        module = {key: module[key] for key in ("name", "file", "is_package", "sha256", "lines")}
        module["error"] = clean("%s: %s" % (type(error).__name__, error))[:TEXT_LIMIT]
    return module


def roots(top):
    """The folders of the wheel that land on sys.path, and their path prefix."""
    yield top, ""
    for entry in sorted(os.listdir(top)):
        if entry.endswith(".data"):
            for kind in ("purelib", "platlib"):
                folder = os.path.join(top, entry, kind)
                if os.path.isdir(folder) and not os.path.islink(folder):
                    yield folder, entry + "/" + kind + "/"


def main(top):
    modules, extensions, data_files = {}, set(), 0
    for root, prefix in roots(top):
        stack = [("", root)]
        while stack:
            package, folder = stack.pop()
            for entry in sorted(os.listdir(folder), reverse=True):
                path = os.path.join(folder, entry)
                if os.path.islink(path):
                    continue
                if os.path.isdir(path):
                    if folder == root and (entry.endswith((".dist-info", ".data", ".egg-info"))) or entry == "__pycache__":
                        continue
                    known = package is not None and MODULE_NAME.fullmatch(entry)
                    stack.append(((package + "." + entry if package else entry) if known else None, path))
                    continue
                stem, dot, ending = entry.rpartition(".")
                native = EXTENSION.match(entry)
                if ending == "py" and dot and package is not None and MODULE_NAME.fullmatch(stem) and \
                        not (stem == "__init__" and not package):
                    is_package = stem == "__init__"
                    name = package if is_package else package + "." + stem if package else stem
                    relative = prefix + os.path.relpath(path, root).replace(os.sep, "/")
                    if name not in modules or is_package:  # a package hides a module of its name
                        modules[name] = (path, relative, is_package)
                elif native and package is not None:
                    name = native.group(1)
                    extensions.add(package if name == "__init__" else package + "." + name if package else name)
                elif ending not in ("pyc", "pyo"):
                    data_files += 1
    document = {"schema": "gophersnake.inventory/1", "python": "%d.%d" % sys.version_info[:2],
                "modules": [read_module(name, *modules[name]) for name in sorted(modules)],
                "extensions": sorted(extensions), "data_files": data_files}
    json.dump(document, sys.stdout, ensure_ascii=True, separators=(",", ":"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) != 2:
        sys.exit("usage: inventory.py ROOT")
    main(sys.argv[1])
