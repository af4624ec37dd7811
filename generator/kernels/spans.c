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
    for (int b = 0; b < LANES; b++)
        EACH_REGISTER(lane) {
            Complex x[16];
            UNROLLED for (int a = 0; a < 16; a++)
                x[a] = (Complex){load_register(span + PART * a + LANES * b + lane), every(0.0f)};
            transform_16(x);
            UNROLLED for (int p = 0; p < N_PARTS; p++) {
                int row = 16 * p + b;
                store_complex(AT(parts, row) + lane, multiply(x[4 * (p % 4) + p / 4], load_complex(AT(by_span, row) + lane)));
            }
        }
}

/* The last two steps, of sixteen rows. */
INLINE void transform_part(float *part, const float *by_part) {
    step_on(part, 1, 1, by_part);
    transpose_rows(part);
    last_step(part, part);
}

INLINE Vector power_of(Vector re, Vector im) { return MULTIPLY_ADD(re, re, im * im); }

/* The energies of a span, dry and sent, of one row or of two whose sum is sent. */
INLINE void weigh(const float *left, const float *right, const Factors *factors, double *dry, double *sent) {
    float parts[2][ROW * 16 * N_PARTS] __attribute__((aligned(4 * LANES)));
    Vector dry_sum = {0}, sent_sum = {0};
    spread(left, parts[0], factors->by_span);
    if (right != NULL)
        spread(right, parts[1], factors->by_span);
    for (int p = 0; p < N_PARTS; p++) {
        const float *one = AT(parts[0], 16 * p), *other = AT(parts[1], 16 * p);
        transform_part(AT(parts[0], 16 * p), factors->by_part);
        if (right != NULL)
            transform_part(AT(parts[1], 16 * p), factors->by_part);
        for (int r = 0; r < 16; r++) {
            Vector re = load(AT(one, r)), im = load(AT(one, r) + LANES), each = power_of(re, im), together = each;
            if (right != NULL) {
                Vector other_re = load(AT(other, r)), other_im = load(AT(other, r) + LANES);
                each += power_of(other_re, other_im);
                together = power_of(re + other_re, im + other_im);
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
