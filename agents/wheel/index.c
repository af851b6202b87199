// From ledger entries to wheels and pages. What a page says of a file that is
// there is believed, so an update with nothing new reads the ledger and the pages.
#include "agents/wheel/index.h"

#include <string.h>

#include "agents/ledger.h"
#include "agents/registry.h"
#include "agents/wheel/bundles.h"
#include "agents/wheel/retired.h"
#include "agents/wheel/rewrite.h"
#include "agents/wheel/simple.h"
#include "core/archive.h"
#include "core/digest.h"
#include "core/file.h"

enum { WHEEL_LIMIT = 512 * 1024 * 1024 };
static const char bundle_name[] = "gophersnake-bundle";

struct project {
	struct work *work;
	const char *workspace, *folder, *name;
	json_t *known, *files, *versions; // files: {file name: object}; versions: a set
	json_t *units;                    // {digest of a unit that is live: true}
	json_t *retired;                  // agents/wheel/retired.h
	struct wheel_index *out;
};

void wheel_index_clear(struct wheel_index *index)
{
	free(index->bundle);
	vec_each (&index->reasons, reason)
		free(*reason);
	vec_clear(&index->reasons);
	*index = (struct wheel_index){0};
}

char *wheel_index_folder(const char *workspace)
{
	return xasprintf("%s/registry/simple", workspace);
}

// ---- the original ----------------------------------------------------------------------------------------------------

// It is in the zip of the Go module that embeds the release's sources (agents/go/write_sources.c). A cycle's has those of all its
// members: the first one's is release.whl, and each other's has its name.
static int read_original(const struct project *project, json_t *entry, struct text *out, struct error *err)
{
	json_t *cycle = json_object_get(entry, "cycle"), *of = json_is_object(cycle) ? cycle : entry;
	const char *module = json_string_or(of, "module", ""), *version = json_string_or(of, "go_version", "");
	const char *wanted = json_string_or(ledger_wheel(entry), "sha256", "");
	cleanup_free char *path = registry_path(project->workspace, module, version, "zip");
	cleanup_free char *own = xasprintf("*/pysrc/release-%s.whl", project->name);
	char found[DIGEST_HEX_SIZE];
	int there = json_is_object(cycle) ? archive_read_member_of_file(path, own, WHEEL_LIMIT, out, err) : 0;
	if (!there)
		there = archive_read_member_of_file(path, "*/pysrc/release.whl", WHEEL_LIMIT, out, err);
	if (there < 0)
		return error_context(err, "%s", path);
	digest_hex_of(out->ptr, out->len, found);
	if (!there || strcmp(found, wanted) != 0)
		return error_set(err, ERROR_WORKSPACE, "%s: the wheel that the ledger names is not in it", path);
	return 0;
}

static const char *yanked_of(json_t *entry)
{
	json_t *yanked = json_object_get(entry, "yanked");
	return json_is_string(yanked) ? json_string_value(yanked) : NULL;
}

static int add_file(struct project *project, json_t *entry, const char *file_name, struct slice data,
		    struct slice metadata, struct error *err)
{
	struct simple_upload upload = {
		.file_name = file_name,
		.data = data,
		.metadata = metadata,
		.yanked = yanked_of(entry),
		.time = json_string_or(entry, "upload_time", ""),
	};
	json_t *file;
	if (simple_add(project->folder, &upload, &file, err))
		return -1;
	json_object_set_new(project->files, file_name, file);
	return 0;
}

// The first one stands: what was built again for a later rev may have other bytes under the same name.
static bool take_known(struct project *project, const char *file_name)
{
	json_t *file = json_object_get(project->known, file_name);
	if (json_object_get(project->files, file_name))
		return true;
	if (!file)
		return false;
	json_object_set(project->files, file_name, file);
	return true;
}

// ---- the wheel with native functions ---------------------------------------------------------------------------------

struct edits {
	VEC(struct wheel_edit) items;
};

static int count_names(const char *names)
{
	struct slice rest = slice_of(names), name;
	int count = 0;
	while (slice_cut(&rest, ' ', &name))
		count += name.len > 0;
	return count;
}

