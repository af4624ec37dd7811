/* A sound convolved with a response, in pieces, by overlap and save.
 *
 * A window of 2 N real numbers is turned into N complex ones: the first half is the real, the second the imaginary
 * part, so that x^N stands for i, and products of two such rows are products of polynomials modulo x^2N + 1. What
 * wraps around then comes back with its sign turned, where overlap and save throws it away anyway; and no step is
 * needed that puts the spectrum of real numbers in order. N = 16 · 16 · 4 · 16: three steps through memory. The bins
 * stay in the order in which they come out; products do not mind.
 */
#include "vectors.h"

#define N_COMPLEX 16384
#define N_VECTORS (N_COMPLEX / LANES)

typedef struct {
    Vector re, im;
} Complex;

/* Factors and frames, as generator/calmando/sound/convolution.py makes them. */
typedef struct {
    const float *quarters;    /* the turn of every sixteenth of the window: 16 real, 16 imaginary parts */
    const float *by_1024;     /* after the first step: [64][16] vectors, real and imaginary */
    const float *by_64;       /* after the second: [4][16] */
    const float *by_16;       /* after the third: [4] */
    const float *silence;     /* N frames of it */
} Factors;

INLINE Complex load_complex(const float *place) { return (Complex){load(place), load(place + LANES)}; }

INLINE void store_complex(float *place, Complex a) {
    store(place, a.re);
    store(place + LANES, a.im);
}

INLINE Complex add(Complex a, Complex b) { return (Complex){a.re + b.re, a.im + b.im}; }

INLINE Complex subtract(Complex a, Complex b) { return (Complex){a.re - b.re, a.im - b.im}; }

INLINE Complex multiply(Complex a, Complex b) {
    return (Complex){MULTIPLY_ADD(a.re, b.re, -(a.im * b.im)), MULTIPLY_ADD(a.re, b.im, a.im * b.re)};
}

INLINE Complex multiply_by_conjugate(Complex a, Complex b) {
    return (Complex){MULTIPLY_ADD(a.re, b.re, a.im * b.im), MULTIPLY_ADD(a.im, b.re, -(a.re * b.im))};
}

INLINE Complex turn(Complex a, float re, float im) { return multiply(a, (Complex){all(re), all(im)}); }

INLINE Complex add_product(Complex sum, Complex a, Complex b) {
    return (Complex){MULTIPLY_ADD(-a.im, b.im, MULTIPLY_ADD(a.re, b.re, sum.re)),
                     MULTIPLY_ADD(a.im, b.re, MULTIPLY_ADD(a.re, b.im, sum.im))};
}

/* The transform of four numbers, in place; `back` turns the other way, and gives four times what went in. */
INLINE void transform_4(Complex *a, Complex *b, Complex *c, Complex *d, int back) {
    Complex s = add(*a, *c), t = subtract(*a, *c), u = add(*b, *d), v = subtract(*b, *d);
    Complex right = {t.re + v.im, t.im - v.re}, left = {t.re - v.im, t.im + v.re};
    *a = add(s, u);
    *c = subtract(s, u);
    *b = back ? left : right;
    *d = back ? right : left;
}

#define COS_22 0.92387953251128675613f
#define SIN_22 0.38268343236508977173f
#define COS_45 0.70710678118654752440f

/* Between the two steps of sixteen: number 4 k + n is turned by n k sixteenths. */
INLINE void turn_sixteenths(Complex x[16], int back) {
    const float way = back ? 1.0f : -1.0f;
    x[5] = turn(x[5], COS_22, way * SIN_22);
    x[6] = turn(x[6], COS_45, way * COS_45);
    x[7] = turn(x[7], SIN_22, way * COS_22);
    x[9] = turn(x[9], COS_45, way * COS_45);
    x[10] = back ? (Complex){-x[10].im, x[10].re} : (Complex){x[10].im, -x[10].re};
    x[11] = turn(x[11], -COS_45, way * COS_45);
    x[13] = turn(x[13], SIN_22, way * COS_22);
    x[14] = turn(x[14], -COS_45, way * COS_45);
    x[15] = turn(x[15], -COS_22, -way * SIN_22);
}

