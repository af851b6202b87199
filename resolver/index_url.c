// The index that pip would use, asked from pip itself: its option parser merges the command's defaults, its configuration
// files and the environment. Without pip, the wheel of it that comes with Python (ensurepip) answers. Asking takes a
// third of a second, so the answer is kept for a day as long as nothing changed that it depends on.
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"
#include "core/process.h"
#include "resolver/cache.h"
#include "resolver/resolve.h"
#include "resolver/url.h"

#define SCHEMA "gophersnake.index-url/1"
enum { ANSWER_LIMIT = 256 * 1024, ANSWER_TIMEOUT = 60000, KEPT_FOR = 24 * 60 * 60 * 1000 };

// Prints one JSON object. pip's own messages (a broken configuration file) go to standard error.
static const char program[] =
	"import json, os, sys\n"
	"sys.path = [p for p in sys.path if p not in ('', os.getcwd())]\n" // no module of the current folder
	"try:\n"
	"    import pip\n"
	"except ImportError:\n"
	"    import glob, sysconfig\n"
	"    folders = [sysconfig.get_config_var('WHEEL_PKG_DIR') or '', '/usr/share/python-wheels',\n"
	"        os.path.join(sysconfig.get_path('stdlib'), 'ensurepip', '_bundled')]\n"
	"    wheels = [w for f in folders if f for w in sorted(glob.glob(os.path.join(f, 'pip-*.whl')))]\n"
	"    if not wheels:\n"
	"        sys.exit('it has no pip')\n"
	"    sys.path.insert(0, wheels[-1])\n"
	"    import pip\n"
	"def command():\n"
	"    try:\n"
	"        from pip._internal.commands import create_command\n"
	"        return create_command('install')\n"
	"    except ImportError:\n"
	"        from pip._internal.commands import commands_dict\n" // pip before 19.3
	"        return commands_dict['install']()\n"
	"try:\n"
	"    options = command().parser.parse_args(['gophersnake'])[0]\n"
	"    url, no_index = options.index_url, options.no_index\n"
	"except (ImportError, AttributeError, KeyError, TypeError) as e:\n"
	"    sys.exit('pip %s does not say which index it uses (%r)' % (getattr(pip, '__version__', ''), e))\n"
	"files = []\n"
	"try:\n"
	"    from pip._internal.configuration import get_configuration_files\n"
	"    files = [f for some in get_configuration_files().values() for f in some]\n"
	"    files += [os.environ['PIP_CONFIG_FILE']] if 'PIP_CONFIG_FILE' in os.environ else []\n"
	"except Exception:\n"
	"    files = None\n" // then the answer cannot be kept
	"print(json.dumps(dict(index_url=url, no_index=bool(no_index), files=files)))\n";

char *index_url_public(const char *url)
{
	return url_without_credentials(url);
}

// ---- what the answer depends on --------------------------------------------------------------------------------------

