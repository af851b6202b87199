//go:build !gophersnake_bundle

// libpython: found in the process or opened, its functions looked up, its
// interpreter started in isolation (no environment variables, no site
// packages, UTF-8, no signal handlers), the bootstrap source run.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct pyrt_python pyrt_python;
struct pyrt_hooks pyrt_hooks;
bool pyrt_written;

static char message[1024]; // of pyrt_open and pyrt_start, which Go calls once, one after the other

static const char *fail(const char *what, const char *which)
{
	snprintf(message, sizeof message, "%s%s", what, which ? which : "unknown error");
	return message;
}

int pyrt_in_process(void)
{
	int (*is_initialized)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "Py_IsInitialized");
	if (!is_initialized)
		return 0;
	return is_initialized() ? 2 : 1;
}

static const char *load(const char *library, const char *version, void **handle)
{
	// Out of sight first, so that a wrong one can go again.
	*handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!*handle)
		return fail("", dlerror());
	const char *(*get_version)(void) = (const char *(*)(void))dlsym(*handle, "Py_GetVersion");
	const char *found = get_version ? get_version() : "no CPython";
	size_t length = strlen(version);
	if (strncmp(found, version, length) || (found[length] && found[length] != ' ' && found[length] != '+')) {
		fail("it is of another version: ", found);
		dlclose(*handle);
		return message;
	}
	// Extension modules expect libpython's symbols in the process.
	if (!dlopen(library, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD))
		return fail("", dlerror());
	return NULL;
}

