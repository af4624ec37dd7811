/* Complex numbers, as many at once as a register holds, and their transforms. */
#ifndef CALMANDO_TRANSFORMS_H
#define CALMANDO_TRANSFORMS_H

#include "vectors.h"

typedef struct {
    Register re, im;
} Complex;

/* In memory they stand in rows of LANES: the real parts, then the imaginary ones. */
#define ROW (2 * LANES)
#define AT(rows, number) ((rows) + (ptrdiff_t)ROW * (number))

INLINE Complex load_complex(const float *place) { return (Complex){load_register(place), load_register(place + LANES)}; }

INLINE void store_complex(float *place, Complex a) {
    store_register(place, a.re);
    store_register(place + LANES, a.im);
}

INLINE Complex add(Complex a, Complex b) { return (Complex){a.re + b.re, a.im + b.im}; }

INLINE Complex subtract(Complex a, Complex b) { return (Complex){a.re - b.re, a.im - b.im}; }

INLINE Complex multiply(Complex a, Complex b) {
    return (Complex){MULTIPLY_ADD(a.re, b.re, -(a.im * b.im)), MULTIPLY_ADD(a.re, b.im, a.im * b.re)};
}

INLINE Complex multiply_by_conjugate(Complex a, Complex b) {
    return (Complex){MULTIPLY_ADD(a.re, b.re, a.im * b.im), MULTIPLY_ADD(a.im, b.re, -(a.re * b.im))};
}

INLINE Complex turn(Complex a, float re, float im) { return multiply(a, (Complex){every(re), every(im)}); }

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

/* Sixteen rows become columns. */
INLINE void transpose_rows(float *rows) {
    for (int begin = 0; begin < ROW; begin += LANES)
        for (int row = 0; row < LANES; row += REGISTER_LANES)
            for (int column = row; column < LANES; column += REGISTER_LANES) {
                float *one = AT(rows, row) + begin + column, *other = AT(rows, column) + begin + row;
                Register these[REGISTER_LANES], those[REGISTER_LANES];
                for (int i = 0; i < REGISTER_LANES; i++)
                    these[i] = load_register(AT(one, i));
                transpose(these);
                if (row != column) {
                    for (int i = 0; i < REGISTER_LANES; i++)
                        those[i] = load_register(AT(other, i));
                    transpose(those);
                    for (int i = 0; i < REGISTER_LANES; i++)
                        store_register(AT(one, i), those[i]);
                }
                for (int i = 0; i < REGISTER_LANES; i++)
                    store_register(AT(other, i), these[i]);
            }
}

/* Some lanes of sixteen rows, each so far apart from the one before. */
INLINE void load_rows(const float *rows, int apart, int lane, Complex x[16]) {
    UNROLLED for (int k = 0; k < 16; k++)
        x[k] = load_complex(AT(rows, apart * k) + lane);
}

INLINE void store_rows(float *rows, int apart, int lane, const Complex x[16]) {
    UNROLLED for (int k = 0; k < 16; k++)
        store_complex(AT(rows, apart * k) + lane, x[k]);
}

/* A step of sixteen through rows: from one of the first `n` to that which is taken together with it, it is so far `apart`.
 * `turns` are sixteen rows for each of these. */
INLINE void step_on(float *rows, int n, int apart, const float *turns) {
    for (int j = 0; j < n; j++)
        EACH_REGISTER(lane) {
            Complex x[16];
            load_rows(AT(rows, j), apart, lane, x);
            transform_16(x);
            UNROLLED for (int k = 0; k < 16; k++)
                x[k] = multiply(x[k], load_complex(AT(turns, 16 * j + k) + lane));
            store_rows(AT(rows, j), apart, lane, x);
        }
}

INLINE void step_back(float *rows, int n, int apart, const float *turns) {
    for (int j = 0; j < n; j++)
        EACH_REGISTER(lane) {
            Complex x[16];
            load_rows(AT(rows, j), apart, lane, x);
            UNROLLED for (int k = 0; k < 16; k++)
                x[k] = multiply_by_conjugate(x[k], load_complex(AT(turns, 16 * j + k) + lane));
            transform_16_back(x);
            store_rows(AT(rows, j), apart, lane, x);
        }
}

/* The last step, of sixteen rows that became columns; `bins` may be the columns. */
INLINE void last_step(const float *columns, float *bins) {
    EACH_REGISTER(lane) {
        Complex x[16];
        load_rows(columns, 1, lane, x);
        transform_16(x);
        store_rows(bins, 1, lane, x);
    }
}

#endif
