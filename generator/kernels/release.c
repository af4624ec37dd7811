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

/* A filter: y = level * v, where v is x + 2 x1 + x2 - a1 v1 - a2 v2. */
typedef struct {
    double a1, a2, level;
} Filter;

/* The filters of every cent from the first to the last there is. */
#define FIRST_CENT 1500
#define LAST_CENT 13500
/* What moves further from block to block glides in between, a whole cent at a time. */
#define FURTHEST_STEP 1.0

/* So many values of v are remembered, and so many filters. */
#define PAST 4
#define PASSED 2

typedef double Doubles __attribute__((vector_size(8 * LANES), aligned(8)));

/* Where a filter stands in a block, and where it stood in the last frames before. */
typedef struct {
    const double *cents; /* at the ends of blocks, from the last one on */
    int is_still;        /* whether it stands in this block as at its end */
    Filter at[PASSED + BLOCK]; /* where it is still, only at both ends */
} Way;

/* A row of a held note, block by block: v as it is held and as it is once it is let go, and what makes both of them. */
typedef struct {
    const float *held;
    float *row;
    double bare[PAST + BLOCK], left[PAST + BLOCK];
    double incoming[BLOCK];
} Row;

INLINE const Filter *filter_of(const Filter *filters, double cents) {
    int cent = cents < FIRST_CENT ? FIRST_CENT : cents > LAST_CENT ? LAST_CENT : (int)cents;
    return filters + (cent - FIRST_CENT);
}

/* Go on to the next block. */
static void walk(Way *way, const Filter *filters) {
    double from = *way->cents++, to = *way->cents;
    way->is_still = to - from <= FURTHEST_STEP && from - to <= FURTHEST_STEP;
    for (int frame = 0; frame < PASSED; frame++)
        way->at[frame] = way->at[BLOCK + frame];
    if (way->is_still) {
        const Filter *filter = filter_of(filters, to);
        for (int frame = 0; frame < PASSED; frame++)
            way->at[PASSED + frame] = way->at[BLOCK + frame] = *filter;
    } else
        for (int frame = 0; frame < BLOCK; frame++)
            way->at[PASSED + frame] = *filter_of(filters, from + (to - from) * frame / BLOCK);
}

/* FluidSynth keeps what stands between poles and zeros, w, of which v is w + 2 w1 + w2. At frame n of v it is nearly: */
INLINE double between_at(const double *v, int n) { return 0.375 * v[n + 1] - 0.0625 * (v[n + 2] + v[n]); }

/* What a frame of v has that its own past does not tell where the filter changed in the two frames before: w was made as
 * the filter stood then. `v` and `is` lead to the frame. */
INLINE double changes(const Filter *is, const double *v) {
    double by_a1 = is[0].a1 - is[-1].a1, by_a2 = is[0].a2 - is[-1].a2;
    double before_a1 = is[0].a1 - is[-2].a1, before_a2 = is[0].a2 - is[-2].a2;
    if (by_a1 == 0.0 && by_a2 == 0.0 && before_a1 == 0.0 && before_a2 == 0.0)
        return 0.0;
    double w4 = between_at(v, -4), w3 = between_at(v, -3), w2 = between_at(v, -2);
    return 2.0 * (by_a1 * w2 + by_a2 * w3) + before_a1 * w3 + before_a2 * w4;
}

/* The frames of a held block as they were before the envelope and the level of the filter. */
INLINE void unveil(const float *held, int64_t n_frames, const float *stood, const Way *way, double *v) {
    float level = (float)way->at[PASSED].level;
    for (int frame = 0; frame < BLOCK; frame += LANES) {
        Vector below = between(stood, frame);
        if (way->is_still)
            below *= level;
        else
            for (int lane = 0; lane < LANES; lane++)
                below[lane] *= (float)way->at[PASSED + frame + lane].level;
        Vector bare = load_some(held + frame, n_frames - frame) / below;
        bare = (Vector)((Integers)bare & (below > 0.0f));
        *(Doubles *)(v + frame) = __builtin_convertvector(bare, Doubles);
    }
}

INLINE void remember(double *v) {
    for (int frame = 0; frame < PAST; frame++)
        v[frame] = v[BLOCK + frame];
}

/* How many of a block's frames changes of the filter reach. */
INLINE int n_changing(const Way *way) { return way->is_still ? PASSED : BLOCK; }

