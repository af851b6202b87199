// Locks: set-up, lookup, and JSON both ways ("gophersnake.lock/1", docs/formats.md).
//
// Reading is strict: every key is known and present, names are unique and sorted, each edge leads to a package of the
// lock, and there is a file to take for each package.
#include "resolver/lock.h"

#include <stdlib.h>
#include <string.h>

#define LOCK_SCHEMA "gophersnake.lock/1"

void lock_init(struct lock *lock)
{
	*lock = (struct lock){.arena = ARENA_INIT};
}

void lock_clear(struct lock *lock)
{
	vec_each (&lock->packages, package) {
		vec_clear(&package->requires);
		vec_clear(&package->files);
		vec_clear(&package->skipped);
	}
	vec_clear(&lock->packages);
	vec_clear(&lock->requirements);
	vec_clear(&lock->environment);
	arena_clear(&lock->arena);
	lock_init(lock);
}

int lock_find(const struct lock *lock, const char *name)
{
	size_t low = 0, high = lock->packages.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(lock->packages.items[middle].name, name);
		if (!order)
			return (int)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

// ---- writing ---------------------------------------------------------------------------------------------------------

static void set_string(json_t *object, const char *key, const char *value)
{
	json_object_set_new(object, key, value ? json_string(value) : json_null());
}

static json_t *strings_to_json(const char *const *strings)
{
	json_t *array = json_array();
	for (; *strings; strings++)
		json_array_append_new(array, json_string(*strings));
	return array;
}

static json_t *require_to_json(const struct lock *lock, const struct lock_require *require)
{
	json_t *object = json_object();
	set_string(object, "name", require->name);
	set_string(object, "specifier", require->specifier);
	set_string(object, "marker", require->marker);
	set_string(object, "url", require->url);
	set_string(object, "for_extra", require->for_extra);
	set_string(object, "version", lock->packages.items[require->target].version);
	json_object_set_new(object, "extras", strings_to_json(require->extras));
	return object;
}

static json_t *file_to_json(const struct lock_file *file)
{
	json_t *object = json_object();
	set_string(object, "name", file->name);
	set_string(object, "url", file->url);
	set_string(object, "sha256", file->sha256);
	set_string(object, "upload_time", file->upload_time);
	set_string(object, "kind", file->wheel ? "wheel" : "sdist");
	set_string(object, "tag", file->tag);
	json_object_set_new(object, "size", file->size < 0 ? json_null() : json_integer(file->size));
	return object;
}

static json_t *package_to_json(const struct lock *lock, const struct lock_package *package)
{
	json_t *object = json_object(), *requires = json_array(), *files = json_array(), *skipped = json_array();
	vec_each (&package->requires, require)
		json_array_append_new(requires, require_to_json(lock, require));
	vec_each (&package->files, file)
		json_array_append_new(files, file_to_json(file));
	vec_each (&package->skipped, skip) {
		json_t *item = json_object();
		set_string(item, "version", skip->version);
		set_string(item, "reason", skip->reason);
		json_array_append_new(skipped, item);
	}
	set_string(object, "name", package->name);
	set_string(object, "version", package->version);
	set_string(object, "requires_python", package->requires_python);
	set_string(object, "metadata_source", package->metadata_source);
	set_string(object, "yanked", package->why_yanked);
	json_object_set_new(object, "target", json_boolean(package->target));
	json_object_set_new(object, "extras", strings_to_json(package->extras));
	json_object_set_new(object, "requires", requires);
	json_object_set_new(object, "files", files);
	json_object_set_new(object, "skipped", skipped);
	return object;
}

json_t *lock_to_json(const struct lock *lock)
{
	json_t *object = json_object(), *packages = json_array(), *requirements = json_array(),
	       *environment = json_object();
	vec_each (&lock->packages, package)
		json_array_append_new(packages, package_to_json(lock, package));
	vec_each (&lock->requirements, requirement)
		json_array_append_new(requirements, json_string(*requirement));
	for (size_t i = 0; i + 1 < lock->environment.count; i += 2)
		set_string(environment, lock->environment.items[i], lock->environment.items[i + 1]);
	set_string(object, "schema", LOCK_SCHEMA);
	set_string(object, "python", lock->python);
	set_string(object, "platform", lock->platform);
	json_object_set_new(object, "requirements", requirements);
	json_object_set_new(object, "environment", environment);
	json_object_set_new(object, "packages", packages);
	return object;
}

// ---- reading ---------------------------------------------------------------------------------------------------------

struct reader {
	struct lock *lock;
	const char *what;
	struct error *err;
};

static int fail(struct reader *reader, const char *where, const char *message)
{
	return error_set(reader->err, ERROR_INPUT, "%s: %s: %s", reader->what, where, message);
}

// keys: NULL-terminated; exactly these must be there.
static int check_keys(struct reader *reader, json_t *object, const char *where, const char *const *keys)
{
	if (!json_is_object(object))
		return fail(reader, where, "expected an object");
	size_t count = 0;
	for (const char *const *key = keys; *key; key++, count++)
		if (!json_object_get(object, *key))
			return error_set(reader->err, ERROR_INPUT, "%s: %s: key \"%s\" is missing", reader->what, where,
					 *key);
	if (json_object_size(object) == count)
		return 0;
	const char *name;
	json_t *value;
	json_object_foreach (object, name, value) {
		const char *const *known = keys;
		while (*known && strcmp(*known, name) != 0)
			known++;
		if (!*known)
			return error_set(reader->err, ERROR_INPUT, "%s: %s: unknown key \"%s\"", reader->what, where,
					 name);
	}
	return 0;
}

static int read_string(struct reader *reader, json_t *object, const char *key, bool nullable, const char **out)
{
	const char *value = NULL;
	if (nullable && json_is_null(json_object_get(object, key))) {
		*out = NULL;
		return 0;
	}
	if (json_get_string(object, key, reader->what, &value, reader->err))
		return -1;
	*out = arena_strdup(&reader->lock->arena, value);
	return 0;
}

struct field {
	const char *key;
	const char **to;
};

static int read_strings(struct reader *reader, json_t *object, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (read_string(reader, object, fields[i].key, false, fields[i].to))
			return -1;
	return 0;
}

static int read_string_list(struct reader *reader, json_t *object, const char *key, const char *const **out)
{
	json_t *array;
	if (json_get_array(object, key, reader->what, &array, reader->err))
		return -1;
	size_t count = json_array_size(array);
	const char **list = arena_array(&reader->lock->arena, count + 1, sizeof *list);
	for (size_t i = 0; i < count; i++) {
		if (!json_is_string(json_array_get(array, i)))
			return fail(reader, key, "expected strings");
		list[i] = arena_strdup(&reader->lock->arena, json_string_value(json_array_get(array, i)));
	}
	*out = list;
	return 0;
}

static int read_require(struct reader *reader, json_t *object, struct lock_package *package)
{
	static const char *const keys[] = {"name",      "specifier", "marker", "url",
					   "for_extra", "version",   "extras", NULL};
	struct lock_require require = {.target = -1};
	const char *version;
	const struct field fields[] = {{"name", &require.name},
				       {"specifier", &require.specifier},
				       {"marker", &require.marker},
				       {"for_extra", &require.for_extra},
				       {"version", &version}};
	if (check_keys(reader, object, package->name, keys) ||
	    read_strings(reader, object, fields, ARRAY_LENGTH(fields)) ||
	    read_string(reader, object, "url", true, &require.url) ||
	    read_string_list(reader, object, "extras", &require.extras))
		return -1;
	require.target = lock_find(reader->lock, require.name);
	if (require.target < 0)
		return error_set(reader->err, ERROR_INPUT, "%s: %s requires %s, which is not in the lock", reader->what,
				 package->name, require.name);
	if (strcmp(version, reader->lock->packages.items[require.target].version) != 0)
		return error_set(reader->err, ERROR_INPUT, "%s: %s requires %s %s, but the lock has %s", reader->what,
				 package->name, require.name, version,
				 reader->lock->packages.items[require.target].version);
	vec_push(&package->requires, require);
	return 0;
}

static bool is_sha256(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static int read_file(struct reader *reader, json_t *object, struct lock_package *package)
{
	static const char *const keys[] = {"name", "url", "sha256", "upload_time", "kind", "tag", "size", NULL};
	struct lock_file file = {.size = -1};
	const char *kind;
	const struct field fields[] = {{"name", &file.name},     {"url", &file.url},
				       {"sha256", &file.sha256}, {"upload_time", &file.upload_time},
				       {"kind", &kind},          {"tag", &file.tag}};
	if (check_keys(reader, object, package->name, keys) ||
	    read_strings(reader, object, fields, ARRAY_LENGTH(fields)))
		return -1;
	if (!json_is_null(json_object_get(object, "size")) &&
	    (json_get_integer(object, "size", reader->what, &file.size, reader->err) || file.size < 0))
		return fail(reader, file.name, "size: expected a number of bytes or null");
	file.wheel = !strcmp(kind, "wheel");
	if (!file.wheel && strcmp(kind, "sdist") != 0)
		return fail(reader, file.name, "kind: expected \"wheel\" or \"sdist\"");
	if (*file.sha256 && !is_sha256(file.sha256))
		return fail(reader, file.name, "sha256: expected 64 lower-case hexadecimal digits");
	if (!*file.name || strchr(file.name, '/') || *file.name == '.')
		return fail(reader, package->name, "a file's name may not be empty, begin with a dot or have a slash");
	vec_push(&package->files, file);
	return 0;
}

static int read_skip(struct reader *reader, json_t *object, struct lock_package *package)
{
	static const char *const keys[] = {"version", "reason", NULL};
	struct lock_skip skip;
	const struct field fields[] = {{"version", &skip.version}, {"reason", &skip.reason}};
	if (check_keys(reader, object, package->name, keys) ||
	    read_strings(reader, object, fields, ARRAY_LENGTH(fields)))
		return -1;
	vec_push(&package->skipped, skip);
	return 0;
}

// Names and versions first, so that edges find their targets whatever the order.
static int read_package_head(struct reader *reader, json_t *object)
{
	static const char *const keys[] = {"name",   "version", "requires_python", "metadata_source", "yanked",
					   "target", "extras",  "requires",        "files",           "skipped",
					   NULL};
	if (check_keys(reader, object, "packages", keys))
		return -1;
	vec_push(&reader->lock->packages, (struct lock_package){.name = ""});
	struct lock_package *package = vec_last(&reader->lock->packages);
	const struct field fields[] = {{"name", &package->name},
				       {"version", &package->version},
				       {"requires_python", &package->requires_python},
				       {"metadata_source", &package->metadata_source}};
	if (read_strings(reader, object, fields, ARRAY_LENGTH(fields)) ||
	    read_string(reader, object, "yanked", true, &package->why_yanked) ||
	    json_get_bool(object, "target", reader->what, &package->target, reader->err) ||
	    read_string_list(reader, object, "extras", &package->extras))
		return -1;
	size_t count = reader->lock->packages.count;
	if (count > 1 && strcmp(reader->lock->packages.items[count - 2].name, package->name) >= 0)
		return fail(reader, package->name, "packages must be sorted by name, each once");
	return 0;
}

static int read_each(struct reader *reader, json_t *object, const char *key, struct lock_package *package,
		     int (*read)(struct reader *, json_t *, struct lock_package *))
{
	json_t *array;
	if (json_get_array(object, key, reader->what, &array, reader->err))
		return -1;
	for (size_t i = 0; i < json_array_size(array); i++)
		if (read(reader, json_array_get(array, i), package))
			return -1;
	return 0;
}

static int read_packages(struct reader *reader, json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (read_package_head(reader, json_array_get(array, i)))
			return -1;
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *object = json_array_get(array, i);
		struct lock_package *package = &reader->lock->packages.items[i];
		if (read_each(reader, object, "requires", package, read_require) ||
		    read_each(reader, object, "files", package, read_file) ||
		    read_each(reader, object, "skipped", package, read_skip))
			return -1;
		if (!package->files.count)
			return fail(reader, package->name, "has no file");
	}
	return 0;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int read_environment(struct reader *reader, json_t *object)
{
	const char *name;
	json_t *value;
	VEC(const char *) names = VEC_INIT;
	int status = 0;
	json_object_foreach (object, name, value) {
		if (!json_is_string(value))
			status = fail(reader, "environment", "expected strings");
		vec_push(&names, name);
	}
	vec_sort(&names, compare_strings);
	for (size_t i = 0; !status && i < names.count; i++) {
		vec_push(&reader->lock->environment, arena_strdup(&reader->lock->arena, names.items[i]));
		vec_push(
			&reader->lock->environment,
			arena_strdup(&reader->lock->arena, json_string_value(json_object_get(object, names.items[i]))));
	}
	vec_clear(&names);
	return status;
}

static int read_lock(struct reader *reader, json_t *json)
{
	static const char *const keys[] = {"schema",      "python",   "platform", "requirements",
					   "environment", "packages", NULL};
	struct lock *lock = reader->lock;
	const char *const *requirements;
	json_t *environment, *packages;
	const struct field fields[] = {{"python", &lock->python}, {"platform", &lock->platform}};
	if (json_check_schema(json, LOCK_SCHEMA, reader->what, reader->err) || check_keys(reader, json, "lock", keys) ||
	    read_strings(reader, json, fields, ARRAY_LENGTH(fields)) ||
	    read_string_list(reader, json, "requirements", &requirements) ||
	    json_get_object(json, "environment", reader->what, &environment, reader->err) ||
	    json_get_array(json, "packages", reader->what, &packages, reader->err))
		return -1;
	for (; *requirements; requirements++)
		vec_push(&lock->requirements, *requirements);
	return read_environment(reader, environment) || read_packages(reader, packages) ? -1 : 0;
}

int lock_from_json(json_t *json, const char *what, struct lock *out, struct error *err)
{
	struct lock lock;
	lock_init(&lock);
	struct reader reader = {&lock, what, err};
	if (read_lock(&reader, json)) {
		lock_clear(&lock);
		return -1;
	}
	*out = lock;
	return 0;
}
