// The settings as rows: one table for the file, the environment and the flags.
#ifndef CORE_CONFIG_SETTING_H
#define CORE_CONFIG_SETTING_H

#include <stddef.h>

#include "core/config.h"
#include "core/text.h"

enum setting_type {
	SETTING_TEXT,
	SETTING_PATH,
	SETTING_HOST,
	SETTING_LIST,
	SETTING_WORD,
	SETTING_INT,
	SETTING_INT64,
	SETTING_DECIMAL
};

struct setting_unit {
	const char *name;
	int64_t factor;
};

struct setting {
	const char *key;   // in the file; GOPHERSNAKE_<KEY> in the environment
	const char *value; // the default, as the file would say it; NULL = absent, or made by config_load
	enum setting_type type;
	size_t offset;                    // in struct config
	const char *const *words;         // of WORD, in the order of the enum; of LIST: what its items may be, or NULL
	const char *separators;           // of LIST in variables and flags; "" = the whole value is one item
	const struct setting_unit *units; // of numbers; a number alone is in the base unit
	int64_t least, most;              // of DECIMAL in millionths
};

extern const struct setting config_settings[];
extern const size_t config_setting_count;
const struct setting *config_setting_find(const char *key);

// "2.50" → 2,500,000. -1 when it is no such number.
int config_parse_decimal(struct slice text, int64_t *out);

// Sets one value; where opens the error text ("gophersnake.yaml: line 3: key \"agents\"", "--agents"). ERROR_CONFIG.
int config_setting_set(struct config *config, const struct setting *setting, const char *value, const char *where,
		       struct error *err);
int config_setting_set_list(struct config *config, const struct setting *setting, char *const *items, unsigned count,
			    const char *where, struct error *err);
#endif
