// Server-sent events as the HTML standard has them: lines that end with LF, CR
// or CRLF, fields "name: value", a blank line ends an event, a byte order mark
// may come first. Bounded: a line or an event over the limit is refused.
#include "agents/translators/llm.h"

static void end_field(struct llm_sse *sse)
{
	struct slice line = text_slice(&sse->line), name = line, value = {NULL, 0};
	if (!line.len || *line.ptr == ':') // a comment: some servers keep the connection alive with them
		return;
	const char *colon = memchr(line.ptr, ':', line.len);
	if (colon) {
		name.len = (size_t)(colon - line.ptr);
		value = slice_from(line, name.len + 1);
		if (value.len && *value.ptr == ' ')
			value = slice_from(value, 1);
	}
	if (slice_is(name, "event")) {
		text_reset(&sse->name);
		text_add_slice(&sse->name, value);
	} else if (slice_is(name, "data")) {
		if (sse->has_data)
			text_add_char(&sse->data, '\n');
		text_add_slice(&sse->data, value);
		sse->has_data = true;
	}
}

static int end_line(struct llm_sse *sse, llm_event_function event, void *context)
{
	int enough = 0;
	if (sse->line.len) {
		end_field(sse);
		sse->too_large |= sse->data.len > LLM_EVENT_LIMIT;
	} else {
		if (sse->has_data)
			enough = event(context, text_slice(&sse->name), text_slice(&sse->data));
		text_reset(&sse->name);
		text_reset(&sse->data);
		sse->has_data = false;
	}
	text_reset(&sse->line);
	return enough;
}

static int add_rest(struct llm_sse *sse, struct slice piece)
{
	if (sse->line.len + piece.len > LLM_EVENT_LIMIT)
		sse->too_large = true;
	else
		text_add_slice(&sse->line, piece);
	return sse->too_large ? -1 : 0;
}

int llm_sse_feed(struct llm_sse *sse, struct slice bytes, llm_event_function event, void *context)
{
	static const char mark[] = "\xEF\xBB\xBF";
	while (bytes.len && !sse->too_large) {
		size_t length = 0;
		while (length < bytes.len && bytes.ptr[length] != '\n' && bytes.ptr[length] != '\r')
			length++;
		if (length && add_rest(sse, (struct slice){bytes.ptr, length}))
			return -1;
		sse->after_return = length ? false : sse->after_return;
		sse->read += length;
		bool ended = length < bytes.len;
		char end = ended ? bytes.ptr[length] : 0;
		bytes = slice_from(bytes, length + ended);
		if (!ended)
			break;
		if (end == '\n' && sse->after_return) { // the second half of a CRLF
			sse->after_return = false;
			continue;
		}
		sse->after_return = end == '\r';
		if (sse->read == sse->line.len && slice_starts(text_slice(&sse->line), mark)) { // the first line
			memmove(sse->line.ptr, sse->line.ptr + 3, sse->line.len - 2);
			sse->line.len -= 3;
		}
		sse->read++;
		int enough = end_line(sse, event, context);
		if (enough)
			return enough;
	}
	return sse->too_large ? -1 : 0;
}

void llm_sse_clear(struct llm_sse *sse)
{
	text_clear(&sse->line);
	text_clear(&sse->name);
	text_clear(&sse->data);
	*sse = (struct llm_sse){0};
}
