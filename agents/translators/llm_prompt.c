// What a model is told. The parts stand in the order of how often they repeat,
// so that a provider's cache can keep the beginning: the guide (the same for
// every unit), the unit's context, the request. Everything that strangers
// wrote is in blocks whose number they could not know: it is taken from their bytes.
#include <string.h>

#include "agents/translators/llm.h"
#include "agents/translators/tool.h"
#include "core/archive.h"
#include "core/asset.h"

enum { SOURCE_LIMIT = 64 * 1024 * 1024, CALLS = 12 }; // calls shown, a function
static const char folder[] = "agents/translators/prompts/";

void llm_prompt_digest(char digest[DIGEST_HEX_SIZE])
{
	struct digest_hasher *hasher = digest_new();
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (strncmp(asset.path, folder, strlen(folder)))
			continue;
		digest_add_string(hasher, asset.path);
		digest_add(hasher, asset.data.ptr, asset.data.len);
	}
	digest_final_hex(hasher, digest);
	digest_free(hasher);
}

static struct slice asset_of(const char *name)
{
	cleanup_free char *path = xasprintf("%s%s", folder, name);
	return asset_find(path);
}

// Puts values in the place of {name}.
static void fill(struct slice template, const char *const *names, const char *const *values, size_t count,
		 struct text *out)
{
	while (template.len) {
		size_t found = count, length = 0;
		for (size_t i = 0; i < count && *template.ptr == '{' && found == count; i++) {
			length = strlen(names[i]) + 2;
			if (template.len >= length && !memcmp(template.ptr + 1, names[i], length - 2) &&
			    template.ptr[length - 1] == '}')
				found = i;
		}
		if (found < count)
			text_add(out, values[found]);
		else
			text_add_char(out, *template.ptr);
		template = slice_from(template, found < count ? length : 1);
	}
}

// Requests are JSON: what is no UTF-8 (a source in Latin-1) loses its other bytes.
static void make_utf8(struct text *text)
{
	cleanup_json json_t *checked = json_stringn(text_str(text), text->len);
	for (size_t i = 0; i < text->len; i++)
		if ((!checked && (unsigned char)text->ptr[i] >= 0x80) || !text->ptr[i])
			text->ptr[i] = '?';
}

static void add_data(struct text *out, const char *word, struct slice data)
{
	char digest[DIGEST_HEX_SIZE];
	digest_hex_of(data.len ? data.ptr : "", data.len, digest);
	bool ended = data.len && data.ptr[data.len - 1] == '\n';
	text_addf(out, "<<<DATA %s %.16s\n", word, digest);
	text_add_slice(out, data);
	text_addf(out, "%sDATA %.16s>>>\n", ended ? "" : "\n", digest);
}

// ---- what strangers wrote --------------------------------------------------------------------------------------------

static int read_sources(struct translation *translation, struct llm_prompt *prompt, struct error *err)
{
	prompt->source = xcalloc(translation->modules.count, sizeof *prompt->source);
	for (size_t i = 0; i < translation->modules.count; i++) {
		const struct translate_module *module = &translation->modules.items[i];
		cleanup_json json_t *scan = scan_result(translation->work, module->package, err);
		if (!scan)
			return -1;
		cleanup_free char *wheel = store_path(translation->work->store, json_string_or(scan, "wheel", ""));
		cleanup_text struct text source = TEXT_INIT;
		int found = archive_read_member_of_file(wheel, module->file, SOURCE_LIMIT, &source, err);
		if (found != 1)
			return found ? -1 : error_set(err, ERROR_FAILED, "%s is not in the wheel", module->file);
		make_utf8(&source);
		prompt->sources += source.len;
		prompt->source[i] = text_steal(&source);
	}
	return 0;
}

static const struct translate_module *module_of(const struct translation *translation,
						const struct translate_function *function, size_t *index)
{
	const struct translate_module *best = NULL;
	for (size_t i = 0; i < translation->modules.count; i++) {
		const struct translate_module *module = &translation->modules.items[i];
		size_t length = strlen(module->name);
		bool inside = !strncmp(function->python, module->name, length) && function->python[length] == '.';
		if (inside && (!best || length > strlen(best->name))) {
			best = module;
			*index = i;
		}
	}
	return best;
}

static struct slice lines_of(const char *source, int64_t first, int64_t last)
{
	struct slice rest = slice_of(source), line, out = {NULL, 0};
	for (int64_t number = 1; number <= last && slice_cut(&rest, '\n', &line); number++) {
		if (number == first)
			out.ptr = line.ptr;
		if (out.ptr)
			out.len = (size_t)(line.ptr + line.len - out.ptr);
	}
	return out;
}

