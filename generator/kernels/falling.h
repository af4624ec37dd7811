/* How a held note falls once its key is let go. */
#ifndef CALMANDO_FALLING_H
#define CALMANDO_FALLING_H

#include "vectors.h"

/* FluidSynth's levels go in straight lines through a block of so many frames. */
#define BLOCK 64

/* A straight line from one border of a block to the next, some frames behind the first. */
INLINE Vector between(const float borders[2], int64_t frames) {
    return MULTIPLY_ADD(all((borders[1] - borders[0]) / BLOCK), LANE_NUMBERS + (float)frames, all(borders[0]));
}

/* The factor of frames in a block: `fallen` over `stood`, 0 where nothing stood. */
INLINE Vector falling(const float *fallen, const float *stood, int64_t frames) {
    Vector above = between(fallen, frames), below = between(stood, frames);
    return (Vector)((Integers)(above / below) & (below > 0.0f));
}

/* The same, of fewer frames at a time. */
INLINE Register between_register(const float borders[2], int frames) {
    return MULTIPLY_ADD(every((borders[1] - borders[0]) / BLOCK), REGISTER_NUMBERS + (float)frames, every(borders[0]));
}

INLINE Register falling_register(const float *fallen, const float *stood, int frames) {
    Register above = between_register(fallen, frames), below = between_register(stood, frames);
    return (Register)((RegisterIntegers)(above / below) & (below > 0.0f));
}

#endif
