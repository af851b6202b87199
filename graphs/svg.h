// Pieces of SVG. Coordinates are pixels, written to a tenth with a point in every locale.
#ifndef GRAPHS_SVG_H
#define GRAPHS_SVG_H

#include "core/text.h"

void svg_add_number(struct text *out, double value);
void svg_add_point(struct text *out, const char *command, double x, double y); // of a path: "M12.5 7"
void svg_add_attribute(struct text *out, const char *name, double value);
// Not closed: fill, stroke or class follow, then "/>".
void svg_add_rectangle(struct text *out, double x, double y, double width, double height, double round);
void svg_add_text(struct text *out, const char *class, double x, double y, struct slice label); // class may be ""
// At 12 pixels in a wide sans-serif, so that a label fits in whatever font is there.
double svg_text_width(const char *label);

#endif
