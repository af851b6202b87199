// Pieces of SVG: numbers, points, rectangles, text.
#include "graphs/svg.h"

#include <math.h>
#include <stdlib.h>

#include "graphs/label.h"

double svg_text_width(const char *label)
{
	double ems = 0;
	for (const char *p = label; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c >= 0x80)
			continue; // counted below
		ems += strchr("ijl|'.,:;!", c)                        ? 0.31
		       : strchr("frt-()[]/\\ ", c)                    ? 0.40
		       : c == 'm' || c == 'w' || c == 'W' || c == 'M' ? 0.94
		       : c >= 'A' && c <= 'Z'                         ? 0.70
								      : 0.625;
	}
	int columns = label_columns(slice_of(label)), ascii = 0;
	for (const char *p = label; *p; p++)
		ascii += (unsigned char)*p < 0x80;
	return 12 * (ems + 0.7 * (columns - ascii));
}

// Tenths of a pixel, with a point in every locale.
void svg_add_number(struct text *out, double value)
{
	long tenths = lround(value * 10);
	if (tenths < 0)
		text_add_char(out, '-');
	text_addf(out, "%ld", labs(tenths) / 10);
	if (tenths % 10)
		text_addf(out, ".%ld", labs(tenths) % 10);
}

void svg_add_point(struct text *out, const char *command, double x, double y)
{
	text_add(out, command);
	svg_add_number(out, x);
	text_add_char(out, ' ');
	svg_add_number(out, y);
}

void svg_add_attribute(struct text *out, const char *name, double value)
{
	text_addf(out, " %s=\"", name);
	svg_add_number(out, value);
	text_add_char(out, '"');
}

void svg_add_rectangle(struct text *out, double x, double y, double width, double height, double round)
{
	text_add(out, "<rect");
	svg_add_attribute(out, "x", x);
	svg_add_attribute(out, "y", y);
	svg_add_attribute(out, "width", width);
	svg_add_attribute(out, "height", height);
	svg_add_attribute(out, "rx", round);
}

void svg_add_text(struct text *out, const char *class, double x, double y, struct slice label)
{
	text_addf(out, "<text%s%s%s", *class ? " class=\"" : "", class, *class ? "\"" : "");
	svg_add_attribute(out, "x", x);
	svg_add_attribute(out, "y", y);
	text_add_char(out, '>');
	label_add_xml(out, label);
	text_add(out, "</text>");
}
