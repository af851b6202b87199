// Is this UTF-8 (RFC 3629: no surrogates, no overlong forms)? What enters a lock must be.
#ifndef RESOLVER_UTF8_H
#define RESOLVER_UTF8_H

#include <stdbool.h>

#include "core/text.h"

static inline bool utf8_is_valid(struct slice text)
{
	for (size_t at = 0; at < text.len;) {
		const unsigned char *p = (const unsigned char *)text.ptr + at;
		size_t more = *p < 0x80 ? 0 : *p >= 0xc2 && *p < 0xe0 ? 1 : *p >= 0xe0 && *p < 0xf0 ? 2 : 3;
		if ((more == 3 && (*p < 0xf0 || *p > 0xf4)) || text.len - at <= more)
			return false;
		if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) ||
		    (*p == 0xf4 && p[1] > 0x8f))
			return false;
		for (size_t i = 1; i <= more; i++)
			if ((p[i] & 0xc0) != 0x80)
				return false;
		at += more + 1;
	}
	return true;
}

#endif