static void add_file_state(const char *path, struct text *out)
{
	struct stat status;
	if (stat(path, &status))
		text_addf(out, "%s absent\n", path);
	else
		text_addf(out, "%s %lld %lld.%09ld\n", path, (long long)status.st_size,
			  (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Interpreter, folder (a shim chooses by it) and the variables that pip, shims and XDG read.
static void answer_key(const char *python, char key[DIGEST_HEX_SIZE])
{
	static const char *const read[] = {"PIP_", "PYTHON", "PYENV_", "XDG_CONFIG", "HOME=", "VIRTUAL_ENV=", "CONDA_"};
	cleanup_text struct text text = TEXT_INIT;
	cleanup_free char *found = process_find(python);
	cleanup_free char *real = realpath(found ? found : python, NULL);
	cleanup_free char *folder = getcwd(NULL, 0);
	text_addf(&text, "%s\n%s\n", found ? found : python, folder ? folder : "");
	add_file_state(real ? real : python, &text);
	VEC(const char *) variables = VEC_INIT;
	for (char **variable = environ; *variable; variable++)
		for (size_t i = 0; i < ARRAY_LENGTH(read); i++)
			if (!strncmp(*variable, read[i], strlen(read[i])))
				vec_push(&variables, *variable);
	vec_sort(&variables, compare_strings);
	vec_each (&variables, variable)
		text_addf(&text, "%s\n", *variable);
	vec_clear(&variables);
	digest_hex_of(text_str(&text), text.len, key);
}

static void files_state(json_t *files, struct text *out)
{
	for (size_t i = 0; i < json_array_size(files); i++) {
		const char *path = json_string_value(json_array_get(files, i));
		if (path)
			add_file_state(path, out);
	}
}

// ---- keeping ---------------------------------------------------------------------------------------------------------

static char *kept_answer(const char *cache_dir, const char *key)
{
	cleanup_text struct text text = TEXT_INIT;
	cleanup_text struct text state = TEXT_INIT;
	if (!cache_read(cache_dir, "settings", key, ANSWER_LIMIT, &text))
		return NULL;
	struct error ignored = ERROR_INIT; // what is unreadable counts as absent
	cleanup_json json_t *json = json_parse(text_slice(&text), "kept answer", &ignored);
	if (!json || json_check_schema(json, SCHEMA, "kept answer", &ignored))
		return NULL;
	int64_t age = system_clock.wall(system_clock.context) - json_integer_or(json, "written", 0);
	const char *url = json_string_or(json, "index_url", "");
	files_state(json_object_get(json, "files"), &state);
	bool good = age >= 0 && age < KEPT_FOR && *url && !strcmp(text_str(&state), json_string_or(json, "state", "?"));
	return good ? xstrdup(url) : NULL;
}

static int keep_answer(const char *cache_dir, const char *key, const char *url, json_t *files, struct error *err)
{
	cleanup_free char *public = index_url_public(url);
	if (!json_is_array(files) || strcmp(public, url) != 0) // user and password are not written down
		return 0;
	cleanup_text struct text state = TEXT_INIT;
	cleanup_text struct text text = TEXT_INIT;
	files_state(files, &state);
	cleanup_json json_t *json =
		json_pack("{s:s, s:s, s:s, s:O, s:I}", "schema", SCHEMA, "index_url", url, "state", text_str(&state),
			  "files", files, "written", (json_int_t)system_clock.wall(system_clock.context));
	if (!json)
		return 0;
	json_write_compact(json, &text);
	return cache_write(cache_dir, "settings", key, text_slice(&text), err);
}

// ---- asking ----------------------------------------------------------------------------------------------------------

static int read_answer(const struct text *output, const char *python, json_t **out, struct error *err)
{
	// pip may print remarks before it.
	struct slice all = slice_trim(text_slice(output)), line, last = {"", 0};
	while (slice_cut(&all, '\n', &line))
		last = line;
	cleanup_json json_t *json = json_parse(last, "the answer of pip", err);
	if (!json)
		return error_context(err, "%s", python);
	const char *url = json_string_or(json, "index_url", "");
	cleanup_free char *usable = *url ? url_join(url, slice_of(url), NULL) : NULL;
	if (json_bool_or(json, "no_index", false))
		return error_set(err, ERROR_CONFIG,
				 "pip is configured to use no index (no-index): name one with --index URL");
	if (!usable) {
		cleanup_free char *shown = index_url_public(url);
		return error_set(err, ERROR_CONFIG,
				 "pip is configured to use the index \"%s\", which is no http, https or file URL: "
				 "name one with --index URL",
				 shown);
	}
	*out = steal(&json);
	return 0;
}

int index_url_of_pip(const char *python, const char *cache_dir, char **out, struct error *err)
{
	char key[DIGEST_HEX_SIZE];
	answer_key(python, key);
	if ((*out = kept_answer(cache_dir, key)))
		return 0;
	const char *argv[] = {python, "-c", program, NULL};
	struct process_options options = {.argv = argv,
					  .environment = (const char *const *)environ, // pip's configuration is in it
					  .output_limit = ANSWER_LIMIT,
					  .timeout = ANSWER_TIMEOUT};
	struct process_result result = {0};
	cleanup_json json_t *answer = NULL;
	int status = process_run_ok(&options, &result, err);
	if (status)
		error_context(err, "asking pip which index it uses (--index URL names one instead)");
	else
		status = read_answer(&result.output, python, &answer, err);
	process_result_clear(&result);
	if (status)
		return -1;
	const char *url = json_string_or(answer, "index_url", "");
	if (keep_answer(cache_dir, key, url, json_object_get(answer, "files"), err))
		return -1;
	*out = xstrdup(url);
	return 0;
}