static struct slice python_of(const struct translation *translation, const struct llm_prompt *prompt,
			      const struct translate_function *function)
{
	size_t index = 0;
	if (!module_of(translation, function, &index))
		return (struct slice){NULL, 0};
	return lines_of(prompt->source[index], function->line, function->end_line);
}

size_t llm_function_size(const struct translation *translation, const struct llm_prompt *prompt,
			 const struct translate_function *function)
{
	return python_of(translation, prompt, function).len;
}

// Of a large module: what stands outside of functions and methods, since that is what they all refer to.
static void add_outline(const struct translation *translation, size_t index, const char *source, size_t limit,
			struct text *out)
{
	struct slice rest = slice_of(source), line;
	const struct translate_module *module = &translation->modules.items[index];
	size_t before = out->len;
	for (int64_t number = 1; slice_cut(&rest, '\n', &line) && out->len - before < limit; number++) {
		bool inside = false;
		vec_each (&translation->functions, function) {
			size_t of = 0;
			inside |= number > function->line && number <= function->end_line &&
				  module_of(translation, function, &of) == module;
		}
		if (!inside)
			text_addf(out, "%.*s\n", (int)line.len, line.ptr);
	}
}

static json_t *read_api(struct translation *translation, struct error *err)
{
	json_t *packages = json_deep_copy(translation->imports);
	for (size_t i = 0; i < ARRAY_LENGTH(translation_runtime); i++)
		json_array_append_new(packages, json_string(translation_runtime[i]));
	json_array_append_new(packages, json_string(translation->path));
	cleanup_json json_t *request =
		json_pack("{s:s, s:s, s:o}", "command", "api", "root", "/py", "packages", packages);
	struct sandbox_mount mount = {translation->scratch, "/py", false};
	cleanup_json json_t *answer = tool_run(translation->work, translation->tool, request, &mount, 1, err);
	return answer ? json_incref(json_object_get(answer, "api")) : NULL;
}

// ---- the parts -------------------------------------------------------------------------------------------------------

// The same for all units. Of a package for which there is no room the comment stays.
static void add_guide(struct llm_prompt *prompt, json_t *api, size_t limit)
{
	text_add_slice(&prompt->guide, asset_of("system.md"));
	text_add_char(&prompt->guide, '\n');
	text_add_slice(&prompt->guide, asset_of("porting.md"));
	for (size_t i = 0; i < ARRAY_LENGTH(translation_runtime); i++) {
		const char *text = json_string_or(api, translation_runtime[i], "");
		const char *end = strstr(text, "\n\nCONSTANTS\n"), *other = strstr(text, "\n\nVARIABLES\n"),
			   *third = strstr(text, "\n\nFUNCTIONS\n");
		end = end ? end : other ? other : third;
		bool whole = i == 0 || !end || prompt->guide.len + strlen(text) <= limit;
		text_addf(&prompt->guide, "\n# The runtime: import \"%s\", as go doc prints it%s\n\n",
			  translation_runtime[i], whole ? "" : ", the comment only");
		text_add_bytes(&prompt->guide, text, whole ? strlen(text) : (size_t)(end - text));
	}
	make_utf8(&prompt->guide);
}

static bool is_runtime(const char *path)
{
	for (size_t i = 0; i < ARRAY_LENGTH(translation_runtime); i++)
		if (!strcmp(translation_runtime[i], path))
			return true;
	return false;
}

static void add_context(struct translation *translation, struct llm_prompt *prompt, json_t *api, size_t limit)
{
	struct text *out = &prompt->context;
	text_addf(out,
		  "# The unit %s\n\nPython %s; Go package `%s`, imported as \"%s\".\n\nIts Go as it is now, without "
		  "bodies:\n\n",
		  translation->unit, translation->work->plan->lock.python, translation->package, translation->path);
	add_data(out, "go-doc", slice_of(json_string_or(api, translation->path, "")));
	prompt->whole = out->len + prompt->sources <= limit;
	for (size_t i = 0; i < translation->modules.count; i++) {
		const struct translate_module *module = &translation->modules.items[i];
		cleanup_text struct text outline = TEXT_INIT;
		if (!prompt->whole)
			add_outline(translation, i, prompt->source[i], limit / 4 / translation->modules.count,
				    &outline);
		text_addf(out, "\n## Python module %s%s\n\n", module->name,
			  prompt->whole ? "" : ", without its functions");
		add_data(out, "python", prompt->whole ? slice_of(prompt->source[i]) : text_slice(&outline));
	}
	const char *path;
	json_t *text;
	json_object_foreach (api, path, text) { // as far as there is room: what is missing may still be imported
		if (!strcmp(path, translation->path) || is_runtime(path) || out->len + json_string_length(text) > limit)
			continue;
		text_addf(out, "\n## The converted package \"%s\", as go doc prints it\n\n", path);
		add_data(out, "go-doc", slice_of(json_string_value(text)));
	}
	make_utf8(out);
}

