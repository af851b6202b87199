// Names as people see them. A name is any bytes; a label is clean UTF-8: what
// would not print, or would steer a terminal or turn the direction of text,
// is written \xNN, and a backslash as two, so that different names stay different.
#ifndef GRAPHS_LABEL_H
#define GRAPHS_LABEL_H

#include "core/text.h"

void label_add(struct text *out, struct slice name);
// At most `columns` columns: what is longer loses its middle to "…".
void label_add_cut(struct text *out, struct slice name, int columns);
int label_columns(struct slice label); // of a terminal or a monospaced font: wide characters (CJK) count two
// For XML text and attribute values.
void label_add_xml(struct text *out, struct slice label);

#endif
