// Messages: levels, prefixes, one line each also from many processes, nothing for the terminal to obey.
#include "fixture.h"

#include "core/log.h"

static char *logged(void **state, enum log_level level, void (*speak)(struct log *log))
{
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "log");
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	assert_true(fd >= 0);
	struct log *log = log_new(level, fd);
	speak(log);
	log_free(log);
	struct text text = TEXT_INIT;
	assert_ok(file_read(path, 1 << 20, &text, &err), err);
	return text_steal(&text);
}

static void say_all(struct log *log)
{
	log_error(log, "e %d", 1);
	log_warning(log, "w %s", "2");
	log_notice(log, "n");
	log_info(log, "i");
	log_debug(log, "d");
}

static void test_levels(void **state)
{
	static const struct {
		enum log_level level;
		const char *text;
	} levels[] = {
		{LOG_ERROR, "gophersnake: error: e 1\n"},
		{LOG_WARNING, "gophersnake: error: e 1\ngophersnake: warning: w 2\n"},
		{LOG_NOTICE, "gophersnake: error: e 1\ngophersnake: warning: w 2\nn\n"},
		{LOG_INFO, "gophersnake: error: e 1\ngophersnake: warning: w 2\nn\ni\n"},
		{LOG_DEBUG, "gophersnake: error: e 1\ngophersnake: warning: w 2\nn\ni\nd\n"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(levels); i++) {
		cleanup_free char *text = logged(state, levels[i].level, say_all);
		assert_string_equal(text, levels[i].text);
	}
	log_error(NULL, "nobody listens");
	log_free(NULL);
}

static void say_odd(struct log *log)
{
	log_notice(log, "%s", "a\033[31mred\033[0m\rb\x7f\x01 tab\there");
	log_notice(log, "%s",
		   "C1: \xc2\x9b"
		   "31m, é stays");
	log_notice(log, "first\nsecond\n\n");
	log_notice(log, "%s", "");
	log_notice(log, "%s", "\n");
}

static void test_control_characters(void **state)
{
	cleanup_free char *text = logged(state, LOG_NOTICE, say_odd);
	assert_string_equal(
		text, "a\\x1b[31mred\\x1b[0m\\x0db\\x7f\\x01 tab\there\nC1: \\x9b31m, é stays\nfirst\nsecond\n\n\n");
}

static void test_processes_do_not_mix(void **state)
{
	enum { PROCESSES = 4, LINES = 300 };
	struct error err = ERROR_INIT;
	cleanup_free char *path = below(state, "log");
	pid_t pids[PROCESSES];
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		struct log *log = log_new(LOG_NOTICE, open(path, O_WRONLY | O_CREAT | O_APPEND, 0600));
		for (int line = 0; line < LINES; line++)
			log_warning(log, "%0500d", i);
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_int_equal(wait_for(pids[i]), 0);
	cleanup_text struct text text = TEXT_INIT;
	assert_ok(file_read(path, 1 << 24, &text, &err), err);
	size_t length = strlen("gophersnake: warning: ") + 500 + 1;
	assert_int_equal(text.len, PROCESSES * LINES * length);
	for (size_t at = 0; at < text.len; at += length) {
		assert_true(slice_starts(slice_from(text_slice(&text), at), "gophersnake: warning: 0000"));
		assert_int_equal(text.ptr[at + length - 1], '\n');
	}
}

static char *on_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(master >= 0 && !grantpt(master) && !unlockpt(master));
	char name[64];
	assert_int_equal(ptsname_r(master, name, sizeof name), 0);
	int terminal = open(name, O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0);
	struct log *log = log_new(LOG_NOTICE, terminal);
	log_warning(log, "w");
	log_notice(log, "n");
	log_free(log);
	char buffer[256];
	ssize_t got = 0;
	while (got < 2 || memcmp(buffer + got - 2, "\r\n", 2) != 0 || !memchr(buffer, 'n', (size_t)got) ||
	       buffer[got - 3] != 'n') {
		ssize_t more = read(master, buffer + got, sizeof buffer - (size_t)got);
		assert_true(more > 0);
		got += more;
	}
	close(terminal);
	close(master);
	return xstrndup(buffer, (size_t)got);
}

static void test_colour(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	cleanup_free char *coloured = on_terminal();
	assert_string_equal(coloured, "gophersnake: \033[1;33mwarning: \033[0mw\r\nn\r\n");
	setenv("NO_COLOR", "1", 1);
	cleanup_free char *refused = on_terminal();
	assert_string_equal(refused, "gophersnake: warning: w\r\nn\r\n");
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	cleanup_free char *dumb = on_terminal();
	assert_string_equal(dumb, "gophersnake: warning: w\r\nn\r\n");
}

// A reader that is slow, or gone.
static void test_full_pipe(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	pid_t pid = fork();
	if (!pid) {
		close(ends[0]);
		struct log *log = log_new(LOG_NOTICE, ends[1]);
		for (int i = 0; i < 300; i++)
			log_notice(log, "%01000d", 7);
		_exit(0);
	}
	close(ends[1]);
	size_t total = 0;
	char buffer[4096];
	usleep(50000);
	for (ssize_t got; (got = read(ends[0], buffer, sizeof buffer));) {
		if (got > 0)
			total += (size_t)got;
		else
			usleep(1000);
	}
	assert_int_equal(wait_for(pid), 0);
	assert_int_equal(total, 300 * 1001);
	close(ends[0]);

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	struct log *log = log_new(LOG_NOTICE, ends[1]);
	errno = 7;
	log_notice(log, "into the void");
	assert_int_equal(errno, 7);
	log_free(log);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		folder_test(test_levels),
		folder_test(test_control_characters),
		folder_test(test_processes_do_not_mix),
		cmocka_unit_test(test_colour),
		cmocka_unit_test(test_full_pipe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
