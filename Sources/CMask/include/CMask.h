// What the reading of a file needs that Swift cannot say, or not fast: which of 64 bytes are special, as bits, whether
// bytes are UTF-8, which of them JSON takes as they are, and what is soon looked at.
// Everything is static inline, so that it is compiled into the Swift code that calls it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// What a block of 64 bytes holds; bit i stands for byte i.
typedef struct {
    uint64_t delimiter;
    /// The double quote, LF, CR and NUL.
    uint64_t special;
    /// Bytes from 0x80 up.
    uint64_t high;
} CMaskBlock;

// 0x80 in every byte of x that is zero, and nothing else. The shorter (x - 0x01..) & ~x & 0x80.. reports false
// hits above a true one and is of no use for masks.
static inline uint64_t cmask_zero_bytes(uint64_t x) {
    const uint64_t low = 0x7f7f7f7f7f7f7f7fULL;
    return ~(((x & low) + low) | x | low);
}

// Gathers the 0x80 flags of eight bytes into eight bits.
static inline uint64_t cmask_to_bits(uint64_t flags) {
    return ((flags >> 7) * 0x0102040810204080ULL) >> 56;
}

/// The lowest bit of a mask that is not empty.
static inline uint32_t cmask_first(uint64_t mask) {
    return (uint32_t)__builtin_ctzll(mask);
}

/// Has memory brought near that is soon looked at.
static inline void cmask_prefetch(const void *place) {
    __builtin_prefetch(place);
}

/// Scans the 64 bytes at `bytes` with 64-bit words: for machines without SSE2, and to check the other way.
static inline CMaskBlock cmask_scan_words(const void *bytes, uint8_t delimiter) {
    const uint64_t each = 0x0101010101010101ULL;
    CMaskBlock block = {0, 0, 0};
    for (int i = 0; i < 64; i += 8) {
        uint64_t x;
        memcpy(&x, (const char *)bytes + i, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        x = __builtin_bswap64(x);
#endif
        uint64_t hits = cmask_zero_bytes(x ^ (each * '"')) | cmask_zero_bytes(x ^ (each * '\n'))
            | cmask_zero_bytes(x ^ (each * '\r')) | cmask_zero_bytes(x);
        block.delimiter |= cmask_to_bits(cmask_zero_bytes(x ^ (each * delimiter))) << i;
        block.special |= cmask_to_bits(hits) << i;
        block.high |= cmask_to_bits(x & (each * 0x80)) << i;
    }
    return block;
}

/// Scans the 64 bytes at `bytes`, which need not be aligned, in the fastest way of this machine.
static inline CMaskBlock cmask_scan(const void *bytes, uint8_t delimiter) {
#if defined(__SSE2__)
    const __m128i d = _mm_set1_epi8((char)delimiter), q = _mm_set1_epi8('"');
    const __m128i n = _mm_set1_epi8('\n'), r = _mm_set1_epi8('\r'), z = _mm_setzero_si128();
    CMaskBlock block = {0, 0, 0};
    for (int i = 0; i < 64; i += 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)((const char *)bytes + i));
        const __m128i a = _mm_or_si128(_mm_cmpeq_epi8(v, q), _mm_cmpeq_epi8(v, z));
        const __m128i b = _mm_or_si128(_mm_cmpeq_epi8(v, n), _mm_cmpeq_epi8(v, r));
        block.delimiter |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, d)) << i;
        block.special |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(a, b)) << i;
        block.high |= (uint64_t)(uint32_t)_mm_movemask_epi8(v) << i;
    }
    return block;
#else
    return cmask_scan_words(bytes, delimiter);
#endif
}

/// How many of the 16 bytes at `bytes` stand in a JSON string as they are, from the first on (RFC 8259, section 7).
static inline size_t cmask_plain_json(const void *bytes) {
#if defined(__SSE2__)
    const __m128i v = _mm_loadu_si128((const __m128i *)bytes), last = _mm_set1_epi8(0x1F);
    const __m128i marks = _mm_or_si128(
        _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(v, last), v);
    return (size_t)__builtin_ctz((unsigned)_mm_movemask_epi8(_mm_or_si128(marks, controls)) | 0x10000u);
#else
    const uint8_t *p = (const uint8_t *)bytes;
    size_t i = 0;
    while (i < 16 && p[i] > 0x1F && p[i] != '"' && p[i] != '\\') i++;
    return i;
#endif
}

