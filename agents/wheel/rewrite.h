// The wheel of a release with native functions: the original's files byte for
// byte, but for a last line in the modules concerned (agents/wheel/line.h) and
// what names the version.
//
//     version       1.0 → 1.0+go.<rev>, 1.0+cu118 → 1.0+cu118.go.<rev>; in METADATA, the file's name, the names of the
//                   folders .dist-info and .data
//     METADATA      "Requires-Dist: gophersnake-bundle" after its other headers
//     RECORD        new; signatures of the old one (RECORD.jws, RECORD.p7s) are left out
//
// Tags, build number, entry points, scripts and everything else stay. The same inputs give the same bytes.
#ifndef AGENTS_WHEEL_REWRITE_H
#define AGENTS_WHEEL_REWRITE_H

#include "agents/wheel/tree.h"

struct wheel_edit {
	const char *file;  // in the wheel: "sqlparse/utils.py"
	const char *unit;  // digest by which the bundle knows the functions
	const char *names; // "remove_quotes Token.parse"
};

struct wheel_result {
	char *file_name;      // "sqlparse-0.5.3+go.0-py3-none-any.whl"
	struct text data;     // of the wheel
	struct text metadata; // METADATA
	size_t edited;        // modules; with 0 nothing else is set: the original does as well
	VEC(char *) reasons;  // of modules that stay as they are
};
void wheel_result_clear(struct wheel_result *result);
#define cleanup_wheel_result __attribute__((cleanup(wheel_result_clear)))

// ERROR_INPUT: what is no wheel.
int wheel_rewrite(struct slice wheel, const char *file_name, int64_t rev, const struct wheel_edit *edits, size_t count,
		  struct wheel_result *out, struct error *err);

// Parts, for those that list wheels. METADATA of a wheel: one file of it, unchanged.
int wheel_metadata(struct slice wheel, const char *file_name, struct text *out, struct error *err);
// "1.0" → "1.0+go.3"; heap, NULL with ERROR_INPUT.
char *wheel_version(const char *version, int64_t rev, struct error *err);
// The name of the file for the original's name; heap, NULL with ERROR_INPUT when that is no name of a wheel.
char *wheel_file_name(const char *original, int64_t rev, struct error *err);
#endif
