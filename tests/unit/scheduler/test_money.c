// Money in a real Redis: what is reserved, settled, lost and charged; and that spent + reserved never passes the limit while
// processes reserve, settle and die.
#include "redis_fixture.h"

#include "scheduler/money.h"

#define DAY NULL

static struct money reserve(struct queue *queue, const char *run, const char *id, int64_t amount, int64_t limit)
{
	struct error err = ERROR_INIT;
	struct money money;
	if (money_reserve(queue, run, id, amount, limit, 60000, &money, &err))
		fail_msg("%s", err.text);
	return money;
}

static struct money settle(struct queue *queue, const char *run, const char *id, int64_t amount)
{
	struct error err = ERROR_INIT;
	struct money money;
	if (money_settle(queue, run, id, amount, &money, &err))
		fail_msg("%s", err.text);
	return money;
}

static void begin_account(struct queue *queue, const char *run, int64_t spent)
{
	struct error err = ERROR_INIT;
	struct money money;
	if (money_begin(queue, run, spent, &money, &err))
		fail_msg("%s", err.text);
}

static void assert_account(struct queue *queue, const char *run, int64_t spent, int64_t reserved, int64_t over)
{
	struct error err = ERROR_INIT;
	struct money money;
	assert_int_equal(money_read(queue, run, &money, &err), 0);
	assert_int_equal(money.spent, spent);
	assert_int_equal(money.reserved, reserved);
	assert_int_equal(money.over, over);
}

static struct queue *open_queue(struct redis_fixture *fixture)
{
	struct error err = ERROR_INIT;
	struct queue *queue;
	if (queue_open(fixture->url, &queue, &err))
		fail_msg("%s", err.text);
	return queue;
}

static void test_account(void **state)
{
	(void)state;
	struct redis_fixture fixture;
	fixture_start(&fixture, NULL);
	struct queue *queue = open_queue(&fixture);
	const char *const accounts[] = {"run", DAY};
	for (size_t i = 0; i < ARRAY_LENGTH(accounts); i++) {
		const char *run = accounts[i];
		assert_int_equal(reserve(queue, run, "a", 10, 100).state, MONEY_UNKNOWN);
		begin_account(queue, run, 5);
		begin_account(queue, run, 70); // it is there: nothing changes
		assert_int_equal(reserve(queue, run, "a", 60, 100).state, MONEY_GRANTED);
		assert_int_equal(reserve(queue, run, "a", 60, 100).state, MONEY_GRANTED); // repeated: once
		assert_account(queue, run, 5, 60, 0);
		assert_int_equal(reserve(queue, run, "b", 36, 100).state, MONEY_LATER);
		assert_int_equal(reserve(queue, run, "b", 96, 100).state, MONEY_NEVER);
		assert_int_equal(reserve(queue, run, "b", 35, 100).state, MONEY_GRANTED);
		assert_account(queue, run, 5, 95, 0);
		struct money money = settle(queue, run, "a", 7);
		assert_int_equal(money.state, MONEY_GRANTED);
		assert_int_equal(money.amount, 7);
		money = settle(queue, run, "a", 9); // a repeat charges nothing more
		assert_int_equal(money.state, MONEY_BEFORE);
		assert_int_equal(money.amount, 7);
		assert_account(queue, run, 12, 35, 0);
		settle(queue, run, "b", 0); // given back
		assert_account(queue, run, 12, 0, 0);
		reserve(queue, run, "c", 10, 100);
		settle(queue, run, "c", 40); // a provider that takes more than the worst case
		assert_account(queue, run, 22, 0, 30);
		assert_int_equal(reserve(queue, run, "d", 49, 100).state, MONEY_NEVER);
		assert_int_equal(reserve(queue, run, "d", 48, 100).state, MONEY_GRANTED);
	}
	queue_free(queue);
	fixture_stop(&fixture);
}

