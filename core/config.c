// Settings from the defaults, a YAML file and the environment, in this order.
// libcyaml reads the file as texts and lists of texts against a schema made
// from the table of settings; config_setting.c gives the texts their meaning,
// the same for the file, the environment and the flags.
#include "core/config.h"

#include <ctype.h>
#include <cyaml/cyaml.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "core/config_setting.h"
#include "core/file.h"

enum {
	FILE_LIMIT = 1 << 20,          // bytes
	ITEM_LIMIT = 10000,            // of a list
	SETTING_LIMIT = 64,            // rows of the table, at most
	FAULT_SEARCH_LIMIT = 64 << 10, // bytes
};

// ---- the file through libcyaml ---------------------------------------------------------------------------------------

// What libcyaml fills: by the row of the table, a text or a list. NULL = not in the file.
struct loaded {
	char *texts[SETTING_LIMIT];
	char **lists[SETTING_LIMIT];
	uint32_t counts[SETTING_LIMIT];
};

struct schema {
	cyaml_schema_value_t item;
	cyaml_schema_field_t fields[SETTING_LIMIT + 1]; // ends with a NULL key
	cyaml_schema_value_t top;
};

_Static_assert(sizeof(void *) == sizeof(char *), "texts and lists are both pointers");

static void make_schema(struct schema *schema)
{
	*schema = (struct schema){
		.item = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, FILE_LIMIT)},
		.top = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct loaded, schema->fields)},
	};
	for (uint32_t i = 0; i < config_setting_count && i < SETTING_LIMIT; i++) {
		cyaml_schema_field_t *field = &schema->fields[i];
		field->key = config_settings[i].key;
		if (config_settings[i].type == SETTING_LIST) {
			field->data_offset = (uint32_t)offsetof(struct loaded, lists) + i * (uint32_t)sizeof(char **);
			field->count_offset =
				(uint32_t)offsetof(struct loaded, counts) + i * (uint32_t)sizeof(uint32_t);
			field->count_size = sizeof(uint32_t);
			field->value = (cyaml_schema_value_t){CYAML_VALUE_SEQUENCE(
				CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, char *, &schema->item, 0, ITEM_LIMIT)};
		} else {
			field->data_offset = (uint32_t)offsetof(struct loaded, texts) + i * (uint32_t)sizeof(char *);
			field->value = (cyaml_schema_value_t){CYAML_VALUE_STRING(
				CYAML_FLAG_POINTER_NULL_STR | CYAML_FLAG_OPTIONAL, char, 0, FILE_LIMIT)};
		}
	}
}

// libcyaml says what is wrong, and where, only in its log.
static void keep_log(cyaml_log_t level, void *context, const char *format, va_list args)
{
	(void)level;
	struct text *log = context;
	char line[512];
	vsnprintf(line, sizeof line, format, args);
	if (log->len < 8192)
		text_add(log, line);
}

// The line after `after` on which a key of the top mapping stands; 0 = not found (a file in flow style).
static unsigned line_of_key(struct slice data, const char *key, unsigned after)
{
	struct slice line;
	size_t length = strlen(key);
	for (unsigned number = 1; slice_cut(&data, '\n', &line); number++) {
		struct slice text = slice_trim(line);
		bool quoted = text.len && (*text.ptr == '"' || *text.ptr == '\'');
		text = slice_from(text, quoted);
		if (number <= after || !length || !slice_starts(text, key))
			continue;
		text = slice_trim(slice_from(text, length + (quoted && text.len > length)));
		if (slice_starts(text, ":"))
			return number;
	}
	return 0;
}

static char *place(const char *file, struct slice data, const char *key)
{
	unsigned line = line_of_key(data, key, 0);
	return line ? xasprintf("%s: line %u: key \"%s\"", file, line, key) : xasprintf("%s: key \"%s\"", file, key);
}

static cyaml_err_t load(struct slice data, struct text *log, struct loaded **out)
{
	struct schema schema;
	make_schema(&schema);
	cyaml_config_t how = {.log_fn = log ? keep_log : NULL,
			      .log_ctx = log,
			      .mem_fn = cyaml_mem,
			      .log_level = CYAML_LOG_WARNING,
			      .flags = CYAML_CFG_NO_ALIAS};
	*out = NULL;
	return cyaml_load_data((const uint8_t *)(data.ptr ? data.ptr : ""), data.len, &how, &schema.top,
			       (cyaml_data_t **)out, NULL);
}

