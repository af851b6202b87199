// Go names for Python names (notes/go.md, "Names and generated files").
//
// The functions that shape a name are pure; a name_set hands each name out
// once, with "_2", "_3", … for those who come later, so what is stored in the
// manifest ("gophersnake.names/1") is injective whatever the Python is.
//
//     Python            exported            directory       package
//     keyword_case      KeywordCase         keyword_case    keyword_case
//     MAX_LENGTH        MAX_LENGTH
//     _private          X_private           X_private       x_private
//     __version__       DunderVersion
//     internal, con                         internal_, con_
//     func, main                            func, main      func_, main_
#ifndef AGENTS_GO_NAMES_H
#define AGENTS_GO_NAMES_H

#include <stdbool.h>

#include "core/text.h"

// Heap strings, never NULL. The argument is a Python identifier, of the first one a dotted one is fine ("Outer.Inner").
char *name_exported(const char *python);
char *name_plain_dunder(const char *python); // "__len__" → "Len"; NULL when it is no dunder name
char *name_parameter(const char *python);    // never a keyword, a predeclared name, or one with a capital at its start
char *name_directory(const char *python);    // one element of an import path, ASCII
char *name_package(const char *python);      // the package clause of that directory
bool name_is_dunder(const char *python);

struct name_set;
struct name_set *name_set_new(void);
void name_set_free(struct name_set *set);
void name_set_reserve(struct name_set *set, const char *name);
void name_set_reserve_methods(struct name_set *set); // what pyrt.Instance has, and what vet refuses as method names
bool name_set_has(const struct name_set *set, const char *name);
// The name itself, or it with a number; valid as long as the set.
const char *name_set_claim(struct name_set *set, const char *wanted);

static inline void cleanup_name_set_impl(struct name_set **set)
{
	name_set_free(*set);
}
#define cleanup_name_set __attribute__((cleanup(cleanup_name_set_impl)))
#endif
