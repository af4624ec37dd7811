/* Samples are packed without loss: the frames of FLAC, after RFC 9639, "Free Lossless Audio Codec" (2024), whose sections
 * are named. Of what it allows: blocks of one length; each side, or the mean of both, and their difference; the fixed
 * predictors; Rice codes in sixteen partitions.
 */
#include "vectors.h"

/* Frames in a block. */
#define BLOCK 4096
#define PARTITION 256
#define LOG_PARTITIONS 4
#define PARTITIONS (1 << LOG_PARTITIONS)
#define HIGHEST_ORDER 4

typedef int32_t IntegersInMemory __attribute__((vector_size(4 * LANES), aligned(4)));
typedef uint64_t Pairs __attribute__((vector_size(8 * LANES / 2), aligned(8 * LANES / 2)));
typedef uint64_t Fours __attribute__((vector_size(8 * LANES / 4), aligned(8 * LANES / 4)));

INLINE Integers load_integers(const int32_t *place) { return *(const IntegersInMemory *)place; }

INLINE Bits load_bits(const uint32_t *place) { return *(const BitsInMemory *)place; }

/* How far from zero, as floats: sums of them never overflow. */
INLINE Vector distances(Integers values) {
    return __builtin_convertvector(__builtin_elementwise_abs(values), Vector);
}

/* ---- Bits, the highest first ---- */

/* `held` begins with the bits that fill no byte yet; what follows them is zero. */
typedef struct {
    uint8_t *place;
    uint64_t held;
    int n_held;
} Writer;

#define MOST_BITS 56

/* Write 1 to MOST_BITS bits; up to eight bytes beyond them become something. */
INLINE void put(Writer *writer, uint64_t code, int n_bits) {
    int n_held = writer->n_held + n_bits;
    uint64_t held = writer->held | code << (64 - n_held), in_order = __builtin_bswap64(held);
    __builtin_memcpy(writer->place, &in_order, sizeof in_order);
    writer->place += n_held >> 3;
    writer->held = held << (n_held & ~7);
    writer->n_held = n_held & 7;
}

static void put_zeros(Writer *writer, int64_t n_bits) {
    for (; n_bits > 0; n_bits -= MOST_BITS)
        put(writer, 0, n_bits < MOST_BITS ? (int)n_bits : MOST_BITS);
}

static void put_sample(Writer *writer, int32_t sample, int n_bits) {
    put(writer, (uint64_t)sample & ((1ull << n_bits) - 1), n_bits);
}

/* ---- Checksums (9.1.8, 9.3) ---- */

static uint32_t crc_8(const uint8_t *place, const uint8_t *end) {
    uint32_t check = 0;
    for (; place < end; place++) {
        check ^= *place;
        for (int bit = 0; bit < 8; bit++)
            check = (check << 1 ^ (check & 0x80 ? 0x07 : 0)) & 0xff;
    }
    return check;
}

/* tables   what a byte makes of the checksum, 256 numbers; then the same of a byte that is followed by another, by two,
 *          and so on to seven
 */
static uint32_t crc_16(const uint8_t *place, const uint8_t *end, const uint16_t *tables) {
    uint32_t check = 0;
    for (; end - place >= 8; place += 8) {
        uint64_t eight;
        __builtin_memcpy(&eight, place, sizeof eight);
        eight ^= check >> 8 | (check & 0xff) << 8;
        check = 0;
        for (int byte = 0; byte < 8; byte++)
            check ^= tables[256 * (7 - byte) + (eight >> 8 * byte & 0xff)];
    }
    for (; place < end; place++)
        check = (check << 8 & 0xff00) ^ tables[check >> 8 ^ *place];
    return check;
}

/* ---- What is left of a sample by those before it ---- */

/* Here and below, a side is the samples of a block; LANES before the first are like it, and LANES after the last. */

/* The residuals of the fixed predictors (9.2.5): the differences between neighbours, the differences of these, and so on. */
INLINE Integers residuals(const int32_t *side, int order) {
    Integers now = load_integers(side);
    if (order == 0)
        return now;
    Integers one = load_integers(side - 1);
    if (order == 1)
        return now - one;
    Integers two = load_integers(side - 2);
    if (order == 2)
        return now - one - one + two;
    Integers three = load_integers(side - 3);
    if (order == 3)
        return now - three - 3 * (one - two);
    return now + load_integers(side - 4) - 4 * (one + three) + 6 * two;
}

/* How much is left by the predictor of every order. */
static void try_orders(const int32_t *side, int64_t n_frames, double left[HIGHEST_ORDER + 1]) {
    Vector sums[HIGHEST_ORDER + 1] = {{0}};
    for (int64_t frame = 0; frame < n_frames; frame += LANES)
        for (int order = 0; order <= HIGHEST_ORDER; order++)
            sums[order] += distances(residuals(side + frame, order));
    for (int order = 0; order <= HIGHEST_ORDER; order++)
        left[order] = sum_of(sums[order]);
}

