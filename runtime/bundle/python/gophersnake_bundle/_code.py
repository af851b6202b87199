"""Puts a native call in front of a function's own code.

The new code begins with

    result = native(parameters…)
    if result is not refused: return result

and goes on with the original code, untouched: same frame, same lines, same names. So nobody who looks at the function, at a
traceback or at the stack sees a difference, and a call that the native function refuses is a call of the original.

Opcodes change with each CPython: those of 3.8 to 3.13 are here; of a later one, functions stay as they are.
"""
import sys

_VERSION = sys.version_info[:2]
KNOWN = _VERSION <= (3, 13)
_EXTENDED_ARG = 144 if _VERSION < (3, 13) else 71


class Unknown(Exception):
    """This code is left alone; the reason is the text."""


def _emit(op, arg=0, caches=0):
    out = b""
    for shift in (24, 16, 8):
        if arg >> shift:
            out += bytes((_EXTENDED_ARG, arg >> shift & 255))
    return out + bytes((op, arg & 255)) + b"\0\0" * caches


def _loads(code, names):
    """For each parameter: is it a cell, and its index."""
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    own = code.co_varnames[:count]
    for name in names:
        if name not in own:
            raise Unknown("its parameters are others than those of the native function")
        if name in code.co_cellvars:
            # From 3.11 on a cell has its parameter's place.
            yield True, own.index(name) if _VERSION >= (3, 11) else code.co_cellvars.index(name)
        else:
            yield False, own.index(name)


if _VERSION >= (3, 11):
    if _VERSION >= (3, 13):
        _RESUME, _MAKE_CELL, _COPY_FREE_VARS = 149, 94, 62
        _LOAD_CONST, _LOAD_FAST, _LOAD_DEREF, _PUSH_NULL, _CALL, _CALL_CACHES = 83, 85, 84, 34, 53, 3
        _COPY, _IS_OP, _JUMP_IF_FALSE, _JUMP_CACHES, _RETURN, _POP = 61, 76, 97, 1, 36, 32
    else:
        _RESUME, _MAKE_CELL, _COPY_FREE_VARS = 151, 135, 149
        _LOAD_CONST, _LOAD_FAST, _LOAD_DEREF, _PUSH_NULL, _CALL = 100, 124, 137, 2, 171
        _CALL_CACHES = 4 if _VERSION == (3, 11) else 3
        _COPY, _IS_OP, _JUMP_IF_FALSE, _JUMP_CACHES, _RETURN, _POP = 120, 117, 114, 0, 83, 1

    def _start(code):
        """Where the body begins: behind RESUME."""
        for at in range(0, len(code), 2):
            if code[at] == _RESUME:
                return at + 2
            if code[at] not in (_MAKE_CELL, _COPY_FREE_VARS, _EXTENDED_ARG):
                break
        raise Unknown("its code begins in an unknown way")

    def _prologue(code, names, native, refused):
        load = _emit(_LOAD_CONST, native)
        out = load + _emit(_PUSH_NULL) if _VERSION >= (3, 13) else _emit(_PUSH_NULL) + load
        for cell, index in _loads(code, names):
            out += _emit(_LOAD_DEREF if cell else _LOAD_FAST, index)
        if _VERSION == (3, 11):
            out += _emit(166, len(names), 1)  # PRECALL
        out += _emit(_CALL, len(names), _CALL_CACHES) + _emit(_COPY, 1) + _emit(_LOAD_CONST, refused) + _emit(_IS_OP, 1)
        return out + _emit(_JUMP_IF_FALSE, 1, _JUMP_CACHES) + _emit(_RETURN) + _emit(_POP)

    def _locations(table, start, size):
        """Objects/locations.md: an entry covers 1 to 8 code units; ours say "the line as before, no columns"."""
        at = units = 0
        while units < start // 2:
            if at >= len(table):
                raise Unknown("its table of lines is unknown")
            units += (table[at] & 7) + 1
            at += 1
            while at < len(table) and table[at] < 128:
                at += 1
        if units != start // 2:
            raise Unknown("its table of lines is unknown")
        own, rest = b"", size // 2
        while rest:
            part = min(rest, 8)
            own += bytes((0x80 | 13 << 3 | part - 1, 0))
            rest -= part
        return table[:at] + own + table[at:]

    def _handlers(table, size):
        """Objects/exception_handling_notes.txt: start, length, target, depth; the first byte of an entry has the highest bit."""
        out, at, number = b"", 0, 0
        while at < len(table):
            value = table[at] & 63
            while table[at] & 64:
                at += 1
                value = value << 6 | table[at] & 63
            at += 1
            if number % 4 in (0, 2):  # start, target
                value += size // 2
            item = bytes((value & 63,))
            while value > 63:
                value >>= 6
                item = bytes((value & 63 | 64,)) + item
            out += bytes((item[0] | 128,)) + item[1:] if number % 4 == 0 else item
            number += 1
        return out

    def _insert(code, names, native, refused):
        body = code.co_code
        start = _start(body)
        own = _prologue(code, names, native, refused)
        return {
            "co_code": body[:start] + own + body[start:],
            "co_linetable": _locations(code.co_linetable, start, len(own)),
            "co_exceptiontable": _handlers(code.co_exceptiontable, len(own)),
        }

