// The METADATA member of a wheel from the last bytes of the file: end record, central directory, member (zip's APPNOTE).
// No 64-bit zips: those are read whole.
#ifndef RESOLVER_WHEEL_TAIL_H
#define RESOLVER_WHEEL_TAIL_H

#include <stdint.h>

#include "core/error.h"
#include "core/text.h"

enum { WHEEL_TAIL_BYTES = 24 * 1024, WHEEL_MEMBER_LIMIT = 8 << 20 };

struct wheel_member {
	uint64_t offset; // of its local header
	uint32_t packed, size;
	uint16_t method; // 0 stored, 8 deflated
	uint32_t checksum;
	uint64_t need; // bytes from offset on that certainly hold all of it
};

// tail: the last bytes of a file of total bytes. 1 = found, 0 = the directory begins earlier: *from is where,
// -1 = no such member, or no zip that is understood (ERROR_INPUT).
int wheel_tail_find(struct slice tail, uint64_t total, struct wheel_member *out, uint64_t *from, struct error *err);
// data begins at member->offset and has at least as many bytes as the member (up to need or the end of the file).
int wheel_member_extract(struct slice data, const struct wheel_member *member, struct text *out, struct error *err);

#endif