static int least_of(const double *numbers, int n_numbers) {
    int least = 0;
    for (int number = 1; number < n_numbers; number++)
        if (numbers[number] < numbers[least])
            least = number;
    return least;
}

/* Residuals without their sign: 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4 (9.2.7). Where there are none, 0. */
INLINE void fold_order(const int32_t *side, int order, int64_t n_frames, uint32_t *folded) {
    for (int64_t frame = 0; frame < n_frames; frame += LANES) {
        Integers left = residuals(side + frame, order);
        *(BitsInMemory *)(folded + frame) = (Bits)left << 1 ^ (Bits)(left >> 31);
    }
    for (int frame = 0; frame < order; frame++)
        folded[frame] = 0;
    for (int64_t frame = n_frames; frame % LANES; frame++)
        folded[frame] = 0;
}

static void fold(const int32_t *side, int order, int64_t n_frames, uint32_t *folded) {
    switch (order) {
    case 0: fold_order(side, 0, n_frames, folded); break;
    case 1: fold_order(side, 1, n_frames, folded); break;
    case 2: fold_order(side, 2, n_frames, folded); break;
    case 3: fold_order(side, 3, n_frames, folded); break;
    case 4: fold_order(side, 4, n_frames, folded); break;
    }
}

/* ---- Rice codes (9.2.7) ---- */

/* Of every partition, how many bits of a residual stand as they are; the others are counted out. */
typedef struct {
    int log_partitions;
    int64_t partition;
    int n_low[PARTITIONS];
    double n_bits; /* in all; never less than it takes */
} Coding;

#define MOST_LOW 30
/* One over the logarithm of the golden ratio: with as many low bits as here, and geometrically distributed numbers of this
 * mean and a half, one low bit more saves on average what it costs (A. Kiely, "Selecting the Golomb parameter in Rice
 * coding", IPN Progress Report 42-159, 2004).
 */
#define ONE_MORE_PAYS 2.0781
/* Up to here four bits tell how many, beyond five. */
#define FEW_LOW 14

static Coding best_coding(const uint32_t *folded, int order, int64_t n_frames) {
    Coding coding;
    coding.log_partitions = n_frames == BLOCK ? LOG_PARTITIONS : 0;
    coding.partition = n_frames == BLOCK ? PARTITION : n_frames;
    coding.n_bits = 2 + 4;
    for (int number = 0; number < 1 << coding.log_partitions; number++) {
        const uint32_t *first = folded + number * coding.partition;
        Vector sums = {0};
        for (int64_t frame = 0; frame < coding.partition; frame += LANES)
            sums += __builtin_convertvector(load_bits(first + frame), Vector);
        double sum = sum_of(sums), n_here = (double)(coding.partition - (number ? 0 : order));
        int n_low = 0;
        while (n_low < MOST_LOW && sum > n_here * ((double)(1u << n_low) * ONE_MORE_PAYS - 0.5))
            n_low++;
        coding.n_low[number] = n_low;
        coding.n_bits += 5 + n_here * (n_low + 1) + sum / (double)(1u << n_low);
    }
    return coding;
}

INLINE void put_one(Writer *writer, uint32_t folded, int n_low) {
    put_zeros(writer, folded >> n_low);
    put(writer, 1u << n_low | (folded & ((1u << n_low) - 1)), n_low + 1);
}

/* Sixteen are brought together by two, these by two again, and then written by fours. */
INLINE void put_sixteen(Writer *writer, const uint32_t *folded, int n_low) {
    Bits values = load_bits(folded);
    Pairs codes = (Pairs)((values & ((1u << n_low) - 1)) | 1u << n_low);
    Pairs lengths = (Pairs)((values >> n_low) + (uint32_t)(n_low + 1));
    codes = (codes & 0xffffffff) << (lengths >> 32 & 63) | codes >> 32;
    lengths = (lengths & 0xffffffff) + (lengths >> 32);
    Fours second = __builtin_shufflevector(codes, codes, 1, 3, 5, 7);
    Fours second_lengths = __builtin_shufflevector(lengths, lengths, 1, 3, 5, 7);
    Fours fours = __builtin_shufflevector(codes, codes, 0, 2, 4, 6) << (second_lengths & 63) | second;
    Fours four_lengths = __builtin_shufflevector(lengths, lengths, 0, 2, 4, 6) + second_lengths;
    for (int number = 0; number < LANES / 4; number++)
        if (four_lengths[number] <= MOST_BITS)
            put(writer, fours[number], (int)four_lengths[number]);
        else
            for (int one = 4 * number; one < 4 * number + 4; one++)
                put_one(writer, folded[one], n_low);
}

