// The real clock, and times as text. Only UTC, only the calendar that Python's and Go's indexes write (RFC 3339
// with Z, years 0001 to 9999).
#include "core/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

static int64_t milliseconds_of(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t wall_now(void *context)
{
	(void)context;
	return milliseconds_of(CLOCK_REALTIME);
}

static int64_t monotonic_now(void *context)
{
	(void)context;
	return milliseconds_of(CLOCK_MONOTONIC);
}

// A signal ends the sleep early: who waits looks at what the signal said.
static void sleep_real(void *context, int64_t milliseconds)
{
	(void)context;
	if (milliseconds <= 0)
		return;
	struct timespec wait = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
	clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
}

const struct clock system_clock = {.wall = wall_now, .monotonic = monotonic_now, .sleep = sleep_real};

void clock_format_utc(int64_t wall_milliseconds, struct text *out)
{
	int64_t seconds = wall_milliseconds / 1000 - (wall_milliseconds % 1000 < 0);
	time_t when = (time_t)seconds;
	struct tm parts;
	if (!gmtime_r(&when, &parts))
		parts = (struct tm){.tm_mday = 1}; // a year beyond int: no clock of ours gives it
	text_addf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
		  parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static bool take_digits(struct slice *rest, size_t count, int *out)
{
	uint64_t value;
	if (rest->len < count || parse_u64((struct slice){rest->ptr, count}, &value))
		return false;
	*out = (int)value;
	*rest = slice_from(*rest, count);
	return true;
}

static bool take(struct slice *rest, char expected)
{
	if (!rest->len || rest->ptr[0] != expected)
		return false;
	*rest = slice_from(*rest, 1);
	return true;
}

// ".123456" as milliseconds, the rest cut off.
static bool take_fraction(struct slice *rest, int *milliseconds)
{
	*milliseconds = 0;
	if (!take(rest, '.'))
		return true;
	size_t count = 0;
	for (int unit = 100; rest->len && rest->ptr[0] >= '0' && rest->ptr[0] <= '9'; unit /= 10, count++) {
		*milliseconds += unit * (rest->ptr[0] - '0');
		*rest = slice_from(*rest, 1);
	}
	return count > 0;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

int clock_parse_utc(struct slice text, int64_t *wall_milliseconds)
{
	int year, month, day, hour, minute, second, fraction;
	if (!take_digits(&text, 4, &year) || !take(&text, '-') || !take_digits(&text, 2, &month) || !take(&text, '-') ||
	    !take_digits(&text, 2, &day) || !take(&text, 'T') || !take_digits(&text, 2, &hour) || !take(&text, ':') ||
	    !take_digits(&text, 2, &minute) || !take(&text, ':') || !take_digits(&text, 2, &second) ||
	    !take_fraction(&text, &fraction) || !take(&text, 'Z') || text.len)
		return -1;
	if (!year || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
	    minute > 59 || second > 59)
		return -1;
	struct tm parts = {.tm_year = year - 1900,
			   .tm_mon = month - 1,
			   .tm_mday = day,
			   .tm_hour = hour,
			   .tm_min = minute,
			   .tm_sec = second};
	*wall_milliseconds = (int64_t)timegm(&parts) * 1000 + fraction;
	return 0;
}

// Rounds before it chooses the form: 59,999 ms are "1 min 00 s", not "60.0 s".
void clock_format_duration(int64_t milliseconds, struct text *out)
{
	if (milliseconds < 0)
		milliseconds = 0;
	int64_t tenths = milliseconds / 100 + (milliseconds % 100 >= 50);
	int64_t seconds = milliseconds / 1000 + (milliseconds % 1000 >= 500);
	int64_t minutes = milliseconds / 60000 + (milliseconds % 60000 >= 30000);
	if (milliseconds < 1000)
		text_addf(out, "%" PRId64 " ms", milliseconds);
	else if (tenths < 600)
		text_addf(out, "%" PRId64 ".%" PRId64 " s", tenths / 10, tenths % 10);
	else if (seconds < 3600)
		text_addf(out, "%" PRId64 " min %02" PRId64 " s", seconds / 60, seconds % 60);
	else
		text_addf(out, "%" PRId64 " h %02" PRId64 " min", minutes / 60, minutes % 60);
}
