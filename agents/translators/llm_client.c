// One try of one request, in a process of its own: the only one that reads the
// key. It cannot be traced or dumped, starts nothing, and gives back one line
// of JSON; wherever the key stands in that (servers like to repeat what they
// refuse), it is taken out.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents/translators/llm.h"
#include "core/clock.h"
#include "core/http.h"

enum {
	KEY_LIMIT = 4096,
	STREAM_LIMIT = 64 * 1024 * 1024,
	REPLY_LIMIT = 32 * 1024 * 1024,
	STALL = 180000, // milliseconds without a byte: models think, but servers send pings
	SHOWN = 1500,
	PAGE_LIMIT = 16 * 1024 * 1024, // its escapes fit REPLY_LIMIT
};

void llm_reply_clear(struct llm_reply *reply)
{
	free(reply->failure);
	free(reply->answer);
	*reply = (struct llm_reply){0};
}

// ---- the key ---------------------------------------------------------------------------------------------------------

static int open_key_file(const char *path, int *out, struct error *err)
{
	struct stat status;
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status))
		return error_errno(err, ERROR_CONFIG, "llm_key_file %s", path);
	if (!S_ISREG(status.st_mode) || (status.st_mode & 077) || status.st_uid != geteuid())
		return error_set(
			err, ERROR_CONFIG,
			"llm_key_file %s: it must be a regular file of yours that nobody else can read (chmod 600)",
			path);
	*out = fd;
	fd = -1;
	return 0;
}

int llm_key_file_check(const char *path, struct error *err)
{
	cleanup_fd int fd = -1;
	return open_key_file(path, &fd, err);
}

static int read_key_file(const char *path, struct text *key, struct error *err)
{
	cleanup_fd int fd = -1;
	if (open_key_file(path, &fd, err))
		return -1;
	text_reserve(key, KEY_LIMIT + 1);
	ssize_t got = read(fd, key->ptr, KEY_LIMIT);
	if (got < 0)
		return error_errno(err, ERROR_CONFIG, "llm_key_file %s", path);
	key->ptr[got] = '\0';
	key->len = (size_t)got;
	return 0;
}

// Empty when none is set: servers of one's own may want none.
static int read_key(const struct llm_server *server, struct text *out, struct error *err)
{
	const char *value = server->key_env ? getenv(server->key_env) : NULL;
	struct text raw = TEXT_INIT;
	int status = 0;
	if (server->key_file)
		status = read_key_file(server->key_file, &raw, err);
	else if (value)
		text_add(&raw, value);
	struct slice key = slice_trim(text_slice(&raw));
	for (size_t i = 0; i < key.len && !status; i++)
		if ((unsigned char)key.ptr[i] <= ' ' || (unsigned char)key.ptr[i] > '~')
			status = error_set(err, ERROR_CONFIG,
					   "the key for the model (%s) has a blank or another character "
					   "that no key has",
					   server->key_file ? server->key_file : server->key_env);
	if (!status)
		text_add_slice(out, key);
	if (raw.ptr)
		explicit_bzero(raw.ptr, raw.cap);
	text_clear(&raw);
	return status;
}

static char *without_key(struct slice text, struct slice key)
{
	struct text out = TEXT_INIT;
	while (key.len) {
		const char *found = text.len ? memmem(text.ptr, text.len, key.ptr, key.len) : NULL;
		if (!found)
			break;
		text_add_bytes(&out, text.ptr, (size_t)(found - text.ptr));
		text_add(&out, "[key]");
		text = slice_from(text, (size_t)(found - text.ptr) + key.len);
	}
	text_add_slice(&out, text);
	return text_steal(&out);
}

// ---- the client's process --------------------------------------------------------------------------------------------

struct client {
	const struct llm_server *server;
	struct llm_exchange exchange;
	int64_t retry_after, retry_after_ms, pause;
	bool nothing_left;
};

static bool take_value(struct slice line, const char *name, struct slice *value)
{
	size_t length = strlen(name);
	if (line.len <= length || line.ptr[length] != ':' || strncasecmp(line.ptr, name, length))
		return false;
	*value = slice_trim(slice_from(line, length + 1));
	return true;
}

