// Text, pylock.toml and requirements.txt of a lock. The tree is walked with a stack of our own; a package that was
// shown before is named again with "…" instead of its dependencies, so cycles end and the size stays linear.
#include "resolver/lock_output.h"

#include <string.h>

#include "resolver/requirement.h"

static void add_name(const struct lock_package *package, struct text *out)
{
	text_add(out, package->name);
	for (size_t i = 0; package->extras[i]; i++)
		text_addf(out, "%s%s", i ? "," : "[", package->extras[i]);
	if (*package->extras)
		text_add_char(out, ']');
}

// ---- text ------------------------------------------------------------------------------------------------------------

struct visit {
	int package;
	int depth;
	const struct lock_require *edge; // NULL for a root
};

struct tree {
	const struct lock *lock;
	VEC(struct visit) stack;
	bool *shown;
	struct text *out;
};

static void tree_line(struct tree *tree, struct visit visit)
{
	const struct lock_package *package = &tree->lock->packages.items[visit.package];
	bool again = tree->shown[visit.package] && package->requires.count;
	text_addf(tree->out, "%*s", visit.depth * 2, "");
	add_name(package, tree->out);
	text_addf(tree->out, " %s", package->version);
	if (visit.edge && *visit.edge->specifier)
		text_addf(tree->out, "  (%s)", visit.edge->specifier);
	if (visit.edge && *visit.edge->for_extra)
		text_addf(tree->out, "  for extra %s", visit.edge->for_extra);
	if (package->why_yanked)
		text_addf(tree->out, "  yanked%s%s", *package->why_yanked ? ": " : "", package->why_yanked);
	if (!package->files.items[0].wheel)
		text_add(tree->out, "  from its source distribution");
	text_add(tree->out, again ? " …\n" : "\n");
}

static void tree_show(struct tree *tree, int root)
{
	vec_push(&tree->stack, (struct visit){root, 0, NULL});
	while (tree->stack.count) {
		struct visit visit = tree->stack.items[--tree->stack.count];
		tree_line(tree, visit);
		if (tree->shown[visit.package])
			continue;
		tree->shown[visit.package] = true;
		const struct lock_package *package = &tree->lock->packages.items[visit.package];
		for (size_t i = package->requires.count; i-- > 0;)
			if (package->requires.items[i].target != visit.package)
				vec_push(&tree->stack, (struct visit){package->requires.items[i].target,
								      visit.depth + 1, &package->requires.items[i]});
	}
}

void lock_to_text(const struct lock *lock, struct text *out)
{
	struct tree tree = {.lock = lock, .out = out, .shown = xcalloc(lock->packages.count + 1, sizeof(bool))};
	for (size_t i = 0; i < lock->packages.count; i++)
		if (lock->packages.items[i].target)
			tree_show(&tree, (int)i);
	for (size_t i = 0; i < lock->packages.count; i++)
		if (!tree.shown[i])
			tree_show(&tree, (int)i);
	free(tree.shown);
	vec_clear(&tree.stack);
	text_addf(out, "%zu releases for Python %s on %s\n", lock->packages.count, lock->python, lock->platform);
	vec_each (&lock->packages, package)
		vec_each (&package->skipped, skip)
			if (*skip->version)
				text_addf(out, "passed over: %s %s: %s\n", package->name, skip->version, skip->reason);
}

// ---- pylock.toml -----------------------------------------------------------------------------------------------------

static void add_toml_string(struct text *out, const char *value)
{
	text_add_char(out, '"');
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		if (c == '"' || c == '\\')
			text_addf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			text_addf(out, "\\u%04X", c);
		else
			text_add_char(out, *value);
	}
	text_add_char(out, '"');
}

static void add_pair(struct text *out, const char *key, const char *value)
{
	text_addf(out, "%s = ", key);
	add_toml_string(out, value);
}

static void add_pylock_file(const struct lock_file *file, struct text *out)
{
	text_add(out, "{");
	add_pair(out, "name", file->name);
	// A TOML date-time as the index gives it: "2026-11-23T18:00:00.123456Z".
	if (*file->upload_time && strspn(file->upload_time, "0123456789-:.TZ+") == strlen(file->upload_time))
		text_addf(out, ", upload-time = %s", file->upload_time);
	text_add(out, ", ");
	add_pair(out, "url", file->url);
	if (file->size >= 0)
		text_addf(out, ", size = %lld", (long long)file->size);
	text_add(out, ", hashes = {");
	add_pair(out, "sha256", file->sha256);
	text_add(out, "}}");
}

