// Settings: flag > GOPHERSNAKE_* variable > configuration file > default.
// The file is YAML read by libcyaml against a schema; an unknown key or a
// wrong type is ERROR_CONFIG with file, line and key. configs/default.yaml
// has every key, commented, with its default.
//
// Keys are the members' names; GOPHERSNAKE_AGENTS is the variable of agents. Numbers take units ("10 min", "4 GiB").
// Lists in variables and flags: commas; requirements: lines; translator_command: blanks. A path's "~/" is $HOME.
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"

enum licence_policy { LICENCE_ALLOW, LICENCE_WARN, LICENCE_REFUSE };
enum failure_policy { FAILURE_BRIDGE, FAILURE_BLOCK };
enum llm_dialect { LLM_OPENAI, LLM_ANTHROPIC };
enum llm_drafts { LLM_LIVE, LLM_BATCH };
// Weakest first: none, bwrap as root, bwrap with user namespaces.
enum sandbox_tier { SANDBOX_NONE, SANDBOX_ROOT, SANDBOX_USERNS };

struct config_strings {
	char **items;
	unsigned count;
};

struct config {
	struct config_strings requirements; // of a slice file such as configs/django.yaml; may be empty
	char *workspace;                    // default ".gophersnake"
	char *cache_dir;                    // default $XDG_CACHE_HOME/gophersnake or ~/.cache/gophersnake
	char *redis;                        // NULL = start a private one
	char *index;                        // NULL = the one that pip uses
	char *python;                       // NULL = GOPHERSNAKE_PYTHON, else python3 on PATH
	char *go;                           // default "go"
	char *host;                         // first element of module paths, default "go.internal"
	int agents;                         // processes that convert starts, default 2
	int64_t index_freshness;     // seconds an index page counts as fresh when the server says nothing, default 600
	int64_t lease;               // milliseconds, default 15,000
	enum sandbox_tier sandbox;   // the lowest tier that is accepted, default userns
	enum failure_policy failure; // default bridge
	enum licence_policy licence_unknown;      // releases whose licence is unknown, default warn
	struct config_strings licence_refused;    // SPDX expressions or classifiers that the user lists
	enum licence_policy licence_listed;       // what happens to those, default refuse
	struct config_strings translators;        // the chain, default ["recorded", "bridge"]
	struct config_strings translator_command; // program and arguments of translator "command"
	struct config_strings
		go_modules; // "path@version", "path@version h1:…": that translations may import (agents/mirror.h)
	struct config_strings packs; // folders with packs for translator "recorded", before those that are built in
	// Translator "llm".
	enum llm_dialect llm_dialect;           // default openai
	char *llm_base_url;                     // NULL = not set; what stands before /chat/completions or /v1/messages
	char *llm_key_env;                      // name of the variable with the key, default GOPHERSNAKE_LLM_KEY
	char *llm_key_file;                     // NULL = not set; readable by its owner only
	char *llm_model, *llm_escalation_model; // NULL = not set
	int64_t llm_temperature;                // millionths; negative: not sent; default 0
	int llm_max_tokens;                     // of one answer, default 8192
	int64_t llm_context;                    // bytes of one prompt, default 256 KiB
	int llm_attempts;                       // answers asked of one model for the same functions, default 3
	int llm_retries;                        // of one request that the server could not serve, default 5
	int64_t llm_timeout;                    // milliseconds for one request, default 600,000
	int64_t llm_unit_time;                  // milliseconds for all requests of a unit, default 1,800,000
	enum llm_drafts llm_drafts; // first drafts one by one, or through the provider's batch API; default live
	int64_t llm_batch_time;     // milliseconds until an unfinished batch is given up, default 24 hours
	char *prices;               // file of prices; NULL = configs/prices.yaml as it was built in
	int64_t budget, budget_day; // microdollars: of a run, default 5; of a day (UTC), default 20
	char *listen;               // where serve answers, default 127.0.0.1:8080
	int64_t job_timeout;        // milliseconds for one sandboxed program, default 600,000
	int64_t job_memory;         // bytes, default 4 GiB
};

// Fills the defaults, then the file (NULL: $GOPHERSNAKE_CONFIG, else ./gophersnake.yaml when there is one), then the environment.
int config_load(const char *file, struct config *out, struct error *err);
void config_clear(struct config *config);
// For flags: sets one value by its key as the file would ("agents", "4"). where names the flag in errors.
int config_set(struct config *config, const char *key, const char *value, const char *where, struct error *err);
#endif
