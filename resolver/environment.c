// The environment of an interpreter: asked from itself, by a program that imports nothing but what is built in, so that it
// takes some ten milliseconds. The wheel tags are our own (tag.c) for the interpreter's version and C library.
#include <stdlib.h>
#include <unistd.h>

#include "core/process.h"
#include "resolver/resolve.h"
#include "resolver/tag.h"

enum { ANSWER_LIMIT = 64 * 1024, ANSWER_TIMEOUT = 60000 };

// One "name=value" a line.
static const char program[] =
	"import os, sys\n"
	"def version(v):\n"
	"    text = '%d.%d.%d' % v[:3]\n"
	"    return text if v[3] == 'final' else text + v[3][0] + str(v[4])\n"
	"i, u = sys.implementation, os.uname()\n"
	"try:\n"
	"    libc = os.confstr('CS_GNU_LIBC_VERSION') or ''\n"
	"except (ValueError, OSError):\n"
	"    libc = ''\n"
	"names = {'cpython': 'CPython', 'pypy': 'PyPy', 'graalpy': 'GraalVM'}\n"
	"answers = dict(implementation_name=i.name, implementation_version=version(i.version), os_name=os.name,\n"
	"    platform_machine=u.machine, platform_release=u.release, platform_system=u.sysname, "
	"platform_version=u.version,\n"
	"    python_full_version=sys.version.split()[0], python_version='%d.%d' % sys.version_info[:2],\n"
	"    platform_python_implementation=names.get(i.name, i.name), sys_platform=sys.platform,\n"
	"    libc=libc, flags=getattr(sys, 'abiflags', ''), bits=64 if sys.maxsize > 2**32 else 32,\n"
	"    major=sys.version_info[0], minor=sys.version_info[1])\n"
	"for name, value in answers.items():\n"
	"    print(name, ' '.join(str(value).split()), sep='=')\n";

void environment_clear(struct environment *environment)
{
	vec_clear(&environment->tags);
	arena_clear(&environment->arena);
}

static const char *answer_of(struct arena *arena, struct slice answers, const char *name)
{
	struct slice line;
	size_t length = strlen(name);
	while (slice_cut(&answers, '\n', &line))
		if (slice_starts(line, name) && line.len > length && line.ptr[length] == '=')
			return arena_slice(arena, slice_trim(slice_from(line, length + 1)));
	return "";
}

static int read_variables(struct environment *out, struct slice answers, const char *python, struct error *err)
{
	const struct {
		const char *name;
		const char **to;
	} variables[] = {{"implementation_name", &out->implementation_name},
			 {"implementation_version", &out->implementation_version},
			 {"os_name", &out->os_name},
			 {"platform_machine", &out->platform_machine},
			 {"platform_release", &out->platform_release},
			 {"platform_system", &out->platform_system},
			 {"platform_version", &out->platform_version},
			 {"python_full_version", &out->python_full_version},
			 {"platform_python_implementation", &out->platform_python_implementation},
			 {"python_version", &out->python_version},
			 {"sys_platform", &out->sys_platform}};
	for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
		*variables[i].to = answer_of(&out->arena, answers, variables[i].name);
	if (!*out->python_full_version || !*out->sys_platform)
		return error_set(err, ERROR_TOOL, "%s does not answer as a Python does", python);
	return 0;
}

static int read_number(struct environment *out, struct slice answers, const char *name)
{
	uint64_t number;
	return parse_u64(slice_of(answer_of(&out->arena, answers, name)), &number) || number > 10000 ? 0 : (int)number;
}

// "glibc 2.36"; 0.0 for another C library.
static void read_libc(struct slice text, int *major, int *minor)
{
	struct slice name, first, second;
	uint64_t numbers[2];
	*major = *minor = 0;
	if (!slice_cut(&text, ' ', &name) || !slice_is(name, "glibc") || !slice_cut(&text, '.', &first) ||
	    !slice_cut(&text, '.', &second) || parse_u64(first, &numbers[0]) || parse_u64(second, &numbers[1]) ||
	    numbers[0] > 99 || numbers[1] > 999)
		return;
	*major = (int)numbers[0];
	*minor = (int)numbers[1];
}

static int read_tags(struct environment *out, struct slice answers, const char *python, struct error *err)
{
	int major = read_number(out, answers, "major"), minor = read_number(out, answers, "minor");
	if (strcmp(out->implementation_name, "cpython") != 0)
		return error_set(err, ERROR_TOOL, "%s is %s: CPython is needed", python,
				 out->platform_python_implementation);
	if (major != 3 || minor < 8)
		return error_set(err, ERROR_TOOL, "%s is Python %s: 3.8 or later is needed", python,
				 out->python_full_version);
	if (strcmp(out->sys_platform, "linux") != 0)
		return error_set(err, ERROR_TOOL, "%s is for %s: only Linux is supported", python, out->sys_platform);
	const char *machine = out->platform_machine, *libc = answer_of(&out->arena, answers, "libc");
	if (read_number(out, answers, "bits") == 32) // a 32-bit interpreter on a 64-bit kernel
		machine = !strcmp(machine, "x86_64") ? "i686" : !strcmp(machine, "aarch64") ? "armv7l" : machine;
	int libc_major, libc_minor;
	read_libc(slice_of(libc), &libc_major, &libc_minor);
	tag_list tags = VEC_INIT;
	bool free_threaded = strchr(answer_of(&out->arena, answers, "flags"), 't') != NULL;
	tags_for_cpython(&out->arena, major, minor, free_threaded, machine, libc_major, libc_minor, &tags);
	vec_each (&tags, tag)
		vec_push(&out->tags, *tag);
	vec_clear(&tags);
	return 0;
}

int environment_of_python(const char *python, struct environment *out, struct error *err)
{
	const char *argv[] = {python, "-I", "-S", "-c", program, NULL};
	struct process_options options = {.argv = argv,
					  .environment = (const char *const *)environ, // a shim finds its Python by it
					  .output_limit = ANSWER_LIMIT,
					  .timeout = ANSWER_TIMEOUT};
	struct process_result result = {0};
	struct environment made = {.arena = ARENA_INIT};
	int status = process_run_ok(&options, &result, err);
	if (status)
		error_context(err, "asking %s for its version and platform", python);
	struct slice answers = text_slice(&result.output);
	if (!status)
		status = read_variables(&made, answers, python, err) || read_tags(&made, answers, python, err) ? -1 : 0;
	process_result_clear(&result);
	if (status)
		environment_clear(&made);
	else
		*out = made;
	return status;
}
