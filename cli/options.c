// The table of commands, and parsing by it with getopt_long.
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "core/version.h"

static const struct cli_option common[] = {
	{"workspace", 'w', "DIR", "where results live (default ./.gophersnake)", "workspace"},
	{"config", 'c', "FILE", "configuration file (default ./gophersnake.yaml when it is there)", NULL},
	{"redis", 0, "URL", "redis://… or unix:/path; default: a private one in the workspace", "redis"},
	{"index", 'i', "URL", "Simple API of a package index (default: the one that pip uses)", "index"},
	{"cache-dir", 0, "DIR", "the user's cache (default $XDG_CACHE_HOME/gophersnake)", "cache_dir"},
	{"python", 0, "FILE", "the CPython to convert for (default $GOPHERSNAKE_PYTHON, else python3)", "python"},
	{"json", 0, NULL, "facts as JSON with a documented schema", NULL},
	{"verbose", 'v', NULL, "say more (twice: everything)", NULL},
	{"quiet", 'q', NULL, "say only errors", NULL},
	{"help", 'h', NULL, "this text", NULL},
	{NULL, 0, NULL, NULL, NULL},
};

static const struct cli_option resolve_options[] = {
	{"format", 'f', "FORMAT", "text, json, pylock or requirements (default text)", NULL},
	{"output", 'o', "FILE", "write there instead of standard output", NULL},
	{"refresh", 0, NULL, "ask the index again, however fresh the cache", NULL},
	{"offline", 0, NULL, "use the cache only", NULL},
	{NULL, 0, NULL, NULL, NULL},
};
static const struct cli_option plan_options[] = {
	{"lock", 'l', "FILE", "plan this lock instead of resolving", NULL},
	{"output", 'o', "FILE", "write the plan (gophersnake.plan/1) there", NULL},
	{"refresh", 0, NULL, "ask the index again, however fresh the cache", NULL},
	{"offline", 0, NULL, "use the cache only", NULL},
	{NULL, 0, NULL, NULL, NULL},
};
static const struct cli_option graph_options[] = {
	{"lock", 'l', "FILE", "the graph of a lock", NULL},
	{"plan", 'p', "FILE", "the graph of a plan", NULL},
	{"edges", 'e', "FILE", "an edge list: name<TAB>dep1 dep2 … a line", NULL},
	{"stats", 0, NULL, "counts (the default)", NULL},
	{"order", 0, NULL, "leaf first, a component a line", NULL},
	{"levels", 0, NULL, "nodes by level", NULL},
	{"cycles", 0, NULL, "components with more than one node, with their edges", NULL},
	{"impact", 0, "NAME", "what fails or waits if NAME does", NULL},
	{"tree", 0, NULL, "a tree for the terminal", NULL},
	{"dot", 0, NULL, "a picture for Graphviz", NULL},
	{"svg", 0, NULL, "a picture for a browser", NULL},
	{NULL, 0, NULL, NULL, NULL},
};
static const struct cli_option convert_options[] = {
	{"lock", 'l', "FILE", "convert this lock instead of resolving", NULL},
	{"agents", 'n', "N", "agent processes to start here (default 2)", "agents"},
	{"host", 0, "NAME", "first element of the Go module paths (default go.internal)", "host"},
	{"sandbox", 0, "TIER", "lowest tier to accept: userns, root or none (default userns)", "sandbox"},
	{"translators", 0, "LIST", "chain of translators, comma-separated (default recorded,bridge)", "translators"},
	{"budget", 0, "DOLLARS", "what a run may spend on models (default 5)", "budget"},
	{"on-failure", 0, "POLICY", "bridge (default) or block: what a failed translation does to dependents",
	 "failure"},
	{"refresh", 0, NULL, "ask the index again, however fresh the cache", NULL},
	{"offline", 0, NULL, "use the cache only", NULL},
	{NULL, 0, NULL, NULL, NULL},
};
static const struct cli_option build_wheel_options[] = {
	{"output", 'o', "DIR", "where wheels and Go module are put (default ./dist)", NULL},
	{"packs", 'p', "DIRS", "folders with packs, comma-separated; translations/ of the package's folder comes first",
	 "packs"},
	{"host", 0, "NAME", "first element of the Go module paths (default go.internal)", "host"},
	{"sandbox", 0, "TIER", "lowest tier to accept: userns, root or none (default userns)", "sandbox"},
	{"refresh", 0, NULL, "ask the index again, however fresh the cache", NULL},
	{"offline", 0, NULL, "use the cache only", NULL},
	{NULL, 0, NULL, NULL, NULL},
};
static const struct cli_option prove_options[] = {
	{"lock", 'l', "FILE", "the releases of this lock instead of resolving", NULL},
	{"source", 0, "SOURCE",
	 "one distribution's release: a wheel, a source distribution or a folder of this machine", NULL},
	{"unit", 'u', "UNIT", "only this unit of one distribution; what pack.json says of the others stays", NULL},
	{"fuzz", 0, "N", "changed calls for each function (default 10000)", NULL},
	{"translator", 0, "NAME", "who wrote the Go, for pack.json (default: as it says, else hand)", NULL},
	{"sandbox", 0, "TIER", "lowest tier to accept: userns, root or none (default userns)", "sandbox"},
	{"refresh", 0, NULL, "ask the index again, however fresh the cache", NULL},
	{"offline", 0, NULL, "use the cache only", NULL},
	{NULL, 0, NULL, NULL, NULL},
};
static const struct cli_option serve_options[] = {
	{"listen", 'l', "ADDRESS", "address and port (default 127.0.0.1:8080); port 0: any free one", "listen"},
	{NULL, 0, NULL, NULL, NULL},
};
static const struct cli_option gc_options[] = {
	{"dry-run", 'n', NULL, "say what would go, and leave it", NULL},
	{"keep-bundles", 0, "N", "versions of gophersnake-bundle that stay (default 3)", NULL},
	{"unused", 0, "DAYS", "what can be made again goes when nobody used it for so long (default 30)", NULL},
	{NULL, 0, NULL, NULL, NULL},
};
static const struct cli_option agent_options[] = {
	{"run", 'r', "RUN", "serve this run only and end with it (default: every run)", NULL},
	{"name", 0, "NAME", "how status shows it (default host/pid)", NULL},
	{"sandbox", 0, "TIER", "lowest tier to accept: userns, root or none (default userns)", "sandbox"},
	{"budget", 0, "DOLLARS", "what a run may spend on models (default 5)", "budget"},
	{"tied", 0, NULL, "end with the process that started it", NULL},
	{NULL, 0, NULL, NULL, NULL},
};
static const struct cli_option run_options[] = {
	{"run", 'r', "RUN", "default: the newest run of the workspace", NULL},
	{NULL, 0, NULL, NULL, NULL},
};

