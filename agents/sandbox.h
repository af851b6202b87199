// The place where code from outside runs: bubblewrap without network, secrets
// or a writable system, bounded in time, memory, processes and disk.
#ifndef AGENTS_SANDBOX_H
#define AGENTS_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"
#include "core/error.h"
#include "core/process.h"

struct sandbox; // what this machine can do, found out once
// Probes the machine by launching a sandbox. ERROR_POLICY when the best tier that works is below minimum, with the reason.
int sandbox_open(enum sandbox_tier minimum, struct sandbox **out, struct error *err);
void sandbox_free(struct sandbox *sandbox);
enum sandbox_tier sandbox_tier(const struct sandbox *sandbox);
const char *sandbox_tier_name(enum sandbox_tier tier); // "userns", "root", "none"

struct sandbox_mount {
	const char *outside;
	const char *inside; // NULL: the same path
	bool writable;
};
struct sandbox_task {
	const char *const *argv;
	const char *const *environment; // complete; nothing is inherited
	const char *directory;          // inside
	struct slice input;
	const struct sandbox_mount *mounts;
	size_t mount_count;       // beside the read-only system (/usr, /lib*, /bin, /sbin, /etc/ld.so.*, /etc/alternatives) and private /tmp, /dev, /proc
	int64_t timeout;          // milliseconds, required
	uint64_t memory;          // bytes (RLIMIT_AS; 0 = none: Go needs much address space)
	uint64_t tmp_bytes;       // size of /tmp; 0 = 1 GiB
	size_t output_limit;
	const volatile int *interrupted;
};
// As process_run: 0 when it ran, however it ended.
int sandbox_run(const struct sandbox *sandbox, const struct sandbox_task *task, struct process_result *result, struct error *err);
// As process_run_ok.
int sandbox_run_ok(const struct sandbox *sandbox, const struct sandbox_task *task, struct process_result *result, struct error *err);
#endif
