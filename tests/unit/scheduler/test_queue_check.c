// That queue_check sees every damage, and that the queue leaves alone what is
// not its own: keys, function libraries, limits.
#include "queue_fixture.h"

// What check is for: it must see every kind of damage.
static void test_check(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	static const struct {
		const char *damage, *words;
	} rows[] = {
		{"HSET {r:r}:j:emit:a n 2", "emit:a says 2 open needs, its edges say 1"},
		{"HSET {r:r}:j:emit:a n 0", "emit:a is in state w and has 0 open needs"},
		{"HSET {r:r}:j:emit:a s r", "emit:a is in state r and has 1 open needs"},
		{"HSET {r:r}:j:scan:b s w n 1", "scan:b is in the index \"ready\", but in state w"},
		{"ZREM {r:r}:ready 0000000005", "scan:b is in state r, but not in its index"},
		{"ZADD {r:r}:ready 7 0000000005", "scan:b has rank 3 and stands at 7"},
		{"ZADD {r:r}:ready 7 0000000099", "has \"0000000099\", which is no job"},
		{"ZADD {r:r}:delay 7 0000000005", "scan:b is in the index \"delay\", but in state r"},
		{"ZREM {r:r}:lease 0000000004", "scan:a is in state l, but not in its index"},
		{"HDEL {r:r}:j:scan:a f", "scan:a is in state l without a fence"},
		{"HSET {r:r}:j:scan:a z d", "scan:a is in state l, and its fence ended with 'd'"},
		{"HSET {r:r}:j:scan:a c 9", "scan:a is in state l after 0 attempts and 9 crashes"},
		{"HINCRBY {r:r}:meta w 1", "the count \"waiting\" is 5, but 4 jobs are"},
		{"HINCRBY {r:r}:meta total -1", "the count \"total\" is 5, but 6 jobs are"},
		{"ZADD {r:r}:b:4 5 5", "scan:a is in state l and has 1 bad needs"},
		{"SADD {r:r}:miss 5", "1 jobs are missing, but 0 are unknown"},
		{"RPUSH {r:r}:prop q7", "a wave is \"q7\""},
		{"RPUSH {r:r}:prop d4", "a wave says that scan:a is settled"},
		{"HSET {r:r}:meta cursor 3", "a cursor without a wave"},
		{"XDEL {r:r}:ev 0-2", "1 events from 1 to 1, and 2 were made"},
		{"XADD {r:r}:ev 0-9 e x", "events from 1 to 9"},
		{"HSET {r:r}:j:emit:a d 99", "emit:a is needed by 99, which is no job"},
		{"HSET {r:r}:j:scan:a # 2", "number 4 is \"scan:a\", whose record says 2"},
		{"DEL {r:r}:j:scan:a", "number 4 is \"scan:a\", whose record says 0"},
		{"LSET {r:r}:t:0 3 scan:q", "number 4 is \"scan:q\""},
		{"HSET {r:r}:j:scan:a s Q", "unknown state 'Q'"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		fixture_do(&server, "FLUSHALL");
		load(queue, "r", "bridge", pair, 6);
		claim_one(queue, "r", "scan:a");
		assert_check(queue, "r");
		fixture_do(&server, rows[i].damage);
		err = (struct error)ERROR_INIT;
		if (queue_check(queue, "r", &err) == 0)
			fail_msg("not seen: %s", rows[i].damage);
		if (!strstr(err.text, rows[i].words))
			fail_msg("%s: \"%s\", expected \"%s\"", rows[i].damage, err.text, rows[i].words);
	}
	assert_fails(queue_check(queue, "none", &err), ERROR_REDIS, "no such run");
}

static void test_foreign(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	char **runs;
	size_t count;
	fixture_do(&server, "SET user:1 x");
	fixture_do(&server, "HSET {r:mine}:meta a 1");
	fixture_do(&server, "RPUSH {r:theirs}:ready a b");
	fixture_do(&server, "SET {r:text}:meta x");
	assert_fails(queue_load(queue, "mine", "digest", "bridge", pair, 6, &err), ERROR_REDIS,
		     "the key \"{r:mine}:meta\"");
	assert_fails(queue_load(queue, "theirs", "digest", "bridge", pair, 6, &err), ERROR_REDIS,
		     "the key \"{r:theirs}:ready\"");
	assert_fails(queue_load(queue, "text", "digest", "bridge", pair, 6, &err), ERROR_REDIS, "somebody else's data");
	cleanup_free char *same = fixture_command(&server, "LRANGE {r:theirs}:ready 0 -1");
	assert_string_equal(same, "a b");
	cleanup_free char *hash = fixture_command(&server, "HGETALL {r:mine}:meta");
	assert_string_equal(hash, "a 1");
	fixture_do(&server, "DEL {r:mine}:meta {r:theirs}:ready {r:text}:meta");
	load(queue, "r", "bridge", pair, 6);
	assert_ok(queue_runs(queue, &runs, &count, &err)); // the refused ones do not exist
	assert_int_equal(count, 1);
	assert_string_equal(runs[0], "r");
	free(runs[0]);
	free(runs);
	fixture_do(&server, "DEL gophersnake:runs");
	fixture_do(&server, "SET gophersnake:runs theirs");
	assert_fails(queue_runs(queue, &runs, &count, &err), ERROR_REDIS, "somebody else's data");
	assert_fails(queue_load(queue, "new", "digest", "bridge", pair, 6, &err), ERROR_REDIS, "somebody else's data");
	cleanup_free char *kept = fixture_command(&server, "GET gophersnake:runs");
	assert_string_equal(kept, "theirs");
	cleanup_free char *user = fixture_command(&server, "GET user:1");
	assert_string_equal(user, "x");
	fixture_do(&server, "HSET {r:r}:meta protocol 9");
	struct queue_status status;
	assert_fails(queue_status(queue, "r", &status, &err), ERROR_REDIS, "made with queue protocol 9");
}

static void test_library(void **state)
{
	struct queue *queue = *state, *other;
	struct error err = ERROR_INIT;
	load(queue, "r", "bridge", pair, 6);
	fixture_do(&server, "FUNCTION FLUSH");
	claim_one(queue, "r", "scan:a"); // loads it again
	cleanup_free char *same = fixture_command(&server, "FCALL gophersnake_version 0");
	// An older one is replaced, a newer revision of the same protocol stays, a newer protocol is refused.
	static const char *const form =
		"#!lua name=gophersnake\nredis.register_function{function_name='gophersnake_version', "
		"callback=function() return {%d, %d, 'x'} end, flags={'no-writes'}}";
	cleanup_free char *older = xasprintf(form, 0, 7), *newer = xasprintf(form, 1, 1000),
			  *newest = xasprintf(form, 2, 1);
	free(fixture_command(&server, "FUNCTION LOAD REPLACE %s", older));
	assert_ok(queue_open(server.url, &other, &err));
	claim_one(other, "r", "scan:b");
	queue_free(other);
	free(fixture_command(&server, "FUNCTION LOAD REPLACE %s", newer));
	assert_ok(queue_open(server.url, &other, &err));
	queue_free(other);
	cleanup_free char *version = fixture_command(&server, "FUNCTION LIST LIBRARYNAME gophersnake");
	free(fixture_command(&server, "FUNCTION LOAD REPLACE %s", newest));
	assert_fails(queue_open(server.url, &other, &err), ERROR_REDIS,
		     "newer gophersnake (queue protocol 2, this program speaks 1)");
	free(fixture_command(&server, "FUNCTION LOAD REPLACE %s",
			     "#!lua name=gophersnake\nredis.register_function('theirs', function() return 1 end)"));
	assert_fails(queue_open(server.url, &other, &err), ERROR_REDIS, "function library that is not ours");
	cleanup_free char *theirs = fixture_command(&server, "FCALL theirs 0");
	assert_string_equal(theirs, "1");
	fixture_do(&server, "FUNCTION FLUSH");
}

static void test_limits(void **state)
{
	struct queue *queue = *state;
	struct error err = ERROR_INIT;
	enum queue_answer answer;
	struct queue_job_state job;
	load(queue, "r", "bridge", pair, 6);
	char *huge = xmalloc(100001);
	memset(huge, 'x', 100000);
	huge[100000] = 0;
	uint64_t fence = claim_one(queue, "r", "scan:a");
	assert_fails(queue_finish(queue, "r", "scan:a", fence, "", huge, &answer, &err), ERROR_INPUT,
		     "put more into the store");
	assert_fails(queue_finish(queue, "r", "scan:a", fence, huge, "", &answer, &err), ERROR_INPUT,
		     "digest of at most 64");
	assert_ok(queue_fail(queue, "r", "scan:a", fence, false, "package", huge, &answer, &err));
	assert_ok(queue_job(queue, "r", "scan:a", &job, &err));
	assert_int_equal(strlen(job.reason), 4096);
	assert_string_equal(job.reason + 4093, "…");
	queue_job_state_clear(&job);
	struct queue_claim claim;
	assert_fails(queue_claim(queue, "r", "", LONG, 0, &claim, &err), ERROR_INPUT, "agent's name");
	assert_fails(queue_claim(queue, "r", "a", -1, 0, &claim, &err), ERROR_INPUT, "lease of 0 ms or more");
	free(huge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_check, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_foreign, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_library, open_queue, close_queue),
		cmocka_unit_test_setup_teardown(test_limits, open_queue, close_queue),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