const struct cli_command cli_commands[] = {
	{"resolve", "[REQ…]", "requirements to a lock", NULL, cmd_resolve, resolve_options, 0, -1},
	{"plan", "[REQ…]", "a lock to a plan: order, levels, forecast",
	 "Without REQ the requirements of the configuration file (a slice) are taken.", cmd_plan, plan_options, 0, -1},
	{"graph", "[REQ…]", "statistics, order, cycles, impact and pictures of a graph", NULL, cmd_graph, graph_options,
	 0, -1},
	{"convert", "[REQ…]", "the main job: resolve, plan, translate, publish",
	 "Takes up an interrupted run where it stood. Without REQ the requirements of the configuration file are "
	 "taken.",
	 cmd_convert, convert_options, 0, -1},
	{"build-wheel", "SOURCE", "one package of yours: its wheels and its Go module, into a folder",
	 "SOURCE is a wheel, a source distribution (.tar.gz, .zip) or the folder of a package. It is converted against "
	 "the "
	 "workspace's registry, in this process: no Redis. What it needs comes from the index, or is in the registry "
	 "already. "
	 "The folder gets the wheel with functions in Go (+go.<rev>), the bundle that holds their Go, the original "
	 "wheel, and "
	 "go/, a Go module proxy (docs/author.md).",
	 cmd_build_wheel, build_wheel_options, 1, 1},
	{"agent", "", "join the runs of a Redis and work", NULL, cmd_agent, agent_options, 0, 0},
	{"status", "[RUN]", "how far a run is, now or afterwards", NULL, cmd_status, NULL, 0, 1},
	{"why", "NAME", "why a release is here, in which state, and why so; or what became of a function",
	 "NAME is a release of the run, or a function as Python names it, such as sqlparse.utils.remove_quotes: native "
	 "or "
	 "bridged, by whom, with which evidence, and why so.",
	 cmd_why, run_options, 1, 1},
	{"log", "[JOB]", "the log of a job, such as publish:django@5.2", "Without JOB: which jobs have one.", cmd_log,
	 run_options, 0, 1},
	{"list", "", "what the registry has", NULL, cmd_list, NULL, 0, 0},
	{"retry", "[JOB…]", "give failed jobs another try", NULL, cmd_retry, run_options, 0, -1},
	{"pause", "[RUN]", "hand out no more jobs", NULL, cmd_pause, NULL, 0, 1},
	{"resume", "[RUN]", "hand out jobs again", NULL, cmd_resume, NULL, 0, 1},
	{"cancel", "[RUN]", "end a run; what is published stays", NULL, cmd_cancel, NULL, 0, 1},
	{"prove", "DIR [NAME…]", "prove the Go of packs against releases and write their pack.json",
	 "DIR has a folder a distribution, in it a folder a unit with Go files (docs/operate.md, \"Packs\"). The "
	 "release is "
	 "that of pack.json, else the newest. It is recorded, what stands is written into pack.json, what does not "
	 "with its "
	 "reason. Exit status 1: a function that pack.json had does not stand any more.",
	 cmd_prove, prove_options, 1, -1},
	{"serve", "", "the registry over HTTP: a Go module proxy and a Python index",
	 "/go is a module proxy (GOPROXY), /simple/ an index for pip and uv. The first line on standard output says "
	 "the "
	 "address, requests are logged on standard error. It only reads, and works while a convert goes on.",
	 cmd_serve, serve_options, 0, 0},
	{"gc", "", "drops what nothing live needs",
	 "Never what is published: Go modules, repositories, wheels of packages. Those that a newer conversion has "
	 "superseded are "
	 "yanked, and the next bundle is made without their functions. The user's cache is not touched.",
	 cmd_gc, gc_options, 0, 0},
	{"doctor", "", "what this machine has and lacks", NULL, cmd_doctor, NULL, 0, 0},
	{"pep", "", "versions, specifiers, requirements and markers as JSON lines, in and out",
	 "Reads one JSON object a line and answers each with a line, {\"result\": …} or {\"error\": …}: "
	 "version-compare "
	 "{a, b}, version-normalize {version}, specifier-contains {specifier, version, prereleases}, requirement-parse "
	 "{requirement}, marker-evaluate {marker, environment}, name-normalize {name}; the operation is in \"op\".",
	 cmd_pep, NULL, 0, 0},
	{NULL, NULL, NULL, NULL, NULL, NULL, 0, 0},
};

