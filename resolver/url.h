// URLs as an index needs them: joining (RFC 3986, section 5), credentials, hosts, file paths.
#ifndef RESOLVER_URL_H
#define RESOLVER_URL_H

#include <stdbool.h>

#include "core/text.h"

// The reference seen from base, without fragment; *fragment gets it ("" when none; may be NULL). A heap string, NULL when
// either is no URL that an index may use: http, https and file only, file only from file, no control characters.
char *url_join(const char *base, struct slice reference, char **fragment);
// Without user and password.
char *url_without_credentials(const char *url);
// The same URL with the user and password of other, when both are of one scheme and host; else a copy.
char *url_with_credentials_of(const char *url, const char *other);
// "https://example.org:8080", lower case; "file://" for files.
char *url_origin(const char *url);
// A path as it stands in a URL: all but letters, digits, "-._~!" and "/" is percent-encoded.
void url_escape(const char *path, struct text *out);
// "file:///a%20b" of an absolute path; heap.
char *url_of_file(const char *path);
// The path of a file:// URL, percent-decoded; NULL when it is none.
char *url_file_path(const char *url);
// The last part of the path, percent-decoded.
char *url_file_name(const char *url);

#endif
