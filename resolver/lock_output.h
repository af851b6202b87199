// A lock in the forms that people and other tools read.
#ifndef RESOLVER_LOCK_OUTPUT_H
#define RESOLVER_LOCK_OUTPUT_H

#include "core/text.h"
#include "resolver/lock.h"

// The tree from the targets down, why each release is there, what was passed over.
void lock_to_text(const struct lock *lock, struct text *out);
// pylock.toml (PEP 751), for this lock's environment.
int lock_to_pylock(const struct lock *lock, struct text *out, struct error *err);
// requirements.txt for `pip install --require-hashes -r`. ERROR_INDEX when the index gave no hash for a release.
int lock_to_requirements(const struct lock *lock, struct text *out, struct error *err);
// format: "text", "json", "pylock" or "requirements"; ERROR_USAGE for another.
int lock_output(const struct lock *lock, const char *format, struct text *out, struct error *err);

#endif
