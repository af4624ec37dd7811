/* How far a sound swings: at its samples, and at the points between them, of which only those are found that can
 * decide. Why so few can, generator/calmando/sound/loudness/true_peak.py tells.
 */
#include "vectors.h"

#define TAPS 32
/* A window has so many samples more than places between them whose points can be found. */
#define REACH (TAPS - 1)
/* Points that are decided on together at first, and where there may be a peak. */
#define STRETCH 1024
#define SEGMENT 64

typedef struct {
    float filters[3][TAPS];    /* for the points at 1/4, 2/4 and 3/4 between two samples */
    /* A point is at most by_samples times the largest sample; it is at most that sample, and by_slopes times the
     * steepest slope; and it is at most that sample, by_slope times that slope, and by_bend times the sharpest bend. */
    float by_samples, by_slopes, by_slope, by_bend;
    float widened;    /* all of it times this, as sums are not exact */
} Interpolation;

/* What is looked at: samples, the slopes from each to the next, or the bends from each of these to the next. */
enum { SAMPLES, SLOPES, BENDS };

INLINE Integers magnitudes_at(const float *place, int what) {
    Vector values = load(place);
    if (what == SLOPES)
        values = load(place + 1) - values;
    if (what == BENDS)
        values = (load(place + 2) - load(place + 1)) - (load(place + 1) - values);
    return magnitudes(values);
}

/* The largest magnitude of at least a vector of them, NaN where one is. Those in the last vector may have been looked
 * at before: that does no harm. */
INLINE float largest(const float *samples, int64_t n_samples, int what) {
    const float *last = samples + n_samples - what - LANES;
    Integers some = {0}, others = {0};
    for (; samples + LANES <= last; samples += 2 * LANES) {
        some = larger(some, magnitudes_at(samples, what));
        others = larger(others, magnitudes_at(samples + LANES, what));
    }
    some = larger(some, magnitudes_at(samples < last ? samples : last, what));
    return largest_of(larger(larger(some, others), magnitudes_at(last, what)));
}

/* The largest magnitude of any number of samples. */
static float peak(const float *samples, int64_t n_samples) {
    if (n_samples >= LANES)
        return largest(samples, n_samples, SAMPLES);
    Integers found = {0};
    for (int64_t sample = 0; sample < n_samples; sample++)
        found = larger(found, magnitudes((Vector){samples[sample]}));
    return largest_of(found);
}

/* NaN where one is. */
INLINE float larger_peak(float a, float b) { return a > b || a != a ? a : b; }

/* The largest magnitude in some rows that begin every `stride` numbers: 0 where there are no samples, NaN where one is. */
EXPORTED float calmando_peak(const float *samples, int64_t n_rows, int64_t stride, int64_t n_samples) {
    float found = 0.0f;
    for (int64_t row = 0; row < n_rows; row++)
        found = larger_peak(found, peak(samples + row * stride, n_samples));
    return found;
}

/* Whether a point between the samples of a window can be above the highest. */
INLINE int may_pass(const float *window, int64_t n_samples, float sample, const Interpolation *by, float highest) {
    if (!(by->by_samples * sample * by->widened > highest))
        return 0;
    float slope = largest(window, n_samples, SLOPES);
    if (!((sample + by->by_slopes * slope) * by->widened > highest))
        return 0;
    float bend = largest(window, n_samples, BENDS);
    return (sample + by->by_slope * slope + by->by_bend * bend) * by->widened > highest;
}

/* The largest magnitudes of the three points in as many places as a vector has lanes, or in one alone; at the first
 * begin the samples around it. */
INLINE Integers largest_between(const float *samples, int alone, const Interpolation *by) {
    Vector first = {0}, second = {0}, third = {0};
    for (int tap = 0; tap < TAPS; tap++) {
        Vector heard = alone ? (Vector){samples[tap]} : load(samples + tap);
        first = MULTIPLY_ADD(heard, all(by->filters[0][tap]), first);
        second = MULTIPLY_ADD(heard, all(by->filters[1][tap]), second);
        third = MULTIPLY_ADD(heard, all(by->filters[2][tap]), third);
    }
    return larger(magnitudes(first), larger(magnitudes(second), magnitudes(third)));
}

/* The largest magnitude between the samples of a window. */
static float highest_between(const float *window, int64_t n_places, const Interpolation *by) {
    Integers found = {0};
    int64_t last = n_places - LANES;
    if (last < 0)
        for (int64_t place = 0; place < n_places; place++)
            found = larger(found, largest_between(window + place, 1, by));
    else
        for (int64_t place = 0; place < n_places; place += LANES)
            found = larger(found, largest_between(window + (place < last ? place : last), 0, by));
    return largest_of(found);
}

/* What has been found so far. */
typedef struct {
    float sample;      /* the largest magnitude of any sample, NaN where one is */
    float highest;     /* the highest point, at a sample or between, that is a number */
    float n_places;    /* how often points between samples were looked at; in this block alone */
} Found;

INLINE void note(float magnitude, Found *found) {
    if (magnitude > found->highest)
        found->highest = magnitude;
}

/* Look at a window of TAPS samples or more, and into those places where all samples around lie in it. */
static void look_at(const float *window, int64_t n_samples, const Interpolation *by, Found *found) {
    float loudest = peak(window, n_samples);
    found->sample = larger_peak(found->sample, loudest);
    note(loudest, found);
    if (!may_pass(window, n_samples, loudest, by, found->highest))
        return;
    int64_t n_places = n_samples - REACH;
    for (int64_t place = 0; place < n_places; place += SEGMENT) {
        int64_t n_here = n_places - place < SEGMENT ? n_places - place : SEGMENT, n_heard = n_here + REACH;
        const float *segment = window + place;
        if (may_pass(segment, n_heard, peak(segment, n_heard), by, found->highest)) {
            note(highest_between(segment, n_here, by), found);
            found->n_places += (float)n_here;
        }
    }
}

/* Look at one side of a block. `before` are the samples before it; when this returns, those before what comes next. */
static void look_at_side(const float *samples, int64_t n_frames, float before[REACH], const Interpolation *by,
                         Found *found) {
    int64_t n_first = n_frames < REACH ? n_frames : REACH;
    float border[2 * REACH];
    for (int64_t sample = 0; sample < REACH; sample++)
        border[sample] = before[sample];
    for (int64_t sample = 0; sample < n_first; sample++)
        border[REACH + sample] = samples[sample];
    look_at(border, REACH + n_first, by, found);
    for (int64_t start = 0; start + REACH < n_frames; start += STRETCH) {
        int64_t n_heard = n_frames - start < STRETCH + REACH ? n_frames - start : STRETCH + REACH;
        look_at(samples + start, n_heard, by, found);
    }
    const float *end = n_frames < REACH ? border + n_frames : samples + n_frames - REACH;
    for (int64_t sample = 0; sample < REACH; sample++)
        before[sample] = end[sample];
}

/* Look at the next block of a stereo sound, of one frame or more.
 *
 * before   the samples before it, left, then right; silence at first. When this returns, those before what comes next
 */
EXPORTED void calmando_true_peak(const float *left, const float *right, int64_t n_frames, float before[2][REACH],
                                 const Interpolation *by, Found *found) {
    found->n_places = 0.0f;
    look_at_side(left, n_frames, before[0], by, found);
    look_at_side(right, n_frames, before[1], by, found);
}
