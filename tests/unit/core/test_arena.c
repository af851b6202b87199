// The arena: zeroed, aligned, apart from each other, also for large and many things.
#include "fixture.h"

#include "core/arena.h"

static void test_alloc(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	enum { COUNT = 4000 };
	unsigned char **blocks = xcalloc(COUNT, sizeof *blocks);
	size_t *sizes = xcalloc(COUNT, sizeof *sizes);
	for (size_t i = 0; i < COUNT; i++) {
		sizes[i] = i % 97 == 0 ? 100000 + i : i % 31 == 0 ? 20000 : i * 13 % 300;
		blocks[i] = arena_alloc(&arena, sizes[i]);
		assert_int_equal((uintptr_t)blocks[i] % _Alignof(max_align_t), 0);
		for (size_t at = 0; at < sizes[i]; at++)
			if (blocks[i][at])
				fail_msg("byte %zu of %zu is not zero", at, i);
		memset(blocks[i], (int)(i % 255 + 1), sizes[i]);
	}
	// Nobody wrote into somebody else's.
	for (size_t i = 0; i < COUNT; i++)
		for (size_t at = 0; at < sizes[i]; at++)
			if (blocks[i][at] != i % 255 + 1)
				fail_msg("byte %zu of %zu was overwritten", at, i);
	free(blocks);
	free(sizes);
	arena_clear(&arena);
	assert_null(arena.blocks);
	assert_non_null(arena_alloc(&arena, 1)); // usable again
}

static void test_strings(void **state)
{
	(void)state;
	cleanup_arena struct arena arena = ARENA_INIT;
	assert_null(arena_strdup(&arena, NULL));
	const char *name = "name";
	char *copy = arena_strdup(&arena, name);
	assert_string_equal(copy, "name");
	assert_ptr_not_equal(copy, name);
	assert_string_equal(arena_slice(&arena, (struct slice){"abcdef", 3}), "abc");
	assert_string_equal(arena_slice(&arena, (struct slice){NULL, 0}), "");
	assert_string_equal(arena_printf(&arena, "%s-%d", "x", 7), "x-7");
	assert_string_equal(arena_printf(&arena, "%s", ""), "");
	assert_int_equal(strlen(arena_printf(&arena, "%0*d", 200000, 1)), 200000);
	assert_string_equal(copy, "name");
	uint64_t *numbers = arena_array(&arena, 1000, sizeof *numbers);
	assert_true(numbers[0] == 0 && numbers[999] == 0);
}

// Sizes that overflow abort; they never give a small block.
static void aborts(size_t count, size_t size)
{
	pid_t pid = fork();
	if (!pid) {
		struct rlimit none = {0, 0};
		setrlimit(RLIMIT_CORE, &none);
		struct arena arena = ARENA_INIT;
		signal(SIGABRT, SIG_DFL);
		_exit(arena_array(&arena, count, size) ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void test_overflow(void **state)
{
	(void)state;
	aborts(SIZE_MAX / 2, 3);
	aborts(SIZE_MAX, 1);
	aborts(SIZE_MAX - 8, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_overflow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
