// Index pages as HTML: what is read becomes a compact page that reads back to itself, and releases that can be sorted.
#include <stdlib.h>

#include "resolver/index.h"
#include "resolver/project.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	struct error err = ERROR_INIT;
	struct index_page page, again;
	if (!index_page_read(text, &page))
		index_page_clear(&page);
	if (index_page_parse(text, "text/html", "https://h/simple/a/", &page, &err))
		return 0;
	cleanup_text struct text compact = TEXT_INIT, compact_again = TEXT_INIT;
	index_page_write(&page, &compact);
	if (index_page_read(text_slice(&compact), &again))
		abort();
	index_page_write(&again, &compact_again);
	if (strcmp(text_str(&compact), text_str(&compact_again)) != 0)
		abort();
	index_page_clear(&again);
	struct platform platform = {.arena = ARENA_INIT};
	struct project project;
	version_parse(&platform.arena, SLICE("3.11"), &platform.python, &err);
	project_init(&project, "a", &page, &platform);
	project_clear(&project);
	platform_clear(&platform);
	return 0;
}
