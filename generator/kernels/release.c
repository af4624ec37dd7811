/* What is left of a held note once its key is let go. */
#include "falling.h"

/* A row of a held note as it dies away: every frame times `fallen` over `stood`, which are straight lines from one border
 * of a block to the next. */
EXPORTED void calmando_let_go(const float *held, float *row, int64_t n_frames, const float *fallen, const float *stood) {
    for (int64_t first = 0; first < n_frames; first += BLOCK, fallen++, stood++)
        for (int64_t frame = first; frame < first + BLOCK && frame < n_frames; frame += LANES) {
            Vector factor = falling(fallen, stood, frame - first);
            store_some(row + frame, load_some(held + frame, n_frames - frame) * factor, n_frames - frame);
        }
}

/* A filter in a block: y = level * v, where v is x + 2 x1 + x2 - a1 v1 - a2 v2. */
typedef struct {
    double a1, a2, level;
} Filter;

/* So many values of v are remembered. */
#define PAST 4

typedef double Doubles __attribute__((vector_size(8 * LANES), aligned(8)));

/* A row of a held note, block by block: v as it is held, and as it is once it is let go. */
typedef struct {
    const float *held;
    float *row;
    double bare[PAST + BLOCK], left[PAST + BLOCK];
    double incoming[BLOCK];
} Row;

/* FluidSynth keeps what stands between poles and zeros, w, of which v is w + 2 w1 + w2. At frame n of v it is nearly: */
INLINE double between_at(const double *v, int n) { return 0.375 * v[n + 1] - 0.0625 * (v[n + 2] + v[n]); }

/* What the first two values after a change of the filter have that v's own past does not tell: w was made as it was. */
INLINE void changes(const Filter *was, const Filter *is, const double *v, double found[2]) {
    double by_a1 = is->a1 - was->a1, by_a2 = is->a2 - was->a2;
    found[0] = found[1] = 0.0;
    if (by_a1 == 0.0 && by_a2 == 0.0)
        return;
    double w4 = between_at(v, PAST - 4), w3 = between_at(v, PAST - 3), w2 = between_at(v, PAST - 2);
    found[0] = by_a1 * (2.0 * w2 + w3) + by_a2 * (2.0 * w3 + w4);
    found[1] = by_a1 * w2 + by_a2 * w3;
}

/* The frames of a held block as they were before the envelope and the level of the filter. */
INLINE void unveil(const float *held, int64_t n_frames, const float *stood, double level, double *v) {
    for (int frame = 0; frame < BLOCK; frame += LANES) {
        Vector below = between(stood, frame) * (float)level;
        Vector bare = load_some(held + frame, n_frames - frame) / below;
        bare = (Vector)((Integers)bare & (below > 0.0f));
        *(Doubles *)(v + frame) = __builtin_convertvector(bare, Doubles);
    }
}

/* Find what comes into the filter in the next block, whichever way it stands. */
INLINE void listen(Row *row, int64_t n_frames, const float *stood, const Filter *was, const Filter *is) {
    double more[2], *bare = row->bare;
    for (int frame = 0; frame < PAST; frame++)
        bare[frame] = bare[BLOCK + frame];
    unveil(row->held, n_frames, stood, is->level, bare + PAST);
    for (int frame = 0; frame < BLOCK; frame += LANES) {
        const double *v = bare + PAST + frame;
        *(Doubles *)(row->incoming + frame) =
            *(const Doubles *)v + is->a1 * *(const Doubles *)(v - 1) + is->a2 * *(const Doubles *)(v - 2);
    }
    changes(was, is, bare, more);
    row->incoming[0] -= more[0];
    row->incoming[1] -= more[1];
}

/* Pass what comes in through the filter as it stands now. */
INLINE void pass(Row *rows, int n_rows, const Filter *before, const Filter *now) {
    double more[2], one[2], two[2];
    for (Row *row = rows; row < rows + n_rows; row++) {
        double *left = row->left;
        for (int frame = 0; frame < PAST; frame++)
            left[frame] = left[BLOCK + frame];
        left[PAST] = row->incoming[0] - now->a1 * left[PAST - 1] - now->a2 * left[PAST - 2];
        changes(before, now, left, more);
        row->incoming[0] += more[0];
        row->incoming[1] += more[1];
        one[row - rows] = left[PAST - 1];
        two[row - rows] = left[PAST - 2];
    }
    /* Each value waits for the one before it: while that of one row does, the other's is made. */
    for (int frame = 0; frame < BLOCK; frame++)
        for (int n = 0; n < n_rows; n++) {
            double v = (rows[n].incoming[frame] - now->a2 * two[n]) - now->a1 * one[n];
            two[n] = one[n];
            rows[n].left[PAST + frame] = one[n] = v;
        }
}

/* Write the next block of a row. */
INLINE void sound(const Row *row, float *frames, int64_t n_frames, const float *fallen, double level) {
    for (int frame = 0; frame < n_frames; frame += LANES) {
        Doubles passed = *(const Doubles *)(row->left + PAST + frame) * level;
        Vector heard = __builtin_convertvector(passed, Vector) * between(fallen, frame);
        store_some(frames + frame, heard, n_frames - frame);
    }
}

INLINE void let_go_filtered(Row *rows, int n_rows, int64_t n_frames, const float *fallen, const float *stood,
                            const Filter *while_held, const Filter *afterwards) {
    const Filter *before = while_held;
    for (Row *row = rows; row < rows + n_rows; row++) {
        unveil(row->held, BLOCK, stood, while_held->level, row->bare + PAST);
        for (int frame = 0; frame < PAST; frame++)
            row->left[BLOCK + frame] = row->bare[BLOCK + frame];
    }
    for (int64_t first = 0; first < n_frames; first += BLOCK) {
        int64_t n = n_frames - first < BLOCK ? n_frames - first : BLOCK;
        stood++;
        for (Row *row = rows; row < rows + n_rows; row++) {
            row->held += BLOCK;
            listen(row, n, stood, while_held, while_held + 1);
        }
        pass(rows, n_rows, before, afterwards);
        for (Row *row = rows; row < rows + n_rows; row++)
            sound(row, row->row + first, n, fallen + first / BLOCK, afterwards->level);
        while_held++;
        before = afterwards++;
    }
}

/* The same as above for both rows of a note, or for one (`right` and `right_row` are NULL), where a filter moves too. Of
 * every array the block before the key is let go comes first, but for `fallen` and `afterwards`. */
EXPORTED void calmando_let_go_filtered(const float *left, const float *right, float *left_row, float *right_row,
                                       int64_t n_frames, const float *fallen, const float *stood,
                                       const Filter *while_held, const Filter *afterwards) {
    Row rows[2] = {{.held = left, .row = left_row}, {.held = right, .row = right_row}};
    if (right == NULL)
        let_go_filtered(rows, 1, n_frames, fallen, stood, while_held, afterwards);
    else
        let_go_filtered(rows, 2, n_frames, fallen, stood, while_held, afterwards);
}