// live: its units belong into the next bundle.
static void list_edits(struct project *project, json_t *entry, bool live, struct edits *out)
{
	json_t *unit, *module;
	size_t i, j;
	json_array_foreach (json_object_get(entry, "native_units"), i, unit) {
		const char *digest = json_string_or(unit, "digest", "");
		bool first = live && json_object_get(project->units, digest) == NULL;
		if (live)
			json_object_set_new(project->units, digest, json_true());
		json_array_foreach (json_object_get(unit, "modules"), j, module) {
			project->out->functions += first ? count_names(json_string_or(module, "functions", "")) : 0;
			vec_push(&out->items, (struct wheel_edit){
						      .file = json_string_or(module, "file", ""),
						      .unit = digest,
						      .names = json_string_or(module, "functions", ""),
					      });
		}
	}
}

static void add_version(struct project *project, const char *version)
{
	json_object_set_new(project->versions, version, json_true());
}

static int make_native(struct project *project, json_t *entry, const struct text *original, const struct edits *edits,
		       struct error *err)
{
	const char *file_name = json_string_or(ledger_wheel(entry), "file", "");
	int64_t rev = json_integer_or(entry, "rev", 0);
	cleanup_wheel_result struct wheel_result result = {0};
	if (wheel_rewrite(text_slice(original), file_name, rev, edits->items.items, edits->items.count, &result, err))
		return -1;
	vec_each (&result.reasons, reason)
		vec_push(&project->out->reasons,
			 xasprintf("%s %s: %s", project->name, json_string_or(entry, "version", ""), *reason));
	if (!result.edited)
		return 0;
	return add_file(project, entry, result.file_name, text_slice(&result.data), text_slice(&result.metadata), err);
}

// ---- one release -----------------------------------------------------------------------------------------------------

static int make_missing(struct project *project, json_t *entry, bool original_known, bool native_known,
			const struct edits *edits, struct error *err)
{
	cleanup_text struct text original = TEXT_INIT, metadata = TEXT_INIT;
	const char *file_name = json_string_or(ledger_wheel(entry), "file", "");
	if (original_known && native_known)
		return 0;
	if (read_original(project, entry, &original, err))
		return -1;
	if (!original_known && (wheel_metadata(text_slice(&original), file_name, &metadata, err) ||
				add_file(project, entry, file_name, text_slice(&original), text_slice(&metadata), err)))
		return -1;
	return native_known ? 0 : make_native(project, entry, &original, edits, err);
}

static int add_release(struct project *project, json_t *entry, struct error *err)
{
	const char *file_name = json_string_or(ledger_wheel(entry), "file", "");
	const char *version = json_string_or(entry, "version", "");
	if (!slice_ends(slice_of(file_name), ".whl")) {
		vec_push(&project->out->reasons, xasprintf("%s %s: it has no wheel", project->name, version));
		return 0;
	}
	struct edits edits = {VEC_INIT};
	const char *retired = retired_release(project->retired, entry);
	list_edits(project, entry, retired == NULL, &edits);
	int64_t rev = json_integer_or(entry, "rev", 0);
	cleanup_free char *native = wheel_file_name(file_name, rev, err);
	cleanup_free char *native_version = native ? wheel_version(version, rev, err) : NULL;
	int status = -1;
	if (native_version) {
		bool original_known = take_known(project, file_name);
		bool native_known = !edits.items.count || take_known(project, native);
		status = make_missing(project, entry, original_known, native_known, &edits, err);
		add_version(project, version);
		json_t *file = json_object_get(project->files, native);
		if (file) {
			add_version(project, native_version);
			project->out->native_wheels++;
		}
		if (file && retired)
			json_object_set_new(file, "yanked", json_string(retired));
	}
	vec_clear(&edits.items);
	return status;
}

// ---- one project -----------------------------------------------------------------------------------------------------

static json_t *values_of(json_t *object)
{
	json_t *array = json_array(), *value;
	const char *key;
	json_object_foreach (object, key, value) {
		json_array_append(array, value);
	}
	return array;
}

static int write_project(const struct project *project, struct error *err)
{
	cleanup_json json_t *files = values_of(project->files), *versions = json_sorted_keys(project->versions);
	return simple_write_project(project->folder, project->name, files, versions, err);
}

static int read_releases(struct project *project, struct error *err)
{
	cleanup_with(file_names_clear) file_names versions = VEC_INIT;
	if (ledger_versions(project->workspace, project->name, &versions, err))
		return -1;
	vec_each (&versions, version) {
		cleanup_json json_t *entry = NULL;
		int found = ledger_read(project->workspace, project->name, *version, &entry, err);
		if (found < 0)
			return -1;
		if (!found || !strcmp(json_string_or(entry, "kind", ""), "cycle"))
			continue;
		if (add_release(project, entry, err))
			return error_context(err, "%s %s", project->name, json_string_or(entry, "version", ""));
	}
	return 0;
}

