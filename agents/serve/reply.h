// From an answer to a response of libmicrohttpd: length, entity tag, cache
// and range headers (RFC 9110), the same for every route.
#ifndef AGENTS_SERVE_REPLY_H
#define AGENTS_SERVE_REPLY_H

#include <microhttpd.h>
#include <stdint.h>

#include "agents/serve/routes.h"

// All values of a header, with commas between them; appended to out. False when it is not there.
bool reply_header(struct MHD_Connection *connection, const char *name, struct text *out);
// Queues the answer (its descriptor is taken over). part: the request may ask for a part of it (GET). *bytes: of the body as
// announced; the status that was sent is returned, 0 when nothing could be queued.
int reply_queue(struct MHD_Connection *connection, struct serve_answer *answer, bool part, uint64_t *bytes);
#endif
