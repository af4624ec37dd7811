/* A sound convolved with a response, region by region, by overlap and save: one window for a region.
 *
 * A window of 2 N real numbers is turned into N complex ones: the first half is the real, the second the imaginary
 * part, so that x^N stands for i, and products of two such rows are products of polynomials modulo x^2N + 1. What
 * wraps around then comes back with its sign turned, where overlap and save throws it away anyway; and no step is
 * needed that puts the spectrum of real numbers in order.
 *
 * N = 10 · 16384: a step of ten through the whole window, then each of ten parts by itself, which has room near the
 * processor: 16384 = 16 · 16 · 4 · 16. The bins stay in the order in which they come out; products do not mind.
 */
#include "transforms.h"

#define N_PARTS 10
#define PART 16384
#define N_VECTORS (PART / LANES)
/* A window: the end of what came before, of the response's length, and the region. In pieces of PART frames. */
#define REACH_PIECES 4
#define REGION_PIECES 16

/* Factors and frames, as generator/calmando/sound/mixing/convolution.py makes them. */
typedef struct {
    const float *tenths;      /* the turn of every tenth of half a window: 10 real, 10 imaginary parts */
    const float *by_columns;  /* after the first step: [1024] times 10 real, 10 imaginary parts, */
    const float *by_lanes;    /* and [10] vectors, real and imaginary */
    const float *by_1024;     /* after the second: [64][16] */
    const float *by_64;       /* after the third: [4][16] */
    const float *by_16;       /* after the fourth: [4] */
    const float *silence;     /* PART frames of it */
} Factors;

#define COS_36 0.80901699437494742410f
#define SIN_36 0.58778525229247312917f
#define COS_72 0.30901699437494742410f
#define SIN_72 0.95105651629515357212f

/* The transform of five numbers, in place. */
INLINE void transform_5(Complex *a, Complex *b, Complex *c, Complex *d, Complex *e, int back) {
    const float way = back ? -1.0f : 1.0f;
    Complex s = add(*b, *e), t = add(*c, *d), u = subtract(*b, *e), v = subtract(*c, *d);
    Complex near = {MULTIPLY_ADD(s.re, all(COS_72), MULTIPLY_ADD(t.re, all(-COS_36), a->re)),
                    MULTIPLY_ADD(s.im, all(COS_72), MULTIPLY_ADD(t.im, all(-COS_36), a->im))};
    Complex far = {MULTIPLY_ADD(s.re, all(-COS_36), MULTIPLY_ADD(t.re, all(COS_72), a->re)),
                   MULTIPLY_ADD(s.im, all(-COS_36), MULTIPLY_ADD(t.im, all(COS_72), a->im))};
    /* A quarter turn of these. */
    Complex near_aside = {MULTIPLY_ADD(u.im, all(way * SIN_72), v.im * all(way * SIN_36)),
                          MULTIPLY_ADD(u.re, all(-way * SIN_72), v.re * all(-way * SIN_36))};
    Complex far_aside = {MULTIPLY_ADD(u.im, all(way * SIN_36), v.im * all(-way * SIN_72)),
                         MULTIPLY_ADD(u.re, all(-way * SIN_36), v.re * all(way * SIN_72))};
    *a = add(*a, add(s, t));
    *b = add(near, near_aside);
    *c = add(far, far_aside);
    *d = subtract(far, far_aside);
    *e = subtract(near, near_aside);
}

/* The transform of ten numbers; since two and five have no divisor in common, nothing is turned between its steps.
 * Bin (5 k + 6 m) mod 10 comes out as number 5 k + m. */
INLINE void transform_10(Complex x[10]) {
    transform_5(&x[0], &x[2], &x[4], &x[6], &x[8], 0);
    transform_5(&x[5], &x[7], &x[9], &x[1], &x[3], 0);
    const int even[5] = {0, 2, 4, 6, 8}, odd[5] = {5, 7, 9, 1, 3};
    Complex sums[5], differences[5];
    for (int m = 0; m < 5; m++) {
        sums[m] = add(x[even[m]], x[odd[m]]);
        differences[m] = subtract(x[even[m]], x[odd[m]]);
    }
    for (int m = 0; m < 5; m++) {
        x[m] = sums[m];
        x[5 + m] = differences[m];
    }
}

