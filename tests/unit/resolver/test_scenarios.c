// The solver on drawn indexes: tests/scenarios/resolver/*.txt. A line is one statement:
//
//     package NAME VERSION          a release; what follows belongs to it
//       needs REQUIREMENT
//       yanked [REASON]
//       python SPECIFIER            Requires-Python; the scenario's Python is 3.11.7
//       unusable REASON             its metadata cannot be had
//     require REQUIREMENT           what is asked for
//     expect NAME[EXTRAS] VERSION   the whole answer, in any order
//     fail no-solution|index        there is no answer …
//     says TEXT                     … and the explanation contains this
//     decisions-at-most N
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>

#include "resolver/name.h"
#include "resolver/solver.h"

struct drawn_release {
	const char *name, *text, *yanked, *python, *unusable;
	struct version version;
	VEC(const struct requirement *) needs;
};

struct drawn_project {
	struct solver_project project;
	VEC(struct drawn_release *) releases; // of project.versions
};

struct scenario {
	struct arena arena;
	const char *path;
	VEC(struct drawn_release *) releases;
	VEC(struct drawn_project *) projects;
	VEC(const struct requirement *) required;
	VEC(const char *) expected;
	VEC(const char *) says;
	const char *fails;
	int decisions_at_most;
	VEC(void *) lists;
};

static const char *variable(const void *context, const char *name)
{
	(void)context;
	static const char *const values[] = {"implementation_name",
					     "cpython",
					     "implementation_version",
					     "3.11.7",
					     "os_name",
					     "posix",
					     "platform_machine",
					     "x86_64",
					     "platform_release",
					     "6.1",
					     "platform_system",
					     "Linux",
					     "platform_version",
					     "#1",
					     "python_full_version",
					     "3.11.7",
					     "platform_python_implementation",
					     "CPython",
					     "python_version",
					     "3.11",
					     "sys_platform",
					     "linux"};
	for (size_t i = 0; i < ARRAY_LENGTH(values); i += 2)
		if (!strcmp(values[i], name))
			return values[i + 1];
	return NULL;
}
static const struct marker_environment environment = {variable, NULL};

static const struct requirement *parse_requirement(struct scenario *s, const char *text)
{
	struct error err = ERROR_INIT;
	struct requirement *requirement = arena_alloc(&s->arena, sizeof *requirement);
	if (requirement_parse(&s->arena, slice_of(text), requirement, &err))
		fail_msg("%s: %s: %s", s->path, text, err.text);
	return requirement;
}

static int compare_releases(const void *a, const void *b)
{
	return version_compare(&(*(struct drawn_release *const *)a)->version,
			       &(*(struct drawn_release *const *)b)->version);
}

static void read_line(struct scenario *s, char *line)
{
	struct drawn_release *last = s->releases.count ? *vec_last(&s->releases) : NULL;
	char *rest = strchr(line, ' ');
	if (rest) {
		*rest++ = 0;
		rest += strspn(rest, " ");
	} else {
		rest = line + strlen(line);
	}
	rest = arena_strdup(&s->arena, rest);
	struct error err = ERROR_INIT;
	if (!strcmp(line, "package")) {
		struct drawn_release *release = arena_alloc(&s->arena, sizeof *release);
		char *version = strchr(rest, ' ');
		assert_non_null(version);
		*version++ = 0;
		release->name = rest;
		release->text = version;
		if (version_parse(&s->arena, slice_of(version), &release->version, &err))
			fail_msg("%s: %s", s->path, err.text);
		vec_push(&s->releases, release);
	} else if (!strcmp(line, "needs")) {
		vec_push(&last->needs, parse_requirement(s, rest));
	} else if (!strcmp(line, "yanked")) {
		last->yanked = rest;
	} else if (!strcmp(line, "python")) {
		last->python = rest;
	} else if (!strcmp(line, "unusable")) {
		last->unusable = rest;
	} else if (!strcmp(line, "require")) {
		vec_push(&s->required, parse_requirement(s, rest));
	} else if (!strcmp(line, "expect")) {
		vec_push(&s->expected, rest);
	} else if (!strcmp(line, "says")) {
		vec_push(&s->says, rest);
	} else if (!strcmp(line, "fail")) {
		s->fails = rest;
	} else if (!strcmp(line, "decisions-at-most")) {
		s->decisions_at_most = atoi(rest);
	} else {
		fail_msg("%s: unknown statement \"%s\"", s->path, line);
	}
}

static bool fits_python(struct scenario *s, const struct drawn_release *release)
{
	struct specifier_set set;
	struct version python;
	struct error err = ERROR_INIT;
	assert_int_equal(specifier_parse(&s->arena, slice_of(release->python), &set, &err), 0);
	assert_int_equal(version_parse(&s->arena, SLICE("3.11.7"), &python, &err), 0);
	return specifier_contains(&set, &python, SPECIFIER_PRE_YES);
}

