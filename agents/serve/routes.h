// What is where: from a path to a file of the registry, its type and how long
// it may be kept. A route is a row {prefix, function}; today they are static files:
//
//     /                        how to use this
//     /go/…                    GOPROXY: registry/go as it is
//     /simple/, /simple/NAME/  the Python index, HTML or JSON by Accept (PEP 503, 691); other spellings of NAME: 301
//     /simple/files/…          wheels and their metadata
//
// Nothing outside the registry can be reached: paths are plain names, opened beneath its folder without following links.
#ifndef AGENTS_SERVE_ROUTES_H
#define AGENTS_SERVE_ROUTES_H

#include "core/text.h"

struct serve_request {
	int registry;       // descriptor of the folder
	struct slice path;  // as request_path gives it
	const char *accept; // NULL: not given
};

struct serve_answer {
	int status;
	const char *type;  // media type
	const char *cache; // Cache-Control
	const char *form;  // what tells the representations of one file apart in its entity tag; ""
	bool varies;       // by Accept
	bool last;         // of its connection
	int fd;            // of a regular file, open; -1: text is the answer
	struct text text;
	char *location; // of a redirect, relative; heap, NULL
};
void serve_answer_clear(struct serve_answer *answer);

void serve_route(const struct serve_request *request, struct serve_answer *out);
// An answer that says what is wrong, in plain text.
void serve_refuse(struct serve_answer *out, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
#endif
