/* The mix of a region: notes added in where they begin, parts set at their levels, summed to left, right and a send.
 *
 * It is made a short stretch at a time, so that nothing but the notes and what comes of them goes through memory. Notes
 * that sound through a whole stretch are summed without leaving the processor's registers.
 */
#include "falling.h"

#define STRETCH 2048
/* So many frames before they are wanted they are asked for from memory. */
#define AHEAD 1024
/* Levels that move are straight lines from one of these to the next. */
#define GRID BLOCK
/* So many registers of either side are summed at once: on every processor there is room for them. */
#define TOGETHER 4
/* So many notes of a part are summed in registers at most. */
#define MOST_WHOLE 64

/* A row or two of sound, and where in the region (negative: before it) its first frame lies: on the grid, as regions do. */
typedef struct {
    int64_t place;
    const float *left, *right; /* the same where one row is both */
    int64_t n_frames;
    float left_level, right_level;
    /* At the borders of its blocks, where it falls: its frames are those times `fallen` over `stood`; else NULL. */
    const float *fallen, *stood;
} Piece;

/* A factor that moves in straight lines between corners, which lie on the grid of frames of the piece; before the first
 * and after the last it stands still. */
typedef struct {
    const double *frames, *gains;
    int64_t n_corners; /* one or more */
} Line;

typedef struct {
    Line level, second_level, send;
    int64_t first_piece, n_pieces;
} Part;

typedef struct {
    float left[STRETCH], right[STRETCH];
} Sides __attribute__((aligned(4 * LANES)));

/* What sounds of a part in a stretch. */
typedef struct {
    Piece whole[MOST_WHOLE]; /* what of a piece sounds from the beginning of the stretch on, where it does throughout */
    int n_whole;
    int has_rest;
    Sides rest; /* the sum of the others, where there are any */
} Sounding;

static void clear(float *frames, int n_frames) {
    for (int i = 0; i < n_frames; i += LANES)
        store(frames + i, (Vector){0});
}

static void add(float *restrict sum, const float *restrict frames, float level, int64_t n_frames) {
    for (int64_t i = 0; i < n_frames; i++)
        sum[i] += frames[i] * level;
}

static void add_falling(float *sum, const float *frames, float level, const Piece *piece, int64_t n_frames) {
    for (int64_t i = 0; i < n_frames; i += LANES) {
        Vector factor = falling(piece->fallen + i / BLOCK, piece->stood + i / BLOCK, i % BLOCK);
        Vector fallen = load_some(frames + i, n_frames - i) * factor;
        store_some(sum + i, load(sum + i) + fallen * level, n_frames - i);
    }
}

/* What of a piece sounds from a frame of the region on. */
INLINE Piece from_frame(const Piece *piece, int64_t frame) {
    int64_t passed = frame - piece->place;
    Piece rest = *piece;
    rest.place = frame;
    rest.left += passed;
    rest.right += passed;
    rest.n_frames -= passed;
    if (piece->fallen != NULL) {
        rest.fallen += passed / BLOCK;
        rest.stood += passed / BLOCK;
    }
    return rest;
}

static void listen(Sounding *sounding, const Piece *pieces, int64_t n_pieces, int64_t first, int64_t stop) {
    sounding->n_whole = sounding->has_rest = 0;
    for (const Piece *piece = pieces; piece < pieces + n_pieces; piece++) {
        int64_t begin = piece->place > first ? piece->place : first;
        int64_t end = piece->place + piece->n_frames < stop ? piece->place + piece->n_frames : stop;
        if (begin >= end)
            continue;
        Piece heard = from_frame(piece, begin);
        if (end - begin == STRETCH && sounding->n_whole < MOST_WHOLE) {
            sounding->whole[sounding->n_whole++] = heard;
            continue;
        }
        if (!sounding->has_rest) {
            clear(sounding->rest.left, STRETCH);
            clear(sounding->rest.right, STRETCH);
            sounding->has_rest = 1;
        }
        float *left = sounding->rest.left + (begin - first), *right = sounding->rest.right + (begin - first);
        if (heard.fallen == NULL) {
            add(left, heard.left, heard.left_level, end - begin);
            add(right, heard.right, heard.right_level, end - begin);
        } else {
            add_falling(left, heard.left, heard.left_level, &heard, end - begin);
            add_falling(right, heard.right, heard.right_level, &heard, end - begin);
        }
    }
}

