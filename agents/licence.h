// The licence of a release, from its own files: License-Expression, else the licence classifiers,
// else a short License field, of METADATA; and the licence files that stand in the wheel.
#ifndef AGENTS_LICENCE_H
#define AGENTS_LICENCE_H

#include "core/config.h"
#include "core/store.h"

// folder: the unpacked wheel. *out: {"expression": "BSD-3-Clause" or "", "classifiers": […], "source": "License-Expression",
// "classifiers", "License" or "none", "files": [{"path": "LICENSE" as it will stand in module and repository, "digest": of the bytes in the store}]}
int licence_of_release(const char *folder, struct store *store, json_t **out, struct error *err);

enum licence_verdict { LICENCE_FINE, LICENCE_REMARK, LICENCE_REFUSED };
// By the configuration: *reason (heap, NULL when fine) says what and which setting decides.
enum licence_verdict licence_judge(json_t *licence, const struct config *config, char **reason);

#endif