static void print_options(const struct cli_option *options)
{
	for (; options && options->name; options++) {
		cleanup_free char *left =
			xasprintf("%s%c%s --%s%s%s", options->letter ? "-" : "  ",
				  options->letter ? options->letter : ' ', options->letter ? "," : "", options->name,
				  options->argument ? " " : "", options->argument ? options->argument : "");
		printf("  %-24s %s\n", left, options->help);
	}
}

// ---- the manual page, from the same rows -----------------------------------------------------------------------------

static void man_text(const char *text)
{
	for (const char *at = text; *at; at++) {
		if (*at == '-' || *at == '\\')
			putchar('\\');
		if (*at == '\\')
			putchar('e');
		else
			putchar(*at);
	}
}

static void man_options(const struct cli_option *options)
{
	for (; options && options->name; options++) {
		printf(".TP\n.B ");
		if (options->letter)
			printf("\\-%c\\fR, \\fB", options->letter);
		printf("\\-\\-");
		man_text(options->name);
		if (options->argument)
			printf(" \\fI%s", options->argument);
		putchar('\n');
		man_text(options->help);
		putchar('\n');
	}
}

void cli_manual(void)
{
	printf(".TH GOPHERSNAKE 1 \"\" \"gophersnake %s\" \"User Commands\"\n.SH NAME\n"
	       "gophersnake \\- convert a slice of the Python index to Go, leaf first\n.SH SYNOPSIS\n"
	       ".B gophersnake\n.I COMMAND\n[OPTION...] [ARGUMENT...]\n.SH DESCRIPTION\n"
	       "Resolves the dependency graph of the given requirements, converts each release to a Go module whose "
	       "functions call the "
	       "original in CPython or are Go, points every Go import at the converted dependencies, and publishes the "
	       "modules in a "
	       "folder of static files that a stock \\fBgo\\fR installs from.\n.SH COMMANDS\n",
	       GOPHERSNAKE_VERSION);
	for (const struct cli_command *row = cli_commands; row->name; row++) {
		printf(".SS \"%s %s\"\n", row->name, row->arguments);
		man_text(row->summary);
		printf(".\n");
		if (row->details) {
			man_text(row->details);
			putchar('\n');
		}
		man_options(row->options);
	}
	printf(".SH OPTIONS OF EVERY COMMAND\n");
	man_options(common);
	printf(".SH EXIT STATUS\n0 done; 1 ran to the end, something failed (it is listed); 2 usage, configuration or "
	       "a missing tool; "
	       "3 no solution; 4 index or network; 5 Redis; 6 workspace or disk; 7 refused by policy; 130 "
	       "interrupted.\n"
	       ".SH FILES\n.TP\n.I ./.gophersnake\nThe workspace: store, runs, repos, registry, redis.\n"
	       ".TP\n.I ./gophersnake.yaml\nSettings; configs/default.yaml has every key.\n"
	       ".TP\n.I $XDG_CACHE_HOME/gophersnake\nIndex pages, metadata, archives and Go build cache; safe to "
	       "delete.\n"
	       ".SH ENVIRONMENT\nEvery setting can be given as GOPHERSNAKE_<KEY>. Flags come before variables, "
	       "variables before the file.\n");
}