// How many of the `count` bytes at `p` are ASCII, from the first on.
static inline size_t cmask_ascii(const uint8_t *p, size_t count) {
    size_t i = 0;
#if defined(__SSE2__)
    for (; i + 16 <= count; i += 16) {
        int high = _mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(p + i)));
        if (high) return i + (size_t)__builtin_ctz((unsigned)high);
    }
#else
    for (; i + 8 <= count; i += 8) {
        uint64_t x;
        memcpy(&x, p + i, 8);
        if (x & 0x8080808080808080ULL) break;
    }
#endif
    while (i < count && p[i] < 0x80) i++;
    return i;
}

// The same for any bytes, sequence by sequence.
static inline bool cmask_is_utf8_by_steps(const void *bytes, size_t count) {
    const uint8_t *p = (const uint8_t *)bytes, *const end = p + count;
    while ((p += cmask_ascii(p, (size_t)(end - p))) < end) {
        const size_t left = (size_t)(end - p);
        const uint8_t first = p[0];
        // What the second byte may be; all later ones are 80 to BF.
        uint8_t low = 0x80, high = 0xBF;
        size_t length;
        if (first < 0xC2) return false;
        if (first < 0xE0) {
            length = 2;
        } else if (first < 0xF0) {
            length = 3;
            if (first == 0xE0) low = 0xA0;
            if (first == 0xED) high = 0x9F;
        } else if (first < 0xF5) {
            length = 4;
            if (first == 0xF0) low = 0x90;
            if (first == 0xF4) high = 0x8F;
        } else {
            return false;
        }
        if (left < length || p[1] < low || p[1] > high) return false;
        for (size_t i = 2; i < length; i++)
            if ((p[i] & 0xC0) != 0x80) return false;
        p += length;
    }
    return true;
}

/// Whether all bytes together are UTF-8: no overlong forms, no surrogates (Unicode 16, table 3-7).
static inline bool cmask_is_utf8(const void *bytes, size_t count) {
#if defined(__SSE2__)
    // Where in 64 bytes a sequence of two or three begins says where its later bytes must be. There is no branch to be
    // guessed for each of them. As numbers with a sign, the bytes from 80 to FF ascend from -128 to -1.
    const __m128i c0 = _mm_set1_epi8(-64), c1 = _mm_set1_epi8(-63), e0 = _mm_set1_epi8(-32);
    const __m128i ed = _mm_set1_epi8(-19), f0 = _mm_set1_epi8(-16);
    // What the 64 bytes before leave to be expected at the front of these.
    uint64_t due = 0;
    for (size_t place = 0; place < count; place += 64) {
        const char *block = (const char *)bytes + place;
        char last[64];
        if (count - place < 64) {
            memset(last, 0, 64);
            memcpy(last, block, count - place);
            block = last;
        }
        uint64_t high = 0, later = 0, two = 0, three = 0;
        for (int i = 0; i < 64; i += 16) {
            const __m128i v = _mm_loadu_si128((const __m128i *)(block + i));
            const __m128i t = _mm_andnot_si128(_mm_cmpeq_epi8(v, ed), _mm_cmpgt_epi8(v, e0));
            high |= (uint64_t)(uint32_t)_mm_movemask_epi8(v) << i;
            later |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(c0, v)) << i;
            two |= (uint64_t)(uint32_t)_mm_movemask_epi8(
                _mm_and_si128(_mm_cmpgt_epi8(v, c1), _mm_cmpgt_epi8(e0, v))) << i;
            three |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_and_si128(t, _mm_cmpgt_epi8(f0, v))) << i;
        }
        // Longer ones, those of which the second byte must be looked at, and what is none.
        if (high & ~(later | two | three)) return cmask_is_utf8_by_steps(bytes, count);
        if (later != (due | (two | three) << 1 | three << 2)) return false;
        due = (two | three) >> 63 | three >> 62;
    }
    return due == 0;
#else
    return cmask_is_utf8_by_steps(bytes, count);
#endif
}
