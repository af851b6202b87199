// gophersnake serve: the registry over HTTP until a signal ends it.
#include <stdio.h>

#include "agents/serve/server.h"
#include "cli/cli.h"
#include "core/clock.h"

enum { LOOK_EVERY = 100 }; // milliseconds

static void say(const struct cli *cli, const char *address)
{
	if (cli->json) { // one line, so that a script can read it while we go on
		cleanup_text struct text text = TEXT_INIT;
		cleanup_json json_t *json = json_object();
		json_object_set_new(json, "schema", json_string("gophersnake.serve/1"));
		json_object_set_new(json, "address", json_string(address));
		json_object_set_new(json, "goproxy", json_sprintf("%s/go", address));
		json_object_set_new(json, "index", json_sprintf("%s/simple/", address));
		json_write_compact(json, &text);
		puts(text_str(&text));
	} else {
		printf("serving %s at %s\n", cli->config.workspace, address);
		printf("  pip install --index-url %s/simple/ NAME\n", address);
		printf("  GOPROXY=%s/go GONOSUMDB=%s go get %s/py-NAME\n", address, cli->config.host, cli->config.host);
	}
	fflush(stdout);
}

int cmd_serve(struct cli *cli, struct error *err)
{
	struct server_options options = {
		.workspace = cli->config.workspace, .listen = cli->config.listen, .log = cli->log};
	struct server *server = NULL;
	if (server_start(&options, &server, err))
		return -1;
	say(cli, server_address(server));
	while (!*cli->interrupted)
		system_clock.sleep(system_clock.context, LOOK_EVERY);
	server_stop(server);
	return 0;
}