void cli_help(const struct cli_command *command)
{
	if (!command) {
		printf("gophersnake %s: converts a slice of the Python index to Go, leaf first\n\n"
		       "usage: gophersnake COMMAND [OPTION…] [ARGUMENT…]\n\ncommands:\n",
		       GOPHERSNAKE_VERSION);
		for (const struct cli_command *row = cli_commands; row->name; row++)
			printf("  %-11s %s\n", row->name, row->summary);
		printf("\noptions of every command:\n");
		print_options(common);
		printf("\nexit status: 0 done, 1 something failed (it is listed), 2 usage or configuration, 3 no "
		       "solution,\n"
		       "  4 index or network, 5 Redis, 6 workspace or disk, 7 refused by policy, 130 interrupted\n");
		return;
	}
	printf("gophersnake %s: %s\n\nusage: gophersnake %s [OPTION…]%s%s\n", command->name, command->summary,
	       command->name, *command->arguments ? " " : "", command->arguments);
	if (command->details)
		printf("\n%s\n", command->details);
	if (command->options) {
		printf("\noptions:\n");
		print_options(command->options);
	}
	printf("\noptions of every command:\n");
	print_options(common);
}

const char *cli_option(const struct cli *cli, const char *name)
{
	const char *value = NULL;
	for (size_t i = 0; i < cli->values.count; i++)
		if (!strcmp(cli->values.items[i].name, name))
			value = cli->values.items[i].value;
	return value;
}

void cli_print_json(const json_t *json)
{
	cleanup_text struct text text = TEXT_INIT;
	json_write_pretty(json, &text);
	fputs(text_str(&text), stdout);
}

static const struct cli_option *option_at(const struct cli_command *command, int number)
{
	int commons = ARRAY_LENGTH(common) - 1;
	return number < commons ? &common[number] : &command->options[number - commons];
}

static int option_count(const struct cli_command *command)
{
	int count = ARRAY_LENGTH(common) - 1;
	for (const struct cli_option *option = command->options; option && option->name; option++)
		count++;
	return count;
}

