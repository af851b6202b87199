// The Python side of a registry, made from its ledger: the wheels of all
// published releases, the bundle of their native functions, and the index
// that pip and uv read (registry/simple, agents/wheel/simple.h).
//
//     registry/units/<digest>.json       a unit with native functions (docs/formats/bundle.md), written by publish, never changed
//     registry/bundles/<version>.json    "gophersnake.bundle/1": what a version of gophersnake-bundle was made of
//     registry/simple/                   can be made again from the rest
//
// Every release has its original wheel there (from its Go module's zip); one with native functions has a wheel
// `+go.<rev>` too, rev being that of its Go module.
#ifndef AGENTS_WHEEL_INDEX_H
#define AGENTS_WHEEL_INDEX_H

#include "agents/work.h"

struct wheel_index {
	int releases;        // with an original wheel
	int native_wheels;   // +go wheels
	char *bundle;        // version of gophersnake-bundle that stands for all of them now; NULL: there is none
	int functions;       // that the wheels take from it
	VEC(char *) reasons; // what is not there, or less than it could be, and why
};
void wheel_index_clear(struct wheel_index *index);

// Brings registry/simple up to date: wheels and pages that are there already cost a look. A bundle that cannot be built is a
// reason, no error: its packages work without it. The caller holds the workspace's lock. -1: damaged registry, disk.
int wheel_index_update(struct work *work, struct wheel_index *out, struct error *err);

char *wheel_index_folder(const char *workspace); // registry/simple
#endif
