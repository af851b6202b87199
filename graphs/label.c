// Labels: strict UTF-8 decoding, escapes for everything else.
#include "graphs/label.h"

// The code point at the start of text and its length in bytes; -1 when these bytes are no UTF-8 (length 1).
static int32_t decode(struct slice text, size_t *length)
{
	const unsigned char *p = (const unsigned char *)text.ptr;
	size_t wanted = p[0] < 0x80 ? 1 : p[0] >= 0xC2 && p[0] < 0xE0 ? 2 : (p[0] & 0xF0) == 0xE0 ? 3 : 0;
	if (p[0] >= 0xF0 && p[0] <= 0xF4)
		wanted = 4;
	*length = 1;
	if (!wanted || wanted > text.len)
		return -1;
	int32_t code = wanted == 1 ? p[0] : p[0] & (0x7F >> wanted);
	for (size_t i = 1; i < wanted; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return -1;
		code = code << 6 | (p[i] & 0x3F);
	}
	static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (code < least[wanted] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return -1;
	*length = wanted;
	return code;
}

static bool prints(int32_t code)
{
	return code >= 0x20 && !(code >= 0x7F && code < 0xA0) &&                             // C0, DEL, C1
	       !(code >= 0x200B && code <= 0x200F) && !(code >= 0x2028 && code <= 0x202E) && // invisible, direction
	       !(code >= 0x2060 && code <= 0x206F) && code != 0xFEFF && (code & 0xFFFE) != 0xFFFE;
}

static bool is_wide(int32_t code)
{
	return (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
	       (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
	       (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
	       (code >= 0xFFE0 && code <= 0xFFE6) || (code >= 0x1F300 && code <= 0x1FAFF) ||
	       (code >= 0x20000 && code <= 0x3FFFD);
}

void label_add(struct text *out, struct slice name)
{
	while (name.len) {
		size_t length;
		int32_t code = decode(name, &length);
		if (code == '\\')
			text_add(out, "\\\\");
		else if (code >= 0 && prints(code))
			text_add_bytes(out, name.ptr, length);
		else
			for (size_t i = 0; i < length; i++)
				text_addf(out, "\\x%02x", (unsigned char)name.ptr[i]);
		name = slice_from(name, length);
	}
}

int label_columns(struct slice label)
{
	int columns = 0;
	while (label.len) {
		size_t length;
		columns += is_wide(decode(label, &length)) ? 2 : 1;
		label = slice_from(label, length);
	}
	return columns;
}

// Bytes of the longest start of label that fits; from the other end when `end`.
static size_t fitting(struct slice label, int columns, bool end)
{
	size_t used = 0;
	while (used < label.len) {
		size_t length, at = used;
		if (end) { // one character back: over continuation bytes
			at = label.len - used - 1;
			while (at && ((unsigned char)label.ptr[at] & 0xC0) == 0x80)
				at--;
		}
		columns -= is_wide(decode(slice_from(label, at), &length)) ? 2 : 1;
		if (columns < 0)
			break;
		used = end ? label.len - at : used + length;
	}
	return used;
}

void label_add_cut(struct text *out, struct slice name, int columns)
{
	cleanup_text struct text whole = TEXT_INIT;
	label_add(&whole, name);
	struct slice label = text_slice(&whole);
	if (label_columns(label) <= columns) {
		text_add_slice(out, label);
		return;
	}
	int tail = (columns - 1) / 3;
	text_add_bytes(out, label.ptr, fitting(label, columns - 1 - tail, false));
	text_add(out, "…");
	text_add_slice(out, slice_from(label, label.len - fitting(label, tail, true)));
}

void label_add_xml(struct text *out, struct slice label)
{
	for (size_t i = 0; i < label.len; i++)
		switch (label.ptr[i]) {
		case '&': text_add(out, "&amp;"); break;
		case '<': text_add(out, "&lt;"); break;
		case '>': text_add(out, "&gt;"); break;
		case '"': text_add(out, "&quot;"); break;
		default: text_add_char(out, label.ptr[i]);
		}
}
