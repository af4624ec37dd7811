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

/* Before a loop over what shall stand in registers. */
#define UNROLLED _Pragma("clang loop unroll(full)")

typedef float Vector __attribute__((vector_size(4 * LANES), aligned(4 * LANES)));
/* The same in memory, wherever it begins. */
typedef float InMemory __attribute__((vector_size(4 * LANES), aligned(4)));

/* As much of it as a register holds: a step that has many numbers at hand does one part of its lanes after the other, lest
 * it put them down again and again. What comes of a lane is the same. */
#if defined(__AVX512F__)
#define REGISTER_LANES 16
#elif defined(__AVX__)
#define REGISTER_LANES 8
#else
#define REGISTER_LANES 4
#endif
#define EACH_REGISTER(lane) for (int lane = 0; lane < LANES; lane += REGISTER_LANES)

typedef float Register __attribute__((vector_size(4 * REGISTER_LANES), aligned(4 * REGISTER_LANES)));
typedef int32_t RegisterIntegers __attribute__((vector_size(4 * REGISTER_LANES), aligned(4 * REGISTER_LANES)));
typedef float RegisterInMemory __attribute__((vector_size(4 * REGISTER_LANES), aligned(4)));

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

INLINE Register load_register(const float *place) { return *(const RegisterInMemory *)place; }

INLINE void store_register(float *place, Register values) { *(RegisterInMemory *)place = values; }

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

INLINE Register every(float value) { return value - (Register){0}; }

#define LANE_NUMBERS ((Vector){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})

#if REGISTER_LANES == 16
#define REGISTER_NUMBERS LANE_NUMBERS
#elif REGISTER_LANES == 8
#define REGISTER_NUMBERS ((Register){0, 1, 2, 3, 4, 5, 6, 7})
#else
#define REGISTER_NUMBERS ((Register){0, 1, 2, 3})
#endif

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

/* Rows of a square become columns. */
INLINE void transpose(Register rows[REGISTER_LANES]) {
#if REGISTER_LANES == 16
    for (int row = 0; row < 8; row++) {
        Register low = rows[row], high = rows[row + 8];
        rows[row] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
        rows[row + 8] = __builtin_shufflevector(low, high, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    }
    for (int half = 0; half < 16; half += 8)
        for (int row = half; row < half + 4; row++) {
            Register low = rows[row], high = rows[row + 4];
            rows[row] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
            rows[row + 4] = __builtin_shufflevector(low, high, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
        }
    for (int quarter = 0; quarter < 16; quarter += 4)
        for (int row = quarter; row < quarter + 2; row++) {
            Register low = rows[row], high = rows[row + 2];
            rows[row] = __builtin_shufflevector(low, high, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
            rows[row + 2] = __builtin_shufflevector(low, high, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
        }
    for (int row = 0; row < 16; row += 2) {
        Register low = rows[row], high = rows[row + 1];
        rows[row] = __builtin_shufflevector(low, high, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
        rows[row + 1] = __builtin_shufflevector(low, high, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
    }
#elif REGISTER_LANES == 8
    for (int row = 0; row < 4; row++) {
        Register low = rows[row], high = rows[row + 4];
        rows[row] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 8, 9, 10, 11);
        rows[row + 4] = __builtin_shufflevector(low, high, 4, 5, 6, 7, 12, 13, 14, 15);
    }
    for (int half = 0; half < 8; half += 4)
        for (int row = half; row < half + 2; row++) {
            Register low = rows[row], high = rows[row + 2];
            rows[row] = __builtin_shufflevector(low, high, 0, 1, 8, 9, 4, 5, 12, 13);
            rows[row + 2] = __builtin_shufflevector(low, high, 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (int row = 0; row < 8; row += 2) {
        Register low = rows[row], high = rows[row + 1];
        rows[row] = __builtin_shufflevector(low, high, 0, 8, 2, 10, 4, 12, 6, 14);
        rows[row + 1] = __builtin_shufflevector(low, high, 1, 9, 3, 11, 5, 13, 7, 15);
    }
#else
    for (int row = 0; row < 2; row++) {
        Register low = rows[row], high = rows[row + 2];
        rows[row] = __builtin_shufflevector(low, high, 0, 1, 4, 5);
        rows[row + 2] = __builtin_shufflevector(low, high, 2, 3, 6, 7);
    }
    for (int row = 0; row < 4; row += 2) {
        Register low = rows[row], high = rows[row + 1];
        rows[row] = __builtin_shufflevector(low, high, 0, 4, 2, 6);
        rows[row + 1] = __builtin_shufflevector(low, high, 1, 5, 3, 7);
    }
#endif
}

#endif
