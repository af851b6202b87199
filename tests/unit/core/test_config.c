// Settings: which source wins, what a wrong one says, and that configs/default.yaml tells the truth.
#include "fixture.h"

#include "core/config.h"

static const char *const variables[] = {
	"GOPHERSNAKE_AGENTS",   "GOPHERSNAKE_LEASE",       "GOPHERSNAKE_CONFIG",
	"GOPHERSNAKE_INDEX",    "GOPHERSNAKE_TRANSLATORS", "GOPHERSNAKE_REQUIREMENTS",
	"GOPHERSNAKE_PYTHON",   "GOPHERSNAKE_SANDBOX",     "GOPHERSNAKE_TRANSLATOR_COMMAND",
	"GOPHERSNAKE_WORKSPACE"};

static int setup(void **state)
{
	for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
		unsetenv(variables[i]);
	return folder_setup(state);
}
#define config_test(function) cmocka_unit_test_setup_teardown(function, setup, folder_teardown)

// Loads this text as a file.
static int load(void **state, const char *yaml, struct config *config, struct error *err)
{
	struct error write_error = ERROR_INIT;
	cleanup_free char *path = below(state, "some.yaml");
	assert_ok(file_write_atomic(path, yaml, strlen(yaml), &write_error), write_error);
	*err = (struct error)ERROR_INIT;
	return config_load(path, config, err);
}

static void assert_strings(const struct config_strings *actual, const char *first, const char *second)
{
	assert_int_equal(actual->count, (first != NULL) + (second != NULL));
	if (first)
		assert_string_equal(actual->items[0], first);
	if (second)
		assert_string_equal(actual->items[1], second);
}

static void assert_defaults(const struct config *config)
{
	assert_string_equal(config->workspace, ".gophersnake");
	assert_string_equal(config->go, "go");
	assert_string_equal(config->host, "go.internal");
	assert_null(config->redis);
	assert_null(config->index);
	assert_null(config->python);
	assert_int_equal(config->agents, 2);
	assert_int_equal(config->index_freshness, 600);
	assert_int_equal(config->lease, 15000);
	assert_int_equal(config->sandbox, SANDBOX_USERNS);
	assert_int_equal(config->failure, FAILURE_BRIDGE);
	assert_int_equal(config->licence_unknown, LICENCE_WARN);
	assert_int_equal(config->licence_listed, LICENCE_REFUSE);
	assert_strings(&config->requirements, NULL, NULL);
	assert_strings(&config->licence_refused, NULL, NULL);
	assert_strings(&config->translators, "recorded", "bridge");
	assert_strings(&config->translator_command, NULL, NULL);
	assert_int_equal(config->llm_dialect, LLM_OPENAI);
	assert_null(config->llm_base_url);
	assert_null(config->llm_model);
	assert_null(config->llm_escalation_model);
	assert_null(config->llm_key_file);
	assert_null(config->prices);
	assert_string_equal(config->llm_key_env, "GOPHERSNAKE_LLM_KEY");
	assert_int_equal(config->llm_temperature, 0);
	assert_int_equal(config->llm_max_tokens, 8192);
	assert_int_equal(config->llm_context, 262144);
	assert_int_equal(config->llm_attempts, 3);
	assert_int_equal(config->llm_retries, 5);
	assert_int_equal(config->llm_timeout, 600000);
	assert_int_equal(config->llm_unit_time, 1800000);
	assert_int_equal(config->llm_drafts, LLM_LIVE);
	assert_int_equal(config->llm_batch_time, 86400000);
	assert_int_equal(config->budget, 5000000);
	assert_int_equal(config->budget_day, 20000000);
	assert_int_equal(config->job_timeout, 600000);
	assert_int_equal(config->job_memory, 4294967296);
}

static void test_decimals(void **state)
{
	struct error err;
	struct config config;
	assert_int_equal(load(state, "budget: 2.50\nllm_temperature: -1\nllm_dialect: anthropic\n", &config, &err), 0);
	assert_int_equal(config.budget, 2500000);
	assert_int_equal(config.llm_temperature, -1000000);
	assert_int_equal(config.llm_dialect, LLM_ANTHROPIC);
	static const struct {
		const char *text;
		int64_t micro; // -2: refused
	} rows[] = {{"0", 0},
		    {"0.000001", 1},
		    {"5.", -2},
		    {"1.2345678", -2},
		    {"five", -2},
		    {"-0.1", -2},
		    {"999999999.999999", 999999999999999},
		    {"1e3", -2},
		    {"10000000000", -2},
		    {"5 ", 5000000},
		    {".5", -2}};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct error refused = ERROR_INIT;
		int status = config_set(&config, "budget", rows[i].text, "--budget", &refused);
		assert_int_equal(status, rows[i].micro == -2 ? -1 : 0);
		if (status)
			assert_non_null(strstr(refused.text, "--budget: expected a number from 0 to"));
		else
			assert_int_equal(config.budget, rows[i].micro);
	}
	config_clear(&config);
}

