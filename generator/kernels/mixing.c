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
#define VECTORS (GRID / LANES)
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

/* A line where somebody walks along it. */
typedef struct {
    const Line *line;
    int64_t passed; /* corners */
} Walk;

static Walk walk_from(const Line *line, double frame) { return (Walk){line, corners_until(line, frame)}; }

static double gain_at(Walk *walk, double frame) {
    const double *frames = walk->line->frames, *gains = walk->line->gains;
    while (walk->passed < walk->line->n_corners && frames[walk->passed] <= frame)
        walk->passed++;
    int64_t next = walk->passed;
    if (next == 0 || next == walk->line->n_corners)
        return gains[next == 0 ? 0 : next - 1];
    double slope = (gains[next] - gains[next - 1]) / (frames[next] - frames[next - 1]);
    return slope * (frame - frames[next - 1]) + gains[next - 1];
}

/* The points of a line from a frame on the grid to the next. */
INLINE void draw(Vector points[VECTORS], Walk *walk, double frame) {
    if (walk->line->n_corners == 1) {
        for (int v = 0; v < VECTORS; v++)
            points[v] = all((float)walk->line->gains[0]);
        return;
    }
    double from = gain_at(walk, frame), to = gain_at(walk, frame + GRID);
    Vector rise = all((float)((to - from) / GRID));
    for (int v = 0; v < VECTORS; v++)
        points[v] = MULTIPLY_ADD(rise, LANE_NUMBERS + (float)(LANES * v), all((float)from));
}

/* Add a part to a stretch; the piece's frame where it begins is `frame`. Where it is the first, nothing stands there yet. */
INLINE void add_part(int is_first, float *left_sum, float *right_sum, float *sent, const Part *part,
                     const Sounding *sounding, int n_frames, double frame) {
    Walk level = walk_from(&part->level, frame), second_level = walk_from(&part->second_level, frame);
    Walk send = walk_from(&part->send, frame);
    for (int at = 0; at < n_frames; at += GRID) {
        Vector left[VECTORS], right[VECTORS], points[VECTORS];
        for (int v = 0; v < VECTORS; v++) {
            left[v] = sounding->has_rest ? load(sounding->rest.left + at + LANES * v) : (Vector){0};
            right[v] = sounding->has_rest ? load(sounding->rest.right + at + LANES * v) : (Vector){0};
        }
        for (const Piece *piece = sounding->whole; piece < sounding->whole + sounding->n_whole; piece++)
            for (int v = 0; v < VECTORS; v++) {
                __builtin_prefetch(piece->left + at + LANES * v + AHEAD);
                if (piece->left != piece->right)
                    __builtin_prefetch(piece->right + at + LANES * v + AHEAD);
                Vector of_left = load(piece->left + at + LANES * v);
                Vector of_right = piece->left == piece->right ? of_left : load(piece->right + at + LANES * v);
                if (piece->fallen != NULL) {
                    Vector factor = falling(piece->fallen + at / BLOCK, piece->stood + at / BLOCK, LANES * v);
                    of_left *= factor;
                    of_right *= factor;
                }
                left[v] = MULTIPLY_ADD(of_left, all(piece->left_level), left[v]);
                right[v] = MULTIPLY_ADD(of_right, all(piece->right_level), right[v]);
            }
        for (int second = 0; second < 2; second++) {
            draw(points, second ? &second_level : &level, frame + at);
            for (int v = 0; v < VECTORS; v++) {
                left[v] *= points[v];
                right[v] *= points[v];
            }
        }
        draw(points, &send, frame + at);
        for (int v = 0; v < VECTORS; v++) {
            float *to_left = left_sum + at + LANES * v, *to_right = right_sum + at + LANES * v;
            float *to_room = sent + at + LANES * v;
            store(to_left, is_first ? left[v] : load(to_left) + left[v]);
            store(to_right, is_first ? right[v] : load(to_right) + right[v]);
            store(to_room, MULTIPLY_ADD(left[v] + right[v], points[v], is_first ? (Vector){0} : load(to_room)));
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
