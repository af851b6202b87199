// A Python index of static files (the simple repository API), below a folder:
//
//     index.html, index.json                         the projects
//     <project>/index.html, <project>/index.json     its files
//     files/<file>, files/<file>.metadata            each written once, never changed
//
// The HTML is complete (PEP 503, 592, 658, 700's version), since a server of plain files and file:// cannot negotiate; index.json
// beside it is what a server may give for application/vnd.pypi.simple.v1+json (PEP 691, 700). The URLs are relative.
// A page is replaced whole, and only when it changes; the files that it names are there before it.
//
// A file is a JSON object as PEP 691 has it: "filename", "url", "hashes", "size", "requires-python", "core-metadata",
// "dist-info-metadata", "yanked", "upload-time".
#ifndef AGENTS_WHEEL_SIMPLE_H
#define AGENTS_WHEEL_SIMPLE_H

#include "core/error.h"
#include "core/json.h"
#include "core/text.h"

struct simple_upload {
	const char *file_name;
	struct slice data, metadata;
	const char *yanked; // the reason, NULL when it is not yanked
	const char *time;   // ISO 8601, "" when unknown
};
// Puts a wheel and its METADATA there and describes it. Other bytes under the same name are ERROR_POLICY.
int simple_add(const char *folder, const struct simple_upload *upload, json_t **out, struct error *err);

// The files that a project's index.json describes and that are really there, {file name: object}; {} when there is no page
// that can be read. The caller's.
json_t *simple_known(const char *folder, const char *project);

// Writes a project's pages. files: an array of objects in any order, each name once; versions: strings.
int simple_write_project(const char *folder, const char *project, json_t *files, json_t *versions, struct error *err);
// Writes the root's pages. projects: normalised names, an array of strings, sorted.
int simple_write_root(const char *folder, json_t *projects, struct error *err);
#endif
