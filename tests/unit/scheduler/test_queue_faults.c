// What goes wrong between us and Redis: each time a clear error that names the
// Redis without its password, and nothing lost. Real servers, except for what
// no server at hand does: being too old, or talking nonsense.
#include "redis_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "scheduler/connection.h"
#include "scheduler/queue.h"
#include "scheduler/redis_url.h"

enum { LONG = 3600000 };

static const struct queue_job one = {"scan:a", "scan", 1, NULL, 0};

static int free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static struct queue *open_loaded(const char *url)
{
	struct error err = ERROR_INIT;
	struct queue *queue;
	assert_ok(queue_open(url, &queue, &err));
	assert_ok(queue_load(queue, "r", "digest", "bridge", &one, 1, &err));
	assert_ok(queue_seal(queue, "r", &err));
	return queue;
}

static void test_urls(void **state)
{
	static const struct {
		const char *url, *path, *host;
		int port;
		const char *user, *password;
		int database;
		const char *name;
	} good[] = {
		{"redis://example.org", NULL, "example.org", 6379, NULL, NULL, 0, "redis://example.org:6379/0"},
		{"redis://", NULL, "127.0.0.1", 6379, NULL, NULL, 0, "redis://127.0.0.1:6379/0"},
		{"redis://h:7000/12", NULL, "h", 7000, NULL, NULL, 12, "redis://h:7000/12"},
		{"redis://h/", NULL, "h", 6379, NULL, NULL, 0, "redis://h:6379/0"},
		{"redis://:secret@h", NULL, "h", 6379, NULL, "secret", 0, "redis://h:6379/0"},
		{"redis://secret@h", NULL, "h", 6379, NULL, "secret", 0, "redis://h:6379/0"},
		{"redis://me:s%40%3a%2F%25@h:1/2", NULL, "h", 1, "me", "s@:/%", 2, "redis://me@h:1/2"},
		{"redis://me:a@b@h", NULL, "h", 6379, "me", "a@b", 0, "redis://me@h:6379/0"},
		{"redis://[::1]:6380/1", NULL, "::1", 6380, NULL, NULL, 1, "redis://[::1]:6380/1"},
		{"redis://[fe80::1]", NULL, "fe80::1", 6379, NULL, NULL, 0, "redis://[fe80::1]:6379/0"},
		{"unix:/run/redis.sock", "/run/redis.sock", NULL, 0, NULL, NULL, 0, "unix:/run/redis.sock"},
		{"unix:///run/redis.sock", "/run/redis.sock", NULL, 0, NULL, NULL, 0, "unix:/run/redis.sock"},
	};
	static const struct {
		const char *url, *words;
	} bad[] = {
		{"rediss://h", "rediss:// (TLS) needs hiredis 1.0"},
		{"http://h", "must be redis://"},
		{"", "must be redis://"},
		{"redis://h:0", "no valid port: \"0\""},
		{"redis://h:65536", "no valid port: \"65536\""},
		{"redis://h:6379x", "no valid port: \"6379x\""},
		{"redis://h:", "no valid port: \"\""},
		{"redis://h/x", "\"/x\", which is no database"},
		{"redis://h/-1", "which is no database"},
		{"redis://h/1?timeout=3", "which is no database"},
		{"redis://:100%@h", "% that is not followed"},
		{"redis://:a%0g@h", "% that is not followed"},
		{"redis://:a%00@h", "% that is not followed"},
		{"redis://[::1", "without its \"]\""},
		{"redis://[::1]x", "\"x\" after its address"},
		{"unix:redis.sock", "no absolute path"},
		{"unix:", "no absolute path"},
		{"unix:/"
		 "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		 "12345678901234567890",
		 "longer than 107 bytes"},
	};
	struct error err = ERROR_INIT;
	struct redis_url url;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
		assert_ok(redis_url_parse(good[i].url, &url, &err));
#define same(a, b) ((a) == (b) || ((a) && (b) && !strcmp((a), (b))))
		if (!same(url.path, good[i].path) || !same(url.host, good[i].host) || url.port != good[i].port ||
		    !same(url.user, good[i].user) || !same(url.password, good[i].password) ||
		    url.database != good[i].database || !same(url.name, good[i].name))
			fail_msg("%s is read as %s, host %s, password %s", good[i].url, url.name, url.host,
				 url.password);
		redis_url_clear(&url);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		assert_fails(redis_url_parse(bad[i].url, &url, &err), ERROR_REDIS, bad[i].words);
}