const char *pyrt_open(const char *library, const char *version)
{
	void *handle = RTLD_DEFAULT;
	const char *problem = pyrt_in_process() ? NULL : load(library, version, &handle);
	if (problem)
		return problem;
#define X(result, name, parameters)                                  \
	if (!(py.name = (result(*) parameters)dlsym(handle, #name))) \
		return fail("it has no function ", #name);
	PYRT_FUNCTIONS(X)
#undef X
#define X(result, name, parameters) py.name = (result(*) parameters)dlsym(handle, #name);
	PYRT_OPTIONAL_FUNCTIONS(X)
#undef X
#define X(name)                                        \
	if (!(py.name = (void *)dlsym(handle, #name))) \
		return fail("it has no object ", #name);
	PYRT_OBJECTS(X)
	PYRT_EXCEPTIONS(X)
#undef X
	// The place of an object's type is the one thing that pyrt reads from memory: see that it is where it should be.
	if (py.PyLong_Type->type != py.PyType_Type)
		return fail("its objects have another layout (a free-threaded or tracing build); ",
			    "pyrt needs an ordinary one");
	return NULL;
}

const char *pyrt_version(void)
{
	return py.Py_GetVersion();
}

void pyrt_free(void *memory)
{
	free(memory);
}

// ---- start -----------------------------------------------------------------------------------------------------------

// From CPython 3.14 on.
static const char *initialize_with_config(const char *home, const char *program)
{
	void *config = py.PyInitConfig_Create();
	if (!config)
		return fail("", "out of memory");
	static const struct {
		const char *name;
		int64_t value;
	} settings[] = {{"isolated", 1},         {"use_environment", 0}, {"user_site_directory", 0},
			{"site_import", 0},      {"utf8_mode", 1},       {"install_signal_handlers", 0},
			{"configure_locale", 1}, {"parse_argv", 0}};
	int status = 0;
	for (size_t i = 0; !status && i < sizeof settings / sizeof settings[0]; i++)
		status = py.PyInitConfig_SetInt(config, settings[i].name, settings[i].value);
	if (!status && *home)
		status = py.PyInitConfig_SetStr(config, "home", home);
	if (!status && *program)
		status = py.PyInitConfig_SetStr(config, "program_name", program);
	if (!status)
		status = py.Py_InitializeFromInitConfig(config);
	const char *problem = NULL, *text = NULL;
	if (status) {
		py.PyInitConfig_GetError(config, &text);
		problem = fail("", text);
	}
	py.PyInitConfig_Free(config);
	return problem;
}

// As Py_DecodeLocale in UTF-8 mode, which is not set up yet: what is no UTF-8 becomes lone surrogates, byte by byte.
static wchar_t *widen(const char *text)
{
	wchar_t *wide = malloc((strlen(text) + 1) * sizeof *wide), *out = wide;
	const unsigned char *at = (const unsigned char *)text;
	while (wide && *at) {
		int more = *at >= 0xf0 && *at < 0xf5 ? 3 : *at >= 0xe0 && *at < 0xf0 ? 2 : *at >= 0xc2 && *at < 0xe0;
		uint32_t value = more ? *at & (0x3fu >> more) : *at;
		int got = 0;
		while (got < more && (at[got + 1] & 0xc0) == 0x80)
			value = value << 6 | (at[++got] & 0x3f);
		bool valid = *at < 0x80 || (more && got == more && value < 0x110000 && (value & 0x1ff800) != 0xd800 &&
					    value >= (more == 1   ? 0x80u
						      : more == 2 ? 0x800u
								  : 0x10000u));
		*out++ = (wchar_t)(valid ? value : 0xdc00u + *at);
		at += valid ? more + 1 : 1;
	}
	if (wide)
		*out = L'\0';
	return wide;
}

// These variables are settings for Py_InitializeEx.
static const char *set_flag(const char *name, int value)
{
	int *flag = dlsym(RTLD_DEFAULT, name);
	if (!flag)
		return fail("it has no variable ", name);
	*flag = value;
	return NULL;
}

static const char *initialize_with_flags(const char *home, const char *program)
{
	static const char *const flags[] = {"Py_IsolatedFlag", "Py_IgnoreEnvironmentFlag", "Py_NoUserSiteDirectory",
					    "Py_NoSiteFlag", "Py_UTF8Mode"};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		const char *problem = set_flag(flags[i], 1);
		if (problem)
			return problem;
	}
	if (!py.Py_InitializeEx || !py.Py_SetPythonHome || !py.Py_SetProgramName)
		return fail("", "it can be started in no way that pyrt knows");
	// CPython keeps both texts.
	wchar_t *wide_home = widen(home), *wide_program = widen(program);
	if (!wide_home || !wide_program)
		return fail("", "out of memory");
	if (*home)
		py.Py_SetPythonHome(wide_home);
	if (*program)
		py.Py_SetProgramName(wide_program);
	py.Py_InitializeEx(0); // 0: Go keeps its signal handlers
	return NULL;
}

static PyObject *mark_written(PyObject *self, PyObject *none)
{
	(void)self, (void)none;
	pyrt_written = true;
	return pyrt_reference(py._Py_NoneStruct);
}

static PyMethodDef mark_written_definition = {"mark_written", mark_written, PYRT_NO_ARGUMENTS, NULL};

static const char *python_failed(const char *what)
{
	PyObject *type = NULL, *value = NULL, *trace = NULL;
	py.PyErr_Fetch(&type, &value, &trace);
	ptrdiff_t size;
	PyObject *name = type ? py.PyObject_GetAttrString(type, "__name__") : NULL;
	const char *text = name ? py.PyUnicode_AsUTF8AndSize(name, &size) : NULL;
	snprintf(message, sizeof message, "%s: %s", what, text ? text : "unknown error");
	pyrt_drop(name);
	pyrt_drop(type);
	pyrt_drop(value);
	pyrt_drop(trace);
	return message;
}

static const char *run_bootstrap(const char *source)
{
	PyObject *module = py.PyImport_AddModule("_gophersnake"); // borrowed
	PyObject *names = module ? py.PyModule_GetDict(module) : NULL;
	PyObject *mark = py.PyCFunction_NewEx(&mark_written_definition, NULL, NULL);
	if (!names || !mark || py.PyDict_SetItemString(names, "mark_written", mark) ||
	    py.PyDict_SetItemString(names, "__builtins__", py.PyEval_GetBuiltins()))
		return python_failed("making the bootstrap module");
	pyrt_drop(mark);
	PyObject *code = py.Py_CompileString(source, "<gophersnake>", PYRT_FILE_INPUT);
	PyObject *result = code ? py.PyEval_EvalCode(code, names, names) : NULL;
	pyrt_drop(code);
	if (!result)
		return python_failed("running the bootstrap source");
	pyrt_drop(result);
	pyrt_hooks.describe = pyrt_reference(py.PyDict_GetItemString(names, "describe"));
	pyrt_hooks.function = pyrt_reference(py.PyDict_GetItemString(names, "function"));
	pyrt_hooks.flush = pyrt_reference(py.PyDict_GetItemString(names, "flush"));
	return NULL;
}

const char *pyrt_start(const char *home, const char *program, const char *bootstrap)
{
	pyrt_gil_open();
	pyrt_hosted = py.Py_IsInitialized();
	if (pyrt_hosted) {
		int how = pyrt_enter();
		const char *problem = run_bootstrap(bootstrap);
		pyrt_leave(how);
		return problem;
	}
	const char *problem = py.PyInitConfig_Create && py.Py_InitializeFromInitConfig
				      ? initialize_with_config(home, program)
				      : initialize_with_flags(home, program);
	if (problem)
		return problem;
	problem = run_bootstrap(bootstrap);
	pyrt_gil_starter(py.PyEval_SaveThread());
	return problem;
}