static void on_header(struct slice line, void *context)
{
	// remaining, and when that is renewed
	static const char *const limits[][2] = {
		{"anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"},
		{"anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"},
		{"x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"},
		{"x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"}};
	struct client *client = context;
	struct slice value;
	int64_t now = system_clock.wall(system_clock.context);
	if (take_value(line, "retry-after-ms", &value))
		client->retry_after_ms = llm_parse_retry_after(value, true, now);
	else if (take_value(line, "retry-after", &value))
		client->retry_after = llm_parse_retry_after(value, false, now);
	for (size_t i = 0; i < ARRAY_LENGTH(limits); i++) {
		if (take_value(line, limits[i][0], &value))
			client->nothing_left |= slice_is(value, "0");
		if (take_value(line, limits[i][1], &value)) {
			int64_t reset = llm_parse_reset(value, now);
			client->pause = reset > client->pause ? reset : client->pause;
		}
	}
}

static int on_chunk(struct slice data, void *context, struct error *err)
{
	struct client *client = context;
	if (llm_exchange_feed(&client->exchange, data))
		return error_set(err, ERROR_FAILED, "enough"); // the exchange knows why
	return 0;
}

static char *make_url(const struct llm_server *server, const char *path)
{
	size_t length = strlen(server->base_url);
	while (length && server->base_url[length - 1] == '/')
		length--;
	if (!path)
		path = server->dialect == LLM_ANTHROPIC ? "/v1/messages" : "/chat/completions";
	return xasprintf("%.*s%s", (int)length, server->base_url, path);
}

static char *key_header(const struct llm_server *server, const struct text *key)
{
	if (!key->len)
		return NULL;
	return xasprintf(server->dialect == LLM_ANTHROPIC ? "x-api-key: %s" : "Authorization: Bearer %s", key->ptr);
}

static int fetch(struct client *client, struct slice body, const struct text *key, struct http_response *response,
		 struct error *err)
{
	struct http_options options = {.connections = 1,
				       .retries = -1,
				       .timeout = client->server->timeout,
				       .stall_timeout =
					       client->server->timeout < STALL ? client->server->timeout : STALL};
	struct http *http = NULL;
	cleanup_free char *url = make_url(client->server, NULL), *authorization = key_header(client->server, key);
	const char *headers[6] = {"Content-Type: application/json", "Accept: text/event-stream, application/json"};
	size_t count = 2;
	if (client->server->dialect == LLM_ANTHROPIC)
		headers[count++] = "anthropic-version: 2023-06-01";
	if (authorization)
		headers[count++] = authorization;
	struct http_request request = {.url = url,
				       .method = "POST",
				       .headers = headers,
				       .body = body,
				       .body_limit = STREAM_LIMIT,
				       .chunk = on_chunk,
				       .header = on_header,
				       .stream_context = client};
	int status = http_open(&options, &http, err) || http_fetch(http, &request, response, err) ? -1 : 0;
	http_free(http);
	if (authorization)
		explicit_bzero(authorization, strlen(authorization));
	return status;
}

// {"error": {"type", "code", "message"}}, or whatever it says.
static void describe_refusal(struct slice body, struct text *out)
{
	struct error ignored = ERROR_INIT;
	cleanup_json json_t *json = json_parse(body, "answer", &ignored);
	json_t *error = json_object_get(json, "error");
	if (json_is_object(error))
		text_addf(out, "%.200s %.200s: %.1000s", json_string_or(error, "type", ""),
			  json_string_or(error, "code", ""), json_string_or(error, "message", ""));
	else
		text_addf(out, "%.*s", (int)(body.len < SHOWN ? body.len : SHOWN), body.ptr ? body.ptr : "");
	for (size_t i = 0; i < out->len; i++) // one line, and UTF-8 whatever it was
		if ((unsigned char)out->ptr[i] < ' ' || (unsigned char)out->ptr[i] >= 0x7f)
			out->ptr[i] = (unsigned char)out->ptr[i] < ' ' ? ' ' : '?';
}