static void test_defaults(void **state)
{
	struct error err = ERROR_INIT;
	struct config config;
	cleanup_free char *cache = below(state, "gophersnake"), *home_cache = below(state, ".cache/gophersnake");
	const char *home = getenv("HOME");
	cleanup_free char *kept = home ? xstrdup(home) : NULL;
	setenv("XDG_CACHE_HOME", *state, 1);
	assert_ok(config_load(NULL, &config, &err), err);
	assert_defaults(&config);
	assert_string_equal(config.cache_dir, cache);
	config_clear(&config);
	assert_null(config.workspace);
	config_clear(&config);                   // cleared twice is fine
	setenv("XDG_CACHE_HOME", "relative", 1); // to be ignored
	setenv("HOME", *state, 1);
	assert_ok(config_load(NULL, &config, &err), err);
	assert_string_equal(config.cache_dir, home_cache);
	config_clear(&config);
	unsetenv("XDG_CACHE_HOME");
	if (kept)
		setenv("HOME", kept, 1);
}

// The commented file that we ship changes nothing, and has every key: a wrong one in it would be an error.
static void test_shipped_files(void **state)
{
	struct error err = ERROR_INIT;
	struct config config;
	cleanup_text struct text text = TEXT_INIT, all = TEXT_INIT;
	(void)state;
	assert_ok(config_load("configs/default.yaml", &config, &err), err);
	assert_defaults(&config);
	config_clear(&config);
	// The keys of the error about an unknown one are all keys.
	assert_int_equal(load(state, "nonsense: 1\n", &config, &err), -1);
	const char *keys = strstr(err.text, "the keys are ");
	assert_non_null(keys);
	assert_ok(file_read("configs/default.yaml", 1 << 20, &text, &err), err);
	struct slice rest = slice_of(keys + strlen("the keys are ")), key;
	int count = 0;
	while (slice_cut(&rest, ',', &key)) {
		key = slice_trim(key);
		cleanup_free char *plain = xasprintf("\n%.*s:", (int)key.len, key.ptr);
		cleanup_free char *commented = xasprintf("\n#%.*s:", (int)key.len, key.ptr);
		if (!strstr(text.ptr, plain) && !strstr(text.ptr, commented))
			fail_msg("configs/default.yaml lacks %s", plain + 1);
		count++;
	}
	assert_int_equal(count, 41);
	// With the commented ones made real it is still valid.
	for (const char *c = text.ptr; *c; c++)
		if (!(*c == '#' && c > text.ptr && c[-1] == '\n' && c[1] >= 'a' && c[1] <= 'z'))
			text_add_char(&all, *c);
	assert_ok(load(state, all.ptr, &config, &err), err);
	assert_non_null(config.index);
	config_clear(&config);
	assert_ok(config_load("configs/django.yaml", &config, &err), err);
	assert_strings(&config.requirements, "django", NULL);
	config_clear(&config);
	assert_ok(config_load("configs/wagtail.yaml", &config, &err), err);
	assert_strings(&config.requirements, "wagtail", NULL);
	config_clear(&config);
}

static void test_precedence(void **state)
{
	struct error err;
	struct config config;
	const char *yaml = "agents: 3\nlease: 4000\nindex: https://file.example/\nsandbox: root\n"
			   "requirements:\n  - 'django>=5,<6'\n  - \"wagtail ; python_version > '3.8'\"\n";
	setenv("GOPHERSNAKE_AGENTS", "5", 1);
	setenv("GOPHERSNAKE_LEASE", "", 1); // empty is not set
	assert_ok(load(state, yaml, &config, &err), err);
	assert_int_equal(config.agents, 5);   // variable over file
	assert_int_equal(config.lease, 4000); // file over default
	assert_int_equal(config.sandbox, SANDBOX_ROOT);
	assert_int_equal(config.job_timeout, 600000);
	assert_strings(&config.requirements, "django>=5,<6", "wagtail ; python_version > '3.8'");
	assert_ok(config_set(&config, "agents", "7", "--agents", &err), err);
	assert_int_equal(config.agents, 7); // flag over variable
	assert_ok(config_set(&config, "index", "https://flag.example/", "--index", &err), err);
	assert_string_equal(config.index, "https://flag.example/");
	config_clear(&config);
	// Lists in variables; a list replaces the one before.
	setenv("GOPHERSNAKE_TRANSLATORS", "bridge, recorded", 1);
	setenv("GOPHERSNAKE_REQUIREMENTS", "a>=1,<2\n b ; extra == 'c'\n", 1);
	setenv("GOPHERSNAKE_TRANSLATOR_COMMAND", "/bin/tool  --go", 1);
	assert_ok(load(state, yaml, &config, &err), err);
	assert_strings(&config.translators, "bridge", "recorded");
	assert_strings(&config.requirements, "a>=1,<2", "b ; extra == 'c'");
	assert_strings(&config.translator_command, "/bin/tool", "--go");
	config_clear(&config);
}