static void put_residuals(Writer *writer, const uint32_t *folded, int order, const Coding *coding) {
    int n_partitions = 1 << coding->log_partitions, many = 0;
    for (int number = 0; number < n_partitions; number++)
        many |= coding->n_low[number] > FEW_LOW;
    put(writer, many, 2);
    put(writer, coding->log_partitions, 4);
    Writer here = *writer;
    for (int number = 0; number < n_partitions; number++) {
        int n_low = coding->n_low[number];
        int64_t frame = number ? number * coding->partition : order, stop = (number + 1) * coding->partition;
        put(&here, n_low, many ? 5 : 4);
        for (; frame < stop && frame % LANES; frame++)
            put_one(&here, folded[frame], n_low);
        for (; frame + LANES <= stop; frame += LANES)
            put_sixteen(&here, folded + frame, n_low);
        for (; frame < stop; frame++)
            put_one(&here, folded[frame], n_low);
    }
    *writer = here;
}

/* ---- Sides (9.2): all samples alike, foretold, or as they are ---- */

#define CONSTANT 0
#define VERBATIM 1
#define FIXED 8

static void put_side(Writer *writer, const int32_t *side, int64_t n_frames, int n_bits) {
    double left[HIGHEST_ORDER + 1];
    try_orders(side, n_frames, left);
    if (left[1] == 0.0) {
        put(writer, CONSTANT << 1, 8);
        put_sample(writer, side[0], n_bits);
        return;
    }
    if (n_frames > HIGHEST_ORDER) {
        uint32_t folded[BLOCK];
        int order = least_of(left, HIGHEST_ORDER + 1);
        fold(side, order, n_frames, folded);
        Coding coding = best_coding(folded, order, n_frames);
        if (coding.n_bits < (double)((n_frames - order) * n_bits)) {
            put(writer, (FIXED | order) << 1, 8);
            for (int frame = 0; frame < order; frame++)
                put_sample(writer, side[frame], n_bits);
            put_residuals(writer, folded, order, &coding);
            return;
        }
    }
    put(writer, VERBATIM << 1, 8);
    for (int64_t frame = 0; frame < n_frames; frame++)
        put_sample(writer, side[frame], n_bits);
}

/* ---- Both sides (4.2, 9.1.3) ---- */

/* Numbers of 16 bits, left and right in turn, or of 32, of which the upper 24 count. */
static void part_sides(const void *frames, int n_bits, int64_t n_frames, int32_t *left, int32_t *right) {
    const int32_t *numbers = frames;
    if (n_bits == 16)
        for (int64_t frame = 0; frame < n_frames; frame++) {
            left[frame] = (int32_t)((uint32_t)numbers[frame] << 16) >> 16;
            right[frame] = numbers[frame] >> 16;
        }
    else
        for (int64_t frame = 0; frame < n_frames; frame++) {
            left[frame] = numbers[2 * frame] >> 8;
            right[frame] = numbers[2 * frame + 1] >> 8;
        }
    for (int lane = 0; lane < LANES; lane++) {
        left[lane - LANES] = left[0];
        right[lane - LANES] = right[0];
        left[n_frames + lane] = left[n_frames - 1];
        right[n_frames + lane] = right[n_frames - 1];
    }
}

/* What the two sides told are: as the format numbers it. */
enum { LEFT_RIGHT = 1, LEFT_DIFFERENCE = 8, DIFFERENCE_RIGHT = 9, MEAN_DIFFERENCE = 10 };

/* Of independent sides all pairs leave about the same, but a difference is one bit longer where it stands as it is. */
#define LEFT_RIGHT_FAVOUR 0.94

/* The pair that leaves least to tell, if each is foretold from its last two samples. */
static int best_pair(const int32_t *left, const int32_t *right, int64_t n_frames) {
    static const int pairs[] = {LEFT_RIGHT, LEFT_DIFFERENCE, DIFFERENCE_RIGHT, MEAN_DIFFERENCE};
    Vector of_left = {0}, of_right = {0}, of_mean = {0}, of_difference = {0};
    for (int64_t frame = 0; frame < n_frames; frame += LANES) {
        Integers one = residuals(left + frame, 2), other = residuals(right + frame, 2);
        of_left += distances(one);
        of_right += distances(other);
        of_mean += distances((one + other) >> 1);
        of_difference += distances(one - other);
    }
    /* Twice as much is one more bit a sample: to compare sums of bits, compare products. */
    double first = 1.0 + sum_of(of_left), second = 1.0 + sum_of(of_right);
    double mean = 1.0 + sum_of(of_mean), difference = 1.0 + sum_of(of_difference);
    double left_to_tell[] = {LEFT_RIGHT_FAVOUR * first * second, first * difference, difference * second, mean * difference};
    return pairs[least_of(left_to_tell, 4)];
}

