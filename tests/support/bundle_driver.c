// Units and bundles without a registry: for tests and for measuring.
//
//     bundle_driver unit WORKSPACE EMIT.json TRANSLATION.json RELEASE     prints the unit; refused functions on standard error
//     bundle_driver build WORKSPACE VERSION FOLDER UNIT.json…             wheels into the folder
#include <stdio.h>
#include <string.h>

#include "agents/bundle/bundle.h"
#include "core/file.h"

enum { LIMIT = 256 << 20 };

static void print(json_t *json, FILE *out)
{
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(json, &text);
	fputs(text_str(&text), out);
}

static int unit(struct work *work, char **argv, struct error *err)
{
	char digest[DIGEST_HEX_SIZE];
	cleanup_json json_t *emit = json_read_file(argv[0], LIMIT, err);
	cleanup_json json_t *translation = emit ? json_read_file(argv[1], LIMIT, err) : NULL;
	cleanup_json json_t *made = NULL, *refused = NULL,
			    *release = json_pack("{s:s, s:{}}", "release", argv[2], "licences");
	if (!translation || bundle_unit_make(work, emit, translation, release, &made, digest, &refused, err))
		return -1;
	print(refused, stderr);
	print(made ? made : json_null(), stdout);
	return 0;
}

static int build(struct work *work, int argc, char **argv, struct error *err)
{
	cleanup_json json_t *units = json_array();
	struct bundle bundle;
	for (int i = 2; i < argc; i++) {
		json_t *read = json_read_file(argv[i], LIMIT, err);
		if (!read)
			return -1;
		json_array_append_new(units, read);
	}
	if (dir_make(argv[1], 0755, err) || bundle_build(work, units, argv[0], argv[1], &bundle, err))
		return -1;
	printf("%s %s %s functions %d library %lld shim %lld\n", bundle.digest, bundle.native_wheel, bundle.empty_wheel,
	       bundle.functions, (long long)bundle.library_bytes, (long long)bundle.shim_bytes);
	bundle_clear(&bundle);
	return 0;
}

static int run(struct config *config, int argc, char **argv, struct error *err)
{
	struct work work = {.config = config, .log = stderr};
	int status = work_open(&work, config, NULL, err);
	if (!status && !strcmp(argv[1], "unit") && argc == 6)
		status = unit(&work, argv + 3, err);
	else if (!status && !strcmp(argv[1], "build") && argc > 4)
		status = build(&work, argc - 3, argv + 3, err);
	else if (!status)
		status = error_set(err, ERROR_USAGE, "unit or build");
	work_close(&work);
	return status;
}

int main(int argc, char **argv)
{
	struct config config;
	struct error err = ERROR_INIT;
	if (argc < 4)
		return 2;
	int status = config_load(NULL, &config, &err);
	if (!status) {
		status = config_set(&config, "workspace", argv[2], "argument", &err) || run(&config, argc, argv, &err);
		config_clear(&config);
	}
	if (status)
		fprintf(stderr, "%s: %s\n", error_code_name(err.code), err.text);
	return status ? error_exit_status(err.code) : 0;
}
