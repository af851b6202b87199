// Agent processes of this command. Each is this same program with the command
// "agent", tied to us: it ends when we are gone, however we went.
//
// Their messages go to runs/<run>/logs/agent-N.log, so that the terminal shows
// only the run.
#include "cli/agents.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/run.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/process.h"

enum { MOST_RESTARTS = 20 };

struct agent_process {
	pid_t pid; // 0: ended
	char *log;
};

struct agents {
	struct cli *cli;
	char *program, *run, *redis;
	int restarts;
	VEC(struct agent_process) processes;
};

extern char **environ;

static int start_one(struct agents *agents, struct agent_process *process, struct error *err)
{
	const struct config *config = &agents->cli->config;
	VEC(const char *) argv = VEC_INIT;
	const char *fixed[] = {agents->program,   "agent",       "--tied",         "--run",
			       agents->run,       "--redis",     agents->redis,    "--workspace",
			       config->workspace, "--cache-dir", config->cache_dir};
	for (size_t i = 0; i < ARRAY_LENGTH(fixed); i++)
		vec_push(&argv, fixed[i]);
	const char *const optional[][2] = {{"--python", config->python},
					   {"--config", cli_option(agents->cli, "config")},
					   {"--sandbox", cli_option(agents->cli, "sandbox")},
					   {"--budget", cli_option(agents->cli, "budget")}};
	for (size_t i = 0; i < ARRAY_LENGTH(optional); i++)
		if (optional[i][1]) {
			vec_push(&argv, optional[i][0]);
			vec_push(&argv, optional[i][1]);
		}
	if (agents->cli->verbosity > 0)
		vec_push(&argv, "-v");
	vec_push(&argv, NULL);
	cleanup_fd int log = open(process->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	int status = log < 0 ? error_errno(err, ERROR_WORKSPACE, "%s", process->log) : 0;
	struct process_options options = {.argv = argv.items, .environment = (const char *const *)environ};
	if (!status)
		status = process_start(&options, -1, log, log, &process->pid, err);
	vec_clear(&argv);
	return status;
}

int agents_start(struct cli *cli, const char *run, const char *redis, struct agents **out, struct error *err)
{
	struct agents *agents = xcalloc(1, sizeof *agents);
	char program[4096];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	*agents = (struct agents){.cli = cli, .run = xstrdup(run), .redis = xstrdup(redis)};
	agents->program = length > 0 ? xstrndup(program, (size_t)length) : xstrdup(cli->program);
	cleanup_free char *folder = run_folder(&cli->config, run);
	for (int i = 0; i < cli->config.agents; i++) {
		struct agent_process process = {.log = xasprintf("%s/logs/agent-%d.log", folder, i + 1)};
		int status = start_one(agents, &process, err);
		vec_push(&agents->processes, process);
		if (status) {
			agents_free(agents);
			return -1;
		}
	}
	*out = agents;
	return 0;
}

static void add_log_tail(const char *path, struct text *out)
{
	cleanup_text struct text text = TEXT_INIT;
	if (file_read(path, 16 << 20, &text, NULL) || !text.len)
		return;
	size_t from = text.len > 800 ? text.len - 800 : 0;
	text_addf(out, "\n%s", text.ptr + from);
}

int agents_watch(struct agents *agents, int *running, struct error *err)
{
	*running = 0;
	const struct agent_process *broken = NULL;
	vec_each (&agents->processes, process) {
		int status;
		if (!process->pid)
			continue;
		if (waitpid(process->pid, &status, WNOHANG) != process->pid) {
			++*running;
			continue;
		}
		process->pid = 0;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			continue; // the run is over
		// Status 2 is about settings or tools: another try would end in the same way.
		bool hopeless = WIFEXITED(status) && WEXITSTATUS(status) == 2;
		if (hopeless || agents->restarts >= MOST_RESTARTS || *agents->cli->interrupted) {
			broken = process;
			continue;
		}
		agents->restarts++;
		if (WIFSIGNALED(status))
			log_notice(agents->cli->log, "an agent was ended by signal %d; another one takes its place",
				   WTERMSIG(status));
		else
			log_notice(agents->cli->log, "an agent ended with status %d (%s); another one takes its place",
				   WEXITSTATUS(status), process->log);
		if (start_one(agents, process, err))
			return -1;
		++*running;
	}
	if (!*running && broken) {
		cleanup_text struct text tail = TEXT_INIT;
		add_log_tail(broken->log, &tail);
		return error_set(err, ERROR_FAILED, "all agents ended (restarts: %d); the last one's output (%s):%s",
				 agents->restarts, broken->log, text_str(&tail));
	}
	return 0;
}

void agents_stop(struct agents *agents, int64_t patience)
{
	vec_each (&agents->processes, process)
		if (process->pid)
			kill(process->pid, SIGTERM);
	int64_t end = system_clock.monotonic(system_clock.context) + patience;
	bool any = true;
	while (any && system_clock.monotonic(system_clock.context) < end) {
		any = false;
		vec_each (&agents->processes, process) {
			if (process->pid && waitpid(process->pid, NULL, WNOHANG) == process->pid)
				process->pid = 0;
			any |= process->pid != 0;
		}
		if (any)
			system_clock.sleep(system_clock.context, 20);
	}
}

void agents_free(struct agents *agents)
{
	if (!agents)
		return;
	vec_each (&agents->processes, process) {
		if (process->pid) {
			kill(process->pid, SIGKILL);
			while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
		free(process->log);
	}
	vec_clear(&agents->processes);
	free(agents->program);
	free(agents->run);
	free(agents->redis);
	free(agents);
}
