/* What is asked of a note once it has been played: how far it swings, whether both sides are one, where it has died away.
 */
#include "vectors.h"

/* So many products are summed in single precision, before they are added to a sum in double precision. */
#define TOGETHER 1024

/* Describe both sides of a note: `told` becomes its peak, the sums of left and right, those of their squares, and that of
 * left times right. */
EXPORTED void calmando_describe(const float *left, const float *right, int64_t n_frames, double told[6]) {
    Integers peak = {0};
    for (int number = 0; number < 6; number++)
        told[number] = 0.0;
    for (int64_t first = 0; first < n_frames; first += TOGETHER) {
        int64_t stop = first + TOGETHER < n_frames ? first + TOGETHER : n_frames;
        Vector sums[5] = {{0}};
        for (int64_t frame = first; frame < stop; frame += LANES) {
            Vector a = load_some(left + frame, n_frames - frame), b = load_some(right + frame, n_frames - frame);
            peak = larger(peak, larger(magnitudes(a), magnitudes(b)));
            sums[0] += a;
            sums[1] += b;
            sums[2] = MULTIPLY_ADD(a, a, sums[2]);
            sums[3] = MULTIPLY_ADD(b, b, sums[3]);
            sums[4] = MULTIPLY_ADD(a, b, sums[4]);
        }
        for (int number = 0; number < 5; number++)
            told[1 + number] += sum_of(sums[number]);
    }
    told[0] = largest_of(peak);
}

/* The energy of the difference between two rows, each at a level. */
EXPORTED double calmando_difference_energy(const float *one, float its_level, const float *other, float level,
                                           int64_t n_frames) {
    double energy = 0.0;
    for (int64_t first = 0; first < n_frames; first += TOGETHER) {
        int64_t stop = first + TOGETHER < n_frames ? first + TOGETHER : n_frames;
        Vector sum = {0};
        for (int64_t frame = first; frame < stop; frame += LANES) {
            Vector a = load_some(one + frame, n_frames - frame), b = load_some(other + frame, n_frames - frame);
            Vector apart = a * its_level - b * level;
            sum = MULTIPLY_ADD(apart, apart, sum);
        }
        energy += sum_of(sum);
    }
    return energy;
}

/* How many frames there are up to the last one that swings as far as `floor` on either side. */
EXPORTED int64_t calmando_frames_above(const float *left, const float *right, int64_t n_frames, float floor) {
    while (n_frames >= LANES) {
        Vector a = load(left + n_frames - LANES), b = load(right + n_frames - LANES);
        if (largest_of(larger(magnitudes(a), magnitudes(b))) >= floor)
            break;
        n_frames -= LANES;
    }
    while (n_frames > 0) {
        float a = left[n_frames - 1], b = right[n_frames - 1];
        if (a >= floor || -a >= floor || b >= floor || -b >= floor)
            break;
        n_frames--;
    }
    return n_frames;
}

/* How far one side and a share of the other are apart at most. */
EXPORTED float calmando_largest_difference(const float *one, const float *other, float share, int64_t n_frames) {
    Integers apart = {0};
    for (int64_t frame = 0; frame < n_frames; frame += LANES)
        apart = larger(apart, magnitudes(load_some(one + frame, n_frames - frame) -
                                         load_some(other + frame, n_frames - frame) * share));
    return largest_of(apart);
}
