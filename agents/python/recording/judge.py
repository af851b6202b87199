"""Puts what was recorded together: what to generate inputs from, what to replay, and in the end the evidence for each function,
the split, and who is a candidate. Reads files that hostile programs wrote: whatever has not the right shape is left out and counted.
"""
import hashlib
import json
import os

from . import proposals
from .records import files_of, lines
from .targets import Targets, coverage

ENOUGH = 8  # distinct calls that cross by value and are the same in every process
HELD_OUT = 30  # of 100
EXAMPLES, CALLS_LIMIT = 40, 1 << 28
OUTCOME = ("after", "result", "exception", "output")


def mark(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def is_held_out(identity):
    """By the call's content alone, so that it is the same for ever, whatever else was recorded."""
    return int(mark(["held out", identity])[:8], 16) % 100 < HELD_OUT


def well_formed(row, names):
    arcs = row.get("arcs")
    return row.get("f") in names and isinstance(arcs, list) and all(
        isinstance(arc, list) and len(arc) == 2 and all(type(line) is int for line in arc) for arc in arcs) and \
        all(isinstance(row.get(key), list) and all(isinstance(item, str) for item in row[key]) for key in ("effects", "data")) and \
        (isinstance(row.get("border"), str) and "args" not in row or isinstance(row.get("args"), list) and all(
            isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) for item in row["args"]))


class Recording:
    """All runs of a folder of records: <source>-<number>.jsonl."""

    def __init__(self, folder, inventory, targets):
        self.names = targets.by_name
        self.calls, self.borders, self.seen, self.callees, self.malformed = {}, {}, {}, {}, 0
        self.notes, self.suites, self.tests, self.late, self.failed = [], [], {}, [], []
        self.modules, self.proposed = targets.modules, set()
        for source in ("suite", "doctest", "propose", "generate"):
            for name in sorted(os.listdir(folder)):
                if name.startswith(source + "-") and name.endswith(".jsonl"):
                    self.read(os.path.join(folder, name), "proposed" if source == "propose" else source)

    def is_callee(self, name):
        return isinstance(name, str) and (name in self.names or len(name) < 500 and name.partition(":")[0] in self.modules)

    def read(self, path, source):
        seen = {}
        for row in lines(path):
            kind = row["k"]
            if kind == "call" and well_formed(row, self.names):
                row["source"] = source
                if "args" in row:
                    row["id"] = mark([row["f"], row["args"]])
                    if source == "proposed":
                        self.proposed.add(row["id"])
                    self.calls.setdefault(row["f"], {}).setdefault(row["id"], row)
                else:
                    self.borders.setdefault(row["f"], []).append(row)
            elif kind == "count" and isinstance(row.get("seen"), dict) and isinstance(row.get("calls"), dict):
                seen = {name: count for name, count in row["seen"].items() if type(count) is int and name in self.names}
                for name, callees in row["calls"].items():
                    if name in self.names and isinstance(callees, list):
                        self.callees.setdefault(name, set()).update(item for item in callees if self.is_callee(item))
            elif kind in ("note", "trouble"):
                self.notes.append("%s: %s" % (source, str(row.get("text", row.get("error")))[:400]))
            elif kind == "late":
                self.late.append(str(row.get("id"))[:300])
            elif kind == "failed":
                self.failed.append(str(row.get("id"))[:300])
            elif kind == "suite" and isinstance(row.get("tests"), dict):
                self.suites.append({"source": source, "with": str(row.get("with"))[:80], "exit": row.get("exit"), "tests": {
                    str(key): value for key, value in row["tests"].items() if type(value) is int}})
            elif kind == "test":
                self.tests[source] = self.tests.get(source, 0) + 1
            elif kind == "call":
                self.malformed += 1
        for name, count in seen.items():
            self.seen[name] = self.seen.get(name, 0) + count


def parameters_of(inventory):
    """{"module:qualname": [[name, kind, annotation, required]…]} without the first one of class methods."""
    kinds, out = {"posonly": "posonly", "pos": "pos", "var": "var", "kwonly": "kwonly", "kwvar": "kwvar"}, {}
    for module in inventory["modules"]:
        for function in module.get("functions", []) + [item for row in module.get("classes", []) for item in row["methods"]]:
            rows = [[row["name"], kinds[row["kind"]], row["annotation"] or "", row["default"] is None and row["kind"] not in ("var", "kwvar")]
                    for row in function["params"]]
            out["%s:%s" % (module["name"], function["qualname"])] = rows[1:] if "classmethod" in function["decorators"] else rows
    return out


def free(target):
    return target.public and target.kind in ("function", "static", "class")


