// Start and end: signals, libraries' global set-up, and the exit status.
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <curl/curl.h>
#include <git2.h>

#include "cli/cli.h"
#include "graphs/graph.h"

static volatile int interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static void set_up_process(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_DUMPABLE, 0);
	setlocale(LC_CTYPE, "C.UTF-8"); // file names in archives are UTF-8, whatever the user's locale
	curl_global_init(CURL_GLOBAL_DEFAULT);
	git_libgit2_init();
	graphs_init();
}

static int finish(struct cli *cli, int status, const struct error *err)
{
	if (fflush(stdout) && !status) {
		if (errno == EPIPE) // the reader (head, say) has seen enough
			return cli->exit_status;
		fprintf(stderr, "gophersnake: standard output: cannot write\n");
		return 6;
	}
	if (status < 0) {
		if (cli->command)
			fprintf(stderr, "gophersnake %s: %s\n", cli->command->name, err->text);
		else
			fprintf(stderr, "gophersnake: %s\n", err->text);
		return error_exit_status(err->code);
	}
	return cli->exit_status;
}

int main(int argc, char **argv)
{
	set_up_process();
	struct cli cli = {.interrupted = &interrupted, .program = argv[0]};
	struct error err = ERROR_INIT;
	int status = cli_parse(&cli, argc, argv, &err);
	if (!status) {
		enum log_level level = cli.verbosity < 0    ? LOG_ERROR
				       : cli.verbosity == 0 ? LOG_NOTICE
				       : cli.verbosity == 1 ? LOG_INFO
							    : LOG_DEBUG;
		cli.log = log_new(level, STDERR_FILENO);
		status = cli.command->run(&cli, &err);
	}
	int code = finish(&cli, status > 0 ? 0 : status, &err);
	log_free(cli.log);
	config_clear(&cli.config);
	vec_clear(&cli.values);
	vec_clear(&cli.arguments);
	git_libgit2_shutdown();
	curl_global_cleanup();
	return code;
}
