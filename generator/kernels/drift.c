/* What is slow in a note: found in means of stretches, drawn as straight lines. */
#include "vectors.h"

#define STRETCH 256

/* The means of a row's stretches; the last goes on in silence. */
EXPORTED void calmando_means(const float *row, int64_t n_frames, double *means) {
    for (int64_t first = 0; first < n_frames; first += STRETCH) {
        int64_t n_here = n_frames - first < STRETCH ? n_frames - first : STRETCH;
        Vector sum = {0};
        for (int64_t frame = first; frame < first + n_here; frame += LANES)
            sum += load_some(row + frame, n_frames - frame);
        *means++ = sum_of(sum) / STRETCH;
    }
}

/* A row and a share of the lines that go from one corner of a stretch to the next. */
EXPORTED void calmando_add_lines(const float *row, float *sum, int64_t n_frames, const float *corners, float share) {
    for (int64_t first = 0; first < n_frames; first += STRETCH, corners++) {
        Vector begins = all(share * corners[0]), rises = all(share * (corners[1] - corners[0]) / STRETCH);
        for (int64_t frame = first; frame < first + STRETCH && frame < n_frames; frame += LANES) {
            Vector line = MULTIPLY_ADD(rises, LANE_NUMBERS + (float)(frame - first), begins);
            store_some(sum + frame, load_some(row + frame, n_frames - frame) + line, n_frames - frame);
        }
    }
}