// getopt's tables for one command. value of each long option is 1000 + its number.
static void build_tables(const struct cli_command *command, struct option *longs, struct text *shorts)
{
	text_add(shorts, ":");
	int count = option_count(command);
	for (int i = 0; i < count; i++) {
		const struct cli_option *option = option_at(command, i);
		longs[i] = (struct option){option->name, option->argument ? required_argument : no_argument, NULL,
					   1000 + i};
		if (option->letter) {
			text_add_char(shorts, option->letter);
			if (option->argument)
				text_add_char(shorts, ':');
		}
	}
}

static const struct cli_option *option_for(const struct cli_command *command, int code)
{
	if (code >= 1000)
		return option_at(command, code - 1000);
	for (int i = 0; i < option_count(command); i++)
		if (option_at(command, i)->letter == code)
			return option_at(command, i);
	return NULL;
}

static int parse_options(struct cli *cli, int argc, char **argv, struct error *err)
{
	const struct cli_command *command = cli->command;
	cleanup_free struct option *longs = xcalloc((size_t)option_count(command) + 1, sizeof *longs);
	cleanup_text struct text shorts = TEXT_INIT;
	build_tables(command, longs, &shorts);
	optind = 1;
	for (int code; (code = getopt_long(argc, argv, shorts.ptr, longs, NULL)) != -1;) {
		const struct cli_option *option = option_for(command, code);
		if (code == ':')
			return error_set(err, ERROR_USAGE, "%s needs a value (see gophersnake %s --help)",
					 argv[optind - 1], command->name);
		if (code == '?' || !option)
			return error_set(err, ERROR_USAGE, "%s: no such option (see gophersnake %s --help)",
					 argv[optind - 1], command->name);
		if (!strcmp(option->name, "verbose"))
			cli->verbosity++;
		else if (!strcmp(option->name, "quiet"))
			cli->verbosity = -1;
		else if (!strcmp(option->name, "json"))
			cli->json = true;
		vec_push(&cli->values, (struct cli_value){option->name, optarg ? optarg : ""});
	}
	for (int i = optind; i < argc; i++)
		vec_push(&cli->arguments, argv[i]);
	return 0;
}

static int apply_settings(struct cli *cli, struct error *err)
{
	if (config_load(cli_option(cli, "config"), &cli->config, err))
		return -1;
	for (int i = 0; i < option_count(cli->command); i++) {
		const struct cli_option *option = option_at(cli->command, i);
		const char *value = option->key ? cli_option(cli, option->name) : NULL;
		cleanup_free char *where = xasprintf("--%s", option->name);
		if (value && config_set(&cli->config, option->key, value, where, err))
			return -1;
	}
	return 0;
}

int cli_parse(struct cli *cli, int argc, char **argv, struct error *err)
{
	const char *name = argc > 1 ? argv[1] : "--help";
	if (!strcmp(name, "--version")) {
		printf("gophersnake %s\n", GOPHERSNAKE_VERSION);
		return 1;
	}
	if (!strcmp(name, "--man")) {
		cli_manual();
		return 1;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		cli_help(NULL);
		return 1;
	}
	for (const struct cli_command *row = cli_commands; row->name; row++)
		if (!strcmp(row->name, name))
			cli->command = row;
	if (!cli->command)
		return error_set(err, ERROR_USAGE,
				 *name == '-' ? "%s: the command comes first, then its options (see gophersnake --help)"
					      : "\"%s\" is no command (see gophersnake --help)",
				 name);
	if (parse_options(cli, argc - 1, argv + 1, err))
		return -1;
	if (cli_option(cli, "help")) {
		cli_help(cli->command);
		return 1;
	}
	int count = (int)cli->arguments.count;
	if (count < cli->command->least_arguments ||
	    (cli->command->most_arguments >= 0 && count > cli->command->most_arguments))
		return error_set(err, ERROR_USAGE, "usage: gophersnake %s [OPTION…] %s", cli->command->name,
				 cli->command->arguments);
	return apply_settings(cli, err);
}
