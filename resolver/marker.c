// PEP 508 markers. Parsing keeps a stack of open groups (at most MARKER_MAX_DEPTH), drops parentheses that packaging
// would not print, and leaves the tokens in infix order; evaluation walks them with the same kind of stack.
#include "resolver/marker.h"

#include "core/vec.h"
#include "resolver/name.h"
#include "resolver/specifier.h"

enum token_kind { TOKEN_OPEN, TOKEN_CLOSE, TOKEN_AND, TOKEN_OR, TOKEN_COMPARE };

struct operand {
	bool is_variable;
	const char *text; // the variable's name or the literal
};

struct marker_token {
	enum token_kind kind;
	struct operand left, right;
	const char *comparison;
};

enum { MAX_TOKENS = 16384 };

struct parser {
	struct arena *arena;
	struct slice text;
	size_t at;
	struct error *err;
	VEC(struct marker_token) tokens;
};

static int fail(struct parser *p, const char *expected)
{
	size_t left = p->text.len - p->at;
	return error_set(p->err, ERROR_INPUT, "invalid marker: expected %s at byte %zu, found \"%.*s\"", expected,
			 p->at, left > 40 ? 40 : (int)left, left ? p->text.ptr + p->at : "");
}

static void skip_space(struct parser *p)
{
	while (p->at < p->text.len && (p->text.ptr[p->at] == ' ' || p->text.ptr[p->at] == '\t'))
		p->at++;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

// \bword\b at the cursor.
static bool word_is(struct parser *p, const char *word)
{
	size_t length = strlen(word);
	if (p->text.len - p->at < length || memcmp(p->text.ptr + p->at, word, length) != 0)
		return false;
	if (p->at && is_word(p->text.ptr[p->at - 1]))
		return false;
	return p->at + length == p->text.len || !is_word(p->text.ptr[p->at + length]);
}

static bool word_read(struct parser *p, const char *word)
{
	if (!word_is(p, word))
		return false;
	p->at += strlen(word);
	return true;
}

static bool symbol_read(struct parser *p, char symbol)
{
	if (p->at == p->text.len || p->text.ptr[p->at] != symbol)
		return false;
	p->at++;
	return true;
}

static void add_utf8(struct text *out, uint32_t c)
{
	if (c < 0x80) {
		text_add_char(out, (char)c);
	} else if (c < 0x800) {
		text_add_char(out, (char)(0xc0 | c >> 6));
		text_add_char(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		text_add_char(out, (char)(0xe0 | c >> 12));
		text_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		text_add_char(out, (char)(0x80 | (c & 0x3f)));
	} else {
		text_add_char(out, (char)(0xf0 | c >> 18));
		text_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
		text_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		text_add_char(out, (char)(0x80 | (c & 0x3f)));
	}
}

static int digit_value(char c, int base)
{
	int value = c >= '0' && c <= '9'   ? c - '0'
		    : c >= 'a' && c <= 'f' ? c - 'a' + 10
		    : c >= 'A' && c <= 'F' ? c - 'A' + 10
					   : 99;
	return value < base ? value : -1;
}

// One escape of a Python string literal, after the backslash; false when Python refuses it.
static bool escape_read(struct slice body, size_t *at, struct text *out)
{
	static const char simple[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";
	if (*at == body.len)
		return false;
	char c = body.ptr[(*at)++];
	for (size_t i = 0; i + 1 < sizeof simple; i += 2)
		if (simple[i] == c) {
			text_add_char(out, simple[i + 1]);
			return true;
		}
	int base = 16, least, most;
	switch (c) {
	case 'x': least = most = 2; break;
	case 'u': least = most = 4; break;
	case 'U': least = most = 8; break;
	case 'N': return false; // named characters have no place in a marker
	default:
		if (digit_value(c, 8) < 0) {
			text_add_char(out, '\\'); // Python keeps unknown escapes
			text_add_char(out, c);
			return true;
		}
		(*at)--;
		base = 8;
		least = 1;
		most = 3;
	}
	uint32_t value = 0;
	int count = 0;
	for (; count < most && *at < body.len && digit_value(body.ptr[*at], base) >= 0; count++)
		value = value * (uint32_t)base + (uint32_t)digit_value(body.ptr[(*at)++], base);
	if (count < least || !value || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return false;
	add_utf8(out, value);
	return true;
}

static int literal_read(struct parser *p, struct operand *out)
{
	char quote = p->text.ptr[p->at];
	const char *start = p->text.ptr + p->at + 1;
	const char *end = memchr(start, quote, p->text.len - p->at - 1);
	if (!end)
		return fail(p, "a closing quote");
	struct slice body = {start, (size_t)(end - start)};
	cleanup_text struct text value = TEXT_INIT;
	for (size_t i = 0; i < body.len;) {
		char c = body.ptr[i++];
		if (c == '\n' || c == '\r' || c == '\0' || (c == '\\' && !escape_read(body, &i, &value)))
			return fail(p, "a valid string literal");
		if (c != '\\')
			text_add_char(&value, c);
	}
	if (strchr(text_str(&value), '"') && strchr(text_str(&value), '\''))
		return fail(p, "a string without both kinds of quotes");
	p->at += body.len + 2;
	*out = (struct operand){false, arena_strdup(p->arena, text_str(&value))};
	return 0;
}

static int operand_read(struct parser *p, struct operand *out)
{
	static const char *const variables[][2] = {
		{"python_version", "python_version"},
		{"python_full_version", "python_full_version"},
		{"os_name", "os_name"},
		{"os.name", "os_name"},
		{"sys_platform", "sys_platform"},
		{"sys.platform", "sys_platform"},
		{"platform_release", "platform_release"},
		{"platform_system", "platform_system"},
		{"platform_version", "platform_version"},
		{"platform.version", "platform_version"},
		{"platform_machine", "platform_machine"},
		{"platform.machine", "platform_machine"},
		{"platform_python_implementation", "platform_python_implementation"},
		{"platform.python_implementation", "platform_python_implementation"},
		{"python_implementation", "platform_python_implementation"},
		{"implementation_name", "implementation_name"},
		{"implementation_version", "implementation_version"},
		{"extras", "extras"},
		{"extra", "extra"},
		{"dependency_groups", "dependency_groups"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
		if (word_read(p, variables[i][0])) {
			*out = (struct operand){true, variables[i][1]};
			return 0;
		}
	if (p->at < p->text.len && (p->text.ptr[p->at] == '"' || p->text.ptr[p->at] == '\''))
		return literal_read(p, out);
	return fail(p, "a marker variable or a quoted string");
}

static int operator_read(struct parser *p, const char **out)
{
	static const char *const symbols[] = {"===", "==", "~=", "!=", "<=", ">=", "<", ">"};
	if (word_read(p, "in")) {
		*out = "in";
		return 0;
	}
	if (word_read(p, "not")) {
		size_t before = p->at;
		skip_space(p);
		if (p->at == before || !word_read(p, "in"))
			return fail(p, "\"in\" after \"not\"");
		*out = "not in";
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(symbols); i++) {
		size_t length = strlen(symbols[i]);
		if (p->text.len - p->at >= length && !memcmp(p->text.ptr + p->at, symbols[i], length)) {
			p->at += length;
			*out = symbols[i];
			return 0;
		}
	}
	return fail(p, "an operator (<=, <, !=, ==, >=, >, ~=, ===, in, not in)");
}

static bool is_set_variable(const char *name)
{
	return !strcmp(name, "extras") || !strcmp(name, "dependency_groups");
}

static int comparison_read(struct parser *p, struct marker_token *out)
{
	*out = (struct marker_token){.kind = TOKEN_COMPARE};
	if (operand_read(p, &out->left))
		return -1;
	skip_space(p);
	if (operator_read(p, &out->comparison))
		return -1;
	skip_space(p);
	if (operand_read(p, &out->right))
		return -1;
	struct operand *l = &out->left, *r = &out->right;
	if (l->is_variable && !strcmp(l->text, "extra") && !r->is_variable)
		r->text = name_normalise(p->arena, slice_of(r->text));
	else if (r->is_variable && !l->is_variable && (!strcmp(r->text, "extra") || is_set_variable(r->text)))
		l->text = name_normalise(p->arena, slice_of(l->text));
	return 0;
}

static int push(struct parser *p, struct marker_token token)
{
	if (p->tokens.count == MAX_TOKENS)
		return error_set(p->err, ERROR_INPUT, "invalid marker: more than %d terms", MAX_TOKENS);
	vec_push(&p->tokens, token);
	return 0;
}

static int tokens_read(struct parser *p)
{
	struct {
		size_t open;  // index of its TOKEN_OPEN
		int elements; // at this level
	} groups[MARKER_MAX_DEPTH + 1] = {{0, 0}};
	int depth = 0;
	for (;;) {
		skip_space(p);
		if (symbol_read(p, '(')) {
			if (depth == MARKER_MAX_DEPTH)
				return error_set(p->err, ERROR_INPUT, "invalid marker: more than %d nested parentheses",
						 MARKER_MAX_DEPTH);
			groups[depth].elements++;
			groups[++depth].open = p->tokens.count;
			groups[depth].elements = 0;
			if (push(p, (struct marker_token){.kind = TOKEN_OPEN}))
				return -1;
			continue;
		}
		struct marker_token token;
		if (comparison_read(p, &token) || push(p, token))
			return -1;
		groups[depth].elements++;
		for (skip_space(p); depth && symbol_read(p, ')'); skip_space(p)) {
			size_t open = groups[depth].open;
			if (groups[depth--].elements > 1) {
				if (push(p, (struct marker_token){.kind = TOKEN_CLOSE}))
					return -1;
				continue;
			}
			memmove(&p->tokens.items[open], &p->tokens.items[open + 1],
				(p->tokens.count - open - 1) * sizeof *p->tokens.items);
			p->tokens.count--;
		}
		enum token_kind kind;
		if (word_read(p, "and"))
			kind = TOKEN_AND;
		else if (word_read(p, "or"))
			kind = TOKEN_OR;
		else
			break;
		if (push(p, (struct marker_token){.kind = kind}))
			return -1;
	}
	if (depth)
		return fail(p, "a closing parenthesis");
	if (p->at != p->text.len)
		return fail(p, "\"and\", \"or\" or the end");
	if (groups[0].elements == 1 && p->tokens.items[0].kind == TOKEN_OPEN) { // one group is the whole marker
		memmove(&p->tokens.items[0], &p->tokens.items[1], (p->tokens.count - 2) * sizeof *p->tokens.items);
		p->tokens.count -= 2;
	}
	return 0;
}

int marker_parse(struct arena *arena, struct slice text, struct marker *out, struct error *err)
{
	if (text.len > MARKER_MAX_BYTES)
		return error_set(err, ERROR_INPUT, "invalid marker: %zu bytes, longer than %d", text.len,
				 MARKER_MAX_BYTES);
	struct parser p = {.arena = arena, .text = text, .err = err};
	int result = tokens_read(&p);
	if (!result) {
		struct marker_token *tokens = arena_array(arena, p.tokens.count, sizeof *tokens);
		memcpy(tokens, p.tokens.items, p.tokens.count * sizeof *tokens);
		*out = (struct marker){tokens, p.tokens.count};
	}
	vec_clear(&p.tokens);
	return result;
}

static void operand_format(const struct operand *operand, struct text *out)
{
	if (operand->is_variable) {
		text_add(out, operand->text);
		return;
	}
	char quote = strchr(operand->text, '"') ? '\'' : '"';
	text_add_char(out, quote);
	text_add(out, operand->text);
	text_add_char(out, quote);
}

void marker_format(const struct marker *marker, struct text *out)
{
	for (size_t i = 0; i < marker->count; i++) {
		const struct marker_token *token = &marker->tokens[i];
		switch (token->kind) {
		case TOKEN_OPEN: text_add_char(out, '('); break;
		case TOKEN_CLOSE: text_add_char(out, ')'); break;
		case TOKEN_AND: text_add(out, " and "); break;
		case TOKEN_OR: text_add(out, " or "); break;
		case TOKEN_COMPARE:
			operand_format(&token->left, out);
			text_addf(out, " %s ", token->comparison);
			operand_format(&token->right, out);
			break;
		}
	}
}

char *marker_string(struct arena *arena, const struct marker *marker)
{
	cleanup_text struct text text = TEXT_INIT;
	marker_format(marker, &text);
	return arena_strdup(arena, text_str(&text));
}

bool marker_mentions_extra(const struct marker *marker)
{
	for (size_t i = 0; i < marker->count; i++) {
		const struct marker_token *token = &marker->tokens[i];
		if (token->kind == TOKEN_COMPARE && ((token->left.is_variable && !strcmp(token->left.text, "extra")) ||
						     (token->right.is_variable && !strcmp(token->right.text, "extra"))))
			return true;
	}
	return false;
}

static bool needs_version(const char *variable)
{
	return !strcmp(variable, "python_version") || !strcmp(variable, "python_full_version") ||
	       !strcmp(variable, "implementation_version") || !strcmp(variable, "platform_release");
}

// The left value against "operator right" as a specifier; 0 = compared, 1 = not a specifier.
static int compare_versions(struct arena *arena, const char *left, const char *comparison, const char *right, bool *out)
{
	struct error ignored = ERROR_INIT; // what is no specifier is compared as text
	struct specifier_clause clause;
	char *text = arena_printf(arena, "%s%s", comparison, right);
	if (specifier_clause_parse(arena, slice_of(text), &clause, &ignored))
		return 1;
	struct version version;
	bool parsed = version_parse(arena, slice_of(left), &version, &ignored) == 0;
	*out = specifier_clause_contains_text(&clause, parsed ? &version : NULL, slice_of(left));
	return 0;
}

static int compare_text(const char *left, const char *comparison, const char *right, bool *out, struct error *err)
{
	if (!strcmp(comparison, "in"))
		*out = strstr(right, left) != NULL;
	else if (!strcmp(comparison, "not in"))
		*out = strstr(right, left) == NULL;
	else if (!strcmp(comparison, "==") || !strcmp(comparison, "<=") || !strcmp(comparison, ">="))
		*out = !strcmp(left, right);
	else if (!strcmp(comparison, "!="))
		*out = strcmp(left, right) != 0;
	else if (!strcmp(comparison, "<") || !strcmp(comparison, ">"))
		*out = false;
	else
		return error_set(err, ERROR_INPUT, "marker: undefined comparison \"%s\" %s \"%s\"", left, comparison,
				 right);
	return 0;
}

static int compare(struct arena *arena, const struct marker_token *token, const struct marker_environment *environment,
		   const char *extra, bool *out, struct error *err)
{
	bool left_is_key = token->left.is_variable;
	const char *key = left_is_key ? token->left.text : token->right.text;
	bool is_extra = !strcmp(key, "extra");
	const char *value = NULL;
	if (is_extra)
		value = name_normalise(arena, slice_of(extra ? extra : ""));
	else if (left_is_key || token->right.is_variable)
		value = environment->lookup(environment->context, key);
	if (!value)
		return error_set(err, ERROR_INPUT, "marker: no value for \"%s\"", key);
	size_t length = strlen(value);
	if (!strcmp(key, "python_full_version") && length && value[length - 1] == '+')
		value = arena_printf(arena, "%slocal", value); // an untagged build of Python
	const char *left = left_is_key ? value : token->left.text;
	const char *right = left_is_key ? token->right.text : value;
	if (is_set_variable(key)) {
		left = name_normalise(arena, slice_of(left));
		right = name_normalise(arena, slice_of(right));
	}
	if (needs_version(key) && !compare_versions(arena, left, token->comparison, right, out))
		return 0;
	return compare_text(left, token->comparison, right, out, err);
}

int marker_evaluate(const struct marker *marker, const struct marker_environment *environment, const char *extra,
		    bool *out, struct error *err)
{
	struct {
		bool any; // a finished "and" chain was true
		bool all; // the present chain so far
	} stack[MARKER_MAX_DEPTH + 1] = {{false, true}};
	int depth = 0;
	cleanup_arena struct arena arena = ARENA_INIT;
	for (size_t i = 0; i < marker->count; i++) {
		const struct marker_token *token = &marker->tokens[i];
		bool value;
		switch (token->kind) {
		case TOKEN_AND: break;
		case TOKEN_OR:
			stack[depth].any = stack[depth].any || stack[depth].all;
			stack[depth].all = true;
			break;
		case TOKEN_OPEN:
			depth++;
			stack[depth].any = false;
			stack[depth].all = true;
			break;
		case TOKEN_CLOSE:
			value = stack[depth].any || stack[depth].all;
			depth--;
			stack[depth].all = stack[depth].all && value;
			break;
		case TOKEN_COMPARE:
			if (compare(&arena, token, environment, extra, &value, err))
				return -1;
			stack[depth].all = stack[depth].all && value;
			break;
		}
	}
	*out = stack[0].any || stack[0].all;
	return 0;
}

int marker_evaluate_extras(const struct marker *marker, const struct marker_environment *environment,
			   const char *const *extras, bool *out, const char **for_extra, struct error *err)
{
	bool value;
	if (marker_evaluate(marker, environment, "", &value, err))
		return -1;
	const char *found = value ? "" : NULL;
	for (size_t i = 0; !found && extras && extras[i] && marker_mentions_extra(marker); i++) {
		if (marker_evaluate(marker, environment, extras[i], &value, err))
			return -1;
		if (value)
			found = extras[i];
	}
	*out = found != NULL;
	if (for_extra)
		*for_extra = found;
	return 0;
}