static json_t *report(struct client *client, struct slice body, const struct text *key)
{
	struct error err = ERROR_INIT;
	struct llm_exchange *exchange = &client->exchange;
	struct http_response response = {.age = -1};
	cleanup_text struct text failure = TEXT_INIT;
	bool failed = fetch(client, body, key, &response, &err);
	llm_exchange_end(exchange);
	bool began = exchange->sse.read || exchange->answer.len || exchange->stop != LLM_STOP_CUT;
	long status = failed && began ? 200 : failed ? 0 : response.status;
	// The stop of the exchange tells more than that the transfer was given up for it.
	if (failed && exchange->stop == LLM_STOP_CUT)
		text_add(&failure, err.text);
	else if (!failed && (status < 200 || status > 299))
		describe_refusal(text_slice(&response.body), &failure);
	else
		text_add_slice(&failure, text_slice(&exchange->error));
	bool maybe_sent = failed && !strstr(err.text, "nobody answers") && err.code == ERROR_NETWORK &&
			  !strstr(err.text, "is the name right?");
	cleanup_free char *answer = without_key(text_slice(&exchange->answer), text_slice(key));
	cleanup_free char *words = without_key(text_slice(&failure), text_slice(key));
	const struct llm_usage *usage = &exchange->usage;
	json_t *json =
		json_pack("{s:I, s:b, s:s, s:s, s:i, s:b, s:I, s:I, s:I, s:I, s:I, s:I}", "status", (json_int_t)status,
			  "maybe_sent", maybe_sent, "failure", words, "answer", answer, "stop", (int)exchange->stop,
			  "usage_known", usage->known, "input", (json_int_t)usage->input, "cache_read",
			  (json_int_t)usage->cache_read, "cache_write", (json_int_t)usage->cache_write, "output",
			  (json_int_t)usage->output, "retry_after",
			  (json_int_t)(client->retry_after_ms >= 0 ? client->retry_after_ms : client->retry_after),
			  "pause", (json_int_t)(client->nothing_left ? client->pause : 0));
	http_response_clear(&response);
	return json;
}

// {"status", "maybe_sent", "failure", "body"}
static json_t *report_page(const struct llm_server *server, const struct llm_message *message, const struct text *key)
{
	struct error err = ERROR_INIT;
	struct http_options options = {
		.connections = 1, .retries = -1, .timeout = server->timeout, .stall_timeout = server->timeout};
	struct http *http = NULL;
	struct http_response response = {.age = -1};
	cleanup_free char *url = make_url(server, message->path), *authorization = key_header(server, key);
	cleanup_free char *type =
		xasprintf("Content-Type: %s", message->content_type ? message->content_type : "text/plain");
	const char *headers[5] = {type};
	size_t count = 1;
	if (server->dialect == LLM_ANTHROPIC)
		headers[count++] = "anthropic-version: 2023-06-01";
	if (authorization)
		headers[count++] = authorization;
	struct http_request request = {.url = url,
				       .method = message->method,
				       .headers = headers,
				       .body = message->body,
				       .body_limit = PAGE_LIMIT};
	cleanup_text struct text failure = TEXT_INIT;
	bool failed = http_open(&options, &http, &err) || http_fetch(http, &request, &response, &err);
	http_free(http);
	bool good = !failed && response.status >= 200 && response.status < 300;
	if (failed)
		text_add(&failure, err.text);
	else if (!good)
		describe_refusal(text_slice(&response.body), &failure);
	bool maybe_sent = failed && !strstr(err.text, "nobody answers") && err.code == ERROR_NETWORK &&
			  !strstr(err.text, "is the name right?");
	cleanup_free char *body = without_key(good ? text_slice(&response.body) : slice_of(""), text_slice(key));
	cleanup_free char *words = without_key(text_slice(&failure), text_slice(key));
	json_t *checked = json_string(body);
	if (!checked && !failure.len)
		text_add(&failure, "the answer is not UTF-8");
	json_t *json = json_pack("{s:I, s:b, s:s, s:o}", "status", (json_int_t)(failed ? 0 : response.status),
				 "maybe_sent", maybe_sent, "failure", checked ? words : text_str(&failure), "body",
				 checked ? checked : json_string(""));
	http_response_clear(&response);
	return json;
}

static void write_all(int out, const struct text *text)
{
	for (size_t at = 0; at < text->len;) {
		ssize_t written = write(out, text->ptr + at, text->len - at);
		if (written < 0 && errno != EINTR)
			return; // nobody is there any more
		at += written > 0 ? (size_t)written : 0;
	}
}

// message: NULL for a request that is streamed, with this body.
static _Noreturn void client_main(const struct llm_server *server, const struct llm_message *message, struct slice body,
				  int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	struct error err = ERROR_INIT;
	struct text key = TEXT_INIT, line = TEXT_INIT;
	struct client client = {
		.server = server, .exchange = {.dialect = server->dialect}, .retry_after = -1, .retry_after_ms = -1};
	json_t *json = read_key(server, &key, &err) ? json_pack("{s:s}", "key", err.text)
		       : message                    ? report_page(server, message, &key)
						    : report(&client, body, &key);
	if (json)
		json_write_compact(json, &line);
	write_all(out, &line);
	_exit(0);
}

