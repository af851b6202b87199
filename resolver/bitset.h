// Sets of small integers in words of 64 bits. A set of versions has one bit a version, oldest first, and one more at
// the end for "not selected at all", so that every term of the solver is a plain set.
//
// The functions take the number of words; sets live in an arena.
#ifndef RESOLVER_BITSET_H
#define RESOLVER_BITSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"

static inline size_t bitset_words(size_t bits)
{
	return (bits + 63) / 64;
}

static inline uint64_t *bitset_new(struct arena *arena, size_t words)
{
	return arena_array(arena, words, sizeof(uint64_t));
}

static inline void bitset_add(uint64_t *set, size_t bit)
{
	set[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static inline void bitset_remove(uint64_t *set, size_t bit)
{
	set[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
}

static inline bool bitset_has(const uint64_t *set, size_t bit)
{
	return set[bit / 64] >> (bit % 64) & 1;
}

static inline void bitset_fill(uint64_t *set, size_t bits)
{
	for (size_t i = 0; i < bits / 64; i++)
		set[i] = UINT64_MAX;
	if (bits % 64)
		set[bits / 64] = (UINT64_C(1) << (bits % 64)) - 1;
}

static inline uint64_t *bitset_copy(struct arena *arena, const uint64_t *set, size_t words)
{
	uint64_t *copy = bitset_new(arena, words);
	for (size_t i = 0; i < words; i++)
		copy[i] = set[i];
	return copy;
}

static inline uint64_t *bitset_complement(struct arena *arena, const uint64_t *set, size_t bits)
{
	size_t words = bitset_words(bits);
	uint64_t *result = bitset_new(arena, words);
	bitset_fill(result, bits);
	for (size_t i = 0; i < words; i++)
		result[i] &= ~set[i];
	return result;
}

static inline bool bitset_is_subset(const uint64_t *a, const uint64_t *b, size_t words) // a ⊆ b
{
	for (size_t i = 0; i < words; i++)
		if (a[i] & ~b[i])
			return false;
	return true;
}

static inline bool bitset_is_disjoint(const uint64_t *a, const uint64_t *b, size_t words)
{
	for (size_t i = 0; i < words; i++)
		if (a[i] & b[i])
			return false;
	return true;
}

static inline bool bitset_is_equal(const uint64_t *a, const uint64_t *b, size_t words)
{
	for (size_t i = 0; i < words; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static inline size_t bitset_count(const uint64_t *set, size_t words)
{
	size_t count = 0;
	for (size_t i = 0; i < words; i++)
		count += (size_t)__builtin_popcountll(set[i]);
	return count;
}

static inline bool bitset_is_empty(const uint64_t *set, size_t words)
{
	for (size_t i = 0; i < words; i++)
		if (set[i])
			return false;
	return true;
}

#endif
