// The journal: whole lines, torn lines, several writers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "scheduler/journal.h"

enum { WRITERS = 6, LINES = 150 };

static char *folder, *path;

static int make_folder(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	if (dir_temporary("/tmp", "gophersnake-journal", &folder, &err))
		return -1;
	path = xasprintf("%s/journal.jsonl", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	int status = dir_remove_tree(folder, &err);
	free(folder);
	free(path);
	return status;
}

static int add_number(void *context, json_t *line)
{
	text_addf(context, "%lld ", (long long)json_integer_or(line, "n", -1));
	return 0;
}

static void check_numbers(const char *wanted, int wanted_damaged)
{
	struct error err = ERROR_INIT;
	int damaged = -1;
	cleanup_text struct text numbers = TEXT_INIT;
	assert_int_equal(journal_read(path, add_number, &numbers, &damaged, &err), 0);
	assert_string_equal(text_str(&numbers), wanted);
	assert_int_equal(damaged, wanted_damaged);
}

static void append(struct journal *journal, int number)
{
	struct error err = ERROR_INIT;
	cleanup_json json_t *line = json_pack("{s:i}", "n", number);
	assert_int_equal(journal_append(journal, line, &err), 0);
}

static void put(struct slice data)
{
	struct error err = ERROR_INIT;
	assert_int_equal(file_append_durable(path, data.ptr, data.len, &err), 0);
}

static void test_append_and_read(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct journal *journal, *again;
	cleanup_text struct text bytes = TEXT_INIT;
	check_numbers("", 0); // absent
	assert_int_equal(journal_open(path, &journal, &err), 0);
	check_numbers("", 0); // empty
	append(journal, 1);
	assert_int_equal(journal_open(path, &again, &err), 0);
	append(again, 2);
	append(journal, 3);
	check_numbers("1 2 3 ", 0);
	assert_int_equal(file_read(path, 1000, &bytes, &err), 0);
	assert_string_equal(text_str(&bytes), "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
	cleanup_json json_t *array = json_array();
	assert_int_equal(journal_append(journal, array, &err), -1);
	journal_free(journal);
	journal_free(again);
	journal_free(NULL);
}

static void test_torn(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct journal *journal;
	assert_int_equal(journal_open(path, &journal, &err), 0);
	append(journal, 1);
	put(SLICE("{\"n\":2"));
	check_numbers("1 ", 0); // perhaps still being written
	append(journal, 3);
	check_numbers("1 3 ", 1);
	put(SLICE("{\"n\":4}")); // whole, but for its newline: nobody was told
	check_numbers("1 3 ", 1);
	append(journal, 5);
	check_numbers("1 3 4 5 ", 1);
	put(SLICE("\n\n[1]\n{\"n\":6,\"n\":7}\n\0\0\0\n\xff\n7\n"));
	append(journal, 8);
	check_numbers("1 3 4 5 8 ", 6);
	journal_free(journal);
}

// Longer than a reader's buffer; longer than a line may be.
static void test_long(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct journal *journal;
	assert_int_equal(journal_open(path, &journal, &err), 0);
	cleanup_text struct text word = TEXT_INIT;
	for (int i = 0; i < 300 * 1000; i++)
		text_add_char(&word, 'x');
	cleanup_json json_t *line = json_pack("{s:i, s:s}", "n", 1, "word", word.ptr);
	assert_int_equal(journal_append(journal, line, &err), 0);
	append(journal, 2);
	text_reserve(&word, 18 * 1024 * 1024);
	while (word.len < 17 * 1024 * 1024)
		text_add_char(&word, 'x');
	text_add_char(&word, '\n');
	put(text_slice(&word));
	append(journal, 3);
	check_numbers("1 2 3 ", 1);
	journal_free(journal);
}

static int stop_at_two(void *context, json_t *line)
{
	add_number(context, line);
	return json_integer_or(line, "n", 0) == 2;
}

static void test_stop(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	cleanup_text struct text numbers = TEXT_INIT;
	put(SLICE("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n"));
	assert_int_equal(journal_read(path, stop_at_two, &numbers, NULL, &err), 0);
	assert_string_equal(text_str(&numbers), "1 2 ");
}

static int count_lines(void *context, json_t *line)
{
	int *next = context;
	const char *word = json_string_or(line, "word", "");
	int64_t writer = json_integer_or(line, "writer", -1);
	if (writer < 0 || writer >= WRITERS || json_integer_or(line, "n", -1) != next[writer] ||
	    strlen(word) != (size_t)next[writer] * 37)
		return 1;
	next[writer]++;
	return 0;
}

static int write_lines(struct journal *journal, int writer)
{
	cleanup_free char *word = xcalloc(LINES * 37 + 1, 1);
	for (int n = 0; n < LINES; n++) {
		cleanup_json json_t *line = json_pack("{s:i, s:i, s:s}", "writer", writer, "n", n, "word", word);
		if (journal_append(journal, line, NULL))
			return 1;
		memset(word, 'a' + writer, ((size_t)n + 1) * 37);
	}
	return 0;
}

// Processes that share one opened journal by fork, while others tear lines: each acknowledged line is there, in order.
static void test_writers(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct journal *journal;
	pid_t writers[WRITERS], tearer;
	assert_int_equal(journal_open(path, &journal, &err), 0);
	for (int i = 0; i < WRITERS; i++)
		if (!(writers[i] = fork()))
			_exit(write_lines(journal, i));
	if (!(tearer = fork()))
		for (;;) {
			file_append_durable(path, "{\"torn\":", 8, NULL);
			usleep(3000);
		}
	for (int i = 0; i < WRITERS; i++) {
		int status;
		assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
		assert_int_equal(status, 0);
	}
	kill(tearer, SIGKILL);
	waitpid(tearer, NULL, 0);
	int next[WRITERS] = {0}, damaged;
	assert_int_equal(journal_read(path, count_lines, next, &damaged, &err), 0);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(next[i], LINES);
	assert_true(damaged > 0);
	journal_free(journal);
}

static int append_beyond_limit(struct journal *journal)
{
	struct error err = ERROR_INIT;
	struct stat info;
	signal(SIGXFSZ, SIG_IGN);
	if (stat(path, &info))
		return 1;
	struct rlimit limit = {(rlim_t)info.st_size + 5, (rlim_t)info.st_size + 5};
	setrlimit(RLIMIT_FSIZE, &limit);
	cleanup_json json_t *line = json_pack("{s:i}", "n", 2);
	return journal_append(journal, line, &err) != -1 || err.code != ERROR_WORKSPACE ||
	       !strstr(err.text, "journal.jsonl");
}

// A write that ends half-way (as on a full disk): an error, and nothing of it stays.
static void test_full(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct journal *journal;
	cleanup_text struct text bytes = TEXT_INIT;
	assert_int_equal(journal_open(path, &journal, &err), 0);
	append(journal, 1);
	pid_t child = fork();
	if (!child)
		_exit(append_beyond_limit(journal));
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(file_read(path, 1000, &bytes, &err), 0);
	assert_string_equal(text_str(&bytes), "{\"n\":1}\n");
	journal_free(journal);
}

static void test_errors(void **state)
{
	(void)state;
	struct error err = ERROR_INIT;
	struct journal *journal = NULL;
	cleanup_free char *nowhere = xasprintf("%s/no/journal", folder);
	assert_int_equal(journal_open(nowhere, &journal, &err), -1);
	assert_null(journal);
	assert_int_equal(err.code, ERROR_WORKSPACE);
	assert_non_null(strstr(err.text, nowhere));
	assert_int_equal(journal_read(folder, add_number, NULL, NULL, &err), -1);
	assert_non_null(strstr(err.text, folder));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_append_and_read, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_torn, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_long, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_stop, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_writers, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_full, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_errors, make_folder, remove_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
