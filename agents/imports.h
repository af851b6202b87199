// Imports between releases that no edge of the lock declares (soupsieve imports bs4 and does not say so): Go code gets no
// import for them, CPython finds them at run time, and they are listed.
//
// `emit` of a release knows only what is below it, so that its bytes do not depend on what else is in the slice; these
// findings are about the slice, and are made from all scans when somebody asks.
#ifndef AGENTS_IMPORTS_H
#define AGENTS_IMPORTS_H

#include "agents/work.h"

// Of an inventory: {"provides": [top-level names], "imports": [{"name": "bs4", "module": "soupsieve.css_match", "line": 11,
// "when": "import"}]}: the names that are not its own, each once, at its first place; an import that runs when the
// module is imported comes before a late one; those under TYPE_CHECKING never run and don't count.
json_t *imports_of_inventory(json_t *inventory);
// Of all releases of the plan that have been scanned: [{"release": "soupsieve", "imports": "bs4", "from": "beautifulsoup4",
// "module", "line", "when"}], by release and name. Needs the plan and the store of work only.
int imports_undeclared(struct work *work, json_t **out, struct error *err);

#endif
