// What the files of the queue share: the connection with its one command, calls
// of the library's functions, and flat replies. Not for other rooms.
#ifndef SCHEDULER_QUEUE_INTERNAL_H
#define SCHEDULER_QUEUE_INTERNAL_H

#include "scheduler/connection.h"
#include "scheduler/queue.h"

struct queue {
	struct connection *connection;
	struct command command; // the one under construction
};

enum { QUEUE_NAME_BYTES = 512 };          // of a run's or a job's name
#define QUEUE_RUNS_KEY "gophersnake:runs" // set of the names of all runs; outside of their slots

// Loads the function library when it is missing or older; ERROR_REDIS when it is newer or Redis too old.
int queue_load_code(struct queue *queue, struct error *err);

// Names are 1 to QUEUE_NAME_BYTES bytes without control characters. what: "run", "job".
int queue_check_name(const char *what, const char *name, struct error *err);
// "{r:<run>}:" and then suffix. The braces and % of a run's name are escaped, so that no run's keys are another's.
void queue_key(const char *run, const char *suffix, struct text *out);

// Connects again when the connection broke before. Call it first, then begin, add arguments, and call or send.
int queue_ready(struct queue *queue, struct error *err);
void queue_begin(struct queue *queue, const char *function, const char *run);
// Sends the command and waits; error replies of the library get their words. run names it in errors.
int queue_call(struct queue *queue, const char *run, redisReply **out, struct error *err);
int queue_exchange(struct queue *queue, redisReply **out, struct error *err); // the same, error replies are given back
int queue_explain(struct queue *queue, const char *run, const char *answer, struct error *err); // always -1
// The same for several: send them, then receive as many.
int queue_send(struct queue *queue, struct error *err);
int queue_receive(struct queue *queue, const char *run, redisReply **out, struct error *err);

// Item i of a flat reply: integers come as such or as text. -1 (ERROR_REDIS) when it is not there.
int reply_number(const struct queue *queue, const redisReply *reply, size_t i, int64_t *out, struct error *err);
const char *reply_text(const redisReply *reply, size_t i); // "" when it is not there

#endif