def examples(recording, targets, parameters):
    rows = []
    for name, target in sorted(targets.by_name.items()):
        calls = sorted(recording.calls.get(name, {}).values(), key=lambda row: row["id"])
        unclean = any(row["effects"] for row in calls + recording.borders.get(name, []))
        if free(target) and not unclean and name in parameters:
            calls.sort(key=lambda row: row["id"] not in recording.proposed)
            rows.append({"name": name, "parameters": parameters[name], "examples": [row["args"] for row in calls[:EXAMPLES]],
                         "proposed": any(row["id"] in recording.proposed for row in calls)})
    return sorted(rows, key=lambda row: not row["proposed"])  # what somebody cares about first


def chosen(recording, targets, parameters):
    """The calls to replay: by value, of what can be called by name."""
    functions, calls, size = {}, [], 0
    for name in sorted(recording.calls):
        if not free(targets.by_name[name]) or name not in parameters:
            continue
        functions[name] = {"parameters": parameters[name]}
        for row in sorted(recording.calls[name].values(), key=lambda row: row["id"]):
            size += len(json.dumps(row["args"]))
            if "border" not in row and not row["effects"] and size < CALLS_LIMIT:
                calls.append({"f": name, "id": row["id"], "args": row["args"]})
    return {"functions": functions, "calls": calls}


class Replays:
    def __init__(self, folder):
        self.rows, self.changed, self.died = [{}, {}], {}, {}
        for name in sorted(os.listdir(folder)):
            if name.startswith(("replay-0-", "replay-1-")):
                side, trying = int(name[7]), None
                for row in lines(os.path.join(folder, name)):
                    if row["k"] == "try":
                        trying = row.get("id")
                    elif row["k"] == "replay":
                        self.rows[side][row.get("id")], trying = row, None
                    elif row["k"] == "state" and isinstance(row.get("changed"), list):
                        self.changed.setdefault(row.get("f"), set()).update(str(item) for item in row["changed"])
                if trying:
                    self.died[trying] = True

    def verdict(self, row):
        """(outcome, None) or (None, why the call is set aside)."""
        identity = row["id"]
        first, second = self.rows[0].get(identity), self.rows[1].get(identity)
        if identity in self.died:
            return None, "the interpreter crashed or was killed"
        if first is None or second is None:
            return None, "it was not replayed"
        for side in (first, second):
            if "unbuildable" in side:
                return None, "its arguments cannot be made again"
            if "late" in side:
                return None, "it takes longer than %s seconds" % side["late"]
            if "threads" in side:
                return None, "it leaves a thread running"
        one, two = ({key: side[key] for key in OUTCOME if key in side} for side in (first, second))
        if mark(one) != mark(two):
            return None, "differs between two processes (time, random, hash seed, time zone, locale, folder, prelude or order of calls)"
        recorded = {key: row[key] for key in OUTCOME if key in row}
        replayed = {key: one[key] for key in one if key != "output"}
        if "unsure" not in row and mark(recorded) != mark(replayed):
            return None, "differs from what was recorded (it depends on what ran before it, or on what wraps the function)"
        if first.get("border"):
            return None, first["border"]
        return one, None


def kind(tree):
    """Of a value, what guards tell apart (agents/prove_kinds.h), or less."""
    word = tree[0] if isinstance(tree, list) and tree else type(tree).__name__
    return {"OrderedDict": "dict", "namedtuple": "tuple", "bytearray": "bytes"}.get(word, word)


def apart(args, sound):
    """Has the call an argument of a kind that no sound call has there? Then the guard of the native function sends it to the original."""
    kinds = {}
    for row, _ in sound:
        for name, tree in row["args"]:
            kinds.setdefault(name, set()).add(kind(tree))
    return any(name in kinds and kind(tree) not in kinds[name] and kind(tree) != "ref" for name, tree in args)


def decide(target, sound, aside, unsteady, recording, changed, memo):
    """None for a candidate, else the reason."""
    name = target.name
    if target.kind in ("generator", "coroutine"):
        return "it is a %s" % target.kind
    if target.kind == "method":
        return "it is a method: its object does not cross by value"
    calls = list(recording.calls.get(name, {}).values()) + recording.borders.get(name, [])
    if not calls:
        return "no recorded call reaches it"
    effects = sorted({effect for row in calls for effect in row["effects"]})
    if effects:
        return "effects outside of its arguments: " + ", ".join(effects[:5])
    if changed and not memo:
        return "it changes variables of modules: " + ", ".join(changed[:5])
    if unsteady and (4 * len(unsteady) > len(sound) or not all(apart(row["args"], sound) for row in unsteady)):
        return "%d calls differ between two processes" % len(unsteady)
    borders, outcomes = {}, 0
    for row in calls:
        if row.get("border"):
            borders[row["border"]] = borders.get(row["border"], 0) + 1
            outcomes += not row["border"].startswith("the argument ")  # such arguments never reach the native function
    if outcomes > len(sound) >= ENOUGH:
        return "most of its calls do not cross by value: %s" % max(sorted(borders), key=lambda text: (not text.startswith("the argument "), borders[text]))
    if len(sound) < ENOUGH:
        for reason, count in aside.items():
            borders[reason] = max(borders.get(reason, 0), count)
        most = max(sorted(borders), key=borders.get) if borders else None
        return "only %d of the %d calls needed%s" % (len(sound), ENOUGH, "; of others: " + most if most else "")
    reached, lines = coverage(target, {tuple(arc) for row, _ in sound for arc in row["arcs"]})["lines"]
    if 2 * reached < lines:
        return "its calls that cross by value reach only %d of its %d lines" % (reached, lines)
    return None


