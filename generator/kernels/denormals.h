/* Numbers below 1e-38, which a filter passes through on its way into silence, and which make it a hundred times slower.
 *
 * They are 700 dB below full scale: between `flush_denormals` and `restore` they count as zero.
 */
#ifndef CALMANDO_DENORMALS_H
#define CALMANDO_DENORMALS_H

#include "vectors.h"

/* Each reads and writes "memory", so that no work on what lies there is moved past it. */
#if defined(__x86_64__)
typedef uint32_t Mode;
/* Flush to zero, and denormals are zeros: bits 15 and 6 of MXCSR. */
#define FLUSHING ((Mode)0x8040)
INLINE Mode current_mode(void) {
    Mode mode;
    __asm__ volatile("stmxcsr %0" : "=m"(mode) : : "memory");
    return mode;
}
INLINE void restore(Mode mode) { __asm__ volatile("ldmxcsr %0" : : "m"(mode) : "memory"); }
#elif defined(__aarch64__)
typedef uint64_t Mode;
/* Flush to zero: bit 24 of FPCR. */
#define FLUSHING ((Mode)1 << 24)
INLINE Mode current_mode(void) {
    Mode mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode) : : "memory");
    return mode;
}
INLINE void restore(Mode mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory"); }
#endif

/* The mode that was set before: `restore` takes it. */
INLINE Mode flush_denormals(void) {
    Mode before = current_mode();
    restore(before | FLUSHING);
    return before;
}

#endif