// ---- the asking side -------------------------------------------------------------------------------------------------

static int read_reply(struct slice line, struct llm_reply *out, struct error *err)
{
	struct error malformed = ERROR_INIT;
	cleanup_json json_t *json = line.len ? json_parse(line, "the model client's reply", &malformed) : NULL;
	if (!json)
		return error_set(err, ERROR_FAILED, "the process that talks to the model ended without a reply%s%s",
				 line.len ? ": " : "", malformed.text);
	const char *key = json_string_or(json, "key", NULL);
	if (key)
		return error_set(err, ERROR_CONFIG, "%s", key);
	const char *failure = json_string_or(json, "failure", "");
	*out = (struct llm_reply){.status = (long)json_integer_or(json, "status", 0),
				  .maybe_sent = json_bool_or(json, "maybe_sent", true),
				  .failure = *failure ? xstrdup(failure) : NULL,
				  .answer = xstrdup(json_string_or(json, "answer", "")),
				  .stop = (enum llm_stop)json_integer_or(json, "stop", LLM_STOP_CUT),
				  .usage = {json_bool_or(json, "usage_known", false), json_integer_or(json, "input", 0),
					    json_integer_or(json, "cache_read", 0),
					    json_integer_or(json, "cache_write", 0),
					    json_integer_or(json, "output", 0)},
				  .retry_after = json_integer_or(json, "retry_after", -1),
				  .pause = json_integer_or(json, "pause", 0)};
	return 0;
}

static bool read_line(const struct llm_server *server, int in, struct text *line)
{
	bool interrupted = false;
	for (bool open = true; open && !interrupted;) {
		struct pollfd poll_in = {.fd = in, .events = POLLIN};
		poll(&poll_in, 1, 100);
		char buffer[8192];
		if (poll_in.revents) {
			ssize_t count = read(in, buffer, sizeof buffer);
			open = count > 0 || (count < 0 && errno == EINTR);
			if (count > 0 && line->len < REPLY_LIMIT)
				text_add_bytes(line, buffer, (size_t)count);
		}
		interrupted = server->interrupted && *server->interrupted;
	}
	return interrupted;
}

// The child's line.
static int run_client(const struct llm_server *server, const struct llm_message *message, struct slice body,
		      struct text *line, struct error *err)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return error_errno(err, ERROR_TOOL, "pipe");
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		client_main(server, message, body, ends[1]);
	}
	close(ends[1]);
	bool interrupted = child > 0 && read_line(server, ends[0], line);
	close(ends[0]);
	if (child < 0)
		return error_errno(err, ERROR_TOOL, "fork");
	if (interrupted)
		kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return interrupted ? error_set(err, ERROR_INTERRUPTED, "interrupted") : 0;
}

int llm_try(const struct llm_server *server, json_t *body, struct llm_reply *out, struct error *err)
{
	*out = (struct llm_reply){.retry_after = -1};
	cleanup_text struct text bytes = TEXT_INIT, line = TEXT_INIT;
	json_write_compact(body, &bytes);
	return run_client(server, NULL, text_slice(&bytes), &line, err) || read_reply(text_slice(&line), out, err) ? -1
														   : 0;
}

void llm_page_clear(struct llm_page *page)
{
	free(page->failure);
	free(page->body);
	*page = (struct llm_page){0};
}

int llm_fetch(const struct llm_server *server, const struct llm_message *message, struct llm_page *out,
	      struct error *err)
{
	*out = (struct llm_page){0};
	cleanup_text struct text line = TEXT_INIT;
	struct error malformed = ERROR_INIT;
	if (run_client(server, message, (struct slice){NULL, 0}, &line, err))
		return -1;
	cleanup_json json_t *json =
		line.len ? json_parse(text_slice(&line), "the model client's reply", &malformed) : NULL;
	if (!json)
		return error_set(err, ERROR_FAILED, "the process that talks to the model ended without a reply%s%s",
				 line.len ? ": " : "", malformed.text);
	const char *key = json_string_or(json, "key", NULL), *failure = json_string_or(json, "failure", "");
	if (key)
		return error_set(err, ERROR_CONFIG, "%s", key);
	*out = (struct llm_page){.status = (long)json_integer_or(json, "status", 0),
				 .maybe_sent = json_bool_or(json, "maybe_sent", true),
				 .failure = *failure ? xstrdup(failure) : NULL,
				 .body = xstrdup(json_string_or(json, "body", ""))};
	return 0;
}
