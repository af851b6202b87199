// Makes wrong versions of a pack's native code (mutants.go) and proves each: how many does the proof catch?
//
//     mutants_driver WORKSPACE LOCK.json PACK UNIT MUTATOR COUNT
//
// PACK is the folder translations/<distribution>. The recording and CPython's outcomes of changed calls are those of
// `gophersnake prove` in the same workspace, made when they are not there. The race detector is left out. Prints a line a mutant
// (caught, survived, does not compile, no fault: it goes to the original more often) and the sum; survivors are for people to look at: some are no faults. Exit status
// 1: fewer than 98 of 100 were caught.
#include <stdio.h>
#include <string.h>

#include "agents/pack.h"
#include "agents/pack_prove.h"
#include "agents/prove.h"
#include "core/clock.h"
#include "core/file.h"

enum { MUTATOR_TIMEOUT = 60000, MUTANTS_LIMIT = 1 << 30, WANTED_PERCENT = 98 };

struct session {
	struct work work;
	const char *pack, *unit, *mutator, *count;
	struct translation translation;
	char *trial; // folder: the unit's package with one mutant
	int caught, survived, refused, guarded;
};

static int accept_pack(struct session *session, struct error *err)
{
	struct translation *translation = &session->translation;
	cleanup_free char *from = xasprintf("%s/%s", session->pack, session->unit);
	cleanup_free char *out = xasprintf("%s/proposed", translation->folder);
	json_t *files = NULL, *text;
	const char *name;
	if (pack_read_code(from, &files, err) || dir_make(out, 0755, err))
		return -1;
	int status = 0;
	json_object_foreach (files, name, text) {
		cleanup_free char *path = xasprintf("%s/%s", out, name);
		status |= file_write_plain(path, json_string_value(text), json_string_length(text), err);
	}
	json_decref(files);
	return status ? -1 : translation_accept(translation, "mutants", out, err);
}

// The package as it is, but for one file.
static int write_trial(struct session *session, json_t *mutant, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	const char *changed = json_string_or(mutant, "file", "");
	if (dir_remove_tree(session->trial, err) || dir_make(session->trial, 0755, err) ||
	    dir_list(session->translation.code, &names, err))
		return -1;
	vec_each (&names, name) {
		cleanup_free char *from = xasprintf("%s/%s", session->translation.code, *name);
		cleanup_free char *to = xasprintf("%s/%s", session->trial, *name);
		cleanup_text struct text data = TEXT_INIT;
		if (dir_exists(from))
			continue;
		if (!strcmp(*name, changed))
			text_add(&data, json_string_or(mutant, "text", ""));
		else if (file_read(from, 64 << 20, &data, err))
			return -1;
		if (file_write_plain(to, text_str(&data), data.len, err))
			return -1;
	}
	return 0;
}

// More calls than without the change: it is slower, and never wrong.
static bool goes_to_original(struct session *session, const struct proof *proof)
{
	struct translate_function *function = translation_function(&session->translation, proof->go);
	return function && proof->guarded + proof->fuzz_guarded > function->guarded + function->fuzz_guarded;
}

static int try_mutant(struct session *session, json_t *mutant, struct error *err)
{
	proofs proved = VEC_INIT;
	struct error refused = ERROR_INIT;
	cleanup_json json_t *names = json_array();
	json_t *functions = json_object_get(mutant, "functions"), *name;
	size_t index;
	json_array_foreach (functions, index, name) {
		struct translate_function *function =
			translation_function(&session->translation, json_string_value(name));
		if (function && function->translator)
			json_array_append(names, name);
	}
	if (!json_array_size(names))
		return 0;
	if (write_trial(session, mutant, err))
		return -1;
	const char *verdict = "SURVIVED", *reason = "";
	int status = prove_unit(&session->translation, session->trial, names, &proved, &refused);
	if (status && strstr(refused.text, "does not compile")) {
		verdict = "does not compile";
		session->refused++;
	} else if (status) {
		*err = refused;
		return -1;
	} else {
		bool guarded = false;
		vec_each (&proved, proof) {
			reason = proof->reason ? proof->reason : reason;
			guarded |= goes_to_original(session, proof);
		}
		verdict = *reason ? "caught" : guarded ? "no fault" : verdict;
		session->caught += *reason != '\0';
		session->guarded += !*reason && guarded;
		session->survived += !*reason && !guarded;
	}
	cleanup_text struct text who = TEXT_INIT;
	json_write_compact(names, &who);
	printf("%s: %s:%lld: %s %s%s%.200s\n", verdict, json_string_or(mutant, "file", ""),
	       (long long)json_integer_or(mutant, "line", 0), json_string_or(mutant, "what", ""), text_str(&who),
	       *reason ? ": " : "", reason);
	fflush(stdout);
	proofs_clear(&proved);
	return 0;
}

