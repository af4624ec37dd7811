/* A sound convolved with a response, region by region, by overlap and save: one window for a region.
 *
 * A window of 2 N real numbers is turned into N complex ones: the first half is the real, the second the imaginary
 * part, so that x^N stands for i, and products of two such rows are products of polynomials modulo x^2N + 1. What
 * wraps around then comes back with its sign turned, where overlap and save throws it away anyway; and no step is
 * needed that puts the spectrum of real numbers in order.
 *
 * N = 10 · 16384: a step of ten through the whole window, then each of ten parts by itself, which has room near the
 * processor: 16384 = 16 · 16 · 4 · 16. The bins stay in the order in which they come out; products do not mind.
 *
 * A part is sixteen groups of 64 rows, each a row further from the one before than it is long: what the second step takes
 * together would else share places in a cache.
 */
#include "transforms.h"

#define N_PARTS 10
#define PART 16384
#define N_ROWS (PART / LANES)
#define GROUP 64
/* From one group to the next. */
#define APART (GROUP + 1)
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
    Complex near = {MULTIPLY_ADD(s.re, every(COS_72), MULTIPLY_ADD(t.re, every(-COS_36), a->re)),
                    MULTIPLY_ADD(s.im, every(COS_72), MULTIPLY_ADD(t.im, every(-COS_36), a->im))};
    Complex far = {MULTIPLY_ADD(s.re, every(-COS_36), MULTIPLY_ADD(t.re, every(COS_72), a->re)),
                   MULTIPLY_ADD(s.im, every(-COS_36), MULTIPLY_ADD(t.im, every(COS_72), a->im))};
    /* A quarter turn of these. */
    Complex near_aside = {MULTIPLY_ADD(u.im, every(way * SIN_72), v.im * every(way * SIN_36)),
                          MULTIPLY_ADD(u.re, every(-way * SIN_72), v.re * every(-way * SIN_36))};
    Complex far_aside = {MULTIPLY_ADD(u.im, every(way * SIN_36), v.im * every(-way * SIN_72)),
                         MULTIPLY_ADD(u.re, every(-way * SIN_36), v.re * every(way * SIN_72))};
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

/* Where a column's row stands in a part. */
INLINE int row_of(int column) { return column / GROUP * APART + column % GROUP; }

/* The factor after the first step, for some lanes of a column of rows and a part. */
INLINE Complex by_window(const Factors *factors, int column, int part, int lane) {
    const float *turns = factors->by_columns + (ptrdiff_t)2 * N_PARTS * column;
    return turn(load_complex(AT(factors->by_lanes, part) + lane), turns[part], turns[N_PARTS + part]);
}

/* The first step, from a window's pieces into parts. */
static void spread(const float *const pieces[2 * N_PARTS], float *parts, int64_t stride, const Factors *factors) {
    for (int column = 0; column < N_ROWS; column++)
        EACH_REGISTER(lane) {
            int frame = LANES * column + lane;
            Complex x[N_PARTS];
            UNROLLED for (int q = 0; q < N_PARTS; q++)
                x[q] = turn((Complex){load_register(pieces[q] + frame), load_register(pieces[N_PARTS + q] + frame)},
                            factors->tenths[q], factors->tenths[N_PARTS + q]);
            transform_10(x);
            UNROLLED for (int k = 0; k < N_PARTS; k++)
                store_complex(AT(parts + k * stride, row_of(column)) + lane,
                              multiply(x[k], by_window(factors, column, k, lane)));
        }
}

/* The step of four, of sixteen rows, which become columns: so the last step finds together what it takes together. */
INLINE void step_of_four(const float *rows, float *columns, const Factors *factors) {
    for (int s = 0; s < 16; s += 4)
        EACH_REGISTER(lane) {
            Complex x[4];
            for (int k = 0; k < 4; k++)
                x[k] = load_complex(AT(rows, s + k) + lane);
            transform_4(&x[0], &x[1], &x[2], &x[3], 0);
            store_complex(AT(columns, s) + lane, x[0]);
            for (int k = 1; k < 4; k++)
                store_complex(AT(columns, s + k) + lane,
                              multiply(x[k], load_complex(AT(factors->by_16, k) + lane)));
        }
    transpose_rows(columns);
}