static void test_refused(void **state)
{
	struct error err = ERROR_INIT;
	struct queue *queue;
	int port = free_port();
	cleanup_free char *url = xasprintf("redis://:geheim@127.0.0.1:%d/3", port),
			  *words = xasprintf("redis://127.0.0.1:%d/3: Connection refused", port);
	(void)state;
	assert_fails(queue_open(url, &queue, &err), ERROR_REDIS, words);
	assert_null(strstr(err.text, "geheim"));
	assert_non_null(strstr(err.text, "--redis"));
	assert_fails(queue_open("unix:/nowhere/redis.sock", &queue, &err), ERROR_REDIS,
		     "unix:/nowhere/redis.sock: No such file");
	assert_fails(queue_open("redis://no.such.host.invalid", &queue, &err), ERROR_REDIS,
		     "redis://no.such.host.invalid:6379/0");
}

static void test_passwords(void **state)
{
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	struct queue *queue;
	int port = free_port();
	cleanup_free char *port_text = xasprintf("%d", port);
	const char *const extra[] = {"--port", port_text, "--requirepass", "ge:heim", "--databases", "4", NULL};
	(void)state;
	fixture_start(&server, extra);
	static const struct {
		const char *login, *database, *words;
	} rows[] = {{"", "", "it wants a password"},
		    {":falsch@", "", "wrong user or password"},
		    {"nobody:ge%3aheim@", "", "wrong user or password"},
		    {":ge%3aheim@", "/4", "there is no such database"}};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		cleanup_free char *url = xasprintf("redis://%s127.0.0.1:%d%s", rows[i].login, port, rows[i].database);
		assert_fails(queue_open(url, &queue, &err), ERROR_REDIS, rows[i].words);
		assert_null(strstr(err.text, "heim"));
		assert_null(strstr(err.text, "falsch"));
		assert_non_null(strstr(err.text, "127.0.0.1"));
	}
	cleanup_free char *url = xasprintf("redis://:ge%%3aheim@127.0.0.1:%d/3", port);
	queue = open_loaded(url);
	assert_ok(queue_check(queue, "r", &err));
	queue_free(queue);
	// A user who may too little.
	fixture_do(&server, "AUTH ge:heim");
	fixture_do(&server, "ACL SETUSER reader on >leser ~* +ping +select +@read");
	cleanup_free char *poor = xasprintf("redis://reader:leser@127.0.0.1:%d", port);
	assert_fails(queue_open(poor, &queue, &err), ERROR_REDIS, "this user may not do that");
	// And one who may just enough. (The line for operators in queue.lua.)
	fixture_do(&server,
		   "ACL SETUSER agent on >agent ~{r:* ~gophersnake:* +ping +select +fcall +fcall_ro "
		   "+function|load +time +exists +del "
		   "+hget +hmget +hset +hsetnx +hdel +hincrby +hexists +lindex +llen +lrange +lpop +rpush "
		   "+blpop +sadd +srem +scard "
		   "+smembers +srandmember +zadd +zrem +zpopmin +zrange +zcard +xadd +xlen +xrange +xrevrange +xinfo");
	cleanup_free char *enough = xasprintf("redis://agent:agent@127.0.0.1:%d", port);
	queue = open_loaded(enough);
	struct queue_claim claim;
	enum queue_answer answer;
	int moved;
	assert_ok(queue_claim(queue, "r", "a", 0, 0, &claim, &err));
	queue_claim_clear(&claim);
	assert_ok(queue_reap(queue, "r", &moved, &err));
	assert_int_equal(moved, 1);
	assert_ok(queue_claim(queue, "r", "a", LONG, 0, &claim, &err));
	assert_ok(queue_fail(queue, "r", "scan:a", claim.fence, false, "package", "no", &answer, &err));
	queue_claim_clear(&claim);
	assert_ok(queue_retry(queue, "r", "scan:a", &err));
	assert_ok(queue_claim(queue, "r", "a", LONG, 0, &claim, &err));
	const struct queue_job unit = {"translate:a", "translate", 1, NULL, 0};
	assert_ok(queue_extend(queue, "r", "scan:a", claim.fence, &unit, 1, NULL, 0, &err));
	assert_ok(queue_finish(queue, "r", "scan:a", claim.fence, "d", "{}", &answer, &err));
	queue_claim_clear(&claim);
	assert_ok(queue_pause(queue, "r", true, &err));
	assert_ok(queue_claim(queue, "r", "a", LONG, 50, &claim, &err));
	assert_ok(queue_cancel(queue, "r", &err));
	assert_ok(queue_check(queue, "r", &err));
	queue_free(queue);
	fixture_stop(&server);
}

