// Python versions as semver pre-releases. What makes the order hold: numeric
// identifiers sort below words, and the words were chosen in ASCII order:
// dev < pre-a < pre-b < pre-rc < rel < rel-l < upd < z…. A number inside a word
// is preceded by a letter that counts its digits.
#include "agents/go/version.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static void add_counted(char mark, uint64_t number, struct text *out)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
	text_addf(out, ".%c%c%s", mark, 'a' + length - 1, digits);
}

static void add_local(const struct version *version, struct text *out)
{
	for (uint32_t i = 0; i < version->local_count; i++) {
		if (version->local[i].text)
			text_addf(out, ".a%s", version->local[i].text);
		else
			add_counted('n', version->local[i].number, out);
	}
}

void go_version_stem(const struct version *version, struct text *out)
{
	static const char *const pre[] = {"pre-a", "pre-b", "pre-rc"};
	uint64_t release[3] = {0};
	for (uint32_t i = 0; i < version->significant && i < 3; i++)
		release[i] = version->release[i];
	text_addf(out, "v%" PRIu64 ".%" PRIu64 ".%" PRIu64 "-%" PRIu64, version->epoch, release[0], release[1],
		  release[2]);
	for (uint32_t i = 3; i < version->significant; i++)
		add_counted('z', version->release[i], out);
	if (version->pre != VERSION_PRE_NONE)
		text_addf(out, ".%s.%" PRIu64, pre[version->pre], version->pre_number);
	if (version->has_post)
		text_addf(out, ".upd.%" PRIu64, version->post);
	if (version->has_dev)
		text_addf(out, ".dev.%" PRIu64, version->dev);
	// A local label sorts above the same version without one: "rel" < "rel-l", and a rev (a number) < "x".
	if (version->has_dev)
		text_add(out, version->local_count ? ".x" : "");
	else
		text_add(out, version->local_count ? ".rel-l" : ".rel");
	add_local(version, out);
}

void go_version_format(const struct version *version, uint64_t rev, struct text *out)
{
	go_version_stem(version, out);
	text_addf(out, ".%" PRIu64, rev);
}

int64_t go_version_rev(const char *go_version, const char *stem)
{
	size_t length = strlen(stem);
	if (strncmp(go_version, stem, length) || go_version[length] != '.')
		return -1;
	uint64_t rev = 0;
	if (parse_u64(slice_of(go_version + length + 1), &rev) || rev > INT64_MAX)
		return -1;
	return (int64_t)rev;
}

// ---- precedence ------------------------------------------------------------------------------------------------------

static bool is_number(struct slice identifier)
{
	for (size_t i = 0; i < identifier.len; i++)
		if (!isdigit((unsigned char)identifier.ptr[i]))
			return false;
	return identifier.len > 0;
}

// Numbers of any length: semver has no bound.
static int compare_numbers(struct slice left, struct slice right)
{
	if (left.len != right.len)
		return left.len < right.len ? -1 : 1;
	return memcmp(left.ptr, right.ptr, left.len);
}

static int compare_identifiers(struct slice left, struct slice right)
{
	bool left_number = is_number(left), right_number = is_number(right);
	if (left_number != right_number)
		return left_number ? -1 : 1;
	return left_number ? compare_numbers(left, right) : slice_compare(left, right);
}

static int compare_lists(struct slice left, struct slice right)
{
	struct slice a, b;
	for (;;) {
		bool more_left = slice_cut(&left, '.', &a), more_right = slice_cut(&right, '.', &b);
		if (!more_left || !more_right)
			return (int)more_left - (int)more_right;
		int order = compare_identifiers(a, b);
		if (order)
			return order;
	}
}

int go_version_compare(const char *left, const char *right)
{
	struct slice a = slice_of(left + (*left == 'v')), b = slice_of(right + (*right == 'v'));
	struct slice core_a = {a.ptr, strcspn(a.ptr, "-")}, core_b = {b.ptr, strcspn(b.ptr, "-")};
	int order = compare_lists(core_a, core_b);
	if (order)
		return order;
	struct slice pre_a = slice_from(a, core_a.len), pre_b = slice_from(b, core_b.len);
	if (!pre_a.len || !pre_b.len) // without a pre-release part it is the higher one
		return (int)(pre_a.len == 0) - (int)(pre_b.len == 0);
	return compare_lists(slice_from(pre_a, 1), slice_from(pre_b, 1));
}

// ---- paths -----------------------------------------------------------------------------------------------------------

char *go_module_path(const char *host, const char *element, uint64_t epoch)
{
	return epoch < 2 ? xasprintf("%s/%s", host, element) : xasprintf("%s/%s/v%" PRIu64, host, element, epoch);
}

static bool element_fits(struct slice element)
{
	for (size_t i = 0; i < element.len; i++) {
		char c = element.ptr[i];
		if (!(c >= 'a' && c <= 'z') && !isdigit((unsigned char)c) && c != '-' && c != '.')
			return false;
	}
	return element.len && element.ptr[0] != '-' && element.ptr[0] != '.' && element.ptr[element.len - 1] != '.';
}

int go_host_check(const char *host, struct error *err)
{
	struct slice rest = slice_of(host), element;
	bool first = true, fits = *host != '\0';
	while (fits && slice_cut(&rest, '/', &element)) {
		fits = element_fits(element) && (!first || memchr(element.ptr, '.', element.len));
		first = false;
	}
	if (fits)
		return 0;
	return error_set(
		err, ERROR_CONFIG,
		"host \"%s\" cannot start a Go module path: lower-case letters, digits, '-' and '.', and a dot in "
		"its first element (\"go.internal\", \"go.example.org/python\")",
		host);
}

void go_escape(const char *path, struct text *out)
{
	for (; *path; path++) {
		if (*path >= 'A' && *path <= 'Z') {
			text_add_char(out, '!');
			text_add_char(out, (char)(*path - 'A' + 'a'));
		} else {
			text_add_char(out, *path);
		}
	}
}
