// A native call in front of the code of CPython 3.8 to 3.10, whose jumps have
// absolute targets in part: each is given its new place, and the table of lines follows.
#include <stdlib.h>
#include <string.h>

#include "code.h"

struct instruction {
	int32_t place, target; // in the original; target: -1 where it is no jump
	uint32_t argument;
	uint8_t op;
};
struct moved {
	struct instruction *rows;
	int32_t *places; // of each place of the original where an instruction begins, else -1; the end too
	size_t count;
	int32_t end;
};

static bool is_absolute(uint8_t op)
{
	return (op >= 111 && op <= 115) || (op == 121 && code_minor >= 9);
}

static bool is_relative(uint8_t op)
{
	return op == 93 || op == 110 || op == 122 || op == 143 || op == 154 || (op == 162 && code_minor == 8);
}

static int32_t unit(void) // what jumps count in
{
	return code_minor >= 10 ? 2 : 1;
}

static int32_t size_of(uint32_t argument)
{
	return argument < 1U << 8 ? 2 : argument < 1U << 16 ? 4 : argument < 1U << 24 ? 6 : 8;
}

static void read_instructions(const struct code_bytes *body, struct moved *out)
{
	int32_t first = 0;
	uint32_t argument = 0;
	for (int32_t at = 0; at + 1 < body->size; at += 2) {
		uint8_t op = body->data[at];
		argument = argument << 8 | body->data[at + 1];
		if (op == 144) // EXTENDED_ARG
			continue;
		struct instruction row = {first, -1, argument, op};
		if (is_absolute(op))
			row.target = (int32_t)argument * unit();
		else if (is_relative(op))
			row.target = (int32_t)argument * unit() + at + 2;
		out->rows[out->count++] = row;
		first = at + 2;
		argument = 0;
	}
}

// Jumps behind a prologue of base bytes. Arguments grow, and move what is behind them: until all is still.
static bool lay_out(struct moved *moved, int32_t base)
{
	for (int round = 0; round < 20; round++) {
		int32_t at = base;
		bool still = true;
		for (size_t i = 0; i < moved->count; i++) {
			moved->places[moved->rows[i].place] = at;
			at += size_of(moved->rows[i].argument);
		}
		moved->places[moved->end] = at;
		for (size_t i = 0; i < moved->count; i++) {
			struct instruction *row = &moved->rows[i];
			if (row->target < 0)
				continue;
			int32_t place = row->target <= moved->end ? moved->places[row->target] : -1;
			if (is_relative(row->op))
				place -= moved->places[row->place] + size_of(row->argument);
			if (place < 0)
				return false;
			uint32_t argument = (uint32_t)(place / unit());
			still = still && size_of(argument) == size_of(row->argument);
			row->argument = argument;
		}
		if (still)
			return true;
	}
	return false;
}

static bool put_pair(struct wire *out, int32_t step, uint8_t line)
{
	return code_put(out, (uint8_t[]){(uint8_t)step, line}, 2);
}

// lnotab (3.8, 3.9) counts from line to line, linetable (3.10) gives each range: here only bytes of code grow.
static bool move_lines(struct wire *out, const struct code_bytes *table, int32_t base, const struct moved *moved)
{
	int32_t old = 0, last = base;
	for (int32_t rest = base; rest;) {
		int32_t part = rest < 254 ? rest : 254;
		if (!put_pair(out, part, 0))
			return false;
		rest -= part;
	}
	for (Py_ssize_t at = 0; at + 1 < table->size; at += 2) {
		uint8_t line = table->data[at + 1];
		old += table->data[at];
		int32_t place = old <= moved->end ? moved->places[old] : -1;
		if (place < last)
			return false;
		int32_t step = place - last;
		last = place;
		for (; step > 254; step -= 254) { // 3.10: the range goes on in the same line
			if (!put_pair(out, 254, code_minor >= 10 ? line : 0))
				return false;
			if (code_minor >= 10 && line != 128)
				line = 0;
		}
		if (!put_pair(out, step, line))
			return false;
	}
	return true;
}

static bool emit_prologue(struct wire *out, const struct code_call *call, int32_t *base)
{
	bool done = code_emit(out, 100, call->native, 0); // LOAD_CONST
	for (uint32_t i = 0; done && i < call->count; i++)
		done = code_emit(out, call->loads[i].cell ? 136 : 124, call->loads[i].index,
				 0); // LOAD_DEREF, LOAD_FAST
	// CALL_FUNCTION, DUP_TOP, LOAD_CONST, then "is not": COMPARE_OP in 3.8, IS_OP later
	done = done && code_emit(out, 131, call->count, 0) && code_emit(out, 4, 0, 0) &&
	       code_emit(out, 100, call->native + 1, 0) &&
	       (code_minor == 8 ? code_emit(out, 107, 9, 0) : code_emit(out, 117, 1, 0));
	*base = (int32_t)out->length + 6;
	if (*base / unit() > 255)
		*base += 2;
	// POP_JUMP_IF_FALSE to POP_TOP, RETURN_VALUE, POP_TOP
	return done && code_emit(out, 114, (uint32_t)(*base / unit() - 2 / unit()), 0) && code_emit(out, 83, 0, 0) &&
	       code_emit(out, 1, 0, 0) && (int32_t)out->length == *base;
}

static const char *insert(const struct code_bytes *body, const struct code_bytes *lines, const struct code_call *call,
			  struct moved *moved, struct code_parts *out)
{
	int32_t base;
	read_instructions(body, moved);
	if (!emit_prologue(&out->body, call, &base))
		return "it has too many parameters";
	if (!lay_out(moved, base))
		return "its jumps do not settle";
	for (size_t i = 0; i < moved->count; i++)
		if (!code_emit(&out->body, moved->rows[i].op, moved->rows[i].argument, 0))
			return "no memory for it";
	return move_lines(&out->lines, lines, base, moved) ? NULL : "its table of lines is unknown";
}

const char *code_insert_and_move(PyObject *code, const struct code_call *call, struct code_parts *out)
{
	struct code_bytes body = {0}, lines = {0};
	struct moved moved = {0};
	const char *reason = "its code cannot be read";
	if (code_bytes(code, NAME_CO_CODE, &body) && body.size < 1 << 28 &&
	    code_bytes(code, code_minor >= 10 ? NAME_CO_LINETABLE : NAME_CO_LNOTAB, &lines)) {
		moved.end = (int32_t)body.size;
		moved.rows = malloc(((size_t)body.size / 2 + 1) * sizeof *moved.rows);
		moved.places = malloc(((size_t)body.size + 1) * sizeof *moved.places);
		if (moved.rows && moved.places) {
			memset(moved.places, 0xff, ((size_t)body.size + 1) * sizeof *moved.places);
			reason = insert(&body, &lines, call, &moved, out);
		} else {
			reason = "no memory for it";
		}
	}
	free(moved.rows);
	free(moved.places);
	code_bytes_clear(&body);
	code_bytes_clear(&lines);
	return reason;
}
