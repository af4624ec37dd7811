/* Whole numbers are made of samples. */
#include "denormals.h"

#define FULL_SCALE 32768.0f
/* Added to a number that is small against it, it leaves no room for a fraction: the lower half of the sum's bits is
 * then the number as 16 bits, rounded to the nearest, to even between two. */
#define ROUNDING 12582912.0f

INLINE Bits select(Integers which, Vector these, Vector others) {
    return ((Bits)which & (Bits)these) | (~(Bits)which & (Bits)others);
}

/* Samples in steps of 16 bits, with noise, in the lower halves; NaN passes. */
INLINE Bits rounded(Vector samples, Vector noise) {
    Vector low = all(-FULL_SCALE), high = all(FULL_SCALE - 1.0f), steps = samples * FULL_SCALE + noise;
    steps = (Vector)select(steps < low, low, steps);
    steps = (Vector)select(steps > high, high, steps);
    return (Bits)(steps + ROUNDING);
}

/* Frames, left in the lower half. Where both sides are exactly zero, so is what is stored. */
INLINE Bits quantised(Vector left, Vector right, Vector noise_left, Vector noise_right) {
    Bits frames = (rounded(left, noise_left) & 0xffff) | rounded(right, noise_right) << 16;
    return frames & (Bits)((((Bits)left | (Bits)right) & MAGNITUDE) != 0);
}

INLINE Vector load_every(const float *place, int64_t stride) {
    if (stride == 1)
        return load(place);
    Vector values;
    for (int lane = 0; lane < LANES; lane++)
        values[lane] = place[lane * stride];
    return values;
}

INLINE void quantise(const float *left, const float *right, int64_t stride, int64_t n_frames, const float *noise_left,
                     const float *noise_right, uint32_t *stored) {
    int64_t frame = 0;
    for (; frame + LANES <= n_frames; frame += LANES)
        *(BitsInMemory *)(stored + frame) =
            quantised(load_every(left + frame * stride, stride), load_every(right + frame * stride, stride),
                      load(noise_left + frame), load(noise_right + frame));
    for (; frame < n_frames; frame++)
        stored[frame] = quantised((Vector){left[frame * stride]}, (Vector){right[frame * stride]},
                                  (Vector){noise_left[frame]}, (Vector){noise_right[frame]})[0];
}

/* Frames as whole numbers of 16 bits, left and right in turn, with a noise that hides the steps.
 *
 * left, right   samples, one every `stride` numbers
 * noise         a table for the left side, and behind it one for the right
 * start         where in the table to begin; after its end comes its beginning
 */
EXPORTED void calmando_quantise_16(const float *left, const float *right, int64_t stride, int64_t n_frames,
                                   const float *noise, int64_t table_frames, int64_t start, uint32_t *stored) {
    Mode mode = flush_denormals();
    while (n_frames > 0) {
        int64_t n_here = n_frames < table_frames - start ? n_frames : table_frames - start;
        const float *noise_left = noise + start, *noise_right = noise + table_frames + start;
        if (stride == 1)
            quantise(left, right, 1, n_here, noise_left, noise_right, stored);
        else
            quantise(left, right, stride, n_here, noise_left, noise_right, stored);
        left += n_here * stride;
        right += n_here * stride;
        stored += n_here;
        n_frames -= n_here;
        start = 0;
    }
    restore(mode);
}
