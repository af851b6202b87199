// Time behind a small vtable, so that tests can use a fake one.
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

#include "core/text.h"

struct clock {
	int64_t (*wall)(void *context);      // milliseconds since 1970-01-01T00:00:00Z
	int64_t (*monotonic)(void *context); // milliseconds, never goes back
	void (*sleep)(void *context, int64_t milliseconds);
	void *context;
};

extern const struct clock system_clock;

// "2026-11-23T18:00:00Z"
void clock_format_utc(int64_t wall_milliseconds, struct text *out);
// Both "2026-11-23T18:00:00Z" and "…00.123456Z". 0 or -1.
int clock_parse_utc(struct slice text, int64_t *wall_milliseconds);
// "850 ms", "12.3 s", "4 min 05 s", "2 h 03 min": for people.
void clock_format_duration(int64_t milliseconds, struct text *out);
#endif
