/* How a held note falls once its key is let go. */
#ifndef CALMANDO_FALLING_H
#define CALMANDO_FALLING_H

#include "vectors.h"

/* FluidSynth's levels go in straight lines through a block of so many frames. */
#define BLOCK 64

/* A straight line from one border of a block to the next, some frames behind the first. */
INLINE Register between_register(const float borders[2], int frames) {
    return MULTIPLY_ADD(every((borders[1] - borders[0]) / BLOCK), REGISTER_NUMBERS + (float)frames, every(borders[0]));
}

/* The factor of frames in a block: `fallen` over `stood`, 0 where nothing stood. */
INLINE Register falling_register(const float *fallen, const float *stood, int frames) {
    Register above = between_register(fallen, frames), below = between_register(stood, frames);
    return (Register)((RegisterIntegers)(above / below) & (below > 0.0f));
}

/* The same, of as many frames as a vector has lanes. */
INLINE Vector between(const float borders[2], int frames) {
    float line[LANES];
    EACH_REGISTER(lane)
        store_register(line + lane, between_register(borders, frames + lane));
    return load(line);
}

INLINE Vector falling(const float *fallen, const float *stood, int frames) {
    float factors[LANES];
    EACH_REGISTER(lane)
        store_register(factors + lane, falling_register(fallen, stood, frames + lane));
    return load(factors);
}

#endif
