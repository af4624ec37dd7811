/* The weighted energies of spans of a sound, from their spectra.
 *
 * A span has 4096 = 16 · 16 · 16 frames: frame 256 a + 16 b + c and bin p + 16 q + 256 r. The first step, over a, leaves
 * a part for every p. As frames are real numbers, the bins of part 16 - p mirror those of part p: nine are enough, those
 * of one to seven counted twice by their weights, which stand in the order in which bins come out.
 */
#include "transforms.h"

#define SPAN 4096
#define PART 256
#define N_PARTS 9

/* Factors and weights, as generator/calmando/sound/bank/spans.py makes them. */
typedef struct {
    const float *by_span;    /* the turns after the first step: [9][16] vectors, real and imaginary */
    const float *by_part;    /* after the second: [16] */
    const float *dry, *sent; /* the weight of every bin: [9][16] vectors */
} Factors;

static void spread(const float *span, float *parts, const float *by_span) {
    for (int b = 0; b < LANES; b++) {
        Complex x[LANES];
        for (int a = 0; a < LANES; a++)
            x[a] = (Complex){load(span + PART * a + LANES * b), all(0.0f)};
        transform_16(x);
        for (int p = 0; p < N_PARTS; p++)
            store_complex(AT(parts, LANES * p + b), multiply(x[4 * (p % 4) + p / 4], load_complex(AT(by_span, LANES * p + b))));
    }
}

INLINE void transform_part(const float *part, Complex x[LANES], const float *by_part) {
    for (int b = 0; b < LANES; b++)
        x[b] = load_complex(AT(part, b));
    transform_16(x);
    for (int q = 0; q < LANES; q++)
        x[q] = multiply(x[q], load_complex(AT(by_part, q)));
    transpose_complex(x);
    transform_16(x);
}

INLINE Vector power_of(Complex a) { return MULTIPLY_ADD(a.re, a.re, a.im * a.im); }

/* The energies of a span, dry and sent, of one row or of two whose sum is sent. */
INLINE void weigh(const float *left, const float *right, const Factors *factors, double *dry, double *sent) {
    float parts[2][2 * N_PARTS * PART];
    Vector dry_sum = {0}, sent_sum = {0};
    spread(left, parts[0], factors->by_span);
    if (right != NULL)
        spread(right, parts[1], factors->by_span);
    for (int p = 0; p < N_PARTS; p++) {
        Complex x[LANES], y[LANES];
        transform_part(AT(parts[0], LANES * p), x, factors->by_part);
        if (right != NULL)
            transform_part(AT(parts[1], LANES * p), y, factors->by_part);
        for (int r = 0; r < LANES; r++) {
            Vector each = power_of(x[r]), together = each;
            if (right != NULL) {
                each += power_of(y[r]);
                together = power_of(add(x[r], y[r]));
            }
            dry_sum = MULTIPLY_ADD(each, load(factors->dry + PART * p + LANES * r), dry_sum);
            sent_sum = MULTIPLY_ADD(together, load(factors->sent + PART * p + LANES * r), sent_sum);
        }
    }
    *dry = sum_of(dry_sum);
    *sent = sum_of(sent_sum);
}

/* A span of a row, with silence where there are no more frames; `paper` has room for it. */
INLINE const float *whole_span(const float *row, int64_t n_frames, float paper[SPAN]) {
    if (n_frames >= SPAN)
        return row;
    for (int64_t frame = 0; frame < SPAN; frame++)
        paper[frame] = frame < n_frames ? row[frame] : 0.0f;
    return paper;
}

/* The energies of all spans of a sound, dry and sent: of one row (`right` is NULL) or of two. */
EXPORTED void calmando_span_energies(const float *left, const float *right, int64_t n_frames, const Factors *factors,
                                     double *dry, double *sent) {
    float papers[2][SPAN];
    for (; n_frames > 0; n_frames -= SPAN, left += SPAN, dry++, sent++) {
        const float *one = whole_span(left, n_frames, papers[0]);
        if (right == NULL) {
            weigh(one, NULL, factors, dry, sent);
        } else {
            weigh(one, whole_span(right, n_frames, papers[1]), factors, dry, sent);
            right += SPAN;
        }
    }
}
