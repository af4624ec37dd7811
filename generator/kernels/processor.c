/* What the processor that this runs on can do. */
#include "vectors.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* The registers that the system keeps for every process: bits of XCR0. */
#define KEPT_256 0x06u
#define KEPT_512 0xe6u

static uint32_t kept_registers(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

/* AVX2, BMI1, BMI2; AVX-512 F, DQ, CD, BW, VL: bits of EBX in leaf 7. */
#define LEVEL_3 (1u << 5 | 1u << 3 | 1u << 8)
#define LEVEL_4 (1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31)
/* FMA, MOVBE, OSXSAVE, AVX, F16C: bits of ECX in leaf 1. */
#define LEVEL_3_BASE (1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29)
/* LZCNT: a bit of ECX in leaf 0x80000001. */
#define LEVEL_3_MORE (1u << 5)

/* The level of x86-64 (2, 3 or 4; System V ABI) whose instructions this processor and its system know. */
EXPORTED int calmando_x86_64_level(void) {
    uint32_t a, b, base, features, more, d;
    if (!__get_cpuid(1, &a, &b, &base, &d) || (base & LEVEL_3_BASE) != LEVEL_3_BASE)
        return 2;
    if (!__get_cpuid_count(7, 0, &a, &features, &b, &d) || (features & LEVEL_3) != LEVEL_3)
        return 2;
    if (!__get_cpuid(0x80000001, &a, &b, &more, &d) || (more & LEVEL_3_MORE) != LEVEL_3_MORE)
        return 2;
    uint32_t kept = kept_registers();
    if ((kept & KEPT_256) != KEPT_256)
        return 2;
    return (features & LEVEL_4) == LEVEL_4 && (kept & KEPT_512) == KEPT_512 ? 4 : 3;
}
#endif

/* The sources that this was compiled from, as build.py knows them. */
EXPORTED const char calmando_sources[] = CALMANDO_SOURCES;
