// The visible calls of a unit's functions, when its release was recorded:
// what a translator may learn from. Held-out ones never come here.
#include <string.h>

#include "agents/prove.h"
#include "agents/record.h"
#include "agents/translate.h"

// "sqlparse.utils:remove_quotes" → "sqlparse.utils.remove_quotes"
static char *dotted(const char *f)
{
	char *name = xstrdup(f), *colon = strchr(name, ':');
	if (colon)
		*colon = '.';
	return name;
}

static void add_calls(const struct translation *translation, json_t *document, json_t *out)
{
	size_t index;
	json_t *call;
	json_array_foreach (json_object_get(document, "calls"), index, call) {
		cleanup_free char *name = dotted(json_string_or(call, "f", ""));
		bool own = false;
		vec_each (&translation->functions, function)
			own |= !strcmp(function->python, name);
		if (own)
			json_array_append(out, call);
	}
}

json_t *translation_calls(const struct translation *translation, struct error *err)
{
	struct work *work = translation->work;
	const struct plan_group *group = &work->plan->groups.items[translation->group];
	cleanup_json json_t *calls = json_array();
	for (int i = 0; i < group->member_count; i++) {
		char digest[DIGEST_HEX_SIZE];
		int found = record_known(work, group->members[i], digest, err);
		cleanup_json json_t *visible = found == 1 ? record_visible(work, group->members[i], err) : NULL;
		if (found < 0 || (found && !visible))
			return NULL;
		if (found)
			add_calls(translation, visible, calls);
	}
	return json_incref(calls);
}

void translation_show_calls(json_t *calls, const struct translate_function *function, size_t most, struct text *out)
{
	size_t index, shown = 0;
	json_t *call;
	json_array_foreach (calls, index, call) {
		cleanup_free char *name = dotted(json_string_or(call, "f", ""));
		if (shown == most || strcmp(function->python, name) != 0)
			continue;
		prove_show_call(call, out);
		text_add(out, "  ");
		prove_show_outcome(call, out);
		text_add_char(out, '\n');
		shown++;
	}
}