static int check_hashes(const struct lock *lock, const char *format, struct error *err)
{
	vec_each (&lock->packages, package) {
		bool found = false;
		vec_each (&package->files, file)
			found |= *file->sha256 != 0;
		if (!found)
			return error_set(err, ERROR_INDEX,
					 "%s %s: the index gives no hash for it, so it cannot be written as %s",
					 package->name, package->version, format);
	}
	return 0;
}

int lock_to_pylock(const struct lock *lock, struct text *out, struct error *err)
{
	if (check_hashes(lock, "pylock", err))
		return -1;
	text_add(out, "lock-version = \"1.0\"\ncreated-by = \"gophersnake\"\n");
	text_addf(out, "requires-python = \"==%s.*\"\n", lock->python);
	vec_each (&lock->packages, package) {
		text_add(out, "\n[[packages]]\n");
		add_pair(out, "name", package->name);
		text_add_char(out, '\n');
		add_pair(out, "version", package->version);
		text_add_char(out, '\n');
		if (*package->requires_python) {
			add_pair(out, "requires-python", package->requires_python);
			text_add_char(out, '\n');
		}
		for (size_t i = 0; i < package->requires.count; i++) {
			text_add(out, i ? ", {" : "dependencies = [{");
			add_pair(out, "name", package->requires.items[i].name);
			text_add_char(out, '}');
			if (i + 1 == package->requires.count)
				text_add(out, "]\n");
		}
		bool wheels = false;
		vec_each (&package->files, file) {
			if (!file->wheel || !*file->sha256)
				continue;
			text_add(out, wheels ? ",\n    " : "wheels = [\n    ");
			add_pylock_file(file, out);
			wheels = true;
		}
		text_add(out, wheels ? ",\n]\n" : "");
		vec_each (&package->files, file) {
			if (file->wheel || !*file->sha256)
				continue;
			text_add(out, "sdist = ");
			add_pylock_file(file, out);
			text_add_char(out, '\n');
			break; // at most one
		}
	}
	return 0;
}

// ---- requirements.txt ------------------------------------------------------------------------------------------------

// The URL by which the package was asked for; NULL when it was not.
static const char *direct_url(const struct lock *lock, const struct lock_package *package, struct arena *arena)
{
	for (size_t i = 0; package->target && i < lock->requirements.count; i++) {
		struct requirement requirement;
		if (!requirement_parse(arena, slice_of(lock->requirements.items[i]), &requirement, NULL) &&
		    requirement.url && !strcmp(requirement.name, package->name))
			return requirement.url;
	}
	return NULL;
}

int lock_to_requirements(const struct lock *lock, struct text *out, struct error *err)
{
	if (check_hashes(lock, "requirements", err))
		return -1;
	vec_each (&lock->packages, package) {
		cleanup_arena struct arena arena = ARENA_INIT;
		const char *url = direct_url(lock, package, &arena);
		text_addf(out, url ? "%s @ %s" : "%s==%s", package->name, url ? url : package->version);
		vec_each (&package->files, file)
			if (*file->sha256)
				text_addf(out, " \\\n    --hash=sha256:%s", file->sha256);
		text_add_char(out, '\n');
	}
	return 0;
}

int lock_output(const struct lock *lock, const char *format, struct text *out, struct error *err)
{
	if (!strcmp(format, "text")) {
		lock_to_text(lock, out);
		return 0;
	}
	if (!strcmp(format, "json")) {
		cleanup_json json_t *json = lock_to_json(lock);
		json_write_pretty(json, out);
		return 0;
	}
	if (!strcmp(format, "pylock"))
		return lock_to_pylock(lock, out, err);
	if (!strcmp(format, "requirements"))
		return lock_to_requirements(lock, out, err);
	return error_set(err, ERROR_USAGE, "unknown format \"%s\": text, json, pylock or requirements", format);
}
