#include "agents/wheel/pays.h"

#include "core/text.h"

static bool clearly(int64_t cpython, int64_t bundle)
{
	return cpython > 0 && bundle > 0 && cpython * 100 >= bundle * WHEEL_PAYS_PERCENT;
}

char *wheel_python_is_faster(json_t *border)
{
	const char *reason = json_string_or(border, "reason", NULL);
	int64_t cpython = json_integer_or(border, "cpython_ns", 0), bundle = json_integer_or(border, "bundle_ns", 0),
		all_cpython = json_integer_or(border, "cpython_all_ns", 0),
		all_bundle = json_integer_or(border, "bundle_all_ns", 0), calls = json_integer_or(border, "calls", 0);
	if (!border || reason)
		return xasprintf("it was not timed inside CPython%s%s", reason ? ": " : "", reason ? reason : "");
	if (!clearly(cpython, bundle))
		return xasprintf(
			"less than twice as fast inside CPython: a call takes %lld ns, through the border to Go "
			"%lld ns (%lld recorded calls)",
			(long long)cpython, (long long)bundle, (long long)calls);
	if (!clearly(all_cpython, all_bundle))
		return xasprintf(
			"less than twice as fast inside CPython: %lld recorded calls take %lld ns, through the "
			"border to Go %lld ns",
			(long long)calls, (long long)all_cpython, (long long)all_bundle);
	return NULL;
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
