// What an HTTP client may send to serve: paths stay beneath the registry, ranges within the file, choices among the offers.
#include <stdlib.h>

#include "agents/serve/request.h"

static void check_path(struct slice target)
{
	cleanup_text struct text path = TEXT_INIT;
	if (request_path(target, &path))
		return;
	struct slice rest = text_slice(&path), name;
	if (rest.len && (*rest.ptr == '/' || memchr(rest.ptr, '\0', rest.len) || memchr(rest.ptr, '\n', rest.len)))
		abort();
	while (rest.len && slice_cut(&rest, '/', &name))
		if (!name.len || *name.ptr == '.')
			abort();
}

static void check_range(const char *header, uint64_t size)
{
	uint64_t first = 0, length = 0;
	if (request_range(header, size, &first, &length) == RANGE_PART &&
	    (!length || first >= size || length > size - first))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const offers[] = {"text/html", "application/vnd.pypi.simple.v1+json"};
	cleanup_free char *header = xstrndup((const char *)data, size);
	check_path((struct slice){(const char *)data, size});
	check_range(header, 0);
	check_range(header, 1000);
	check_range(header, UINT64_MAX);
	int chosen = request_accept(header, offers, 2);
	if (chosen < -1 || chosen > 1)
		abort();
	request_has_etag(header, "\"1-2-3\"", true);
	request_has_etag(header, "\"1-2-3\"", false);
	return 0;
}
