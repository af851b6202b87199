// The licence of a release, from its own files: License-Expression, else the
// licence classifiers, else a short License field, of METADATA; and the
// licence files that stand in the wheel. Nothing is guessed: a classifier such
// as "BSD License" says no clause number, so it gives no expression.
#ifndef AGENTS_LICENCE_H
#define AGENTS_LICENCE_H

#include "core/config.h"
#include "core/store.h"

// folder: the unpacked wheel. *out: {"expression": "BSD-3-Clause" or "", "classifiers": […], "source": "License-Expression",
// "classifiers", "License" (then expression is that field's text) or "none", "text": for people: the
// expression, the last parts of the classifiers, or "unknown", "files": [{"path": "LICENSE" as it will stand in
// module and repository (a path that Go's module zips allow, unique also by case), "digest": of the bytes in the store}]}
int licence_of_release(const char *folder, struct store *store, json_t **out, struct error *err);

enum licence_verdict { LICENCE_FINE, LICENCE_REMARK, LICENCE_REFUSED };
// By the configuration: *reason (heap, NULL when fine) says what and which setting decides. Of an SPDX expression the user
// may choose one side of an OR, and is bound by both of an AND; of several classifiers each binds.
enum licence_verdict licence_judge(json_t *licence, const struct config *config, char **reason);

#endif
