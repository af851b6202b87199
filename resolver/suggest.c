// Near names by edit distance. Names are short; longer ones than 64 are not compared.
#include "resolver/suggest.h"

#include "core/file.h"
#include "resolver/cache.h"
#include "resolver/name.h"
#include "resolver/url.h"

enum { MAX_NAME = 64, MOST_NAMES = 3 };

static int least(int a, int b)
{
	return a < b ? a : b;
}

int suggest_distance(const char *a, const char *b, int most)
{
	size_t n = strlen(a), m = strlen(b);
	if (n > MAX_NAME || m > MAX_NAME || (n > m ? n - m : m - n) > (size_t)most)
		return most + 1;
	int rows[3][MAX_NAME + 1]; // i-2, i-1, i
	for (size_t j = 0; j <= m; j++)
		rows[1][j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int *row = rows[(i + 1) % 3], *before = rows[i % 3], *two_before = rows[(i + 2) % 3];
		row[0] = (int)i;
		for (size_t j = 1; j <= m; j++) {
			row[j] = least(least(before[j], row[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], two_before[j - 2] + 1);
		}
	}
	return least(rows[(n + 1) % 3][m], most + 1);
}

struct near {
	char *name;
	int distance;
};

struct search {
	const char *name;
	int most;
	VEC(struct near) found;
};

static void consider(void *context, const char *name)
{
	struct search *search = context;
	int distance = suggest_distance(search->name, name, search->most);
	if (!distance || distance > search->most)
		return;
	vec_each (&search->found, near)
		if (!strcmp(near->name, name))
			return;
	vec_push(&search->found, (struct near){xstrdup(name), distance});
}

static void consider_folder(struct search *search, const char *folder)
{
	file_names names = VEC_INIT;
	struct error ignored = ERROR_INIT; // then there are no names
	if (!dir_list(folder, &names, &ignored))
		vec_each (&names, name)
			if (name_is_normalised(slice_of(*name)))
				consider(search, *name);
	file_names_clear(&names);
}

static int compare_near(const void *left, const void *right)
{
	const struct near *a = left, *b = right;
	return a->distance != b->distance ? a->distance - b->distance : strcmp(a->name, b->name);
}

void suggest_names(const char *name, const char *index_url, const char *cache_dir, struct text *out)
{
	struct search search = {.name = name, .most = strlen(name) > 4 ? 2 : 1};
	cleanup_free char *folder = url_file_path(index_url);
	if (folder)
		consider_folder(&search, folder);
	else
		cache_page_names(cache_dir, consider, &search);
	vec_sort(&search.found, compare_near);
	for (size_t i = 0; i < search.found.count && i < MOST_NAMES; i++)
		text_addf(out, "%s%s", i ? ", " : "", search.found.items[i].name);
	vec_each (&search.found, near)
		free(near->name);
	vec_clear(&search.found);
}
