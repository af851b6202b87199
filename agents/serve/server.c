// A pool of threads, each with its own epoll; a connection stays with one of them. Files go out by sendfile.
#include "agents/serve/server.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agents/serve/listen.h"
#include "agents/serve/reply.h"
#include "agents/serve/request.h"
#include "core/clock.h"
#include "core/file.h"

enum {
	MOST_THREADS = 4,
	MOST_CONNECTIONS = 10000,
	FEWEST_CONNECTIONS = 64,
	OWN_FILES = 64,             // descriptors that are not connections or their files
	IDLE = 30,                  // seconds until a silent connection is closed
	REQUEST_MEMORY = 32 * 1024, // bytes for one connection's headers; more is 431
	GRACE = 10000,
	STEP = 20, // milliseconds
	AGENT_SIZE = 100,
	PEER_SIZE = 64,
	METHOD_SIZE = 16,
};

struct server {
	struct MHD_Daemon *daemon;
	struct log *log;
	int registry;
	char *url;
	atomic_int under_way;
	atomic_bool stopping;
};

struct request {
	char *uri, method[METHOD_SIZE];
	int64_t began;
	int status;
	uint64_t bytes;
	bool seen; // its headers are whole: it is under way
};

static int64_t now(void)
{
	return system_clock.monotonic(system_clock.context);
}

// ---- one request -----------------------------------------------------------------------------------------------------

// The first word of libmicrohttpd about a request; the last is on_end.
static void *on_begin(void *context, const char *uri, struct MHD_Connection *connection)
{
	struct request *request = xcalloc(1, sizeof *request);
	(void)context;
	(void)connection;
	*request = (struct request){.uri = xstrdup(uri), .began = now()};
	return request;
}

static void answer(struct server *server, struct MHD_Connection *connection, const char *url, bool get,
		   struct request *request)
{
	cleanup_text struct text path = TEXT_INIT, accept = TEXT_INIT;
	cleanup_with(serve_answer_clear) struct serve_answer answer = {.fd = -1};
	int refused = request_path(slice_of(url), &path);
	if (refused) {
		serve_refuse(&answer, refused, refused == 400 ? "that is no path" : "no such path here");
	} else {
		bool given = reply_header(connection, MHD_HTTP_HEADER_ACCEPT, &accept);
		struct serve_request asked = {.registry = server->registry,
					      .path = {text_str(&path), path.len},
					      .accept = given ? text_str(&accept) : NULL};
		serve_route(&asked, &answer);
	}
	answer.last = atomic_load(&server->stopping);
	request->status = reply_queue(connection, &answer, get, &request->bytes);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *upload, size_t *upload_size, void **state)
{
	struct server *server = context;
	struct request *request = *state;
	bool get = !strcmp(method, MHD_HTTP_METHOD_GET);
	(void)version;
	(void)upload;
	bool first = !request->seen;
	if (first) {
		request->seen = true;
		snprintf(request->method, sizeof request->method, "%s", method);
		atomic_fetch_add(&server->under_way, 1);
	}
	if (!get && strcmp(method, MHD_HTTP_METHOD_HEAD)) {
		cleanup_with(serve_answer_clear) struct serve_answer refusal = {.fd = -1};
		serve_refuse(&refusal, 405, "%.20s is not possible here, only GET and HEAD", method);
		request->status = reply_queue(connection, &refusal, true, &request->bytes);
		return request->status ? MHD_YES : MHD_NO;
	}
	if (first) // an answer now would close the connection
		return MHD_YES;
	if (*upload_size) { // a body has no meaning here
		*upload_size = 0;
		return MHD_YES;
	}
	answer(server, connection, url, get, request);
	return request->status ? MHD_YES : MHD_NO;
}

static void log_request(const struct server *server, struct MHD_Connection *connection, const struct request *request,
			bool whole)
{
	cleanup_text struct text line = TEXT_INIT;
	char peer[PEER_SIZE] = "-";
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const char *agent = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_USER_AGENT);
	if (info && info->client_addr) {
		bool six = info->client_addr->sa_family == AF_INET6;
		getnameinfo(info->client_addr, six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in), peer,
			    sizeof peer, NULL, 0, NI_NUMERICHOST);
	}
	int product = agent ? (int)strcspn(agent, " ") : 0;
	clock_format_utc(system_clock.wall(system_clock.context), &line);
	text_addf(&line, "  %s %s %s %d %llu B %lld ms%s %.*s", peer, *request->method ? request->method : "-",
		  request->uri, request->status, (unsigned long long)request->bytes,
		  (long long)(now() - request->began), whole ? "" : " cut off",
		  product < AGENT_SIZE ? product : AGENT_SIZE, agent ? agent : "");
	log_notice(server->log, "%s", line.ptr);
}

static void on_end(void *context, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	struct server *server = context;
	struct request *request = *state;
	if (!request)
		return;
	log_request(server, connection, request, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	if (request->seen)
		atomic_fetch_sub(&server->under_way, 1);
	free(request->uri);
	free(request);
	*state = NULL;
}

// Paths are decoded by request_path, which also refuses.
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context;
	(void)connection;
	return strlen(text);
}

// ---- the server ------------------------------------------------------------------------------------------------------

static void server_free(struct server *server)
{
	if (server->registry >= 0)
		close(server->registry);
	free(server->url);
	free(server);
}

static unsigned most_connections(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return FEWEST_CONNECTIONS;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit); // what it then is, getrlimit says
	getrlimit(RLIMIT_NOFILE, &limit);
	rlim_t can = limit.rlim_cur > 2 * OWN_FILES ? (limit.rlim_cur - OWN_FILES) / 2 : FEWEST_CONNECTIONS;
	return can < MOST_CONNECTIONS ? (unsigned)can : MOST_CONNECTIONS;
}

static unsigned thread_count(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	return processors < 2 ? 2 : processors < MOST_THREADS ? (unsigned)processors : MOST_THREADS;
}

static int open_registry(const char *workspace, int *out, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/registry", workspace);
	*out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *out >= 0
		       ? 0
		       : error_set(err, ERROR_WORKSPACE,
				   "%s: there is no registry to serve: start with gophersnake convert REQ, or name its "
				   "folder with --workspace",
				   workspace);
}

int server_start(const struct server_options *options, struct server **out, struct error *err)
{
	struct server *server = xcalloc(1, sizeof *server);
	int socket = -1;
	server->registry = -1;
	server->log = options->log;
	if (open_registry(options->workspace, &server->registry, err) ||
	    listen_at(options->listen, &socket, &server->url, err)) {
		server_free(server);
		return -1;
	}
	server->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, on_request, server,
		MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_THREAD_POOL_SIZE, thread_count(),
		MHD_OPTION_CONNECTION_LIMIT, most_connections(), MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_URI_LOG_CALLBACK, on_begin, server, MHD_OPTION_NOTIFY_COMPLETED, on_end, server,
		MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, server, MHD_OPTION_END);
	if (server->daemon) {
		*out = server;
		return 0;
	}
	error_errno(err, ERROR_NETWORK, "cannot serve at %s", server->url);
	close(socket);
	server_free(server);
	return -1;
}

const char *server_address(const struct server *server)
{
	return server->url;
}

void server_stop(struct server *server)
{
	if (!server)
		return;
	atomic_store(&server->stopping, true);
	int socket = MHD_quiesce_daemon(server->daemon);
	if (socket >= 0)
		close(socket);
	for (int64_t end = now() + GRACE; atomic_load(&server->under_way) && now() < end;)
		system_clock.sleep(system_clock.context, STEP);
	MHD_stop_daemon(server->daemon);
	server_free(server);
}
