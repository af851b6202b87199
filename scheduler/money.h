// Money of paid calls, kept in Redis: the worst case is reserved before a call
// and settled after it, on the server, so that spent + reserved never passes
// the limit, whatever the number of processes. Two accounts: a run's, and that
// of the day (UTC), which all runs of a Redis share. They lie in different
// slots, so a call reserves in one after the other.
//
// The durable truth is the spend lines of the journals; an account that is not
// there (Redis was lost) begins with what they say. A reservation whose holder
// does not settle it in time is charged whole.
//
// Also here: servers that said "later" are left alone by every agent at once.
// Amounts are microdollars. Errors as those of scheduler/queue.h; every call may be repeated.
#ifndef SCHEDULER_MONEY_H
#define SCHEDULER_MONEY_H

#include "scheduler/queue.h"

enum money_state {
	MONEY_GRANTED, // reserved, or settled
	MONEY_LATER,   // reserve: others hold reservations that may come back
	MONEY_NEVER,   // reserve: what is spent leaves too little
	MONEY_UNKNOWN, // reserve, read: no such account: money_begin first
	MONEY_BEFORE,  // settle: it was charged already, with this amount
	MONEY_LOST,    // settle: the reservation was not known; it is charged now
};

struct money {
	enum money_state state;
	int64_t amount; // reserved, or charged; of money_read the limit of the newest reservation
	int64_t spent, reserved;
	int64_t over; // charged beyond reservations by a provider; counts against the limit
};

// run: NULL for the account of the day.
int money_begin(struct queue *queue, const char *run, int64_t spent, struct money *out, struct error *err);
// id: one for each call, never used again. time: milliseconds after which its holder counts as gone.
int money_reserve(struct queue *queue, const char *run, const char *id, int64_t amount, int64_t limit, int64_t time,
		  struct money *out, struct error *err);
int money_settle(struct queue *queue, const char *run, const char *id, int64_t amount, struct money *out,
		 struct error *err); // amount 0 gives the reservation back
int money_read(struct queue *queue, const char *run, struct money *out, struct error *err);

// Holds everybody's calls to this server back for so long (0: only asks). *left: milliseconds that it still lasts.
int money_pause_server(struct queue *queue, const char *server, int64_t milliseconds, int64_t *left, struct error *err);

#endif