static void test_password_not_wanted(void **state)
{
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	struct queue *queue;
	int port = free_port();
	cleanup_free char *port_text = xasprintf("%d", port), *url = xasprintf("redis://:geheim@127.0.0.1:%d", port);
	const char *const extra[] = {"--port", port_text, NULL};
	(void)state;
	fixture_start(&server, extra);
	assert_fails(queue_open(url, &queue, &err), ERROR_REDIS, "it has no password set, but the URL has one");
	assert_null(strstr(err.text, "geheim"));
	fixture_stop(&server);
}

static void test_replica(void **state)
{
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	struct queue *queue, *other;
	struct queue_claim claim;
	struct queue_status status;
	(void)state;
	fixture_start(&server, NULL);
	queue = open_loaded(server.url);
	fixture_do(&server, "REPLICAOF 127.0.0.1 1");
	assert_fails(queue_claim(queue, "r", "a", LONG, 0, &claim, &err), ERROR_REDIS,
		     "read-only replica: give the URL of its master");
	assert_ok(queue_status(queue, "r", &status, &err)); // reading goes on
	assert_int_equal(status.ready, 1);
	assert_ok(queue_open(server.url, &other, &err));
	queue_free(other);
	fixture_do(&server, "FUNCTION FLUSH"); // refused there too
	fixture_do(&server, "REPLICAOF NO ONE");
	assert_ok(queue_claim(queue, "r", "a", LONG, 0, &claim, &err));
	queue_claim_clear(&claim);
	queue_free(queue);
	fixture_stop(&server);
}

static void test_memory(void **state)
{
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	struct queue_claim claim;
	(void)state;
	fixture_start(&server, NULL);
	struct queue *queue = open_loaded(server.url);
	fixture_do(&server, "CONFIG SET maxmemory 1");
	assert_fails(queue_claim(queue, "r", "a", LONG, 0, &claim, &err), ERROR_REDIS,
		     "its memory is full (maxmemory with noeviction), nothing was changed");
	fixture_do(&server, "CONFIG SET maxmemory 0");
	assert_ok(queue_check(queue, "r", &err));
	assert_ok(queue_claim(queue, "r", "a", LONG, 0, &claim, &err));
	queue_claim_clear(&claim);
	// One that would throw our keys away.
	fixture_do(&server, "CONFIG SET maxmemory 100mb");
	fixture_do(&server, "CONFIG SET maxmemory-policy allkeys-lru");
	assert_fails(queue_load(queue, "s", "digest", "bridge", &one, 1, &err), ERROR_REDIS,
		     "maxmemory-policy allkeys-lru) and would lose the run");
	fixture_do(&server, "CONFIG SET maxmemory-policy volatile-lru"); // ours never expire
	assert_ok(queue_load(queue, "s", "digest", "bridge", &one, 1, &err));
	queue_free(queue);
	fixture_stop(&server);
}