/* Find what comes into the filter in the next block, whichever way it stands. */
INLINE void listen(Row *row, int64_t n_frames, const float *stood, const Way *way) {
    remember(row->bare);
    unveil(row->held, n_frames, stood, way, row->bare + PAST);
    const double *bare = row->bare + PAST;
    const Filter *is = way->at + PASSED;
    if (way->is_still)
        for (int frame = 0; frame < BLOCK; frame += LANES)
            *(Doubles *)(row->incoming + frame) = *(const Doubles *)(bare + frame) +
                                                  is->a1 * *(const Doubles *)(bare + frame - 1) +
                                                  is->a2 * *(const Doubles *)(bare + frame - 2);
    else
        for (int frame = 0; frame < BLOCK; frame++)
            row->incoming[frame] = bare[frame] + is[frame].a1 * bare[frame - 1] + is[frame].a2 * bare[frame - 2];
    int n = n_changing(way);
    for (int frame = 0; frame < n; frame++)
        row->incoming[frame] -= changes(is + frame, bare + frame);
}

INLINE double next(const Row *row, int frame, const Filter *is) {
    const double *left = row->left + PAST + frame;
    return row->incoming[frame] - is->a2 * left[-2] - is->a1 * left[-1];
}

/* Pass what comes in through the filter as it stands now. */
INLINE void pass(Row *rows, int n_rows, const Way *way) {
    const Filter *is = way->at + PASSED;
    double one[2], two[2];
    int n = n_changing(way);
    for (int number = 0; number < n_rows; number++) {
        Row *row = rows + number;
        double *left = row->left + PAST;
        remember(row->left);
        for (int frame = 0; frame < n; frame++) {
            left[frame] = next(row, frame, is + frame);
            left[frame] += changes(is + frame, left + frame);
        }
        one[number] = left[n - 1];
        two[number] = left[n - 2];
    }
    /* Each value waits for the one before it: while that of one row does, the other's is made. */
    for (int frame = n; frame < BLOCK; frame++)
        for (int number = 0; number < n_rows; number++) {
            double v = (rows[number].incoming[frame] - is->a2 * two[number]) - is->a1 * one[number];
            two[number] = one[number];
            rows[number].left[PAST + frame] = one[number] = v;
        }
}

/* Write the next block of a row. */
INLINE void sound(const Row *row, float *frames, int64_t n_frames, const float *fallen, const Way *way) {
    for (int frame = 0; frame < n_frames; frame += LANES) {
        Doubles passed = *(const Doubles *)(row->left + PAST + frame);
        if (way->is_still)
            passed *= way->at[PASSED].level;
        else
            for (int lane = 0; lane < LANES; lane++)
                passed[lane] *= way->at[PASSED + frame + lane].level;
        Vector heard = __builtin_convertvector(passed, Vector) * between(fallen, frame);
        store_some(frames + frame, heard, n_frames - frame);
    }
}

INLINE void let_go_filtered(Row *rows, int n_rows, int64_t n_frames, const float *fallen, const float *stood,
                            const Filter *filters, const double *cents_held, const double *cents_let_go) {
    Way held = {.cents = cents_held}, let_go = {.cents = cents_let_go};
    walk(&held, filters);
    for (Row *row = rows; row < rows + n_rows; row++) {
        unveil(row->held, BLOCK, stood, &held, row->bare + PAST);
        for (int frame = 0; frame < PAST; frame++)
            row->left[BLOCK + frame] = row->bare[BLOCK + frame];
    }
    for (int frame = 0; frame < PASSED; frame++)
        let_go.at[BLOCK + frame] = held.at[BLOCK + frame];
    for (int64_t first = 0; first < n_frames; first += BLOCK, fallen++) {
        int64_t n = n_frames - first < BLOCK ? n_frames - first : BLOCK;
        walk(&held, filters);
        walk(&let_go, filters);
        stood++;
        for (Row *row = rows; row < rows + n_rows; row++) {
            row->held += BLOCK;
            listen(row, n, stood, &held);
        }
        pass(rows, n_rows, &let_go);
        for (Row *row = rows; row < rows + n_rows; row++)
            sound(row, row->row + first, n, fallen, &let_go);
    }
}

/* The same as above for both rows of a note, or for one (`right` and `right_row` are NULL), where a filter moves too. The
 * rows and `stood` begin with the block before the key is let go.
 *
 * filters                    of every cent
 * cents_held, cents_let_go   where the filter stands at the ends of blocks, from the last but one before the key is let go
 *                            on, and from the last
 */
EXPORTED void calmando_let_go_filtered(const float *left, const float *right, float *left_row, float *right_row,
                                       int64_t n_frames, const float *fallen, const float *stood,
                                       const Filter *filters, const double *cents_held, const double *cents_let_go) {
    Row rows[2] = {{.held = left, .row = left_row}, {.held = right, .row = right_row}};
    if (right == NULL)
        let_go_filtered(rows, 1, n_frames, fallen, stood, filters, cents_held, cents_let_go);
    else
        let_go_filtered(rows, 2, n_frames, fallen, stood, filters, cents_held, cents_let_go);
}
