// The registry as stock `go` reads it: static files in the module proxy
// layout below <workspace>/registry/go (notes/go.md, "Registry").
//
//     <escaped module>/@v/<version>.mod, .zip    written once, never changed
//     <escaped module>/@v/<version>.info         last of the three: the version exists from then on
//     <escaped module>/@v/list                   what `@latest` chooses from
//     <escaped module>/@latest                   only while the list is empty
//
// `workspace` is its folder everywhere; other processes write at the same time, each under the module's lock.
#ifndef AGENTS_REGISTRY_H
#define AGENTS_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "agents/go/modzip.h"
#include "core/error.h"

char *registry_go_folder(const char *workspace); // for GOPROXY=file://…
// Of a module's files: suffix "mod", "zip", "info".
char *registry_path(const char *workspace, const char *module, const char *version, const char *suffix);
char *registry_list_path(const char *workspace, const char *module);
// <workspace>/repos/<element>.git, element being "py-django", "py-cycle-a" or "pyrt".
char *registry_repository(const char *workspace, const char *element);

// The lock of one module: its proxy folder, ledger and repository. Waits some seconds for another holder.
int registry_lock(const char *workspace, const char *element, int *fd, struct error *err);

struct registry_version {
	const char *module, *version;
	const char *time; // RFC 3339
	bool listed;      // false: can be asked for, is never @latest (pre-releases, yanked releases)
};
// The steps of publishing a version, each a no-op when it is done already. The caller holds the lock.
int registry_put_zip(const char *workspace, const struct registry_version *version, const struct module_tree *tree,
		     struct error *err);
int registry_put_mod(const char *workspace, const struct registry_version *version, struct slice gomod,
		     struct error *err);
int registry_put_info(const char *workspace, const struct registry_version *version, struct error *err);
int registry_put_list(const char *workspace, const struct registry_version *version, struct error *err);
// Puts a version of a module that others made there, unchanged: the claim (.ziphash, as in Go's module cache), then the files. Each
// of them may be NULL: go needs not all of each module of a graph. ERROR_POLICY when the registry has other bytes under that version. It takes the lock
// itself, and writes no list: what `@latest` of such a module is, its own proxies know.
struct registry_foreign {
	const char *module, *version;
	const char *h1;               // of the zip
	const char *zip, *mod, *info; // files
};
int registry_put_foreign(const char *workspace, const struct registry_foreign *foreign, struct error *err);
bool registry_has_foreign(const char *workspace,
			  const struct registry_foreign *foreign); // of h1 it looks only whether there is one
// Are .mod, .zip, .info there, and the version where `@latest` looks?
bool registry_is_complete(const char *workspace, const struct registry_version *version);

// A folder below the workspace whose name, and those of its new parents, survive a power cut.
int registry_make_folder(const char *path, struct error *err);
#endif
