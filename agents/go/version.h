// Go versions and module paths for Python releases (notes/go.md, "Versions").
//
//     PEP 440            Go
//     2.31.0             v0.2.31-0.rel.0
//     4.9.0.80           v0.4.9-0.zb80.rel.0
//     1.0a1.dev2         v0.1.0-0.pre-a.1.dev.2.0
//     1.0rc2.post1       v0.1.0-0.pre-rc.2.upd.1.rel.0
//     1.0+cu118          v0.1.0-0.rel-l.acu118.0
//     1!2.0              v1.2.0-0.rel.0
//
// The mapping keeps PEP 440's order under semver precedence and is injective on versions that PEP 440 tells apart
// (1.0 and 1.0.0 are one). The last identifier is the rev of the conversion. Every result is a pre-release to
// semver, never a pseudo-version, and needs no escaping.
#ifndef AGENTS_GO_VERSION_H
#define AGENTS_GO_VERSION_H

#include <stdint.h>

#include "core/error.h"
#include "core/text.h"
#include "resolver/version.h"

// Without the rev: "v0.2.31-0.rel"; a version is this, a dot and the rev.
void go_version_stem(const struct version *version, struct text *out);
void go_version_format(const struct version *version, uint64_t rev, struct text *out);
// The rev of a version with that stem; -1 when it is another's.
int64_t go_version_rev(const char *go_version, const char *stem);
// Semver precedence of two versions "vX.Y.Z[-pre]": <0, 0, >0.
int go_version_compare(const char *left, const char *right);

// "<host>/<element>", and "/v<epoch>" below it from epoch 2 on, as Go wants for major versions.
char *go_module_path(const char *host, const char *element, uint64_t epoch);
// ERROR_CONFIG when the host cannot start a module path: lower-case letters, digits, '-', '.' with a dot in its first element.
int go_host_check(const char *host, struct error *err);
// Upper-case letters as "!x": how paths stand in a module proxy.
void go_escape(const char *path, struct text *out);

#endif