int llm_prompt_open(struct translation *translation, int64_t limit, struct llm_prompt *out, struct error *err)
{
	*out = (struct llm_prompt){0};
	cleanup_json json_t *api = read_api(translation, err);
	out->calls = api ? translation_calls(translation, err) : NULL;
	if (!out->calls || read_sources(translation, out, err)) {
		llm_prompt_clear(translation, out);
		return -1;
	}
	add_guide(out, api, (size_t)limit / 2);
	// The rest of the prompt is for the request, an answer and what was wrong with it.
	int64_t room = limit * 3 / 4 - (int64_t)out->guide.len;
	add_context(translation, out, api, room > 0 ? (size_t)room : 0);
	return 0;
}

void llm_prompt_clear(struct translation *translation, struct llm_prompt *prompt)
{
	text_clear(&prompt->guide);
	text_clear(&prompt->context);
	for (size_t i = 0; prompt->source && i < translation->modules.count; i++)
		free(prompt->source[i]);
	free(prompt->source);
	json_decref(prompt->calls);
	*prompt = (struct llm_prompt){0};
}

static void join(json_t *names, struct text *out)
{
	size_t index;
	json_t *name;
	json_array_foreach (names, index, name) {
		text_addf(out, "%s%s", index ? ", " : "", json_string_value(name));
	}
}

void llm_prompt_request(struct translation *translation, const struct llm_prompt *prompt,
			struct translate_function *const *functions, size_t count, int call, struct text *out)
{
	cleanup_free char *number = xasprintf("%d", call);
	cleanup_text struct text list = TEXT_INIT, standard = TEXT_INIT, neutral = TEXT_INIT;
	for (size_t i = 0; i < count; i++) {
		const struct translate_function *function = functions[i];
		text_addf(&list, "- `%s`\n  is `%s`, lines %lld to %lld\n", function->signature, function->python,
			  (long long)function->line, (long long)function->end_line);
		if (!prompt->whole)
			add_data(&list, "python", python_of(translation, prompt, function));
		cleanup_text struct text calls = TEXT_INIT;
		translation_show_calls(prompt->calls, function, CALLS, &calls);
		if (calls.len) {
			text_add(&list, "  Calls of it and what CPython gave:\n");
			add_data(&list, "calls", text_slice(&calls));
		}
	}
	join(translation->standard, &standard);
	const char *path;
	json_t *package;
	json_object_foreach (translation->neutral, path, package) {
		text_addf(&neutral, "\"%s\", ", path);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(translation_runtime); i++)
		text_addf(&neutral, "%s\"%s\"", i ? ", " : "", translation_runtime[i]);
	cleanup_text struct text modules = TEXT_INIT;
	mirror_list(translation->work->plan, ", ", &modules);
	const char *const names[] = {"functions", "package", "standard", "neutral", "modules", "number"};
	const char *const values[] = {text_str(&list),
				      translation->package,
				      text_str(&standard),
				      text_str(&neutral),
				      modules.len ? text_str(&modules) : "none",
				      number};
	fill(asset_of("request.md"), names, values, ARRAY_LENGTH(names), out);
	make_utf8(out);
}

void llm_prompt_feedback(const char *problems, int call, struct text *out)
{
	cleanup_free char *number = xasprintf("%d", call);
	cleanup_text struct text data = TEXT_INIT;
	add_data(&data, "complaints", slice_of(problems));
	const char *const names[] = {"problems", "number"}, *const values[] = {text_str(&data), number};
	fill(asset_of("feedback.md"), names, values, ARRAY_LENGTH(names), out);
	make_utf8(out);
}

void llm_prompt_again(const char *problem, struct text *out)
{
	const char *const names[] = {"problem"}, *const values[] = {problem};
	fill(asset_of("again.md"), names, values, 1, out);
	make_utf8(out);
}
