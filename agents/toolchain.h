// The interpreter and the Go that this machine has, asked once: versions and
// the folders that a sandbox must see. Errors say what is missing and the way out.
#ifndef AGENTS_TOOLCHAIN_H
#define AGENTS_TOOLCHAIN_H

#include "agents/sandbox.h"
#include "core/config.h"
#include "core/error.h"

struct toolchain {
	// CPython: the real executable (no shim, no virtual environment), its version, its folders.
	char *python;         // /usr/bin/python3.11
	char *python_version; // "3.11.7"
	char *python_minor;   // "3.11"
	char *python_prefix;  // sys.base_prefix
	char *libpython;      // full path of the shared library, NULL when this CPython has none
	// Go.
	char *go;         // /usr/local/go/bin/go
	char *go_root;    // GOROOT
	char *go_version; // "go1.26.8"
	char *go_cache;   // our own GOCACHE: <cache_dir>/go-build
};
// Both must be there: Go ≥ 1.23, CPython ≥ 3.8 (ERROR_TOOL otherwise). The interpreter: config.python, else
// GOPHERSNAKE_PYTHON, else python3 on PATH.
int toolchain_find(const struct config *config, struct toolchain *out, struct error *err);
void toolchain_clear(struct toolchain *toolchain);

// The same one by one, for doctor. They fill their own fields only; clear with toolchain_clear.
int toolchain_find_python(const struct config *config, struct toolchain *out, struct error *err);
int toolchain_find_go(const struct config *config, struct toolchain *out, struct error *err);

// A Python program in the sandbox. extra mounts beside the interpreter's folders. script is passed by -c … or as a file path inside.
int toolchain_python(const struct toolchain *toolchain, const struct sandbox *sandbox, const char *const *arguments,
		     const struct sandbox_mount *mounts, size_t mount_count, struct slice input, int64_t timeout,
		     uint64_t memory, size_t output_limit, const volatile int *interrupted,
		     struct process_result *result, struct error *err);

struct go_task {
	const char *const *arguments; // after "go": {"build", "./a", NULL}
	// Folder of the main module (outside); inside it is always /src, so that bytes don't depend on where it is.
	const char *module;
	bool module_writable;
	const char *proxy;                  // registry/go folder for GOPROXY=file://…, NULL = GOPROXY=off
	const char *module_cache;           // folder for GOMODCACHE, writable; NULL = a private one
	const char *requirements;           // folder with go.mod and go.sum in the place of the module's own, NULL
	const struct sandbox_mount *mounts; // what else the go command may see
	size_t mount_count;
	int64_t timeout;
	size_t output_limit; // 0 = 16 MiB
	const volatile int *interrupted;
};
// Hermetic: notes/go.md "Hermetic builds". Only the Go tools run here, so the shared build cache may be written. Never use
// it to run a built program: that goes through sandbox_run without any cache.
int toolchain_go(const struct toolchain *toolchain, const struct sandbox *sandbox, const struct go_task *task,
		 struct process_result *result, struct error *err);

// The go command outside of the sandbox, in a folder with a main module: for `go mod download` and its like, which fetch and parse and
// run nothing of what they fetch. It sees the user's settings for proxies, sums and their credentials (go help environment), and none
// that change what is built. proxy: asked before those of the user, NULL = none.
struct go_fetch {
	const char *const *arguments; // after "go"
	const char *folder, *module_cache, *proxy;
	int64_t timeout;
	const volatile int *interrupted;
};
int toolchain_go_fetch(const struct toolchain *toolchain, const struct go_fetch *fetch, struct process_result *result,
		       struct error *err);
#endif
