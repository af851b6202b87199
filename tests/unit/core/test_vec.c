// The vector: growth, items that are structs with commas in them, empty ones.
#include "fixture.h"

#include "core/vec.h"

struct pair {
	int a, b;
};

static void test_push(void **state)
{
	(void)state;
	VEC(struct pair) pairs = VEC_INIT;
	for (int i = 0; i < 10000; i++) {
		vec_push(&pairs, (struct pair){i, -i});
		assert_int_equal(vec_last(&pairs)->b, -i);
		assert_true(pairs.count <= pairs.cap);
	}
	assert_int_equal(pairs.count, 10000);
	int expected = 0;
	vec_each (&pairs, pair) {
		assert_int_equal(pair->a, expected);
		expected++;
	}
	assert_int_equal(expected, 10000);
	vec_clear(&pairs);
	assert_null(pairs.items);
	assert_int_equal(pairs.count + pairs.cap, 0);
	vec_push(&pairs, (struct pair){1, 2}); // usable again
	assert_int_equal(pairs.items[0].a, 1);
	vec_clear(&pairs);
	vec_clear(&pairs);
}

static void test_reserve(void **state)
{
	(void)state;
	VEC(uint64_t) numbers = VEC_INIT;
	vec_reserve(&numbers, 0);
	assert_null(numbers.items);
	vec_reserve(&numbers, 1000);
	assert_true(numbers.cap >= 1000);
	uint64_t *before = numbers.items;
	for (uint64_t i = 0; i < 1000; i++)
		vec_push(&numbers, i);
	assert_ptr_equal(numbers.items, before);
	vec_reserve(&numbers, 1);
	assert_true(numbers.cap >= 1001);
	assert_int_equal(numbers.items[999], 999);
	vec_clear(&numbers);
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void test_empty_and_sort(void **state)
{
	(void)state;
	VEC(int) numbers = VEC_INIT;
	vec_each (&numbers, number)
		fail();
	vec_sort(&numbers, compare); // qsort of NULL would be undefined
	for (int i = 0; i < 100; i++)
		vec_push(&numbers, i * 37 % 100);
	vec_sort(&numbers, compare);
	for (int i = 0; i < 100; i++)
		assert_int_equal(numbers.items[i], i);
	vec_clear(&numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_empty_and_sort),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
