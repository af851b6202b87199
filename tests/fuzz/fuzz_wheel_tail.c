// The end of a wheel: any bytes, with any claim of how long the whole is.
#include "resolver/wheel_tail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	struct wheel_member member;
	uint64_t from = 0, more = size ? data[0] : 0;
	struct slice tail = {(const char *)data, size};
	const uint64_t totals[] = {size, size + more * 64, UINT32_MAX, UINT64_MAX};
	for (size_t i = 0; i < ARRAY_LENGTH(totals); i++) {
		if (wheel_tail_find(tail, totals[i], &member, &from, &err) != 1)
			continue;
		cleanup_text struct text out = TEXT_INIT;
		uint64_t begin = totals[i] - size;
		if (member.offset >= begin)
			wheel_member_extract(slice_from(tail, (size_t)(member.offset - begin)), &member, &out, &err);
	}
	return 0;
}
