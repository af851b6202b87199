// The place where code from outside runs: bubblewrap without network, secrets
// or a writable system, bounded in time, memory, processes and disk.
//
// The tier that a machine gives is found by launching a sandbox and looking
// around in it. It is never lowered silently: sandbox_open refuses what is
// below the configured minimum, and whoever stores a result stores the tier.
//
//     userns  bubblewrap with a user namespace of its own, no capabilities
//     root    bubblewrap as root, capabilities dropped for good (kernels without user namespaces)
//     none    no isolation: a private temporary folder, a cleared environment and the limits; only by `sandbox: none`
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
// Exactly this tier, or ERROR_POLICY with the reason why this machine does not have it: for doctor and tests.
int sandbox_open_tier(enum sandbox_tier tier, struct sandbox **out, struct error *err);
void sandbox_free(struct sandbox *sandbox);
enum sandbox_tier sandbox_tier(const struct sandbox *sandbox);
const char *sandbox_tier_name(enum sandbox_tier tier); // "userns", "root", "none"
// How the number of processes is bounded: "cgroup" (root, where the pids controller can be used; where it is the unified
// hierarchy, memory of all processes together too), "rlimit" (other users), or "none" (root without cgroups: RLIMIT_NPROC
// does not bind root; time, memory of each process and disk are bounded still).
const char *sandbox_process_bound(const struct sandbox *sandbox);

struct sandbox_mount {
	const char *outside; // absolute
	const char *inside;  // NULL: the same path
	bool writable;
};
struct sandbox_task {
	const char *const *argv;        // argv[0]: absolute, or found in the environment's PATH
	const char *const *environment; // complete; nothing is inherited
	const char *directory;          // inside; NULL: /tmp
	struct slice input;
	const struct sandbox_mount *mounts;
	size_t mount_count; // beside the read-only system (/usr, /lib*, /bin, /sbin, /etc/ld.so.*, /etc/alternatives) and private /tmp, /dev, /proc
	int64_t timeout; // milliseconds, required
	uint64_t memory; // bytes for each process (RLIMIT_AS; 0 = none: Go needs much address space)
	uint64_t
		total_memory; // bytes for all together, where process_bound is "cgroup" and the kernel offers it; 0 = none
	uint64_t tmp_bytes;     // size of /tmp, and of /dev/shm; 0 = 1 GiB
	unsigned int processes; // at most, threads included; 0 = 512
	size_t output_limit;
	const volatile int *interrupted;
};
// As process_run: 0 when it ran, however it ended. A sandbox that could not be set up is ERROR_TOOL.
int sandbox_run(const struct sandbox *sandbox, const struct sandbox_task *task, struct process_result *result,
		struct error *err);
// As process_run_ok.
int sandbox_run_ok(const struct sandbox *sandbox, const struct sandbox_task *task, struct process_result *result,
		   struct error *err);
#endif