static int try_all(struct session *session, struct error *err)
{
	const char *const argv[] = {session->mutator, session->translation.code, session->count, NULL};
	struct process_options options = {.argv = argv, .timeout = MUTATOR_TIMEOUT, .output_limit = MUTANTS_LIMIT};
	struct process_result result = {0};
	int64_t started = system_clock.monotonic(system_clock.context);
	if (process_run_ok(&options, &result, err))
		return -1;
	struct slice rest = text_slice(&result.output), line;
	int status = 0;
	while (!status && slice_cut(&rest, '\n', &line)) {
		cleanup_json json_t *mutant = line.len ? json_parse(line, "mutant", err) : NULL;
		if (line.len)
			status = mutant ? try_mutant(session, mutant, err) : -1;
	}
	process_result_clear(&result);
	int tried = session->caught + session->survived;
	printf("# %s: %d of %d mutants caught, %d survived, %d went to the original more often, %d did not compile "
	       "(%lld s)\n",
	       session->unit, session->caught, tried, session->survived, session->guarded, session->refused,
	       (long long)(system_clock.monotonic(system_clock.context) - started) / 1000);
	return status;
}

static int run(struct session *session, struct error *err)
{
	const char *name = strrchr(session->pack, '/');
	int package = lock_find(&session->work.plan->lock, name ? name + 1 : session->pack);
	if (package < 0)
		return error_set(err, ERROR_USAGE, "%s is not in the lock", session->pack);
	struct pack_prove_task task = {.package = package, .folder = session->pack, .unit = session->unit};
	cleanup_json json_t *pack = NULL, *calls = NULL, *report = NULL;
	session->work.no_race = true;
	if (pack_prove(&session->work, &task, &pack, &calls, &report, err) ||
	    translation_open(&session->work, plan_group_of(session->work.plan, package), session->unit,
			     &session->translation, err))
		return -1;
	session->work.measure = false;
	session->trial = xasprintf("%s/mutant", session->translation.folder);
	int status = accept_pack(session, err) || try_all(session, err) ? -1 : 0;
	translation_clear(&session->translation);
	free(session->trial);
	return status;
}

static int open_and_run(struct session *session, struct config *config, char **argv, struct error *err)
{
	struct lock lock;
	struct plan plan;
	lock_init(&lock);
	cleanup_json json_t *json = json_read_file(argv[2], 64 << 20, err);
	if (!json || lock_from_json(json, argv[2], &lock, err) || plan_make(&lock, config, &plan, err))
		return -1;
	int status = work_open(&session->work, config, NULL, err);
	cleanup_file FILE *log = fopen("/dev/null", "we");
	session->work.plan = &plan;
	if (log && !getenv("V"))
		session->work.log = log;
	if (!status)
		status = run(session, err);
	work_close(&session->work);
	plan_clear(&plan);
	return status;
}

int main(int argc, char **argv)
{
	struct config config;
	struct error err = ERROR_INIT;
	if (argc != 7)
		return 2;
	struct session session = {.pack = argv[3], .unit = argv[4], .mutator = argv[5], .count = argv[6]};
	int status = config_load(NULL, &config, &err);
	if (!status) {
		status = config_set(&config, "workspace", argv[1], "argument", &err) ||
			 config_set(&config, "translators", "bridge", "argument", &err) ||
			 open_and_run(&session, &config, argv, &err);
		config_clear(&config);
	}
	if (status)
		fprintf(stderr, "%s: %s\n", error_code_name(err.code), err.text);
	int tried = session.caught + session.survived;
	return status ? error_exit_status(err.code) : tried && session.caught * 100 < tried * WANTED_PERCENT;
}
