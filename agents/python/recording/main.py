"""The programs of recording, one a run of the sandbox. The task is JSON on standard input; what is found out goes to standard
output, one document a line. The watched program has no part in either: its input is empty, its output goes to nowhere.

    suite, doctest, generate   runs a source of calls under the tracer
    replay NAME=VALUE…         makes kept calls again, with these in the environment
    judge                      puts everything together
"""
import fcntl
import json
import os
import sys


def separate():
    """(task, descriptor for results). Standard input becomes empty, standard output goes nowhere."""
    task = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    out = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 200)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return task, out


def again_as(environment):
    """Replay needs an interpreter with another hash seed, time zone and locale; those are read when it starts."""
    wanted = dict(item.split("=", 1) for item in environment)
    if all(os.environ.get(name) == value for name, value in wanted.items()):
        return
    everything = dict(os.environ, **wanted)
    boot = "import sys; sys.path[0] = %r; from %s import main; main.run()" % (sys.path[0], __package__)
    os.execve(sys.executable, [sys.executable, "-S", "-s", "-c", boot] + sys.argv[1:], everything)


def run():
    from . import judge, replay, sources  # before the program's own folders are on the path
    kind = sys.argv[1]
    if sys.argv[2:]:
        again_as(sys.argv[2:])
    del sys.path[0]  # the program sees none of this
    task, out = separate()
    if kind == "judge":
        judge.run(task, out)
    elif kind == "replay":
        sys.path[0:0] = task["path"]
        replay.run(task, out)
    else:
        sys.path[0:0] = task["path"]
        sources.run(kind, task, out)
