// What record.c, record_suite.c and record_programs.c share, and those who run a release in the sandbox in the same way (prove_fuzz_calls.c,
// border.c).
#ifndef AGENTS_RECORD_INTERNAL_H
#define AGENTS_RECORD_INTERNAL_H

#include "agents/record.h"
#include "core/vec.h"

struct recording {
	struct work *work;
	const struct lock_package *package;
	char *scratch; // release/, deps/N/, sdist/, records/, programs/
	json_t *scan;
	char *suite;              // folder with the tests (outside), NULL when there are none
	bool proposals;           // there are proposed inputs: records/proposals.json
	json_t *where;            // folders in it that pytest is given; [] for all of it
	json_t *path;             // sys.path inside
	json_t *runs;             // what happened in each run of the sandbox
	json_t *notes;            // sentences
	json_t *requirements;     // "pytest 9.2.0": what was installed for the tests
	VEC(char *) dependencies; // folders (outside) of unpacked wheels; inside /deps/N
};

// record.c: all but work.
void recording_clear(struct recording *recording);

// record_proposals.c: what was proposed for the release, NULL when nothing was.
const json_t *record_proposals(const struct work *work, int package);
// The name of one of their "needs", NULL after the last; planned: its number in the plan, -1 when the plan does not have it.
const char *record_need(const struct work *work, int package, size_t number, int *planned);

// record_suite.c: the tests and what they need; network is used here and nowhere else.
int recording_find_suite(struct recording *recording, struct error *err);
int recording_find_dependencies(struct recording *recording, struct error *err);
// The file of the lock that has the tests, NULL when the release has none.
const struct lock_file *recording_sdist(const struct lock_package *package);

// record_programs.c: programs of a folder of agents/python ("recording") for the sandbox, and python -S -s -c BOOT ARGUMENT… there, with
// release, records, programs (as /gophersnake), dependencies and suite.
int recording_unpack_programs(struct recording *recording, const char *folder, struct error *err);
int recording_python(const struct recording *recording, const char *boot, const char *const *arguments, json_t *task,
		     int64_t timeout, size_t output_limit, struct process_result *result, struct error *err);
// A program of agents/python/recording, again for the rest when it did not reach its end.
int recording_run(struct recording *recording, const char *kind, int side, int64_t timeout, struct error *err);
// A phase of judge.py; its answer in records/<phase>.json.
int recording_judge(struct recording *recording, const char *phase, struct error *err);

#endif