/* Back from there, ten times as large. */
INLINE void transform_10_back(Complex x[10]) {
    Complex even[5], odd[5];
    for (int m = 0; m < 5; m++) {
        even[m] = add(x[m], x[5 + m]);
        odd[m] = subtract(x[m], x[5 + m]);
    }
    transform_5(&even[0], &even[1], &even[2], &even[3], &even[4], 1);
    transform_5(&odd[0], &odd[1], &odd[2], &odd[3], &odd[4], 1);
    for (int m = 0; m < 5; m++) {
        x[2 * m] = even[m];
        x[(5 + 2 * m) % 10] = odd[m];
    }
}

/* The factor after the first step, for a column of vectors and a part. */
INLINE Complex by_window(const Factors *factors, int column, int part) {
    const float *turns = factors->by_columns + (ptrdiff_t)2 * N_PARTS * column;
    return turn(load_complex(AT(factors->by_lanes, part)), turns[part], turns[N_PARTS + part]);
}

/* The first step, from a window's pieces into parts. */
static void spread(const float *const pieces[2 * N_PARTS], float *parts, int64_t stride, const Factors *factors) {
    for (int column = 0; column < N_VECTORS; column++) {
        Complex x[N_PARTS];
        for (int q = 0; q < N_PARTS; q++)
            x[q] = turn((Complex){load(pieces[q] + LANES * column), load(pieces[N_PARTS + q] + LANES * column)},
                        factors->tenths[q], factors->tenths[N_PARTS + q]);
        transform_10(x);
        for (int k = 0; k < N_PARTS; k++)
            store_complex(AT(parts + k * stride, column), multiply(x[k], by_window(factors, column, k)));
    }
}

/* A step of sixteen through a part or a group: `n` vectors lie between those that are taken together. */
INLINE void step_on(float *its, int n, const float *turns) {
    for (int j = 0; j < n; j++) {
        Complex x[16];
        for (int q = 0; q < 16; q++)
            x[q] = load_complex(AT(its, n * q + j));
        transform_16(x);
        for (int k = 0; k < 16; k++)
            store_complex(AT(its, n * k + j), multiply(x[k], load_complex(AT(turns, 16 * j + k))));
    }
}

INLINE void step_back(float *its, int n, const float *turns) {
    for (int j = 0; j < n; j++) {
        Complex x[16];
        for (int k = 0; k < 16; k++)
            x[k] = multiply_by_conjugate(load_complex(AT(its, n * k + j)), load_complex(AT(turns, 16 * j + k)));
        transform_16_back(x);
        for (int q = 0; q < 16; q++)
            store_complex(AT(its, n * q + j), x[q]);
    }
}

/* The last two steps, of four and of sixteen, of sixteen vectors. */
INLINE void last_steps(const float *vectors, Complex x[16], const Factors *factors) {
    for (int s = 0; s < 16; s += 4) {
        for (int k = 0; k < 4; k++)
            x[s + k] = load_complex(AT(vectors, s + k));
        transform_4(&x[s], &x[s + 1], &x[s + 2], &x[s + 3], 0);
        for (int k = 1; k < 4; k++)
            x[s + k] = multiply(x[s + k], load_complex(AT(factors->by_16, k)));
    }
    transpose_complex(x);
    transform_16(x);
}

INLINE void first_steps_back(Complex x[16], float *vectors, const Factors *factors) {
    transform_16_back(x);
    transpose_complex(x);
    for (int s = 0; s < 16; s += 4) {
        for (int k = 1; k < 4; k++)
            x[s + k] = multiply_by_conjugate(x[s + k], load_complex(AT(factors->by_16, k)));
        transform_4(&x[s], &x[s + 1], &x[s + 2], &x[s + 3], 1);
        for (int k = 0; k < 4; k++)
            store_complex(AT(vectors, s + k), x[s + k]);
    }
}