/* How many corners of a line lie at a frame or before. */
static int64_t corners_until(const Line *line, double frame) {
    int64_t low = 0, high = line->n_corners;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (line->frames[middle] <= frame)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A line where somebody walks along it, from one frame on the grid to the next. */
typedef struct {
    const Line *line;
    int64_t passed; /* corners */
    double slope;   /* from the last one passed to the next */
    double gain;    /* where he stands */
} Walk;

/* Find the slope between the corners where he is; before the first and after the last there is none. */
INLINE void turn_at(Walk *walk) {
    const double *frames = walk->line->frames, *gains = walk->line->gains;
    int64_t next = walk->passed;
    walk->slope = next == 0 || next == walk->line->n_corners
                      ? 0.0
                      : (gains[next] - gains[next - 1]) / (frames[next] - frames[next - 1]);
}

INLINE double gain_at(const Walk *walk, double frame) {
    int64_t corner = walk->passed > 0 ? walk->passed - 1 : 0;
    return walk->slope * (frame - walk->line->frames[corner]) + walk->line->gains[corner];
}

static Walk walk_from(const Line *line, double frame) {
    Walk walk = {line, corners_until(line, frame), 0.0, 0.0};
    turn_at(&walk);
    walk.gain = gain_at(&walk, frame);
    return walk;
}

/* A line from a frame on the grid to the next. */
typedef struct {
    float from, rise;
} Stroke;

/* Go on to the next frame on the grid. */
INLINE Stroke walk_to(Walk *walk, double frame) {
    double from = walk->gain;
    if (walk->line->n_corners == 1)
        return (Stroke){(float)from, 0.0f};
    int64_t passed = walk->passed;
    while (walk->passed < walk->line->n_corners && walk->line->frames[walk->passed] <= frame)
        walk->passed++;
    if (walk->passed != passed)
        turn_at(walk);
    walk->gain = gain_at(walk, frame);
    return (Stroke){(float)from, (float)((walk->gain - from) / GRID)};
}

/* Its points some frames behind its first. */
INLINE Register along(Stroke stroke, int frame) {
    return MULTIPLY_ADD(every(stroke.rise), REGISTER_NUMBERS + (float)frame, every(stroke.from));
}

/* Add a part to a stretch; the piece's frame where it begins is `frame`. Where it is the first, nothing stands there yet. */
INLINE void add_part(int is_first, float *left_sum, float *right_sum, float *sent, const Part *part,
                     const Sounding *sounding, int n_frames, double frame) {
    Walk level = walk_from(&part->level, frame), second_level = walk_from(&part->second_level, frame);
    Walk send = walk_from(&part->send, frame);
    for (int at = 0; at < n_frames; at += GRID) {
        double next = frame + at + GRID;
        Stroke levels = walk_to(&level, next), second_levels = walk_to(&second_level, next);
        Stroke sends = walk_to(&send, next);
        for (int some = at; some < at + GRID; some += TOGETHER * REGISTER_LANES) {
            Register left[TOGETHER], right[TOGETHER];
            for (int v = 0; v < TOGETHER; v++) {
                int place = some + REGISTER_LANES * v;
                left[v] = sounding->has_rest ? load_register(sounding->rest.left + place) : (Register){0};
                right[v] = sounding->has_rest ? load_register(sounding->rest.right + place) : (Register){0};
            }
            for (const Piece *piece = sounding->whole; piece < sounding->whole + sounding->n_whole; piece++) {
                for (int line = 0; line < TOGETHER * REGISTER_LANES; line += LANES) {
                    __builtin_prefetch(piece->left + some + line + AHEAD);
                    if (piece->left != piece->right)
                        __builtin_prefetch(piece->right + some + line + AHEAD);
                }
                Register to_left = every(piece->left_level), to_right = every(piece->right_level);
                if (piece->left == piece->right && piece->fallen == NULL) {
                    for (int v = 0; v < TOGETHER; v++) {
                        Register heard = load_register(piece->left + some + REGISTER_LANES * v);
                        left[v] = MULTIPLY_ADD(heard, to_left, left[v]);
                        right[v] = MULTIPLY_ADD(heard, to_right, right[v]);
                    }
                    continue;
                }
                for (int v = 0; v < TOGETHER; v++) {
                    int place = some + REGISTER_LANES * v;
                    Register of_left = load_register(piece->left + place);
                    Register of_right = load_register(piece->right + place);
                    if (piece->fallen != NULL) {
                        int block = at / BLOCK;
                        Register factor = falling_register(piece->fallen + block, piece->stood + block, place - at);
                        of_left *= factor;
                        of_right *= factor;
                    }
                    left[v] = MULTIPLY_ADD(of_left, to_left, left[v]);
                    right[v] = MULTIPLY_ADD(of_right, to_right, right[v]);
                }
            }
            for (int v = 0; v < TOGETHER; v++) {
                int place = some + REGISTER_LANES * v;
                Register one = along(levels, place - at), other = along(second_levels, place - at);
                left[v] = left[v] * one * other;
                right[v] = right[v] * one * other;
                float *to_left = left_sum + place, *to_right = right_sum + place, *to_room = sent + place;
                store_register(to_left, is_first ? left[v] : load_register(to_left) + left[v]);
                store_register(to_right, is_first ? right[v] : load_register(to_right) + right[v]);
                Register sent_before = is_first ? (Register){0} : load_register(to_room);
                store_register(to_room, MULTIPLY_ADD(left[v] + right[v], along(sends, place - at), sent_before));
            }
        }
    }
}

static void copy(float *restrict to, const float *restrict from, int64_t n_frames) {
    for (int64_t i = 0; i < n_frames; i++)
        to[i] = from[i];
}

/* Mix a region.
 *
 * start         the frame of the piece where it begins, on the grid
 * left, right   n_frames each, are written
 * sent          is written too, or NULL where nothing is sent
 */
EXPORTED void calmando_mix(const Part *parts, int64_t n_parts, const Piece *pieces, int64_t start, int64_t n_frames,
                           float *left, float *right, float *sent) {
    Sides both;
    Sounding sounding;
    float to_room[STRETCH];
    for (int64_t first = 0; first < n_frames; first += STRETCH) {
        int64_t stop = first + STRETCH < n_frames ? first + STRETCH : n_frames;
        /* What may reach beyond the end is made beside it. */
        int is_whole = stop - first == STRETCH;
        float *left_sum = is_whole ? left + first : both.left, *right_sum = is_whole ? right + first : both.right;
        float *sent_sum = is_whole && sent != NULL ? sent + first : to_room;
        int is_first = 1;
        for (const Part *part = parts; part < parts + n_parts; part++) {
            listen(&sounding, pieces + part->first_piece, part->n_pieces, first, stop);
            if (!sounding.n_whole && !sounding.has_rest)
                continue;
            if (is_first)
                add_part(1, left_sum, right_sum, sent_sum, part, &sounding, (int)(stop - first), (double)(start + first));
            else
                add_part(0, left_sum, right_sum, sent_sum, part, &sounding, (int)(stop - first), (double)(start + first));
            is_first = 0;
        }
        if (is_first) {
            clear(left_sum, STRETCH);
            clear(right_sum, STRETCH);
            clear(sent_sum, STRETCH);
        }
        if (is_whole)
            continue;
        copy(left + first, both.left, stop - first);
        copy(right + first, both.right, stop - first);
        if (sent != NULL)
            copy(sent + first, to_room, stop - first);
    }
}
