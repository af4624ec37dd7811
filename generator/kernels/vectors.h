/* Sixteen numbers at once, and what is done with them, on any processor that clang knows.
 *
 * Sums of products are fused where the processor can do so, and only where it is written here: the same
 * numbers come out on every processor that can, however wide its own vectors are.
 */
#ifndef CALMANDO_VECTORS_H
#define CALMANDO_VECTORS_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define EXPORTED __declspec(dllexport)
#else
#define EXPORTED __attribute__((visibility("default")))
#endif

#define INLINE static inline __attribute__((always_inline))

#define LANES 16

typedef float Vector __attribute__((vector_size(4 * LANES), aligned(4 * LANES)));
/* The same in memory, wherever it begins. */
typedef float InMemory __attribute__((vector_size(4 * LANES), aligned(4)));

typedef int32_t Integers __attribute__((vector_size(4 * LANES), aligned(4 * LANES)));
typedef uint32_t Bits __attribute__((vector_size(4 * LANES), aligned(4 * LANES)));
typedef uint32_t BitsInMemory __attribute__((vector_size(4 * LANES), aligned(4)));

/* Without its sign, a float has bits that grow as it does, and those of NaN are above all others. */
#define MAGNITUDE 0x7fffffff

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
/* a * b + c */
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma((a), (b), (c))
#else
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif

INLINE Vector load(const float *place) { return *(const InMemory *)place; }

/* The samples at a place, and silence where there are no more. */
INLINE Vector load_some(const float *place, int64_t n_left) {
    if (n_left >= LANES)
        return load(place);
    Vector some = {0};
    for (int lane = 0; lane < n_left; lane++)
        some[lane] = place[lane];
    return some;
}

INLINE void store(float *place, Vector values) { *(InMemory *)place = values; }

/* As many of them as there is room for. */
INLINE void store_some(float *place, Vector values, int64_t n_left) {
    if (n_left >= LANES)
        store(place, values);
    else
        for (int lane = 0; lane < n_left; lane++)
            place[lane] = values[lane];
}

INLINE Vector all(float value) { return value - (Vector){0}; }

#define LANE_NUMBERS ((Vector){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})

INLINE double sum_of(Vector values) {
    double sum = 0.0;
    for (int lane = 0; lane < LANES; lane++)
        sum += values[lane];
    return sum;
}

INLINE Integers magnitudes(Vector values) { return (Integers)values & MAGNITUDE; }

INLINE Integers larger(Integers a, Integers b) { return __builtin_elementwise_max(a, b); }

INLINE float largest_of(Integers magnitudes) {
    union { int32_t bits; float value; } found = {__builtin_reduce_max(magnitudes)};
    return found.value;
}

/* Rows become columns. */
INLINE void transpose(Vector rows[LANES]) {
    for (int row = 0; row < 8; row++) {
        Vector low = rows[row], high = rows[row + 8];
        rows[row] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
        rows[row + 8] = __builtin_shufflevector(low, high, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    }
    for (int half = 0; half < LANES; half += 8)
        for (int row = half; row < half + 4; row++) {
            Vector low = rows[row], high = rows[row + 4];
            rows[row] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
            rows[row + 4] = __builtin_shufflevector(low, high, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
        }
    for (int quarter = 0; quarter < LANES; quarter += 4)
        for (int row = quarter; row < quarter + 2; row++) {
            Vector low = rows[row], high = rows[row + 2];
            rows[row] = __builtin_shufflevector(low, high, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
            rows[row + 2] = __builtin_shufflevector(low, high, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
        }
    for (int row = 0; row < LANES; row += 2) {
        Vector low = rows[row], high = rows[row + 1];
        rows[row] = __builtin_shufflevector(low, high, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
        rows[row + 1] = __builtin_shufflevector(low, high, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
    }
}

#endif