INLINE void step_of_four_back(float *columns, float *rows, const Factors *factors) {
    transpose_rows(columns);
    for (int s = 0; s < 16; s += 4)
        EACH_REGISTER(lane) {
            Complex x[4];
            x[0] = load_complex(AT(columns, s) + lane);
            for (int k = 1; k < 4; k++)
                x[k] = multiply_by_conjugate(load_complex(AT(columns, s + k) + lane),
                                             load_complex(AT(factors->by_16, k) + lane));
            transform_4(&x[0], &x[1], &x[2], &x[3], 1);
            for (int k = 0; k < 4; k++)
                store_complex(AT(rows, s + k) + lane, x[k]);
        }
}

/* Where sixteen rows stand for a while. */
typedef float Paper[ROW * 16] __attribute__((aligned(4 * LANES)));

/* The spectrum of a part, times each of two others, and back, PART times as large. `to_left` may be the part. */
static void answer(float *part, const float *by_left, const float *by_right, float *to_left, float *to_right,
                   const Factors *factors) {
    step_on(part, GROUP, APART, factors->by_1024);
    for (int group = 0; group < 16 * APART; group += APART) {
        float *sides[2] = {AT(to_left, group), AT(to_right, group)};
        const float *responses[2] = {AT(by_left, group), AT(by_right, group)};
        step_on(AT(part, group), 4, 4, factors->by_64);
        for (int first = 0; first < GROUP; first += 16) {
            Paper heard, answers[2];
            step_of_four(AT(part, group + first), heard, factors);
            last_step(heard, heard);
            EACH_REGISTER(lane)
                for (int side = 0; side < 2; side++) {
                    Complex x[16];
                    UNROLLED for (int k = 0; k < 16; k++) {
                        const float *response = AT(responses[side], first + k) + lane;
                        if (lane == 0) {
                            __builtin_prefetch(AT(response, 16));
                            __builtin_prefetch(AT(response, 16) + LANES);
                        }
                        x[k] = multiply(load_complex(AT(heard, k) + lane), load_complex(response));
                    }
                    transform_16_back(x);
                    store_rows(answers[side], 1, lane, x);
                }
            for (int side = 0; side < 2; side++)
                step_of_four_back(answers[side], AT(sides[side], first), factors);
        }
        for (int side = 0; side < 2; side++)
            step_back(sides[side], 4, 4, factors->by_64);
    }
    step_back(to_left, GROUP, APART, factors->by_1024);
    step_back(to_right, GROUP, APART, factors->by_1024);
}

INLINE void add_to(float *place, Vector frames, float gain) { store(place, (load(place) + frames) * all(gain)); }

/* Back to frames: the end of the window, N times as large, is added to a region, and all of it set at a gain. */
static void gather(const float *parts, int64_t stride, float *region, float gain, const Factors *factors) {
    for (int column = 0; column < N_ROWS; column++) {
        float frames[ROW * N_PARTS] __attribute__((aligned(4 * LANES))), *place = region + LANES * column;
        EACH_REGISTER(lane) {
            Complex x[N_PARTS];
            UNROLLED for (int k = 0; k < N_PARTS; k++)
                x[k] = multiply_by_conjugate(load_complex(AT(parts + k * stride, row_of(column)) + lane),
                                             by_window(factors, column, k, lane));
            transform_10_back(x);
            UNROLLED for (int q = 0; q < N_PARTS; q++) {
                Complex tenth = {every(factors->tenths[q]), every(factors->tenths[N_PARTS + q])};
                store_complex(AT(frames, q) + lane, multiply_by_conjugate(x[q], tenth));
            }
        }
        for (int q = 0; q < N_PARTS; q++) {
            if (q >= REACH_PIECES)
                add_to(place + (q - REACH_PIECES) * PART, load(AT(frames, q)), gain);
            add_to(place + (N_PARTS + q - REACH_PIECES) * PART, load(AT(frames, q) + LANES), gain);
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
        step_on(its, GROUP, APART, factors->by_1024);
        for (int group = 0; group < 16 * APART; group += APART) {
            step_on(AT(its, group), 4, 4, factors->by_64);
            for (int first = group; first < group + GROUP; first += 16) {
                Paper columns;
                step_of_four(AT(its, first), columns, factors);
                last_step(columns, AT(its, first));
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
 * stride        numbers from one part to the next: room for all its groups, or more
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