/* Put the pair in the place of left and right. */
INLINE void pair_up_as(int pair, int32_t *left, int32_t *right, int64_t n_frames) {
    for (int64_t frame = -LANES; frame < n_frames + LANES; frame++) {
        int32_t sum = left[frame] + right[frame], difference = left[frame] - right[frame];
        if (pair == MEAN_DIFFERENCE)
            left[frame] = sum >> 1;
        if (pair == DIFFERENCE_RIGHT)
            left[frame] = difference;
        else
            right[frame] = difference;
    }
}

static void pair_up(int pair, int32_t *left, int32_t *right, int64_t n_frames) {
    switch (pair) {
    case LEFT_DIFFERENCE: pair_up_as(LEFT_DIFFERENCE, left, right, n_frames); break;
    case DIFFERENCE_RIGHT: pair_up_as(DIFFERENCE_RIGHT, left, right, n_frames); break;
    case MEAN_DIFFERENCE: pair_up_as(MEAN_DIFFERENCE, left, right, n_frames); break;
    }
}

/* ---- Frames (9) ---- */

/* As UTF-8 would (9.1.5), up to 36 bits. */
static void put_number(Writer *writer, uint64_t number) {
    int n_more = 0;
    if (number >= 0x80)
        for (n_more = 1; number >> (5 * n_more + 6);)
            n_more++;
    put(writer, (n_more ? 0xff80 >> n_more & 0xff : 0) | number >> 6 * n_more, 8);
    while (n_more-- > 0)
        put(writer, 0x80 | (number >> 6 * n_more & 0x3f), 8);
}

static void put_header(Writer *writer, int pair, int n_bits, int64_t n_frames, uint64_t number, int rate_code) {
    const uint8_t *begin = writer->place;
    put(writer, 0xfff8, 16);
    put(writer, n_frames == BLOCK ? 12 : 7, 4);
    put(writer, rate_code, 4);
    put(writer, pair, 4);
    put(writer, (n_bits == 16 ? 4 : 6) << 1, 4);
    put_number(writer, number);
    if (n_frames != BLOCK)
        put(writer, n_frames - 1, 16);
    put(writer, crc_8(begin, writer->place), 8);
}

static uint8_t *pack_frame(const void *frames, int n_bits, int64_t n_frames, uint64_t number, int rate_code,
                           const uint16_t *crc_tables, uint8_t *packed) {
    int32_t room[2][LANES + BLOCK + LANES];
    int32_t *left = room[0] + LANES, *right = room[1] + LANES;
    part_sides(frames, n_bits, n_frames, left, right);
    int pair = best_pair(left, right, n_frames);
    if (pair != LEFT_RIGHT)
        pair_up(pair, left, right, n_frames);
    Writer writer = {packed, 0, 0};
    put_header(&writer, pair, n_bits, n_frames, number, rate_code);
    /* A difference may be twice as large. */
    put_side(&writer, left, n_frames, n_bits + (pair == DIFFERENCE_RIGHT));
    put_side(&writer, right, n_frames, n_bits + (pair == LEFT_DIFFERENCE || pair == MEAN_DIFFERENCE));
    if (writer.n_held)
        put(&writer, 0, 8 - writer.n_held);
    put(&writer, crc_16(packed, writer.place, crc_tables), 16);
    return writer.place;
}

/* Pack samples into frames of BLOCK of them, of which the last may be shorter; returns how many bytes they take.
 *
 * samples      left and right in turn: numbers of 16 bits, or of 32 whose upper 24 count
 * number       of the first frame
 * rate_code    what stands for the sample rate (9.1.2)
 * crc_tables   see crc_16
 * packed       room for 7 bytes a sample of both sides, and 64 a frame
 * n_packed     becomes the bytes of every frame
 */
EXPORTED int64_t calmando_pack_flac(const void *samples, int64_t n_bits, int64_t n_samples, int64_t number,
                                    int64_t rate_code, const uint16_t *crc_tables, uint8_t *packed, int64_t *n_packed) {
    const char *next = samples;
    uint8_t *place = packed;
    while (n_samples > 0) {
        int64_t n_here = n_samples < BLOCK ? n_samples : BLOCK;
        uint8_t *end = pack_frame(next, (int)n_bits, n_here, (uint64_t)number++, (int)rate_code, crc_tables, place);
        *n_packed++ = end - place;
        place = end;
        next += n_here * (n_bits == 16 ? 4 : 8);
        n_samples -= n_here;
    }
    return place - packed;
}
