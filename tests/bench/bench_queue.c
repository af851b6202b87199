// Measures the queue: loading, no-op jobs (claim and finish, nothing between),
// memory per job, reading. Starts a redis-server of its own.
//
//     bench_queue [--jobs N] [--needs N] [--agents N] [--fsync always|everysec|no]
//     bench_queue --fan-out N        one job that N others need: the longest call
#include <getopt.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "scheduler/queue.h"

struct bench {
	int jobs, needs, agents, fan_out;
	const char *fsync;
	char *folder, *socket, *url;
	pid_t server;
};

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void must(int status, const struct error *err)
{
	if (!status)
		return;
	fprintf(stderr, "bench_queue: %s\n", err->text);
	exit(1);
}

static void start_server(struct bench *bench)
{
	struct error err = ERROR_INIT;
	must(dir_temporary("/tmp", "bench-queue-", &bench->folder, &err), &err);
	bench->socket = xasprintf("%s/s", bench->folder);
	bench->url = xasprintf("unix:%s", bench->socket);
	bench->server = fork();
	if (bench->server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", bench->socket, "--dir",
		       bench->folder, "--appendonly", "yes", "--appendfsync", bench->fsync, "--save", "",
		       "--slowlog-log-slower-than", "500", "--slowlog-max-len", "10000", "--logfile", "log", NULL);
		_exit(127);
	}
	while (access(bench->socket, F_OK))
		usleep(1000);
	usleep(50000);
}

// A number of INFO: what follows the label in that section.
static double info(const struct bench *bench, const char *section, const char *label)
{
	redisContext *context = redisConnectUnix(bench->socket);
	redisReply *reply = redisCommand(context, "INFO %s", section);
	const char *at = strstr(reply->str, label);
	double number = at ? strtod(at + strlen(label), NULL) : 0;
	freeReplyObject(reply);
	redisFree(context);
	return number;
}

static double memory_used(const struct bench *bench)
{
	return info(bench, "memory", "used_memory_dataset:");
}

// Seconds of processor time that Redis has used.
static double server_time(const struct bench *bench)
{
	return info(bench, "cpu", "used_cpu_user:") + info(bench, "cpu", "used_cpu_sys:");
}

// Each job needs some of the hundred before it; every hundredth needs nothing.
static void load_run(struct queue *queue, const char *run, int count, int needs)
{
	struct error err = ERROR_INIT;
	struct queue_job *jobs = xcalloc((size_t)count, sizeof *jobs);
	char(*ids)[32] = xcalloc((size_t)count, sizeof *ids);
	const char **all = xcalloc((size_t)count * (size_t)(needs ? needs : 1), sizeof *all);
	for (int i = 0; i < count; i++) {
		snprintf(ids[i], sizeof ids[i], "translate:p@1:u%d", i);
		jobs[i] = (struct queue_job){ids[i], "translate", count - i, &all[(size_t)i * (size_t)needs], 0};
		for (int j = 0; j < needs && i % 100; j++)
			all[(size_t)i * (size_t)needs + jobs[i].need_count++] =
				ids[i - 1 - rand() % (i < 100 ? i : 100)];
	}
	double begin = now();
	must(queue_load(queue, run, "digest", "bridge", jobs, (size_t)count, &err), &err);
	double loaded = now();
	must(queue_seal(queue, run, &err), &err);
	printf("%-28s %9.2f s (%.0f jobs/s), sealed in %.2f s\n", "load", loaded - begin, count / (loaded - begin),
	       now() - loaded);
	free(all);
	free(ids);
	free(jobs);
}

static void serve(const struct bench *bench, const char *run)
{
	struct error err = ERROR_INIT;
	struct queue *queue;
	must(queue_open(bench->url, &queue, &err), &err);
	for (bool over = false; !over;) {
		struct queue_claim claim;
		enum queue_answer answer;
		must(queue_claim(queue, run, "agent", 60000, 1000, &claim, &err), &err);
		over = claim.finished;
		if (claim.job)
			must(queue_finish(queue, run, claim.job, claim.fence, "", "", &answer, &err), &err);
		queue_claim_clear(&claim);
	}
	queue_free(queue);
	_exit(0);
}

static void measure_status(struct queue *queue, const char *run)
{
	struct error err = ERROR_INIT;
	struct queue_status status;
	double worst = 0, begin = now();
	for (int i = 0; i < 1000; i++) {
		double one = now();
		must(queue_status(queue, run, &status, &err), &err);
		worst = now() - one > worst ? now() - one : worst;
	}
	printf("%-28s %9.3f ms, worst %.3f ms\n", "status", now() - begin, worst * 1000);
}

