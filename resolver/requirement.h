// PEP 508 requirements: "name[extra] >=1,<2 ; marker" and "name @ url ; marker".
#ifndef RESOLVER_REQUIREMENT_H
#define RESOLVER_REQUIREMENT_H

#include "resolver/marker.h"
#include "resolver/specifier.h"

struct requirement { // in the arena it was parsed into
	const char *raw_name;
	const char *name;                 // normalised
	const char *const *extras;        // as written, sorted, unique, NULL-terminated
	const char *const *normal_extras; // normalised, sorted, unique, NULL-terminated
	struct specifier_set specifier;
	const char *url; // NULL when none
	struct marker marker;
};

// The error says what was expected and at which byte (ERROR_INPUT).
int requirement_parse(struct arena *arena, struct slice text, struct requirement *out, struct error *err);
void requirement_format(const struct requirement *requirement, struct text *out); // packaging's str(Requirement)
char *requirement_string(struct arena *arena, const struct requirement *requirement);

#endif
