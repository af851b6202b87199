// The translator `recorded`: takes the Go of packs (agents/pack.h) for the
// functions whose proof holds for this release. A proof belongs to the bytes of
// the modules that decide what the function does (agents/pack_key.c) and to the
// bytes of the Go: it is not made again, the Go is built and vetted.
//
// The plan names the packs of its releases by digest, so that all agents of a run take the same ones.
#include <string.h>

#include "agents/kept_calls.h"
#include "agents/pack.h"
#include "agents/translate.h"
#include "core/file.h"

static const char *const row_keys[] = {"functions", "bridged"};

// ---- the pack of a release -------------------------------------------------------------------------------------------

// 1 = *out, 0 = the plan has none for it, -1.
static int find_pack(struct work *work, int package, const struct pack **out, struct error *err)
{
	const char *name = work->plan->lock.packages.items[package].name, *wanted = plan_pack(work->plan, name);
	*out = NULL;
	if (!wanted)
		return 0;
	if (!work->packs && packs_open(work->config, &work->packs, err))
		return -1;
	char digest[DIGEST_HEX_SIZE] = "";
	for (int i = 0; i < 2; i++) {
		const struct pack *pack;
		int found = packs_find(work->packs, name, &pack, err);
		if (found < 0)
			return -1;
		if (found && !strcmp(pack->digest, wanted)) {
			*out = pack;
			return 1;
		}
		memcpy(digest, found ? pack->digest : "none", found ? sizeof digest : sizeof "none");
		packs_forget(work->packs, name); // it may have been proved again since it was read
	}
	return error_set(err, ERROR_TOOL,
			 "the run was planned with another pack of %s (%.12s, here: %.12s): give all agents the same "
			 "`packs` and the same version, or start `gophersnake convert` again",
			 name, wanted, digest);
}

int recorded_has(struct work *work, int group, const char *unit, struct error *err)
{
	const struct plan_group *of = &work->plan->groups.items[group];
	for (int i = 0; i < of->member_count; i++) {
		const struct pack *pack;
		int found = find_pack(work, of->members[i], &pack, err);
		if (found < 0)
			return -1;
		if (found && json_object_get(pack->code, unit))
			return 1;
	}
	return 0;
}

void recorded_add_packs(const struct plan *plan, int group, struct digest_hasher *hasher)
{
	const struct plan_group *of = &plan->groups.items[group];
	for (int i = 0; i < of->member_count; i++) {
		const char *digest = plan_pack(plan, plan->lock.packages.items[of->members[i]].name);
		digest_add_string(hasher, digest ? digest : "");
	}
}

// ---- does a proof hold -----------------------------------------------------------------------------------------------

// NULL: it does.
static const char *mismatch(struct translation *translation, const struct pack *pack,
			    const struct translate_function *function, json_t *row, const char *code)
{
	char key[DIGEST_HEX_SIZE];
	const char *python = json_string_or(pack->json, "python", "");
	const char *minor = translation->work->plan->lock.python;
	if (strcmp(json_string_or(row, "code", ""), code) != 0)
		return "its Go was changed after it was proved, or `go_modules` names another version of what it "
		       "imports "
		       "(`gophersnake prove` proves it again)";
	if (strcmp(python, minor) != 0)
		return arena_printf(&translation->arena, "it was proved with CPython %s, and this is %s", python,
				    minor);
	pack_key(translation, function, json_object_get(row, "modules"), key);
	if (!strcmp(json_string_or(row, "key", ""), key))
		return NULL;
	cleanup_text struct text modules = TEXT_INIT;
	size_t index;
	json_t *module;
	json_array_foreach (json_object_get(row, "modules"), index, module) {
		text_addf(&modules, "%s%s", index ? ", " : "", json_string_value(module));
	}
	return arena_printf(&translation->arena, "it was proved for %s %s, and here something of %.300s%s is another",
			    json_string_or(pack->json, "name", ""), json_string_or(pack->json, "version", ""),
			    text_str(&modules), modules.len > 300 ? "…" : "");
}

static struct translate_function *function_of(struct translation *translation, json_t *row)
{
	vec_each (&translation->functions, function)
		if (!function->translator && !strcmp(function->python, json_string_or(row, "python", "")))
			return function;
	return NULL;
}

// Sets withheld or proof of all functions. How many proofs hold.
static size_t judge(struct translation *translation, const struct pack *pack, const char *code)
{
	size_t index, held = 0;
	json_t *row;
	vec_each (&translation->functions, function)
		function->withheld = "pack.json has no proof of it";
	for (size_t i = 0; i < ARRAY_LENGTH(row_keys); i++)
		json_array_foreach (json_object_get(pack->json, row_keys[i]), index, row) {
			struct translate_function *function = function_of(translation, row);
			if (!function || strcmp(json_string_or(row, "unit", ""), translation->unit) != 0)
				continue;
			function->proof = row;
			function->withheld = i ? json_string_or(row, "reason", "")
					       : mismatch(translation, pack, function, row, code);
			if (function->withheld)
				continue;
			json_object_set(translation->guards, function->go, json_object_get(row, "guards"));
			json_object_set_new(
				translation->kept, function->go,
				kept_calls_of(json_object_get(pack->calls, translation->unit), function->python));
			held++;
		}
	return held;
}

// ---- the translator --------------------------------------------------------------------------------------------------

static int write_code(json_t *files, const char *out, struct error *err)
{
	const char *name;
	json_t *text;
	json_object_foreach (files, name, text) {
		cleanup_free char *path = xasprintf("%s/%s", out, name);
		if (file_write_plain(path, json_string_value(text), json_string_length(text), err))
			return -1;
	}
	return 0;
}

static int propose(struct translation *translation, const char *out, char **reason, struct error *err)
{
	(void)reason; // a pack that does not hold is no failure: its functions say so
	const struct pack *pack;
	char code[DIGEST_HEX_SIZE];
	int found = find_pack(translation->work, translation->modules.items[0].package, &pack, err);
	json_t *files = found == 1 ? json_object_get(pack->code, translation->unit) : NULL;
	if (found < 0 || !files)
		return found < 0 ? -1 : 0;
	pack_code_digest(translation->work->plan, files, code);
	if (judge(translation, pack, code)) {
		translation->proved = true;
		return write_code(files, out, err) ? -1 : 1;
	}
	vec_each (&translation->functions, function)
		if (function->proof)
			translation_reason(translation, function, translator_recorded.name, function->withheld);
	return 0;
}

const struct translator translator_recorded = {"recorded", propose};
