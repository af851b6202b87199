// For which values recorded calls prove a function.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agents/prove_kinds.h"

static void add(json_t *guards, const char *args)
{
	struct error err = ERROR_INIT;
	cleanup_json json_t *list = json_parse(slice_of(args), "args", &err);
	assert_non_null(list);
	cleanup_json json_t *call = json_pack("{s:O}", "args", list);
	prove_kinds_add(guards, call);
}

static void check(json_t *guards, const char *wanted)
{
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(guards, &text);
	assert_string_equal(text_str(&text), wanted);
}

static void test_union(void **state)
{
	(void)state;
	cleanup_json json_t *guards = json_object();
	check(guards, "{}");
	add(guards, "[[\"a\",\"x\"]]");
	check(guards, "{\"a\":{\"items\":[],\"kinds\":[\"str\"]}}");
	add(guards, "[[\"a\",null],[\"b\",true]]");
	add(guards, "[[\"b\",[\"int\",\"-8000000000000000\"]]]");
	check(guards,
	      "{\"a\":{\"items\":[],\"kinds\":[\"None\",\"str\"]},\"b\":{\"items\":[],\"kinds\":[\"bool\",\"int\"]}}");
	add(guards, "[[\"b\",[\"int\",\"8000000000000000\"]]]");
	add(guards, "[[\"b\",[\"float\",\"3ff8000000000000\"]]]");
	add(guards, "[[\"b\",[\"bytes\",\"\"]]]");
	add(guards, "[[\"a\",[\"str\",\"AA==\"]]]");
	check(guards,
	      "{\"a\":{\"items\":[],\"kinds\":[\"None\",\"str\"]},\"b\":{\"items\":[],\"kinds\":[\"bool\",\"int\","
	      "\"bigint\",\"float\",\"bytes\"]}}");
}

static void test_containers(void **state)
{
	(void)state;
	cleanup_json json_t *guards = json_object();
	// A list of two texts that look like words, a tuple in it; a dict; the list once more.
	add(guards, "[[\"a\",[\"list\",[\"int\",[\"tuple\",[1]]]]],[\"b\",[\"dict\",[[\"k\",[\"ref\",0]],[null,2]]]],"
		    "[\"c\",[\"ref\",1]]]");
	check(guards, "{\"a\":{\"items\":[\"int\",\"str\",\"tuple\"],\"kinds\":[\"list\"]},"
		      "\"b\":{\"items\":[\"None\",\"int\",\"str\",\"list\",\"tuple\"],\"kinds\":[\"dict\"]},"
		      "\"c\":{\"items\":[\"None\",\"int\",\"str\",\"list\",\"tuple\"],\"kinds\":[\"dict\"]}}");
	cleanup_json json_t *sets = json_object();
	add(sets, "[[\"s\",[\"set\",[[\"frozenset\",[1.0]],\"x\"]]],[\"t\",[\"ref\",0]],[\"u\",[\"ref\",7]]]");
	check(sets, "{\"s\":{\"items\":[\"str\",\"frozenset\"],\"kinds\":[\"set\"]},\"t\":{\"items\":[\"str\","
		    "\"frozenset\"],\"kinds\":[\"set\"]},"
		    "\"u\":{\"items\":[],\"kinds\":[]}}");
}

static void test_times(void **state)
{
	(void)state;
	cleanup_json json_t *guards = json_object();
	add(guards,
	    "[[\"a\",[\"datetime\",\"2020-01-02T03:04:05\",0,null]],[\"b\",[\"time\",\"01:02:03\",0,[0,0,\"UTC\"]]],"
	    "[\"c\",[\"list\",[[\"Decimal\",\"1.0\"],[\"timedelta\",[1,2,3]],[\"date\",\"2020-01-02\"]]]]]");
	check(guards, "{\"a\":{\"items\":[],\"kinds\":[\"datetime\"]},\"b\":{\"items\":[],\"kinds\":[\"aware_time\"]},"
		      "\"c\":{\"items\":[\"date\",\"timedelta\",\"Decimal\"],\"kinds\":[\"list\"]}}");
	add(guards,
	    "[[\"a\",[\"datetime\",\"2020-01-02T03:04:05\",0,[3600,0,\"x\"]]],[\"b\",[\"time\",\"01:02:03\",1,null]]]");
	check(guards,
	      "{\"a\":{\"items\":[],\"kinds\":[\"datetime\",\"aware_datetime\"]},\"b\":{\"items\":[],\"kinds\":["
	      "\"time\",\"aware_time\"]},"
	      "\"c\":{\"items\":[\"date\",\"timedelta\",\"Decimal\"],\"kinds\":[\"list\"]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_union), cmocka_unit_test(test_containers),
					   cmocka_unit_test(test_times)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