/* The transform of sixteen numbers; bin k + 4 m comes out as number 4 k + m. */
INLINE void transform_16(Complex x[16]) {
    for (int n = 0; n < 4; n++)
        transform_4(&x[n], &x[n + 4], &x[n + 8], &x[n + 12], 0);
    turn_sixteenths(x, 0);
    for (int k = 0; k < 16; k += 4)
        transform_4(&x[k], &x[k + 1], &x[k + 2], &x[k + 3], 0);
}

/* Back from there, sixteen times as large. */
INLINE void transform_16_back(Complex x[16]) {
    for (int k = 0; k < 16; k += 4)
        transform_4(&x[k], &x[k + 1], &x[k + 2], &x[k + 3], 1);
    turn_sixteenths(x, 1);
    for (int n = 0; n < 4; n++)
        transform_4(&x[n], &x[n + 4], &x[n + 8], &x[n + 12], 1);
}

INLINE void transpose_complex(Complex x[16]) {
    Vector re[LANES], im[LANES];
    for (int i = 0; i < LANES; i++) {
        re[i] = x[i].re;
        im[i] = x[i].im;
    }
    transpose(re);
    transpose(im);
    for (int i = 0; i < LANES; i++)
        x[i] = (Complex){re[i], im[i]};
}

#define AT(spectrum, number) ((spectrum) + (ptrdiff_t)2 * LANES * (number))

/* The spectrum of a window of 2 N frames, given as its halves. */
static void transform(const float *earlier, const float *later, float *spectrum, const Factors *factors) {
    for (int j = 0; j < 64; j++) {
        Complex x[16];
        for (int q = 0; q < 16; q++) {
            int place = LANES * j + 1024 * q;
            x[q] = turn((Complex){load(earlier + place), load(later + place)}, factors->quarters[q],
                        factors->quarters[16 + q]);
        }
        transform_16(x);
        for (int k = 0; k < 16; k++)
            store_complex(AT(spectrum, 64 * k + j), multiply(x[k], load_complex(AT(factors->by_1024, 16 * j + k))));
    }
    for (int group = 0; group < 16; group++) {
        float *part = AT(spectrum, 64 * group);
        for (int j = 0; j < 4; j++) {
            Complex x[16];
            for (int q = 0; q < 16; q++)
                x[q] = load_complex(AT(part, 4 * q + j));
            transform_16(x);
            for (int k = 0; k < 16; k++)
                store_complex(AT(part, 4 * k + j), multiply(x[k], load_complex(AT(factors->by_64, 16 * j + k))));
        }
        for (int first = 0; first < 64; first += 16) {
            Complex x[16];
            for (int s = 0; s < 16; s += 4) {
                for (int k = 0; k < 4; k++)
                    x[s + k] = load_complex(AT(part, first + s + k));
                transform_4(&x[s], &x[s + 1], &x[s + 2], &x[s + 3], 0);
                for (int k = 1; k < 4; k++)
                    x[s + k] = multiply(x[s + k], load_complex(AT(factors->by_16, k)));
            }
            transpose_complex(x);
            transform_16(x);
            for (int k = 0; k < 16; k++)
                store_complex(AT(part, first + k), x[k]);
        }
    }
}

