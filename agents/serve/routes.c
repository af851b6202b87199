// Static files. What never changes may be kept for a year, what lists it for seconds.
#include "agents/serve/routes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/serve/request.h"
#include "core/file.h"
#include "resolver/name.h"

static const char immutable[] = "public, max-age=31536000, immutable", brief[] = "public, max-age=10",
		  never[] = "no-cache", plain[] = "text/plain; charset=utf-8";

void serve_answer_clear(struct serve_answer *answer)
{
	if (answer->fd >= 0)
		close(answer->fd);
	text_clear(&answer->text);
	free(answer->location);
	*answer = (struct serve_answer){.fd = -1};
}

void serve_refuse(struct serve_answer *out, int status, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *message = NULL;
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	serve_answer_clear(out);
	out->status = status;
	out->type = plain;
	out->cache = never;
	out->form = "";
	text_addf(&out->text, "%d: %s\n", status, message ? message : "refused");
	free(message);
}

static void absent(const struct serve_request *request, struct serve_answer *out)
{
	serve_refuse(out, 404, "/%.*s is not here", (int)request->path.len, request->path.ptr);
}

static void give_file(const struct serve_request *request, const char *path, const char *type, const char *cache,
		      struct serve_answer *out)
{
	struct stat status;
	int fd = file_open_beneath(request->registry, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO)) {
		serve_refuse(out, 503, "too busy: try again");
		return;
	}
	if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		if (fd >= 0)
			close(fd);
		absent(request, out);
		return;
	}
	*out = (struct serve_answer){.status = 200, .type = type, .cache = cache, .form = "", .fd = fd};
}

// ---- Go --------------------------------------------------------------------------------------------------------------

// https://go.dev/ref/mod#goproxy-protocol: 404 makes go ask the next proxy of its list.
static void give_go(const struct serve_request *request, struct serve_answer *out)
{
	static const struct {
		const char *suffix, *type, *cache;
	} kinds[] = {
		{".info", "application/json", immutable}, {".mod", plain, immutable},
		{".zip", "application/zip", immutable},   {"/@v/list", plain, brief},
		{"/@latest", "application/json", brief},
	};
	cleanup_free char *path = slice_dup(request->path);
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
		if (slice_ends(request->path, kinds[i].suffix)) {
			give_file(request, path, kinds[i].type, kinds[i].cache, out);
			return;
		}
	absent(request, out);
}

// ---- Python ----------------------------------------------------------------------------------------------------------

static void give_wheel(const struct serve_request *request, struct serve_answer *out)
{
	cleanup_free char *path = slice_dup(request->path);
	if (slice_ends(request->path, ".whl"))
		give_file(request, path, "application/zip", immutable, out);
	else if (slice_ends(request->path, ".whl.metadata"))
		give_file(request, path, plain, immutable, out);
	else
		absent(request, out);
}

// folder: "simple/" or "simple/sqlparse/". In our order of liking, for those that take everything.
static void give_page(const struct serve_request *request, struct slice folder, struct serve_answer *out)
{
	static const char json[] = "application/vnd.pypi.simple.v1+json",
			  html[] = "application/vnd.pypi.simple.v1+html";
	static const char *const offers[] = {"text/html", json, html, "application/vnd.pypi.simple.latest+json",
					     "application/vnd.pypi.simple.latest+html"};
	static const struct {
		const char *type, *file, *form;
	} forms[ARRAY_LENGTH(offers)] = {{"text/html; charset=utf-8", "index.html", "t"},
					 {json, "index.json", "j"},
					 {html, "index.html", "h"},
					 {json, "index.json", "j"},
					 {html, "index.html", "h"}};
	int chosen = request_accept(request->accept, offers, ARRAY_LENGTH(offers));
	if (chosen < 0) {
		serve_refuse(out, 406, "this page is there as %s, %s and %s", offers[0], json, html);
		out->varies = true;
		return;
	}
	cleanup_free char *path = xasprintf("%.*s%s", (int)folder.len, folder.ptr, forms[chosen].file);
	give_file(request, path, forms[chosen].type, brief, out);
	out->varies = true;
	if (out->status == 200)
		out->form = forms[chosen].form;
}

static bool is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", name.ptr[i]))
			return false;
	return name.len > 0;
}

static void redirect(const char *location, struct serve_answer *out)
{
	serve_refuse(out, 301, "it is at %s", location);
	out->location = xstrdup(location);
}

static void give_simple(const struct serve_request *request, struct serve_answer *out)
{
	struct slice rest = slice_from(request->path, strlen("simple/")), name;
	if (!rest.len) {
		give_page(request, request->path, out);
		return;
	}
	slice_cut(&rest, '/', &name);
	if (!is_name(name) || rest.len) { // index.html and index.json of a project, as a server of plain files has them
		cleanup_free char *path = slice_dup(request->path);
		if (slice_is(rest, "index.json"))
			give_file(request, path, "application/json", brief, out);
		else if (slice_is(rest, "index.html"))
			give_file(request, path, "text/html; charset=utf-8", brief, out);
		else
			absent(request, out);
		return;
	}
	if (rest.ptr && name_is_normalised(name)) {
		give_page(request, request->path, out);
		return;
	}
	// PEP 503: the normalised name with a slash at its end.
	cleanup_text struct text location = TEXT_INIT;
	text_add(&location, rest.ptr ? "../" : "");
	name_normalise_to(name, &location);
	text_add_char(&location, '/');
	redirect(location.ptr, out);
}

// ---- all -------------------------------------------------------------------------------------------------------------

static void give_start(const struct serve_request *request, struct serve_answer *out)
{
	(void)request;
	*out = (struct serve_answer){.status = 200, .type = plain, .cache = brief, .form = "", .fd = -1};
	text_add(&out->text, "A registry of gophersnake.\n\n"
			     "Python: /simple/ is an index for pip and uv (--index-url)\n"
			     "Go:     /go is a module proxy (GOPROXY)\n");
}

static void give_slash(const struct serve_request *request, struct serve_answer *out)
{
	(void)request;
	redirect("simple/", out);
}

static const struct {
	const char *prefix;
	bool whole; // the prefix is the whole path
	void (*give)(const struct serve_request *request, struct serve_answer *out);
} routes[] = {
	{"", true, give_start},          {"go/", false, give_go},
	{"simple", true, give_slash},    {"simple/files/", false, give_wheel},
	{"simple/", false, give_simple},
};

void serve_route(const struct serve_request *request, struct serve_answer *out)
{
	for (size_t i = 0; i < ARRAY_LENGTH(routes); i++)
		if (routes[i].whole ? slice_is(request->path, routes[i].prefix)
				    : slice_starts(request->path, routes[i].prefix)) {
			routes[i].give(request, out);
			return;
		}
	absent(request, out);
}
