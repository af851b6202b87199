#include "agents/wheel/pays.h"

#include "core/text.h"

char *wheel_python_is_faster(json_t *speed)
{
	int64_t cpython = json_integer_or(speed, "cpython_ns", 0), go = json_integer_or(speed, "go_ns", 0);
	if (cpython <= 0 || go <= 0)
		return xstrdup("nobody measured that it is faster in Go (`gophersnake prove` does)");
	if (cpython > go + WHEEL_BORDER_NS)
		return NULL;
	return xasprintf("CPython takes %lld ns a call, Go %lld ns and about %d ns for the way there and back",
			 (long long)cpython, (long long)go, WHEEL_BORDER_NS);
}

char *wheel_names_without(const char *names, const char *module, json_t *slow)
{
	struct slice rest = slice_of(names), name;
	struct text kept = TEXT_INIT;
	while (slice_cut(&rest, ' ', &name)) {
		cleanup_free char *dotted = xasprintf("%s.%.*s", module, (int)name.len, name.ptr);
		if (!name.len || json_object_get(slow, dotted))
			continue;
		if (kept.len)
			text_add_char(&kept, ' ');
		text_add_slice(&kept, name);
	}
	return text_steal(&kept);
}