static void unload(struct loaded *loaded)
{
	struct schema schema;
	make_schema(&schema);
	cyaml_config_t how = {.mem_fn = cyaml_mem};
	cyaml_free(&how, &schema.top, loaded, 0);
}

// libcyaml does not pass on where libyaml stumbled: it is the line after the longest beginning of the file that
// is well-formed, so an open bracket is found where it opens. 0 = not looked for in such a large file.
static unsigned line_of_fault(struct slice data)
{
	unsigned number = 1, good = 0;
	struct slice rest = data, line;
	if (data.len > FAULT_SEARCH_LIMIT)
		return 0;
	for (; slice_cut(&rest, '\n', &line); number++) {
		struct loaded *loaded;
		cyaml_err_t code =
			load((struct slice){data.ptr, (size_t)(line.ptr + line.len - data.ptr)}, NULL, &loaded);
		if (!code)
			unload(loaded);
		if (code != CYAML_ERR_LIBYAML_PARSER)
			good = number;
	}
	return good + 1 < number ? good + 1 : number - 1;
}

static void list_keys(struct text *out)
{
	for (size_t i = 0; i < config_setting_count; i++)
		text_addf(out, "%s%s", i ? ", " : "", config_settings[i].key);
}

static int unknown_key(const char *where, const char *key, struct error *err)
{
	cleanup_text struct text keys = TEXT_INIT;
	list_keys(&keys);
	return error_set(err, ERROR_CONFIG, "%s: there is no such key; the keys are %s", where[0] ? where : key,
			 text_str(&keys));
}

// Text between two marks of libcyaml's log; NULL when it is not there.
static char *between(const char *log, const char *begin, const char *end)
{
	const char *from = strstr(log, begin);
	if (!from)
		return NULL;
	from += strlen(begin);
	const char *to = strstr(from, end);
	return to ? xstrndup(from, (size_t)(to - from)) : xstrdup(from);
}

static int not_yaml(const char *file, struct slice data, struct error *err)
{
	unsigned line = line_of_fault(data);
	cleanup_free char *at = line ? xasprintf(" line %u:", line) : xstrdup("");
	return error_set(err, ERROR_CONFIG,
			 "%s:%s not well-formed YAML (an open quote or bracket, a tab, another indentation?)", file,
			 at);
}

static int explain(const char *file, struct slice data, const char *log, cyaml_err_t code, struct error *err)
{
	cleanup_free char *unknown = between(log, "Unexpected key: ", "\n");
	cleanup_free char *twice = between(log, "already seen: ", "\n");
	cleanup_free char *key = between(log, "in mapping field '", "'");
	cleanup_free char *line = between(log, "(line: ", ",");
	cleanup_free char *where = place(file, data, unknown ? unknown : key ? key : "");
	const struct setting *setting = key ? config_setting_find(key) : NULL;
	if (unknown)
		return unknown_key(where, unknown, err);
	if (twice)
		return error_set(err, ERROR_CONFIG, "%s: it is there twice (again on line %u)", where,
				 line_of_key(data, twice, line_of_key(data, twice, 0)));
	if (code == CYAML_ERR_ALIAS)
		return error_set(err, ERROR_CONFIG, "%s: line %s: aliases (*name) are not taken here", file,
				 line ? line : "?");
	if (code == CYAML_ERR_LIBYAML_PARSER)
		return not_yaml(file, data, err);
	if (setting && strstr(log, "Expecting"))
		return error_set(err, ERROR_CONFIG, "%s: expected %s", where,
				 setting->type == SETTING_LIST ? "a list of texts, such as [a, b]"
							       : "one value, not a list or mapping");
	if (strstr(log, "Expecting MAPPING"))
		return error_set(err, ERROR_CONFIG, "%s: line 1: expected a mapping (key: value, a line each)", file);
	if (strstr(log, "Ignoring documents"))
		return error_set(err, ERROR_CONFIG, "%s: more than one YAML document (---) in it", file);
	struct slice first = slice_of(log);
	slice_cut(&first, '\n', &first);
	return error_set(err, ERROR_CONFIG, "%s: %s (%.*s)", setting ? where : file, cyaml_strerror(code),
			 (int)first.len, first.ptr);
}