// Which file: named > $GOPHERSNAKE_CONFIG > ./gophersnake.yaml > none.
static void test_which_file(void **state)
{
	struct error err = ERROR_INIT;
	struct config config;
	cleanup_free char *here = below(state, "gophersnake.yaml"), *other = below(state, "other.yaml"),
			  *named = below(state, "named.yaml");
	cleanup_free char *before = getcwd(NULL, 0);
	assert_ok(file_write_atomic(here, "agents: 11\n", 11, &err), err);
	assert_ok(file_write_atomic(other, "agents: 12\n", 11, &err), err);
	assert_ok(file_write_atomic(named, "agents: 13\n", 11, &err), err);
	assert_int_equal(chdir(*state), 0);
	assert_ok(config_load(NULL, &config, &err), err);
	assert_int_equal(config.agents, 11);
	config_clear(&config);
	setenv("GOPHERSNAKE_CONFIG", other, 1);
	assert_ok(config_load(NULL, &config, &err), err);
	assert_int_equal(config.agents, 12);
	config_clear(&config);
	assert_ok(config_load(named, &config, &err), err);
	assert_int_equal(config.agents, 13);
	config_clear(&config);
	// A file that was asked for and is not there is an error.
	setenv("GOPHERSNAKE_CONFIG", "/nonexistent/x.yaml", 1);
	assert_int_equal(config_load(NULL, &config, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_contains(err.text, "/nonexistent/x.yaml");
	assert_null(config.workspace);
	assert_int_equal(chdir(before), 0);
}

static void test_values(void **state)
{
	struct error err;
	struct config config;
	cleanup_free char *work = xasprintf("%s/work", getenv("HOME") ? getenv("HOME") : "");
	assert_ok(load(state,
		       "lease: 2 min\njob_memory: 8 GiB\njob_timeout: 90s\nindex_freshness: 1 h\nworkspace: ~/work\n"
		       "failure: block\nlicence_unknown: refuse\nlicence_listed: warn\nhost: example.org\n"
		       "licence_refused: ['License :: Other, too', AGPL-3.0-only]\npython: null\nredis:\n",
		       &config, &err),
		  err);
	assert_int_equal(config.lease, 120000);
	assert_int_equal(config.job_memory, (int64_t)8 << 30);
	assert_int_equal(config.job_timeout, 90000);
	assert_int_equal(config.index_freshness, 3600);
	assert_string_equal(config.workspace, work);
	assert_int_equal(config.failure, FAILURE_BLOCK);
	assert_int_equal(config.licence_unknown, LICENCE_REFUSE);
	assert_int_equal(config.licence_listed, LICENCE_WARN);
	assert_string_equal(config.host, "example.org");
	assert_strings(&config.licence_refused, "License :: Other, too", "AGPL-3.0-only");
	assert_null(config.python); // null and nothing are "not set"
	assert_null(config.redis);
	config_clear(&config);
	assert_ok(load(state, "", &config, &err), err);
	assert_defaults(&config);
	config_clear(&config);
}

static void test_errors(void **state)
{
	static const struct {
		const char *yaml, *place, *text;
	} rows[] = {
		{"agents: 3\nagnets: 2\n", "line 2: key \"agnets\"", "no such key; the keys are requirements, "},
		{"# c\n\nagents: x\n", "line 3: key \"agents\"", "a whole number from 1 to 256, not \"x\""},
		{"agents: 0\n", "line 1: key \"agents\"", "from 1 to 256"},
		{"agents: 257\n", "line 1: key \"agents\"", "from 1 to 256"},
		{"agents: 3 4\n", "line 1: key \"agents\"", "not \"3 4\""},
		{"agents: 0x10\n", "line 1: key \"agents\"", "not \"0x10\""},
		{"agents: 2.5\n", "line 1: key \"agents\"", "not \"2.5\""},
		{"agents: 99999999999999999999\n", "line 1: key \"agents\"", "from 1 to 256"},
		{"agents: [2]\n", "line 1: key \"agents\"", "one value, not a list"},
		{"agents: {a: b}\n", "line 1: key \"agents\"", "one value"},
		{"\nlease: 10 apples\n", "line 2: key \"lease\"", "(ms, s, min, h), not \"10 apples\""},
		{"lease: -5 s\n", "line 1: key \"lease\"", "from 1000 to 3600000 ms"},
		{"job_memory: 9223372036854775807 TiB\n", "line 1: key \"job_memory\"", "(B, KiB, MiB, GiB, TiB)"},
		{"sandbox: off\n", "line 1: key \"sandbox\"", "none, root or userns, not \"off\""},
		{"failure: Bridge\n", "line 1: key \"failure\"", "bridge or block"},
		{"licence_unknown: maybe\n", "line 1: key \"licence_unknown\"", "allow, warn or refuse"},
		{"translators: [bridge, magic]\n", "line 1: key \"translators\"",
		 "bridge, recorded, llm or command, not \"magic\""},
		{"translators: bridge\n", "line 1: key \"translators\"", "a list of texts"},
		{"requirements:\n  - a\n  - [b]\n", "line 1: key \"requirements\"", "a list of texts"},
		{"requirements: [a, '']\n", "line 1: key \"requirements\"", "item 2 is empty"},
		{"host: Internal\n", "line 1: key \"host\"", "a host name with a dot"},
		{"host: a..b\n", "line 1: key \"host\"", "a host name"},
		{"workspace: \"a\\tb\"\n", "line 1: key \"workspace\"", "control character"},
		{"agents: 1\nlease: 5000\nagents: 2\n", "line 1: key \"agents\"", "twice (again on line 3)"},
		{"\"agents\": 1\n'agents' : 2\n", "line 1: key \"agents\"", "twice (again on line 2)"},
		{"{agents: 0}\n", "key \"agents\"", "from 1 to 256"},
		{"workspace: &a x\nindex: *a\n", "line 2", "aliases"},
		{"- a\n", "line 1", "expected a mapping"},
		{"hello\n", "line 1", "expected a mapping"},
		{"agents: 1\n---\nagents: 2\n", "some.yaml", "more than one YAML document"},
		{"agents: 2\nrequirements: [a,\n b]\nlease: 5000\nworkspace: \"\n", "line 5", "not well-formed YAML"},
		{"agents: 2\n\tlease: 1\n", "line 2", "not well-formed YAML"},
		{"agents: 2\n  lease: 1\n", "line 2", "not well-formed YAML"},
		{"agents: 2\nrequirements: [a, b\nlease: 5000\n", "line 2", "not well-formed YAML"},
		{"agents: \xff\n", "line 1", "not well-formed YAML"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct error err;
		struct config config;
		if (!load(state, rows[i].yaml, &config, &err))
			fail_msg("accepted: %s", rows[i].yaml);
		if (err.code != ERROR_CONFIG || !strstr(err.text, "some.yaml: ") || !strstr(err.text, rows[i].place) ||
		    !strstr(err.text, rows[i].text))
			fail_msg("%s gives: %s", rows[i].yaml, err.text);
		assert_null(config.workspace); // nothing half-filled
	}
}

static void test_errors_elsewhere(void **state)
{
	struct error err;
	struct config config;
	cleanup_free char *path = below(state, "large.yaml");
	cleanup_text struct text large = TEXT_INIT;
	setenv("GOPHERSNAKE_AGENTS", "many", 1);
	assert_int_equal(load(state, "", &config, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_string_equal(err.text, "GOPHERSNAKE_AGENTS: expected a whole number from 1 to 256, not \"many\"");
	unsetenv("GOPHERSNAKE_AGENTS");
	assert_ok(load(state, "", &config, &err), err);
	assert_int_equal(config_set(&config, "agents", "-1", "--agents", &err), -1);
	assert_contains(err.text, "--agents: expected a whole number");
	assert_int_equal(config.agents, 2);
	assert_int_equal(config_set(&config, "nonsense", "1", "--nonsense", &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_contains(err.text, "--nonsense: there is no such key");
	assert_int_equal(config_set(&config, "translators", "bridge,magic", "--translators", &err), -1);
	assert_strings(&config.translators, "recorded", "bridge");
	assert_int_equal(config_set(&config, "workspace", "", "--workspace", &err), -1);
	assert_string_equal(config.workspace, ".gophersnake");
	config_clear(&config);
	// Bounded, no folder, no device, and no NUL.
	while (large.len <= 1 << 20)
		text_add(&large, "# a comment that goes on\n");
	assert_ok(file_write_atomic(path, large.ptr, large.len, &err), err);
	assert_int_equal(config_load(path, &config, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_int_equal(config_load(*state, &config, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_int_equal(config_load("/dev/zero", &config, &err), -1);
	assert_int_equal(err.code, ERROR_CONFIG);
	assert_ok(file_write_atomic(path, "agents: 2\0\n", 11, &err), err);
	assert_int_equal(config_load(path, &config, &err), -1);
	assert_contains(err.text, "NUL");
	assert_int_equal(config_load(path, &config, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		config_test(test_defaults),   config_test(test_decimals),         config_test(test_shipped_files),
		config_test(test_precedence), config_test(test_which_file),       config_test(test_values),
		config_test(test_errors),     config_test(test_errors_elsewhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