/* The second half of the window that a spectrum belongs to, N times as large, added to N frames. The spectrum is lost. */
static void add_back(float *spectrum, float *frames, const Factors *factors) {
    for (int group = 0; group < 16; group++) {
        float *part = AT(spectrum, 64 * group);
        for (int first = 0; first < 64; first += 16) {
            Complex x[16];
            for (int k = 0; k < 16; k++)
                x[k] = load_complex(AT(part, first + k));
            transform_16_back(x);
            transpose_complex(x);
            for (int s = 0; s < 16; s += 4) {
                for (int k = 1; k < 4; k++)
                    x[s + k] = multiply_by_conjugate(x[s + k], load_complex(AT(factors->by_16, k)));
                transform_4(&x[s], &x[s + 1], &x[s + 2], &x[s + 3], 1);
                for (int k = 0; k < 4; k++)
                    store_complex(AT(part, first + s + k), x[s + k]);
            }
        }
        for (int j = 0; j < 4; j++) {
            Complex x[16];
            for (int k = 0; k < 16; k++)
                x[k] = multiply_by_conjugate(load_complex(AT(part, 4 * k + j)), load_complex(AT(factors->by_64, 16 * j + k)));
            transform_16_back(x);
            for (int q = 0; q < 16; q++)
                store_complex(AT(part, 4 * q + j), x[q]);
        }
    }
    for (int j = 0; j < 64; j++) {
        Complex x[16];
        for (int k = 0; k < 16; k++)
            x[k] = multiply_by_conjugate(load_complex(AT(spectrum, 64 * k + j)), load_complex(AT(factors->by_1024, 16 * j + k)));
        transform_16_back(x);
        for (int q = 0; q < 16; q++) {
            float *place = frames + LANES * j + 1024 * q;
            Vector half = MULTIPLY_ADD(x[q].im, all(factors->quarters[q]), -(x[q].re * all(factors->quarters[16 + q])));
            store(place, load(place) + half);
        }
    }
}

/* The spectrum of N frames and as many of silence behind them. */
EXPORTED void calmando_spectrum(const float *frames, float *spectrum, const Factors *factors) {
    transform(frames, factors->silence, spectrum, factors);
}

/* Where the N frames with a number stand; those of the region before have numbers below 0. */
INLINE const float *partition(const float *before, const float *now, int64_t n_rows, int64_t number,
                              const Factors *factors) {
    const float *region = number < 0 ? before : now;
    return region == NULL ? factors->silence : region + (number < 0 ? n_rows + number : number) * N_COMPLEX;
}

/* Convolve a region with a response of `n_pieces` · N frames.
 *
 * before, now   what was sent in the region before and in this one, n_rows · N frames each, n_pieces · N or more; NULL
 *               where nothing was
 * response      spectra of its pieces, each divided by N: left, then right
 * room          n_pieces + 2 spectra
 * stride        numbers from one spectrum to the next, 2 N or more
 * left, right   n_rows · N frames each, to which the answer is added
 */
EXPORTED void calmando_convolve(const float *before, const float *now, int64_t n_rows, int64_t n_pieces,
                                const float *response, float *room, int64_t stride, const Factors *factors, float *left,
                                float *right) {
    float *answers[2] = {room, room + stride};
    float *recent = room + 2 * stride; /* the spectra of the newest windows, each in the place of one that is over */
    for (int64_t row = 1 - n_pieces; row < n_rows; row++) {
        float *newest = recent + (row + n_pieces - 1) % n_pieces * stride;
        transform(partition(before, now, n_rows, row - 1, factors), partition(before, now, n_rows, row, factors), newest,
                  factors);
        if (row < 0)
            continue;
        for (int64_t bins = 0; bins < 2 * N_COMPLEX; bins += 2 * LANES) {
            Complex to_left = {0}, to_right = {0};
            const float *spectrum = newest;
            for (int64_t age = 0; age < n_pieces; age++) {
                Complex heard = load_complex(spectrum + bins);
                to_left = add_product(to_left, heard, load_complex(response + age * stride + bins));
                to_right = add_product(to_right, heard, load_complex(response + (n_pieces + age) * stride + bins));
                spectrum = spectrum == recent ? recent + (n_pieces - 1) * stride : spectrum - stride;
            }
            store_complex(answers[0] + bins, to_left);
            store_complex(answers[1] + bins, to_right);
        }
        add_back(answers[0], left + row * N_COMPLEX, factors);
        add_back(answers[1], right + row * N_COMPLEX, factors);
    }
}