/* The spectrum of a part, times each of two others, and back, PART times as large. `to_left` may be the part. */
static void answer(float *part, const float *by_left, const float *by_right, float *to_left, float *to_right,
                   const Factors *factors) {
    step_on(part, 64, factors->by_1024);
    for (int group = 0; group < N_VECTORS; group += 64) {
        float *sides[2] = {AT(to_left, group), AT(to_right, group)};
        const float *responses[2] = {AT(by_left, group), AT(by_right, group)};
        step_on(AT(part, group), 4, factors->by_64);
        for (int first = 0; first < 64; first += 16) {
            Complex x[16];
            float *heard = AT(part, group + first);
            last_steps(heard, x, factors);
            for (int k = 0; k < 16; k++)
                store_complex(AT(heard, k), x[k]);
            for (int side = 1; side >= 0; side--) {
                for (int k = 0; k < 16; k++) {
                    const float *response = AT(responses[side], first + k);
                    __builtin_prefetch(AT(response, 16));
                    __builtin_prefetch(AT(response, 16) + LANES);
                    x[k] = multiply(load_complex(AT(heard, k)), load_complex(response));
                }
                first_steps_back(x, AT(sides[side], first), factors);
            }
        }
        for (int side = 0; side < 2; side++)
            step_back(sides[side], 4, factors->by_64);
    }
    step_back(to_left, 64, factors->by_1024);
    step_back(to_right, 64, factors->by_1024);
}

INLINE void add_to(float *place, Vector frames, float gain) { store(place, (load(place) + frames) * all(gain)); }

/* Back to frames: the end of the window, N times as large, is added to a region, and all of it set at a gain. */
static void gather(const float *parts, int64_t stride, float *region, float gain, const Factors *factors) {
    for (int column = 0; column < N_VECTORS; column++) {
        Complex x[N_PARTS];
        for (int k = 0; k < N_PARTS; k++)
            x[k] = multiply_by_conjugate(load_complex(AT(parts + k * stride, column)), by_window(factors, column, k));
        transform_10_back(x);
        for (int q = 0; q < N_PARTS; q++) {
            Complex frames = multiply_by_conjugate(
                x[q], (Complex){all(factors->tenths[q]), all(factors->tenths[N_PARTS + q])});
            if (q >= REACH_PIECES)
                add_to(region + (q - REACH_PIECES) * PART + LANES * column, frames.re, gain);
            add_to(region + (N_PARTS + q - REACH_PIECES) * PART + LANES * column, frames.im, gain);
        }
    }
}

/* The spectrum of a response of REACH_PIECES · PART frames. */
EXPORTED void calmando_spectrum(const float *response, float *parts, int64_t stride, const Factors *factors) {
    const float *pieces[2 * N_PARTS];
    for (int piece = 0; piece < 2 * N_PARTS; piece++)
        pieces[piece] = piece < REACH_PIECES ? response + piece * PART : factors->silence;
    spread(pieces, parts, stride, factors);
    for (int part = 0; part < N_PARTS; part++) {
        float *its = parts + part * stride;
        step_on(its, 64, factors->by_1024);
        for (int group = 0; group < N_VECTORS; group += 64) {
            step_on(AT(its, group), 4, factors->by_64);
            for (int first = group; first < group + 64; first += 16) {
                Complex x[16];
                last_steps(AT(its, first), x, factors);
                for (int k = 0; k < 16; k++)
                    store_complex(AT(its, first + k), x[k]);
            }
        }
    }
}

/* Convolve a region with a response.
 *
 * before, now   what was sent in the region before and in this one, REGION_PIECES · PART frames each; NULL where
 *               nothing was
 * response      its spectra, divided by N: left, then right, N_PARTS each
 * room          2 · N_PARTS parts
 * stride        numbers from one part to the next, 2 · PART or more
 * left, right   the region, to which the answer is added
 * gain          the factor of all that then stands there
 */
EXPORTED void calmando_convolve(const float *before, const float *now, const float *response, float *room,
                                int64_t stride, const Factors *factors, float *left, float *right, float gain) {
    const float *pieces[2 * N_PARTS];
    for (int piece = 0; piece < 2 * N_PARTS; piece++) {
        const float *region = piece < REACH_PIECES ? before : now;
        int place = piece < REACH_PIECES ? REGION_PIECES - REACH_PIECES + piece : piece - REACH_PIECES;
        pieces[piece] = region == NULL ? factors->silence : region + place * PART;
    }
    float *to_left = room, *to_right = room + N_PARTS * stride;
    spread(pieces, to_left, stride, factors);
    for (int part = 0; part < N_PARTS; part++) {
        float *its = to_left + part * stride;
        const float *by_left = response + part * stride;
        answer(its, by_left, by_left + N_PARTS * stride, its, to_right + part * stride, factors);
    }
    gather(to_left, stride, left, gain, factors);
    gather(to_right, stride, right, gain, factors);
}