static void measure(const struct bench *bench)
{
	struct error err = ERROR_INIT;
	struct queue *queue;
	must(queue_open(bench->url, &queue, &err), &err);
	double before = memory_used(bench);
	double loading = server_time(bench);
	load_run(queue, "run", bench->jobs, bench->needs);
	printf("%-28s %9.1f µs a job\n", "processor time of Redis", (server_time(bench) - loading) * 1e6 / bench->jobs);
	printf("%-28s %9.1f bytes\n", "memory per job, loaded", (memory_used(bench) - before) / bench->jobs);
	measure_status(queue, "run");
	double begin = now(), used = server_time(bench);
	for (int i = 0; i < bench->agents; i++)
		if (fork() == 0)
			serve(bench, "run");
	for (int i = 0; i < bench->agents; i++)
		wait(NULL);
	double took = now() - begin;
	printf("%-28s %9.0f jobs/s (%d agents, appendfsync %s)\n", "claim and finish", bench->jobs / took,
	       bench->agents, bench->fsync);
	printf("%-28s %9.1f µs a job\n", "processor time of Redis", (server_time(bench) - used) * 1e6 / bench->jobs);
	printf("%-28s %9.1f bytes\n", "memory per job, done", (memory_used(bench) - before) / bench->jobs);
	begin = now();
	must(queue_check(queue, "run", &err), &err);
	printf("%-28s %9.2f s\n", "check", now() - begin);
	queue_free(queue);
}

// The longest call of a function since the last reset, in microseconds.
static long long longest_call(const struct bench *bench)
{
	redisContext *context = redisConnectUnix(bench->socket);
	redisReply *reply = redisCommand(context, "SLOWLOG GET 10000");
	long long longest = 0;
	for (size_t i = 0; i < reply->elements; i++) {
		const redisReply *command = reply->element[i]->element[3]->element[0];
		if (!strcmp(command->str, "FCALL") && reply->element[i]->element[2]->integer > longest)
			longest = reply->element[i]->element[2]->integer;
	}
	freeReplyObject(reply);
	freeReplyObject(redisCommand(context, "SLOWLOG RESET"));
	redisFree(context);
	return longest;
}

static void measure_fan_out(const struct bench *bench)
{
	struct error err = ERROR_INIT;
	struct queue *queue;
	struct queue_claim claim;
	struct queue_status status = {0};
	enum queue_answer answer;
	size_t count = (size_t)bench->fan_out + 1;
	struct queue_job *jobs = xcalloc(count, sizeof *jobs);
	char(*ids)[32] = xcalloc(count, sizeof *ids);
	const char *const root[] = {"scan:root"};
	must(queue_open(bench->url, &queue, &err), &err);
	for (size_t i = 0; i < count; i++) {
		snprintf(ids[i], sizeof ids[i], "emit:p@%zu", i);
		jobs[i] = (struct queue_job){i ? ids[i] : root[0], i ? "emit" : "scan", 1, root, i ? 1 : 0};
	}
	must(queue_load(queue, "run", "digest", "bridge", jobs, count, &err), &err);
	printf("%-28s %9lld µs\n", "longest call of load", longest_call(bench));
	must(queue_seal(queue, "run", &err), &err);
	must(queue_claim(queue, "run", "agent", 60000, 0, &claim, &err), &err);
	longest_call(bench);
	double begin = now();
	must(queue_finish(queue, "run", claim.job, claim.fence, "", "", &answer, &err), &err);
	queue_claim_clear(&claim);
	while (status.ready < bench->fan_out) {
		int moved;
		must(queue_reap(queue, "run", &moved, &err), &err);
		must(queue_status(queue, "run", &status, &err), &err);
	}
	printf("%-28s %9.2f s, longest call %lld µs\n", "wave", now() - begin, longest_call(bench));
	free(ids);
	free(jobs);
	queue_free(queue);
}

int main(int argc, char **argv)
{
	struct bench bench = {.jobs = 20000, .needs = 0, .agents = 4, .fsync = "everysec"};
	static const struct option options[] = {
		{"jobs", required_argument, NULL, 'j'},   {"needs", required_argument, NULL, 'n'},
		{"agents", required_argument, NULL, 'a'}, {"fan-out", required_argument, NULL, 'o'},
		{"fsync", required_argument, NULL, 'f'},  {NULL, 0, NULL, 0}};
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) >= 0;) {
		if (option == 'j')
			bench.jobs = atoi(optarg);
		else if (option == 'n')
			bench.needs = atoi(optarg);
		else if (option == 'a')
			bench.agents = atoi(optarg);
		else if (option == 'o')
			bench.fan_out = atoi(optarg);
		else if (option == 'f')
			bench.fsync = optarg;
		else
			return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	start_server(&bench);
	if (bench.fan_out) {
		measure_fan_out(&bench);
	} else {
		printf("%d jobs, %d needs each\n", bench.jobs, bench.needs);
		measure(&bench);
	}
	kill(bench.server, SIGKILL);
	waitpid(bench.server, NULL, 0);
	struct error err = ERROR_INIT;
	must(dir_remove_tree(bench.folder, &err), &err);
	free(bench.folder);
	free(bench.socket);
	free(bench.url);
	return 0;
}
