// Times as text and back; durations for people.
#include "fixture.h"

#include "core/clock.h"

static void test_utc(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t milliseconds;
		const char *back; // NULL: the same text
	} times[] = {
		{"1970-01-01T00:00:00Z", 0, NULL},
		{"2026-11-23T18:00:00Z", 1795456800000, NULL},
		{"2026-11-23T18:00:00.123456Z", 1795456800123, "2026-11-23T18:00:00Z"},
		{"2026-11-23T18:00:00.9Z", 1795456800900, "2026-11-23T18:00:00Z"},
		{"2026-11-23T18:00:00.123456789012345678901234567890Z", 1795456800123, "2026-11-23T18:00:00Z"},
		{"1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59Z"},
		{"2000-02-29T23:59:59Z", 951868799000, NULL},
		{"0001-01-01T00:00:00Z", -62135596800000, NULL},
		{"9999-12-31T23:59:59Z", 253402300799000, NULL},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(times); i++) {
		int64_t parsed = 42;
		assert_int_equal(clock_parse_utc(slice_of(times[i].text), &parsed), 0);
		assert_true(parsed == times[i].milliseconds);
		cleanup_text struct text text = TEXT_INIT;
		clock_format_utc(parsed, &text);
		assert_string_equal(text.ptr, times[i].back ? times[i].back : times[i].text);
	}
}

static void test_utc_refused(void **state)
{
	(void)state;
	static const char *const refused[] = {
		"",
		"2026-11-23",
		"2026-11-23T18:00:00",
		"2026-11-23T18:00:00+00:00",
		"2026-11-23 18:00:00Z",
		"2026-11-23t18:00:00z",
		"2026-11-23T18:00:00.Z",
		"2026-11-23T18:00:00Zx",
		"2026-11-23T18:00Z",
		" 2026-11-23T18:00:00Z",
		"2026-1-23T18:00:00Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z",
		"1900-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-04-00T00:00:00Z",
		"2026-04-01T24:00:00Z",
		"2026-04-01T00:60:00Z",
		"2026-04-01T00:00:60Z",
		"0000-01-01T00:00:00Z",
		"-001-01-01T00:00:00Z",
		"2026-+4-01T00:00:00Z",
	};
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
		int64_t parsed = 42;
		if (!clock_parse_utc(slice_of(refused[i]), &parsed))
			fail_msg("accepted: %s", refused[i]);
		assert_true(parsed == 42);
	}
	int64_t parsed;
	assert_int_equal(clock_parse_utc((struct slice){"2026-11-23T18:00:00Z", 19}, &parsed), -1);
}

static void test_duration(void **state)
{
	(void)state;
	static const struct {
		int64_t milliseconds;
		const char *text;
	} durations[] = {
		{0, "0 ms"},
		{-5, "0 ms"},
		{850, "850 ms"},
		{999, "999 ms"},
		{1000, "1.0 s"},
		{12340, "12.3 s"},
		{12350, "12.4 s"},
		{59949, "59.9 s"},
		{59950, "1 min 00 s"},
		{60000, "1 min 00 s"},
		{245000, "4 min 05 s"},
		{3599499, "59 min 59 s"},
		{3599500, "1 h 00 min"},
		{7380000, "2 h 03 min"},
		{360000000, "100 h 00 min"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(durations); i++) {
		cleanup_text struct text text = TEXT_INIT;
		clock_format_duration(durations[i].milliseconds, &text);
		assert_string_equal(text.ptr, durations[i].text);
	}
}

static void test_system(void **state)
{
	(void)state;
	const struct clock *clock = &system_clock;
	int64_t before = clock->monotonic(clock->context);
	clock->sleep(clock->context, 30);
	int64_t passed = clock->monotonic(clock->context) - before;
	assert_in_range(passed, 29, 5000);
	clock->sleep(clock->context, 0);
	clock->sleep(clock->context, -10);
	assert_true(clock->wall(clock->context) > 1700000000000); // milliseconds, and not before this was written
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utc),
		cmocka_unit_test(test_utc_refused),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_system),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
