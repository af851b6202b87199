// Wheel and sdist file names, and the list of tags a CPython on Linux supports.
#include "resolver/tag.h"

#include "resolver/name.h"

enum { MAX_FILE_NAME = 4096, MAX_TAGS = 4096 };

static int bad(struct slice file, const char *why, struct error *err)
{
	return error_set(err, ERROR_INPUT, "invalid distribution file name \"%.*s\": %s",
			 file.len > 200 ? 200 : (int)file.len, file.len ? file.ptr : "", why);
}

static bool has_empty_part(struct slice dotted)
{
	for (size_t i = 0; i <= dotted.len; i++)
		if ((i == dotted.len || dotted.ptr[i] == '.') && (!i || dotted.ptr[i - 1] == '.'))
			return true;
	return false;
}

static size_t count_parts(struct slice dotted)
{
	size_t count = 1;
	for (size_t i = 0; i < dotted.len; i++)
		count += dotted.ptr[i] == '.';
	return count;
}

static char *lower_slice(struct arena *arena, struct slice slice)
{
	char *text = arena_slice(arena, slice);
	for (char *c = text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	return text;
}

static int tags_expand(struct arena *arena, const struct slice *parts, struct slice file, struct wheel_name *out,
		       struct error *err)
{
	size_t total = 1;
	for (int i = 0; i < 3; i++) {
		if (has_empty_part(parts[i]))
			return bad(file, "an empty tag", err);
		total *= count_parts(parts[i]);
		if (total > MAX_TAGS)
			return bad(file, "too many tags", err);
	}
	const char **tags = arena_array(arena, total + 1, sizeof *tags);
	size_t count = 0;
	struct slice pythons = parts[0], python, abi, platform;
	while (slice_cut(&pythons, '.', &python)) {
		if (python.ptr[0] >= '0' && python.ptr[0] <= '9')
			return bad(file, "a Python tag that is no identifier", err);
		struct slice abis = parts[1];
		while (slice_cut(&abis, '.', &abi)) {
			struct slice platforms = parts[2];
			while (slice_cut(&platforms, '.', &platform))
				tags[count++] = arena_printf(arena, "%s-%s-%s", lower_slice(arena, python),
							     lower_slice(arena, abi), lower_slice(arena, platform));
		}
	}
	out->tags = tags;
	out->tag_count = count;
	return 0;
}

static int build_read(struct arena *arena, struct slice build, struct slice file, struct wheel_name *out,
		      struct error *err)
{
	size_t digits = 0;
	while (digits < build.len && build.ptr[digits] >= '0' && build.ptr[digits] <= '9')
		digits++;
	if (!digits || parse_u64((struct slice){build.ptr, digits}, &out->build))
		return bad(file, "the build tag does not begin with a number below 2^64", err);
	out->has_build = true;
	out->build_rest = arena_slice(arena, slice_from(build, digits));
	return 0;
}

int wheel_name_parse(struct arena *arena, struct slice file, struct wheel_name *out, struct error *err)
{
	if (file.len > MAX_FILE_NAME || !slice_ends(file, ".whl"))
		return bad(file, "not a .whl name", err);
	struct slice stem = {file.ptr, file.len - 4}, part, parts[6];
	size_t count = 0;
	while (slice_cut(&stem, '-', &part)) {
		if (count == 6)
			return bad(file, "too many parts", err);
		parts[count++] = part;
	}
	if (count != 5 && count != 6)
		return bad(file, "it needs name-version(-build)-python-abi-platform", err);
	struct wheel_name found = {.build_rest = ""};
	for (size_t i = 0; i < parts[0].len; i++) {
		char c = parts[0].ptr[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
			    c == '.';
		if (!word || (c == '_' && i && parts[0].ptr[i - 1] == '_'))
			return bad(file, "a project name that is not escaped as PEP 427 says", err);
	}
	if (!parts[0].len)
		return bad(file, "no project name", err);
	found.name = name_normalise(arena, parts[0]);
	if (version_parse(arena, parts[1], &found.version, err))
		return error_context(err, "wheel \"%.*s\"", file.len > 200 ? 200 : (int)file.len, file.ptr);
	if ((count == 6 && build_read(arena, parts[2], file, &found, err)) ||
	    tags_expand(arena, &parts[count - 3], file, &found, err))
		return -1;
	*out = found;
	return 0;
}

int sdist_name_parse(struct arena *arena, struct slice file, const char *project, struct sdist_name *out,
		     struct error *err)
{
	struct slice stem = file;
	if (file.len > MAX_FILE_NAME)
		return bad(file, "too long", err);
	if (slice_ends(file, ".tar.gz"))
		stem.len -= 7;
	else if (slice_ends(file, ".zip"))
		stem.len -= 4;
	else
		return bad(file, "neither .tar.gz nor .zip", err);
	// The version begins after the dash that leaves the project's name before it ("a-b-1.0", "a-1.0-1").
	for (size_t i = 1; i < stem.len; i++) {
		if (stem.ptr[i] != '-')
			continue;
		const char *name = name_normalise(arena, (struct slice){stem.ptr, i});
		if (strcmp(name, project) != 0)
			continue;
		if (version_parse(arena, slice_from(stem, i + 1), &out->version, err))
			return error_context(err, "sdist \"%.*s\"", file.len > 200 ? 200 : (int)file.len, file.ptr);
		out->name = name;
		return 0;
	}
	return bad(file, "it does not begin with the project's name and a dash", err);
}

// linux_ARCH, then manylinux from the present glibc down with the legacy names where they stand.
static void platforms_of(struct arena *arena, const char *machine, int glibc_major, int glibc_minor, tag_list *out)
{
	static const char *const known[] = {"x86_64",      "aarch64", "ppc64", "ppc64le", "s390x",
					    "loongarch64", "riscv64", "i686",  "armv7l"};
	bool manylinux = false;
	for (size_t i = 0; i < ARRAY_LENGTH(known); i++)
		manylinux = manylinux || !strcmp(machine, known[i]);
	bool intel = !strcmp(machine, "x86_64") || !strcmp(machine, "i686");
	vec_push(out, arena_printf(arena, "linux_%s", machine));
	for (int major = glibc_major; manylinux && major >= 2; major--) {
		int top = major == glibc_major ? glibc_minor : 50;
		int least = major > 2 ? 0 : intel ? 5 : 17;
		for (int minor = top; minor >= least; minor--) {
			vec_push(out, arena_printf(arena, "manylinux_%d_%d_%s", major, minor, machine));
			const char *legacy = major != 2    ? NULL
					     : minor == 17 ? "manylinux2014"
					     : minor == 12 ? "manylinux2010"
					     : minor == 5  ? "manylinux1"
							   : NULL;
			if (legacy && (minor == 17 || intel))
				vec_push(out, arena_printf(arena, "%s_%s", legacy, machine));
		}
	}
}

static void push_each(struct arena *arena, const tag_list *platforms, const char *prefix, tag_list *out)
{
	vec_each (platforms, platform)
		vec_push(out, arena_printf(arena, "%s-%s", prefix, *platform));
}

void tags_for_cpython(struct arena *arena, int major, int minor, bool free_threaded, const char *machine,
		      int glibc_major, int glibc_minor, tag_list *out)
{
	tag_list platforms = VEC_INIT;
	platforms_of(arena, machine, glibc_major, glibc_minor, &platforms);
	const char *flags = free_threaded ? "t" : major == 3 && minor < 8 ? "m" : "";
	push_each(arena, &platforms, arena_printf(arena, "cp%d%d-cp%d%d%s", major, minor, major, minor, flags), out);
	bool abi3 = !free_threaded && (major > 3 || (major == 3 && minor >= 2));
	if (abi3)
		push_each(arena, &platforms, arena_printf(arena, "cp%d%d-abi3", major, minor), out);
	push_each(arena, &platforms, arena_printf(arena, "cp%d%d-none", major, minor), out);
	for (int older = minor - 1; abi3 && older >= 2; older--)
		push_each(arena, &platforms, arena_printf(arena, "cp%d%d-abi3", major, older), out);
	// py311, py3, py310 … py30: first for each platform, then for any
	push_each(arena, &platforms, arena_printf(arena, "py%d%d-none", major, minor), out);
	push_each(arena, &platforms, arena_printf(arena, "py%d-none", major), out);
	for (int older = minor - 1; older >= 0; older--)
		push_each(arena, &platforms, arena_printf(arena, "py%d%d-none", major, older), out);
	vec_push(out, arena_printf(arena, "cp%d%d-none-any", major, minor));
	vec_push(out, arena_printf(arena, "py%d%d-none-any", major, minor));
	vec_push(out, arena_printf(arena, "py%d-none-any", major));
	for (int older = minor - 1; older >= 0; older--)
		vec_push(out, arena_printf(arena, "py%d%d-none-any", major, older));
	vec_clear(&platforms);
}

int wheel_rank(const struct wheel_name *wheel, const char *const *supported, size_t supported_count, const char **best)
{
	for (size_t i = 0; i < supported_count; i++)
		for (size_t j = 0; j < wheel->tag_count; j++)
			if (!strcmp(supported[i], wheel->tags[j])) {
				if (best)
					*best = supported[i];
				return (int)i;
			}
	return -1;
}