static int apply_loaded(struct config *config, const char *file, struct slice data, const struct loaded *loaded,
			struct error *err)
{
	for (size_t i = 0; i < config_setting_count; i++) {
		const struct setting *setting = &config_settings[i];
		if (!loaded->texts[i] && !loaded->lists[i])
			continue;
		cleanup_free char *where = place(file, data, setting->key);
		if (setting->type == SETTING_LIST
			    ? config_setting_set_list(config, setting, loaded->lists[i], loaded->counts[i], where, err)
			    : config_setting_set(config, setting, loaded->texts[i], where, err))
			return -1;
	}
	return 0;
}

static int apply_file(struct config *config, const char *file, struct error *err)
{
	cleanup_text struct text data = TEXT_INIT;
	cleanup_text struct text log = TEXT_INIT;
	struct loaded *loaded;
	if (file_read(file, FILE_LIMIT, &data, err)) {
		if (err)
			err->code = ERROR_CONFIG;
		return -1;
	}
	if (memchr(text_str(&data), 0, data.len))
		return error_set(err, ERROR_CONFIG, "%s: a NUL byte in it: not a YAML file", file);
	cyaml_err_t code = load(text_slice(&data), &log, &loaded);
	int status = 0;
	if (code || log.len)
		status = explain(file, text_slice(&data), text_str(&log), code, err);
	else if (loaded)
		status = apply_loaded(config, file, text_slice(&data), loaded, err);
	if (!code)
		unload(loaded);
	return status;
}

// ---- defaults and the environment ------------------------------------------------------------------------------------

static char *default_cache(void)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	if (xdg && *xdg == '/') // relative ones are to be ignored (XDG base directory specification)
		return xasprintf("%s/gophersnake", xdg);
	struct passwd entry, *found = NULL;
	char buffer[4096];
	if ((!home || !*home) && !getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found) && found)
		home = found->pw_dir;
	return home && *home ? xasprintf("%s/.cache/gophersnake", home) : xstrdup(".gophersnake/cache");
}

static int apply_defaults(struct config *config, struct error *err)
{
	config->cache_dir = default_cache();
	for (size_t i = 0; i < config_setting_count; i++)
		if (config_settings[i].value &&
		    config_setting_set(config, &config_settings[i], config_settings[i].value, "default", err))
			return -1;
	return 0;
}

static int apply_environment(struct config *config, struct error *err)
{
	for (size_t i = 0; i < config_setting_count; i++) {
		cleanup_free char *name = xasprintf("GOPHERSNAKE_%s", config_settings[i].key);
		for (char *c = name; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		const char *value = getenv(name);
		if (value && *value && config_setting_set(config, &config_settings[i], value, name, err))
			return -1;
	}
	return 0;
}

int config_load(const char *file, struct config *out, struct error *err)
{
	*out = (struct config){0};
	const char *named = file ? file : getenv("GOPHERSNAKE_CONFIG");
	const char *used = named && *named ? named : file_exists("gophersnake.yaml") ? "gophersnake.yaml" : NULL;
	if (apply_defaults(out, err) || (used && apply_file(out, used, err)) || apply_environment(out, err)) {
		config_clear(out);
		return -1;
	}
	return 0;
}

int config_set(struct config *config, const char *key, const char *value, const char *where, struct error *err)
{
	const struct setting *setting = config_setting_find(key);
	return setting ? config_setting_set(config, setting, value, where, err) : unknown_key(where, key, err);
}

void config_clear(struct config *config)
{
	for (size_t i = 0; i < config_setting_count; i++) {
		void *member = (char *)config + config_settings[i].offset;
		struct config_strings *list = member;
		switch (config_settings[i].type) {
		case SETTING_LIST:
			for (unsigned k = 0; k < list->count; k++)
				free(list->items[k]);
			free(list->items);
			break;
		case SETTING_TEXT:
		case SETTING_PATH:
		case SETTING_HOST: free(*(char **)member); break;
		case SETTING_WORD:
		case SETTING_INT:
		case SETTING_INT64:
		case SETTING_DECIMAL: break;
		}
	}
	*config = (struct config){0};
}