def evidence(recording, replays, targets):
    functions, visible, held_out = [], [], []
    for name, target in sorted(targets.by_name.items()):
        if not target.public:
            continue
        sound, aside, unsteady = [], {}, []
        for row in sorted(recording.calls.get(name, {}).values(), key=lambda row: row["id"]):
            if row["effects"] or not free(target):
                continue
            outcome, reason = (None, row["border"]) if "border" in row else replays.verdict(row)
            if outcome is None:
                aside[reason] = aside.get(reason, 0) + 1
                if reason.startswith("differs between"):
                    unsteady.append(row)
            else:
                sound.append((row, outcome))
        changed = sorted(replays.changed.get(name, ()))
        # A private variable that changes although no result depends on the order of the calls is a memo.
        memo = bool(changed) and all(item.rpartition(".")[2].startswith("_") for item in changed) and \
            not any(reason.startswith("differs") for reason in aside)
        reason = decide(target, sound, aside, unsteady, recording, changed, memo)
        everything = list(recording.calls.get(name, {}).values()) + recording.borders.get(name, [])
        parts = [], []
        for row, outcome in sound:
            call = {"f": name, "id": row["id"], "args": row["args"], "source": row["source"]}
            call.update(outcome)
            # Whoever proposed an input has seen it, and what his input calls in its turn.
            parts[is_held_out(row["id"]) and row["id"] not in recording.proposed].append(call)
        visible += parts[0]
        held_out += parts[1]
        sources = {}
        for row, _ in sound:
            sources[row["source"]] = sources.get(row["source"], 0) + 1
        functions.append({
            "name": name, "kind": target.kind, "line": target.line, "end_line": target.end_line,
            "seen": recording.seen.get(name, 0), "kept": len(everything), "sound": len(sound), "sources": sources,
            "visible": len(parts[0]), "held_out": len(parts[1]), "aside": aside,
            "coverage": coverage(target, {tuple(arc) for row, _ in sound for arc in row["arcs"]}),
            "coverage_all": coverage(target, {tuple(arc) for row in everything for arc in row["arcs"]}),
            "calls": sorted(recording.callees.get(name, ())), "effects": sorted({item for row in everything for item in row["effects"]}),
            "data": sorted({item for row in everything for item in row["data"]})[:50], "memo": changed if memo else [],
            "candidate": reason is None, "reason": reason})
    return functions, visible, held_out


def compiled(targets):
    """Lets targets see the code objects of their files, without running them."""
    for path in targets.files:
        try:
            with open(path, "rb") as file:
                stack = [compile(file.read(), path, "exec", dont_inherit=True)]
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
        while stack:
            code = stack.pop()
            targets.of_code(code)
            stack.extend(part for part in code.co_consts if isinstance(part, type(code)))


def run(task, out):
    folder = task["records"]
    with open(os.path.join(folder, "inventory.json"), "rb") as file:
        inventory = json.load(file)
    files = files_of(inventory)
    targets = Targets(task["root"], files, proposals.only(proposals.read(folder), files.values()))
    compiled(targets)
    recording, parameters = Recording(folder, inventory, targets), parameters_of(inventory)
    if task["phase"] == "examples":
        answer = examples(recording, targets, parameters)
    elif task["phase"] == "calls":
        answer = chosen(recording, targets, parameters)
    else:
        functions, visible, held_out = evidence(recording, Replays(folder), targets)
        answer = {"functions": functions, "visible": visible, "held_out": held_out, "suites": recording.suites,
                  "tests": recording.tests, "late": sorted(set(recording.late))[:100],
                  "failed": sorted(set(recording.failed))[:100], "notes": recording.notes[:100],
                  "malformed": recording.malformed}
    with os.fdopen(out, "w") as file:
        json.dump(answer, file, separators=(",", ":"), sort_keys=True)
    os._exit(0)
