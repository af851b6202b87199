// A project as the solver sees it: an index page sorted into releases, with the files that fit an environment, best
// first, and the releases that do not, with the reason.
#ifndef RESOLVER_PROJECT_H
#define RESOLVER_PROJECT_H

#include "resolver/index.h"
#include "resolver/resolve.h"
#include "resolver/solver.h"

struct platform_tag;
struct platform { // what decides whether a file fits
	struct arena arena;
	struct version python;
	const char *python_text;
	struct platform_tag *tags; // by text, with their rank
};
int platform_init(struct platform *platform, const struct environment *environment, struct error *err);
void platform_clear(struct platform *platform);

struct project_file {
	const struct index_file *file;
	bool wheel;
	int rank;        // of the best tag, 0 is best; of an sdist INT_MAX
	const char *tag; // the best tag, "" for an sdist
	uint64_t build;
};

struct project_release {
	struct version version;
	const char *text;
	VEC(struct project_file) files;         // that fit, best first; never empty
	VEC(const struct index_file *) foreign; // wheels for other platforms: good for metadata only
	void *data;                             // of source.c
};

struct project {
	struct solver_project solver; // first member: the solver's pointer leads back here
	struct arena arena;
	struct index_page page;
	VEC(struct project_release) releases; // of solver.versions
	VEC(struct solver_version) versions;
	VEC(struct solver_excluded) excluded;
};

// Takes the page over. name is normalised.
void project_init(struct project *project, const char *name, struct index_page *page, const struct platform *platform);
void project_init_unknown(struct project *project, const char *name);
void project_clear(struct project *project);
// Does the text of a Requires-Python let this Python in? What cannot be read does not keep it out, as with pip.
bool platform_fits_python(const struct platform *platform, const char *requires_python);

#endif
