"""Differential check of graphs/ against networkx.

    python tests/differential/graphs.py random COUNT SEED -- DRIVER       random graphs, everything compared
    python tests/differential/graphs.py file EDGES... -- DRIVER           edge lists (.tsv or .tsv.zst): statistics and the time

DRIVER is the program made from tests/support/graphs_driver.c. Where networkx cannot be imported it is installed into a
virtual environment of its own, below the temporary folder. Exits 1 and shows the first graph that differs.
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

try:
    import networkx
except ImportError:
    if "GOPHERSNAKE_GRAPHS_VENV" in os.environ:
        raise
    venv = os.path.join(tempfile.gettempdir(), f"gophersnake-networkx-{os.getuid()}")
    python = os.path.join(venv, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "networkx"], check=True)
    os.execve(python, [python] + sys.argv, dict(os.environ, GOPHERSNAKE_GRAPHS_VENV=venv))

PICK = random.Random()


# ---- random graphs -----------------------------------------------------------------------------------------------------

def random_name(taken):
    while True:
        kind = PICK.random()
        if kind < 0.6:
            name = b"".join(PICK.choice([b"a", b"b", b"-", b"py", b"django", b"1", b"."]) for _ in range(PICK.randint(1, 4)))
        elif kind < 0.8:
            name = "".join(PICK.choice("äß日本é<>&\"'\\]") for _ in range(PICK.randint(1, 5))).encode()
        else:
            name = bytes(PICK.choice([b for b in range(1, 256) if b not in (9, 10, 13, 32)]) for _ in range(PICK.randint(1, 6)))
        if name not in taken:
            return name


def random_graph():
    """Lines: list of (name, needs) with self-loops and repeated needs; some needs have no line of their own."""
    size = PICK.choice([0, 1, 2, 3, PICK.randint(4, 12), PICK.randint(4, 12), PICK.randint(13, 40)])
    if PICK.random() < 0.02:
        size = PICK.randint(41, 300)
    names = set()
    while len(names) < size:
        names.add(random_name(names))
    names = sorted(names)
    PICK.shuffle(names)
    dense = PICK.choice([0.2, 0.8, 1.0, 1.3, 2, 4, size / 4]) if size < 100 else PICK.choice([0.5, 1, 2, 3, 8])
    shape = PICK.random()
    lines = {name: [] for name in names}
    for _ in range(int(size * dense)):
        a, b = PICK.randrange(size), PICK.randrange(size)
        if shape < 0.4 and a < b:
            a, b = b, a  # mostly acyclic: only self-loops close a circle
        lines[names[a]].append(names[b])
    for name, needs in lines.items():
        if needs and PICK.random() < 0.2:
            needs.append(PICK.choice(needs))
    rows = [(name, needs) for name, needs in lines.items() if needs or PICK.random() < 0.9]
    if size and not rows:
        rows = [(names[0], [])]
    return rows


def to_bytes(rows):
    end = PICK.choice([b"\n", b"\n", b"\r\n", b"\n\n"])
    out = b""
    for name, needs in rows:
        gap = PICK.choice([b" ", b" ", b"  "])
        out += name + (b"\t" + gap.join(needs) if needs or PICK.random() < 0.8 else b"") + end
    return out if PICK.random() < 0.8 else out.rstrip(b"\r\n")


def ask(process, data):
    process.stdin.write(b"%d\n" % len(data) + data)
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise SystemExit("the driver ended")
    return json.loads(line)


# ---- what networkx says ------------------------------------------------------------------------------------------------

def expected(rows):
    names = [name for name, _ in rows]
    number = {name: i for i, name in enumerate(names)}
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(len(names)))
    for name, needs in rows:
        for need in needs:
            if need not in number:
                number[need] = len(names)
                names.append(need)
            graph.add_edge(number[name], number[need])
    condensed = networkx.condensation(graph)
    level = {}
    for part in reversed(list(networkx.topological_sort(condensed))):
        level[part] = max((level[need] + 1 for need in condensed.successors(part)), default=0)
    members = {part: sorted(condensed.nodes[part]["members"], key=lambda n: names[n]) for part in condensed}
    order = sorted(condensed, key=lambda part: (level[part], names[members[part][0]]))
    place = {part: i for i, part in enumerate(order)}
    rank = {}
    for part in networkx.topological_sort(condensed):
        rank[part] = len(members[part]) + max((rank[user] for user in condensed.predecessors(part)), default=0)
    deepest = networkx.dag_longest_path_length(condensed) if condensed else 0
    return names, {
        "statistics": {
            "nodes": graph.number_of_nodes(), "edges": graph.number_of_edges(),
            "self_loops": networkx.number_of_selfloops(graph), "components": len(condensed),
            "nontrivial_components": sum(len(m) > 1 for m in members.values()),
            "largest_component": max(map(len, members.values()), default=0),
            "levels": deepest + 1 if condensed else 0, "longest_path": deepest},
        "needs": [sorted(graph.successors(node)) for node in range(len(names))],
        "needed_by": [sorted(graph.predecessors(node)) for node in range(len(names))],
        "component_of": [place[condensed.graph["mapping"][node]] for node in range(len(names))],
        "members": [members[part] for part in order],
        "levels": [level[part] for part in order],
        "ranks": [float(rank[part]) for part in order],
        "component_needs": [sorted(place[need] for need in condensed.successors(part)) for part in order],
        "component_dependents": [sorted(place[user] for user in condensed.predecessors(part)) for part in order],
        "impact": [sorted(networkx.ancestors(graph, node), key=lambda n: names[n]) for node in range(len(names))],
    }


def svg_problem(svg, nodes):
    """Well-formed, one box a node, boxes apart and inside, no straight line behind a box."""
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    width, height = float(root.get("width")), float(root.get("height"))
    boxes = []
    for group in root.iter(space + "g"):
        box = group.find(space + "rect")
        boxes.append(tuple(float(box.get(key)) for key in ("x", "y", "width", "height")))
    if len(boxes) != nodes:
        return f"{len(boxes)} boxes for {nodes} nodes"
    for i, (x, y, w, h) in enumerate(boxes):
        if x < 0 or y < 0 or x + w > width or y + h > height:
            return f"box {i} leaves the picture"
        for j, (x2, y2, w2, h2) in enumerate(boxes[:i]):
            if x < x2 + w2 and x2 < x + w and y < y2 + h2 and y2 < y + h:
                return f"boxes {j} and {i} overlap"
    for path in root.iter(space + "path"):
        if path.get("class") != "e":
            continue
        at = None
        for command, numbers in re.findall(r"([MCH])([-0-9. ]*)", path.get("d")):
            numbers = [float(n) for n in numbers.split()]
            if command == "H":
                for i, (x, y, w, h) in enumerate(boxes):
                    if min(at[0], numbers[0]) < x + w - 0.2 and max(at[0], numbers[0]) > x + 0.2 and y < at[1] < y + h:
                        return f"a line runs behind box {i}"
                at = (numbers[0], at[1])
            else:
                at = (numbers[-2], numbers[-1])
    return None


def compare_random(count, seed, command):
    PICK.seed(seed)
    edges = nodes = pictures = 0
    process = subprocess.Popen(command + ["facts"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for number in range(count):
        rows = random_graph()
        data = to_bytes(rows)
        found = ask(process, data)
        names, wanted = expected(rows)
        drawn = found.pop("pictures", None)
        problem = [key for key in set(wanted) | set(found) if wanted.get(key) != found.get(key)]
        if not problem and drawn:
            pictures += 1
            problem = svg_problem(drawn["svg"], len(names))
            # Lines in another order: the same pictures, to the byte.
            shuffled = rows + [(name, []) for name in names[len(rows):]]
            PICK.shuffle(shuffled)
            if not problem and ask(process, to_bytes(shuffled))["pictures"] != drawn:
                problem = "pictures depend on the order of the lines"
        if problem:
            print(f"graph {number} (seed {seed}): {problem}\n{data!r}", file=sys.stderr)
            for key in problem if isinstance(problem, list) else []:
                print(f"{key}\n  networkx {wanted.get(key)}\n  ours     {found.get(key)}", file=sys.stderr)
            return 1
        nodes += len(names)
        edges += wanted["statistics"]["edges"]
    process.stdin.close()
    if process.wait():
        print(f"the driver ended with {process.returncode}", file=sys.stderr)
        return 1
    print(f"{count} graphs, {nodes} nodes, {edges} edges, {pictures} pictures: equal")
    return 0


# ---- edge lists --------------------------------------------------------------------------------------------------------

def compare_file(path, command):
    with tempfile.TemporaryDirectory() as folder:
        if path.endswith(".zst"):
            plain = os.path.join(folder, os.path.basename(path)[:-4])
            subprocess.run(["zstd", "-dq", path, "-o", plain], check=True)
            path = plain
        found = json.loads(subprocess.run(command + ["statistics", path], check=True, stdout=subprocess.PIPE).stdout)
        spent = subprocess.run(command + ["time", path], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        begin = time.monotonic()
        graph = networkx.DiGraph()
        with open(path, "rb") as lines:
            for line in lines:
                name, _, needs = line.rstrip(b"\n").partition(b"\t")
                graph.add_node(name)
                graph.add_edges_from((name, need) for need in needs.split())
        condensed = networkx.condensation(graph)
        deepest = networkx.dag_longest_path_length(condensed)
        seconds = time.monotonic() - begin
        sizes = [len(condensed.nodes[part]["members"]) for part in condensed]
        wanted = {"nodes": graph.number_of_nodes(), "edges": graph.number_of_edges(),
                  "self_loops": networkx.number_of_selfloops(graph), "components": len(sizes),
                  "nontrivial_components": sum(size > 1 for size in sizes), "largest_component": max(sizes),
                  "levels": deepest + 1, "longest_path": deepest}
    print(f"{os.path.basename(path)}: {'equal' if wanted == found else 'DIFFERENT'}; ours {spent}; networkx {seconds:.1f} s")
    if wanted != found:
        print(f"  networkx {wanted}\n  ours     {found}", file=sys.stderr)
    return wanted != found


def main():
    if "--" not in sys.argv or len(sys.argv) < 4:
        raise SystemExit(__doc__)
    at = sys.argv.index("--")
    arguments, command = sys.argv[1:at], sys.argv[at + 1:]
    if arguments[0] == "random":
        return compare_random(int(arguments[1]), int(arguments[2]), command)
    return int(any([compare_file(path, command) for path in arguments[1:]]))


sys.exit(main())