static int project(void *context, const char *name, const struct solver_project **out, struct error *err)
{
	(void)err;
	struct scenario *s = context;
	vec_each (&s->projects, known) {
		if (!strcmp((*known)->project.name, name)) {
			*out = &(*known)->project;
			return 0;
		}
	}
	struct drawn_project *made = arena_alloc(&s->arena, sizeof *made);
	vec_push(&s->projects, made);
	made->project.name = arena_strdup(&s->arena, name);
	VEC(struct solver_excluded) excluded = VEC_INIT;
	made->project.unknown = true;
	vec_each (&s->releases, release) {
		if (strcmp((*release)->name, name) != 0)
			continue;
		made->project.unknown = false;
		if ((*release)->python && !fits_python(s, *release))
			vec_push(&excluded, (struct solver_excluded){
						    (*release)->version, (*release)->text,
						    arena_printf(&s->arena, "needs Python %s", (*release)->python)});
		else
			vec_push(&made->releases, *release);
	}
	vec_sort(&made->releases, compare_releases);
	struct solver_version *versions = arena_array(&s->arena, made->releases.count + 1, sizeof *versions);
	for (size_t i = 0; i < made->releases.count; i++)
		versions[i] = (struct solver_version){made->releases.items[i]->version, made->releases.items[i]->text,
						      made->releases.items[i]->yanked};
	made->project.versions = versions;
	made->project.count = made->releases.count;
	made->project.excluded = excluded.items;
	made->project.excluded_count = excluded.count;
	vec_push(&s->lists, excluded.items);
	*out = &made->project;
	return 0;
}

static int dependencies(void *context, const struct solver_project *of, size_t version, const char *extra,
			struct solver_dependencies *out, struct error *err)
{
	struct scenario *s = context;
	const struct drawn_project *drawn = (const struct drawn_project *)of; // its first member
	const struct drawn_release *release = drawn->releases.items[version];
	const struct requirement **items = arena_array(&s->arena, release->needs.count + 1, sizeof *items);
	*out = (struct solver_dependencies){items, 0, release->unusable};
	vec_each (&release->needs, need) {
		bool applies;
		if (solver_requirement_applies(*need, &environment, extra, &applies, err))
			return -1;
		if (applies)
			items[out->count++] = *need;
	}
	return 0;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_solution(struct scenario *s, const struct solution *solution)
{
	cleanup_text struct text got = TEXT_INIT, wanted = TEXT_INIT;
	vec_each (&solution->items, item) {
		text_add(&got, item->project->name);
		const char *separator = "[";
		for (const char *const *extra = item->extras; *extra; extra++) {
			text_addf(&got, "%s%s", separator, *extra);
			separator = ",";
		}
		text_addf(&got, "%s %s\n", *item->extras ? "]" : "", item->project->versions[item->version].text);
	}
	vec_sort(&s->expected, compare_strings);
	vec_each (&s->expected, line)
		text_addf(&wanted, "%s\n", *line);
	if (strcmp(text_str(&got), text_str(&wanted)) != 0)
		fail_msg("%s: got\n%sexpected\n%s", s->path, text_str(&got), text_str(&wanted));
	if (s->decisions_at_most && solution->decisions > s->decisions_at_most)
		fail_msg("%s: %d decisions, more than %d", s->path, solution->decisions, s->decisions_at_most);
}

static void check_failure(struct scenario *s, const struct error *err)
{
	enum error_code wanted = !strcmp(s->fails, "index") ? ERROR_INDEX : ERROR_NO_SOLUTION;
	if (err->code != wanted)
		fail_msg("%s: fails with code %s: %s", s->path, error_code_name(err->code), err->text);
	vec_each (&s->says, text)
		if (!strstr(err->text, *text))
			fail_msg("%s: does not say \"%s\":\n%s", s->path, *text, err->text);
}

static void run_scenario(const char *path)
{
	struct scenario s = {.path = path};
	cleanup_file FILE *file = fopen(path, "r");
	assert_non_null(file);
	char line[4096];
	while (fgets(line, sizeof line, file)) {
		char *begin = line + strspn(line, " \t");
		begin[strcspn(begin, "\n")] = 0;
		if (*begin && *begin != '#')
			read_line(&s, begin);
	}
	if (!s.required.count || (!s.expected.count && !s.fails))
		fail_msg("%s: asks for nothing or expects nothing", path);
	struct solver_provider provider = {.project = project, .dependencies = dependencies, .context = &s};
	struct solution solution = {ARENA_INIT, VEC_INIT, 0, 0};
	struct error err = ERROR_INIT;
	int status = solver_solve(&provider, s.required.items, s.required.count, &solution, &err);
	if (getenv("SHOW"))
		print_message("%s: %d decisions, %d conflicts\n%s\n", path, solution.decisions, solution.conflicts,
			      err.text);
	if (status && !s.fails)
		fail_msg("%s: no solution:\n%s", path, err.text);
	if (!status && s.fails)
		fail_msg("%s: there is a solution", path);
	if (status) {
		check_failure(&s, &err);
	} else {
		check_solution(&s, &solution);
		solution_clear(&solution);
	}
	vec_each (&s.releases, release)
		vec_clear(&(*release)->needs);
	vec_each (&s.projects, known)
		vec_clear(&(*known)->releases);
	vec_each (&s.lists, list)
		free(*list);
	vec_clear(&s.lists);
	vec_clear(&s.releases);
	vec_clear(&s.projects);
	vec_clear(&s.required);
	vec_clear(&s.expected);
	vec_clear(&s.says);
	arena_clear(&s.arena);
}

static void test_scenarios(void **state)
{
	(void)state;
	const char *pattern = getenv("SCENARIO") ? getenv("SCENARIO") : "tests/scenarios/resolver/*.txt";
	glob_t found;
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		run_scenario(found.gl_pathv[i]);
	if (!getenv("SCENARIO"))
		assert_true(found.gl_pathc >= 25);
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_scenarios)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
