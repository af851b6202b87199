// A module proxy of two small Go modules in a folder, and the user's settings for it: example.org/quotes v1.0.0 requires
// example.org/below v1.1.0. example.org/new v1.0.0 wants a newer Go than converted modules are written in.
#ifndef TESTS_UNIT_AGENTS_GO_PROXY_FIXTURE_H
#define TESTS_UNIT_AGENTS_GO_PROXY_FIXTURE_H

#include "agents/registry.h"

struct go_file_fixture {
	const char *path, *text;
};

static inline void fixture_go_module(const char *workspace, const char *module, const char *version,
				     const struct go_file_fixture *files, size_t count)
{
	struct error err = ERROR_INIT;
	struct registry_version of = {module, version, "2026-01-01T00:00:00Z", true};
	cleanup_module_tree struct module_tree tree = {VEC_INIT};
	for (size_t i = 0; i < count; i++) {
		cleanup_text struct text text = TEXT_INIT;
		text_add(&text, files[i].text);
		module_tree_add(&tree, files[i].path, &text);
	}
	if (module_tree_finish(&tree, &err) || registry_put_zip(workspace, &of, &tree, &err) ||
	    registry_put_mod(workspace, &of, slice_of(files[0].text), &err) ||
	    registry_put_info(workspace, &of, &err) || registry_put_list(workspace, &of, &err))
		fail_msg("%s", err.text);
}

// go.mod comes first.
static inline void fixture_go_proxy(const char *workspace)
{
	static const struct go_file_fixture quotes[] = {
		{"go.mod", "module example.org/quotes\n\ngo 1.18\n\nrequire example.org/below v1.1.0\n"},
		{"LICENSE",
		 "Permission is hereby granted, free of charge, to any person, to deal without restriction\n"},
		{"quotes.go", "package quotes\n\nimport \"example.org/below\"\n\n"
			      "func Quote(s string) string { return below.Mark + s + below.Mark }\n"},
		{"internal/own/own.go", "package own\n"},
		{"go-names/names.go", "package names\n\nfunc Name() string { return \"name\" }\n"},
		{"cmd/main.go", "package main\n\nfunc main() {}\n"}};
	static const struct go_file_fixture below[] = {{"go.mod", "module example.org/below\n\ngo 1.18\n"},
						       {"below.go", "package below\n\nconst Mark = \"'\"\n"}};
	static const struct go_file_fixture newer[] = {{"go.mod", "module example.org/new\n\ngo 1.24.0\n"},
						       {"new.go", "package new\n"}};
	fixture_go_module(workspace, "example.org/quotes", "v1.0.0", quotes, ARRAY_LENGTH(quotes));
	fixture_go_module(workspace, "example.org/below", "v1.1.0", below, ARRAY_LENGTH(below));
	fixture_go_module(workspace, "example.org/new", "v1.0.0", newer, ARRAY_LENGTH(newer));
	cleanup_free char *proxy = xasprintf("file://%s/registry/go", workspace);
	setenv("GOPROXY", proxy, 1);
	setenv("GOSUMDB", "off", 1);
	setenv("GOFLAGS", "-mod=vendor -tags=nonsense", 1); // which changes nothing
}
#endif