else:
    _ABSOLUTE = (111, 112, 113, 114, 115) + ((121,) if _VERSION >= (3, 9) else ())
    _RELATIVE = (93, 110, 122, 143, 154) + ((162,) if _VERSION == (3, 8) else ())
    _UNIT = 2 if _VERSION >= (3, 10) else 1  # what jumps count in

    def _prologue(code, names, native, refused):
        """Without its jump's target: that is the length, known at the end."""
        out = [(100, native)] + [(136 if cell else 124, index) for cell, index in _loads(code, names)]
        out += [(131, len(names)), (4, 0), (100, refused)]
        return out + [(107, 9) if _VERSION == (3, 8) else (117, 1)]  # is not

    def _instructions(body):
        """[place, opcode, argument, target's place or None]"""
        rows, first, arg = [], 0, 0
        for at in range(0, len(body), 2):
            op, arg = body[at], arg << 8 | body[at + 1]
            if op == _EXTENDED_ARG:
                continue
            target = None
            if op in _ABSOLUTE:
                target = arg * _UNIT
            elif op in _RELATIVE:
                target = arg * _UNIT + at + 2
            rows.append([first, op, arg, target])
            first, arg = at + 2, 0
        return rows

    def _size(arg):
        return 2 if arg < 1 << 8 else 4 if arg < 1 << 16 else 6 if arg < 1 << 24 else 8

    def _layout(rows, end, base):
        """Jumps of the original moved behind a prologue of base bytes; the map of old places to new ones."""
        for _ in range(20):  # arguments grow, and move what is behind them
            places, at = {}, base
            for row in rows:
                places[row[0]] = at
                at += _size(row[2])
            places[end] = at
            stable = True
            for row in rows:
                if row[3] is None:
                    continue
                arg = places[row[3]]
                if row[1] in _RELATIVE:
                    arg -= places[row[0]] + _size(row[2])
                arg //= _UNIT
                stable &= _size(arg) == _size(row[2])
                row[2] = arg
            if stable:
                return places
        raise Unknown("its jumps do not settle")

    def _lines(table, base, places):
        """lnotab (3.8, 3.9) counts from line to line, linetable (3.10) gives each range: here only bytes of code grow."""
        out, rest = b"", base
        while rest:
            part = min(rest, 254)
            out += bytes((part, 0))
            rest -= part
        old, new = 0, base
        for at in range(0, len(table), 2):
            old += table[at]
            place = places[old] if old in places else None
            if place is None:
                raise Unknown("its table of lines is unknown")
            step, new = place - new, place
            line = table[at + 1]
            if _VERSION >= (3, 10):
                while step > 254:  # the range goes on in the same line
                    out += bytes((254, line))
                    step, line = step - 254, line if line == 128 else 0
            else:
                while step > 254:
                    out += bytes((254, 0))
                    step -= 254
            out += bytes((step, line))
        return out

    def _insert(code, names, native, refused):
        own = _prologue(code, names, native, refused)
        body = b"".join(_emit(op, arg) for op, arg in own)
        base = len(body) + 6
        if base // _UNIT > 255:
            base += 2
        body += _emit(114, base // _UNIT - (2 // _UNIT)) + b"\x53\0" + b"\x01\0"  # POP_JUMP_IF_FALSE, RETURN_VALUE, POP_TOP
        rows = _instructions(code.co_code)
        places = _layout(rows, len(code.co_code), base)
        body += b"".join(_emit(row[1], row[2]) for row in rows)
        name = "co_linetable" if _VERSION >= (3, 10) else "co_lnotab"
        return {"co_code": body, name: _lines(getattr(code, name), base, places)}


def with_native(code, names, native, refused):
    """The code that asks the callable native first, with the values of the parameters names. Raises Unknown."""
    if code.co_flags & 0x2A0:  # generators, coroutines
        raise Unknown("it is a generator or a coroutine")
    count = len(code.co_consts)
    return code.replace(
        co_consts=code.co_consts + (native, refused),
        co_stacksize=max(code.co_stacksize, len(names) + 3),
        **_insert(code, names, count, count + 1))
