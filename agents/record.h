// Stage `record R`: what the functions of a release do under CPython, measured
// in the sandbox: its own test suite, doctests and generated inputs run under a
// tracer, and every kept call is made again in two fresh processes.
// docs/formats/recording.md has the documents and the values.
//
// The calls are split by content: 70 of 100 are visible, the others are held
// out. Everything that a translator may see comes from this header; held-out
// calls are in agents/held_out.h, which only the proof of a function includes.
#ifndef AGENTS_RECORD_H
#define AGENTS_RECORD_H

#include "agents/work.h"

// Needs a scan of the release (and makes it when it is not there). digest: "gophersnake.recording/1" in the store, under a memo
// of its inputs. A release without tests, or whose tests hang or crash, has a recording that says so; the error is for what
// is not the release's fault: the index, the workspace, the sandbox.
int record_run(struct work *work, int package, char digest[DIGEST_HEX_SIZE], struct error *err);
// Proposed inputs of a release, for this work from now on: {"module:qualname": ["('abc', 3)", "(('x',), {'sep': '-'})"…], "prelude":
// Python source or several, "only": [module…], "needs": [release…]} (docs/formats/recording.md, "Proposed inputs"). They are part of the recording's key:
// everything below finds the recording with them and no other, as long as the work has them. NULL takes them back. ERROR_INPUT when
// it is no object or larger than 16 MiB; what is wrong inside is a note of the recording.
int record_propose(struct work *work, int package, json_t *proposals, struct error *err);
// record_propose and record_run.
int record_run_with(struct work *work, int package, json_t *proposals, char digest[DIGEST_HEX_SIZE], struct error *err);
// <folder>/inputs.json and all <folder>/*/inputs.json as one object of proposals; NULL with an error. Empty when there are none.
json_t *record_read_proposals(const char *folder, struct error *err);
// 1 = there is a recording: digest is that of its evidence and all its calls together, for memos; 0 = none; -1. Starts nothing.
int record_known(struct work *work, int package, char digest[DIGEST_HEX_SIZE], struct error *err);
// NULL with ERROR_WORKSPACE when it was not made yet.
json_t *record_result(struct work *work, int package, struct error *err);
// "gophersnake.calls/1" with the visible calls.
json_t *record_visible(struct work *work, int package, struct error *err);

#endif
