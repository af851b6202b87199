// The command line: one table of commands, each a row with its options; help,
// parsing and exit codes come from the rows.
//
// A command is one file cmd_<name>.c with one function. It prints results on
// standard output, everything else through cli->log, and returns 0 or -1 with
// the error filled; main turns that into the exit status.
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "core/config.h"
#include "core/error.h"
#include "core/json.h"
#include "core/log.h"
#include "core/vec.h"

struct cli_option {
	const char *name;     // long name without dashes
	char letter;          // 0: none
	const char *argument; // "DIR"; NULL: a switch
	const char *help;
	const char *key; // of the configuration that it sets; NULL: asked for with cli_option()
};

struct cli;
struct cli_command {
	const char *name;
	const char *arguments; // "REQ…", "[RUN]"
	const char *summary;   // one line
	const char *details;   // a paragraph or NULL
	int (*run)(struct cli *cli, struct error *err);
	const struct cli_option *options;    // ends with name NULL; may be NULL
	int least_arguments, most_arguments; // most -1: any number
};

struct cli_value {
	const char *name;
	const char *value; // "" for a switch
};

struct cli {
	const struct cli_command *command;
	struct config config;
	struct log *log;
	bool json;
	int verbosity; // -1 quiet, 0, 1, 2
	VEC(struct cli_value) values;
	VEC(const char *) arguments;
	volatile int *interrupted;
	const char *program; // how we were started, for children
	int exit_status;     // set by a command that ran to its end with a status of its own (1: something failed)
};

extern const struct cli_command cli_commands[];                           // ends with name NULL
const char *cli_option(const struct cli *cli, const char *name);          // NULL: not given
void cli_print_json(const json_t *json);                                  // pretty, to standard output
void cli_manual(void);                                                    // the man page, in roff, to standard output
void cli_help(const struct cli_command *command);                         // NULL: of the program
int cli_parse(struct cli *cli, int argc, char **argv, struct error *err); // 1: help or version was printed

int cmd_resolve(struct cli *cli, struct error *err);
int cmd_plan(struct cli *cli, struct error *err);
int cmd_graph(struct cli *cli, struct error *err);
int cmd_convert(struct cli *cli, struct error *err);
int cmd_build_wheel(struct cli *cli, struct error *err);
int cmd_agent(struct cli *cli, struct error *err);
int cmd_status(struct cli *cli, struct error *err);
int cmd_why(struct cli *cli, struct error *err);
int cmd_log(struct cli *cli, struct error *err);
int cmd_list(struct cli *cli, struct error *err);
int cmd_doctor(struct cli *cli, struct error *err);
int cmd_pause(struct cli *cli, struct error *err);
int cmd_resume(struct cli *cli, struct error *err);
int cmd_cancel(struct cli *cli, struct error *err);
int cmd_retry(struct cli *cli, struct error *err);
int cmd_prove(struct cli *cli, struct error *err);
int cmd_serve(struct cli *cli, struct error *err);
int cmd_gc(struct cli *cli, struct error *err);
int cmd_pep(struct cli *cli, struct error *err);

#endif