// A Redis whose disk cannot be written: here because its folder is gone.
static void test_disk(void **state)
{
	static const char *const extra[] = {"--appendonly", "no", "--save", "3600 1000000", NULL};
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	struct queue_claim claim;
	(void)state;
	fixture_start(&server, extra);
	struct queue *queue = open_loaded(server.url);
	fixture_do(&server, "PING");
	assert_int_equal(dir_remove_tree(server.folder, &err), 0); // the connections stay
	fixture_do(&server, "BGSAVE");
	for (int i = 0; i < 3000; i++) {
		cleanup_free char *info = fixture_command(&server, "INFO persistence");
		if (strstr(info, "rdb_last_bgsave_status:err"))
			break;
		usleep(20000);
	}
	assert_fails(queue_claim(queue, "r", "a", LONG, 0, &claim, &err), ERROR_REDIS,
		     "cannot write its data to disk and refuses changes, nothing was changed");
	struct queue_status status;
	assert_ok(queue_status(queue, "r", &status, &err));
	assert_int_equal(status.ready, 1);
	queue_free(queue);
	fixture_kill(&server);
}

static void test_loading(void **state)
{
	static const char *const extra[] = {"--appendonly",
					    "no",
					    "--enable-debug-command",
					    "yes",
					    "--key-load-delay",
					    "1000",
					    "--loading-process-events-interval-bytes",
					    "1024",
					    NULL};
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	(void)state;
	fixture_start(&server, extra);
	struct queue *queue = open_loaded(server.url);
	fixture_do(&server, "DEBUG POPULATE 1000 other 100");
	fixture_do(&server, "SAVE");
	fixture_kill(&server);
	// 1,000 keys of 1 ms each. queue_open waits until all is there.
	int64_t begin = fixture_now();
	pid_t pid = fork();
	if (pid == 0) {
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", server.socket, "--dir",
		       server.folder, "--appendonly", "no", "--save", "", "--key-load-delay", "1000",
		       "--loading-process-events-interval-bytes", "1024", "--logfile", "redis.log", NULL);
		_exit(127);
	}
	while (access(server.socket, F_OK))
		usleep(1000);
	struct queue *other = NULL;
	while (queue_open(server.url, &other, &err) && strstr(err.text, "onnect")) // between bind and listen
		usleep(1000);
	assert_non_null(other);
	assert_true(fixture_now() - begin > 900);
	struct queue_status status;
	assert_ok(queue_status(other, "r", &status, &err));
	assert_int_equal(status.ready, 1);
	queue_free(other);
	queue_free(queue);
	server.pid = pid;
	fixture_stop(&server);
}

static void test_restart(void **state)
{
	static const char *const extra[] = {"--appendfsync", "always", NULL};
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	struct queue_claim claim;
	enum queue_answer answer;
	bool lost;
	(void)state;
	fixture_start(&server, extra);
	struct queue *queue = open_loaded(server.url);
	assert_ok(queue_claim(queue, "r", "a", LONG, 0, &claim, &err));
	fixture_kill(&server);
	assert_fails(queue_beat(queue, "r", "scan:a", claim.fence, LONG, &lost, &err), ERROR_REDIS, server.url);
	assert_fails(queue_beat(queue, "r", "scan:a", claim.fence, LONG, &lost, &err), ERROR_REDIS, "cannot connect");
	fixture_launch(&server);
	// The same queue goes on: what was claimed is still ours.
	assert_ok(queue_beat(queue, "r", "scan:a", claim.fence, LONG, &lost, &err));
	assert_false(lost);
	assert_ok(queue_finish(queue, "r", "scan:a", claim.fence, "d", "", &answer, &err));
	assert_int_equal(answer, QUEUE_ACCEPTED);
	queue_claim_clear(&claim);
	// All data gone: the run does not exist any more, and that is what is said.
	fixture_do(&server, "FLUSHALL");
	fixture_do(&server, "FUNCTION FLUSH");
	assert_fails(queue_claim(queue, "r", "a", LONG, 0, &claim, &err), ERROR_REDIS,
		     "has no such run (was its data lost?)");
	queue_free(queue);
	fixture_stop(&server);
}