static void test_gone(void **state)
{
	(void)state;
	struct redis_fixture fixture;
	struct error err = ERROR_INIT;
	struct money money;
	fixture_start(&fixture, NULL);
	struct queue *queue = open_queue(&fixture);
	begin_account(queue, "run", 0);
	assert_int_equal(money_reserve(queue, "run", "dead", 40, 100, 1, &money, &err), 0);
	usleep(20000);
	assert_int_equal(reserve(queue, "run", "next", 60, 100).state, MONEY_GRANTED);
	assert_account(queue, "run", 40, 60, 0); // nobody knows what it cost: the reservation
	money = settle(queue, "run", "dead", 3); // it lives after all, too late
	assert_int_equal(money.state, MONEY_BEFORE);
	assert_int_equal(money.amount, 40);
	// Redis is lost while a call is under way: the journal's sum is the beginning, the call is charged.
	free(fixture_command(&fixture, "FLUSHALL"));
	assert_int_equal(reserve(queue, "run", "after", 60, 100).state, MONEY_UNKNOWN);
	begin_account(queue, "run", 40);
	reserve(queue, "run", "after", 50, 100);
	money = settle(queue, "run", "next", 25);
	assert_int_equal(money.state, MONEY_LOST);
	assert_account(queue, "run", 50, 50, 15); // spent + reserved stays within 100
	assert_int_equal(reserve(queue, "run", "more", 1, 100).state, MONEY_LATER);
	// A new day.
	begin_account(queue, DAY, 90);
	assert_int_equal(reserve(queue, DAY, "x", 20, 100).state, MONEY_NEVER);
	free(fixture_command(&fixture, "HSET {gophersnake}:money:day day 19000"));
	assert_int_equal(reserve(queue, DAY, "x", 20, 100).state, MONEY_GRANTED);
	assert_account(queue, DAY, 0, 20, 0);
	queue_free(queue);
	fixture_stop(&fixture);
}

static void test_pause(void **state)
{
	(void)state;
	struct redis_fixture fixture;
	struct error err = ERROR_INIT;
	int64_t left;
	fixture_start(&fixture, NULL);
	struct queue *queue = open_queue(&fixture), *other = open_queue(&fixture);
	assert_int_equal(money_pause_server(queue, "https://a model", 0, &left, &err), 0);
	assert_int_equal(left, 0);
	assert_int_equal(money_pause_server(queue, "https://a model", 60000, &left, &err), 0);
	assert_int_equal(money_pause_server(queue, "https://a model", 5000, &left, &err),
			 0); // a shorter one changes nothing
	assert_int_equal(money_pause_server(other, "https://a model", 0, &left, &err), 0);
	assert_in_range(left, 50000, 60000);
	assert_int_equal(money_pause_server(other, "https://b model", 0, &left, &err), 0);
	assert_int_equal(left, 0);
	queue_free(queue);
	queue_free(other);
	fixture_stop(&fixture);
}

enum { PROCESSES = 6, CALLS = 250, LIMIT = 200000 };

// One process: reserves, settles, forgets now and then (it "dies"); what it was charged goes through the pipe.
static _Noreturn void spend(struct redis_fixture *fixture, int number, int out)
{
	struct error err = ERROR_INIT;
	struct queue *queue;
	struct money money;
	int64_t sum = 0;
	unsigned random = (unsigned)number * 7919 + 1;
	if (queue_open(fixture->url, &queue, &err))
		_exit(1);
	for (int i = 0; i < CALLS; i++) {
		random = random * 1664525 + 1013904223;
		int64_t amount = (int64_t)(random >> 20) % 400 + 1;
		cleanup_free char *id = xasprintf("%d-%d", number, i);
		if (money_reserve(queue, "run", id, amount, LIMIT, 300000, &money, &err))
			_exit(2);
		if (money.state != MONEY_GRANTED)
			continue;
		if (random % 11 == 0)
			continue; // never settled
		int64_t cost = random % 7 == 0 ? 0 : amount - amount / 3;
		if (money_settle(queue, "run", id, cost, &money, &err) ||
		    money_settle(queue, "run", id, cost, &money, &err))
			_exit(3);
		sum += cost;
	}
	_exit(write(out, &sum, sizeof sum) == sizeof sum ? 0 : 4);
}

static void test_processes(void **state)
{
	(void)state;
	struct redis_fixture fixture;
	struct error err = ERROR_INIT;
	int ends[2], left = PROCESSES;
	fixture_start(&fixture, NULL);
	struct queue *queue = open_queue(&fixture);
	begin_account(queue, "run", 0);
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0)
			spend(&fixture, i + 1, ends[1]);
	struct money money;
	int looks = 0;
	while (left) {
		assert_int_equal(money_read(queue, "run", &money, &err), 0);
		assert_true(money.spent >= 0 && money.reserved >= 0);
		assert_true(money.spent + money.reserved <= LIMIT);
		looks++;
		for (int status; left && waitpid(-1, &status, WNOHANG) > 0; left--)
			assert_int_equal(status, 0);
		usleep(500);
	}
	int64_t sum = 0, part;
	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(read(ends[0], &part, sizeof part), sizeof part);
		sum += part;
	}
	assert_int_equal(money_read(queue, "run", &money, &err), 0);
	assert_int_equal(money.spent, sum); // to the microdollar
	assert_true(money.reserved > 0 && looks > 10);
	close(ends[0]);
	close(ends[1]);
	queue_free(queue);
	fixture_stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_account),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_processes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
