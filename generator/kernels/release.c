/* What is left of a held note once its key is let go. */
#include "vectors.h"

#define BLOCK 64

/* A straight line from one border of a block to the next, some frames behind the first. */
INLINE Vector between(const double borders[2], int64_t frames) {
    float from = (float)borders[0], rise = ((float)borders[1] - from) / BLOCK;
    return MULTIPLY_ADD(all(rise), LANE_NUMBERS + (float)frames, all(from));
}

/* A row of a held note as it dies away: every frame times `fallen` over `stood`, which are straight lines from one border
 * of a block to the next; 0 where nothing stood. */
EXPORTED void calmando_let_go(const float *held, float *row, int64_t n_frames, const double *fallen,
                              const double *stood) {
    for (int64_t first = 0; first < n_frames; first += BLOCK) {
        const double *f = fallen + first / BLOCK, *s = stood + first / BLOCK;
        for (int64_t frame = first; frame < first + BLOCK && frame < n_frames; frame += LANES) {
            Vector above = between(f, frame - first), below = between(s, frame - first);
            Vector left = load_some(held + frame, n_frames - frame) * (above / below);
            left = (Vector)((Integers)left & (below > 0.0f));
            if (n_frames - frame >= LANES)
                store(row + frame, left);
            else
                for (int lane = 0; lane < n_frames - frame; lane++)
                    row[frame + lane] = left[lane];
        }
    }
}

/* A filter in a block: y = level * v, where v is x + 2 x1 + x2 - a1 v1 - a2 v2. */
typedef struct {
    double a1, a2, level;
} Filter;

/* So many values of v are remembered. */
#define PAST 4

/* FluidSynth keeps what stands between poles and zeros, w, of which v is w + 2 w1 + w2. At frame n of v it is nearly: */
INLINE double between_at(const double *v, int n) { return 0.375 * v[n + 1] - 0.0625 * (v[n + 2] + v[n]); }

/* What the first two values after a change of the filter have that v's own past does not tell: w was made as it was. */
static void changes(const Filter *was, const Filter *is, const double *v, double found[2]) {
    double by_a1 = is->a1 - was->a1, by_a2 = is->a2 - was->a2;
    found[0] = found[1] = 0.0;
    if (by_a1 == 0.0 && by_a2 == 0.0)
        return;
    double w4 = between_at(v, PAST - 4), w3 = between_at(v, PAST - 3), w2 = between_at(v, PAST - 2);
    found[0] = by_a1 * (2.0 * w2 + w3) + by_a2 * (2.0 * w3 + w4);
    found[1] = by_a1 * w2 + by_a2 * w3;
}

/* The frames of a held block as they were before the envelope and the level of the filter. */
static void unveil(const float *held, int64_t n_frames, const double *stood, double level, double *v) {
    for (int frame = 0; frame < BLOCK; frame += LANES) {
        Vector below = between(stood, frame) * (float)level;
        Vector bare = load_some(held + frame, n_frames - frame) / below;
        bare = (Vector)((Integers)bare & (below > 0.0f));
        for (int lane = 0; lane < LANES; lane++)
            v[frame + lane] = bare[lane];
    }
}

/* The same as above, where a filter moves too. Of every array the block before the key is let go comes first, but for
 * `fallen` and `afterwards`. */
EXPORTED void calmando_let_go_filtered(const float *held, float *row, int64_t n_frames, const double *fallen,
                                       const double *stood, const Filter *while_held, const Filter *afterwards) {
    double bare[PAST + BLOCK], left[PAST + BLOCK];
    const Filter *before = while_held;
    unveil(held, BLOCK, stood, while_held->level, bare + PAST);
    for (int frame = 0; frame < PAST; frame++)
        left[BLOCK + frame] = bare[BLOCK + frame];
    for (int64_t first = 0; first < n_frames; first += BLOCK) {
        int64_t n = n_frames - first < BLOCK ? n_frames - first : BLOCK;
        const Filter *was = while_held++, *now = afterwards++;
        stood++;
        held += BLOCK;
        double incoming[BLOCK], more[2];
        for (int frame = 0; frame < PAST; frame++) {
            bare[frame] = bare[BLOCK + frame];
            left[frame] = left[BLOCK + frame];
        }
        unveil(held, n, stood, while_held->level, bare + PAST);
        for (int frame = 0; frame < BLOCK; frame++)
            incoming[frame] = bare[PAST + frame] + while_held->a1 * bare[PAST + frame - 1] +
                              while_held->a2 * bare[PAST + frame - 2];
        changes(was, while_held, bare, more);
        incoming[0] -= more[0];
        incoming[1] -= more[1];
        left[PAST] = incoming[0] - now->a1 * left[PAST - 1] - now->a2 * left[PAST - 2];
        changes(before, now, left, more);
        incoming[0] += more[0];
        incoming[1] += more[1];
        double one = left[PAST - 1], two = left[PAST - 2];
        for (int frame = 0; frame < BLOCK; frame++) {
            double v = (incoming[frame] - now->a2 * two) - now->a1 * one;
            two = one;
            left[PAST + frame] = one = v;
        }
        const double *f = fallen + first / BLOCK;
        for (int frame = 0; frame < n; frame++) {
            float from = (float)f[0], rise = ((float)f[1] - from) / BLOCK;
            row[first + frame] = (float)(left[PAST + frame] * now->level) * (from + rise * (float)frame);
        }
        before = now;
    }
}
