// Neutral import paths to published ones (design, "Neutral imports"):
//
//     py/sqlparse/sql            go.internal/py-sqlparse/sqlparse/sql
//     py/dist.sqlparse/pysrc     go.internal/py-sqlparse/pysrc
//     py/dist.tables/sqlparse/keywords
//                                go.internal/py-sqlparse/internal/dist.tables/sqlparse/keywords
//     py/dist.pyrt               go.internal/pyrt
//
// In the module of a cycle, whose members each have a dist folder, these keep their name ("…/dist.a/pysrc"); so does one
// that a Python module called "pysrc" would collide with.
#ifndef AGENTS_PUBLISH_PATHS_H
#define AGENTS_PUBLISH_PATHS_H

#include "agents/publish.h"

struct publish_paths; // the packages of a group and of all below it
int publish_paths_make(struct work *work, const struct publish_view *view, int group, json_t *emit,
		       struct publish_paths **out, struct error *err);
void publish_paths_free(struct publish_paths *paths);
// A package of tables that a translation of the group brings: "dist.tables/sqlparse/keywords".
void publish_paths_add_tables(struct publish_paths *paths, const char *folder);

// A rewrite_mapping; context is the publish_paths. Notes which groups are imported.
bool publish_paths_map(void *context, struct slice path, struct text *out);
// The published folder, below the module, of a neutral folder of the group itself ("dist.x/pysrc" → "pysrc").
char *publish_paths_folder(const struct publish_paths *paths, const char *folder);
// Was a package of that group (-1: pyrt) imported since the last publish_paths_forget?
bool publish_paths_used(const struct publish_paths *paths, int group);
void publish_paths_forget(struct publish_paths *paths);
#endif