static int add_project(struct project *project, json_t *projects, struct error *err)
{
	cleanup_json json_t *known = simple_known(project->folder, project->name), *files = json_object(),
			    *versions = json_object();
	project->known = known;
	project->files = files;
	project->versions = versions;
	int native = project->out->native_wheels;
	if (read_releases(project, err))
		return -1;
	if (!json_object_size(files))
		return 0;
	project->out->releases += (int)json_object_size(files) - (project->out->native_wheels - native);
	json_object_set_new(projects, project->name, json_true());
	return write_project(project, err);
}

// ---- the bundle ------------------------------------------------------------------------------------------------------

static int add_bundle_file(struct project *project, const struct bundle_file *bundle, struct error *err)
{
	cleanup_text struct text data = TEXT_INIT, metadata = TEXT_INIT;
	add_version(project, bundle->version);
	if (take_known(project, bundle->file_name))
		return 0;
	cleanup_json json_t *entry = json_object(); // no time: it depends on nothing but the units
	if (file_read(bundle->path, WHEEL_LIMIT, &data, err) ||
	    wheel_metadata(text_slice(&data), bundle->file_name, &metadata, err))
		return -1;
	return add_file(project, entry, bundle->file_name, text_slice(&data), text_slice(&metadata), err);
}

static int add_bundle(struct project *project, json_t *projects, struct error *err)
{
	struct bundle_files bundles;
	if (bundles_update(project->work, project->workspace, project->folder, project->units, &bundles, err))
		return -1;
	if (bundles.reason)
		vec_push(&project->out->reasons, xasprintf("%s: %s", bundle_name, bundles.reason));
	size_t index;
	json_t *text;
	json_array_foreach (bundles.left_out, index, text) {
		vec_push(&project->out->reasons, xasprintf("%s: %s", bundle_name, json_string_value(text)));
	}
	project->out->bundle = bundles.version ? xstrdup(bundles.version) : NULL;
	if (!bundles.version)
		project->out->functions = 0;
	cleanup_json json_t *known = simple_known(project->folder, project->name), *files = json_object(),
			    *versions = json_object();
	project->known = known;
	project->files = files;
	project->versions = versions;
	int status = 0;
	vec_each (&bundles.items, bundle)
		if (!status && !retired_bundle(project->retired, bundle->version))
			status = add_bundle_file(project, bundle, err);
	if (!status && json_object_size(files)) {
		json_object_set_new(projects, project->name, json_true());
		status = write_project(project, err);
	}
	bundle_files_clear(&bundles);
	return status;
}

// ---- all -------------------------------------------------------------------------------------------------------------

// What killed writers left.
static int sweep(const struct project *project, const char *below, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/%s", project->folder, below);
	return dir_sweep(path, err);
}

static int update(struct project *project, const file_names *names, struct error *err)
{
	cleanup_json json_t *projects = json_object();
	if (sweep(project, "", err) || sweep(project, "files", err) || sweep(project, bundle_name, err))
		return -1;
	vec_each (names, name) {
		project->name = *name;
		if (sweep(project, *name, err) || add_project(project, projects, err))
			return -1;
	}
	project->name = bundle_name;
	if (add_bundle(project, projects, err))
		return -1;
	cleanup_json json_t *sorted = json_sorted_keys(projects);
	return simple_write_root(project->folder, sorted, err);
}

int wheel_index_update(struct work *work, struct wheel_index *out, struct error *err)
{
	cleanup_free char *workspace = work_path(work, "");
	workspace[strlen(workspace) - 1] = '\0';
	cleanup_free char *folder = wheel_index_folder(workspace);
	cleanup_json json_t *units = json_object();
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	cleanup_json json_t *retired = retired_read(workspace, err);
	struct project project = {
		.work = work, .workspace = workspace, .folder = folder, .units = units, .retired = retired, .out = out};
	*out = (struct wheel_index){0};
	if (!retired || ledger_names(workspace, &names, err) || update(&project, &names, err)) {
		wheel_index_clear(out);
		return error_context(err, "the Python index");
	}
	return 0;
}