static void test_stopped(void **state)
{
	struct redis_fixture server;
	struct error err = ERROR_INIT;
	struct connection *connection;
	cleanup_command struct command ping = COMMAND_INIT;
	cleanup_reply redisReply *reply = NULL;
	(void)state;
	fixture_start(&server, NULL);
	assert_ok(connection_open(server.url, 300, &connection, &err));
	command_add(&ping, "PING");
	assert_ok(connection_call(connection, &ping, &reply, &err));
	kill(server.pid, SIGSTOP);
	redisReply *late = NULL;
	assert_fails(connection_call(connection, &ping, &late, &err), ERROR_REDIS, "no answer within 300 ms");
	kill(server.pid, SIGCONT);
	assert_fails(connection_call(connection, &ping, &late, &err), ERROR_REDIS,
		     "the connection is lost"); // never a late answer to an older question
	assert_ok(connection_reopen(connection, &err));
	assert_ok(connection_call(connection, &ping, &late, &err));
	freeReplyObject(late);
	connection_free(connection);
	fixture_stop(&server);
}

// A server that gives the same answers to whoever connects. NULL ends a connection.
static pid_t fake(int *port, const char *const *answers)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*port = ntohs(address.sin_port);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int client = accept(fd, NULL, NULL);
			char buffer[65536];
			for (int i = 0; answers[i] && read(client, buffer, sizeof buffer) > 0; i++)
				if (write(client, answers[i], strlen(answers[i])) < 0)
					break;
			shutdown(client, SHUT_WR); // an end, not a reset
			while (read(client, buffer, sizeof buffer) > 0)
				;
			close(client);
		}
	}
	close(fd);
	return pid;
}

static void test_strange_servers(void **state)
{
	static const struct {
		const char *answers[4], *words;
	} rows[] = {
		{{"+PONG\r\n", "-ERR unknown command `FCALL_RO`, with args beginning with: \r\n",
		  "$45\r\n# Server\r\nredis_version:6.0.16\r\nredis_mode:x\r\n\r\n"},
		 "is version 6.0.16 and has no functions: 7.0 or later is needed"},
		{{"+PONG\r\n", "-ERR unknown command `FCALL_RO`, with args beginning with: \r\n", "$-1\r\n"},
		 "does not say its version"},
		{{"HTTP/1.1 400 Bad Request\r\n\r\n"}, "Protocol error"},
		{{"+PONG\r\n", "+what?\r\n"}, "an answer of an unknown form"},
		{{"+PONG\r\n", "*3\r\n:1\r\n"}, "closed the connection"},
		{{"+PONG\r\n"}, "closed the connection"},
		{{"-DENIED Redis is running in protected mode because …\r\n"}, "protected mode: give it a password"},
		{{"-ERR max number of clients reached\r\n"}, "too many clients"},
		{{"+PONG\r\n", "-MOVED 3999 127.0.0.1:6381\r\n"}, "one node of a Redis Cluster"},
		{{"-MASTERDOWN Link with MASTER is down\r\n"}, "a replica that lost its master"},
		{{"-MISCONF Errors writing to the AOF file: No space left on device\r\n"},
		 "cannot write its data to disk"},
	};
	struct error err = ERROR_INIT;
	struct queue *queue;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		int port;
		pid_t pid = fake(&port, rows[i].answers);
		cleanup_free char *url = xasprintf("redis://127.0.0.1:%d", port);
		assert_fails(queue_open(url, &queue, &err), ERROR_REDIS, rows[i].words);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_passwords),
		cmocka_unit_test(test_password_not_wanted),
		cmocka_unit_test(test_replica),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_loading),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_strange_servers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
