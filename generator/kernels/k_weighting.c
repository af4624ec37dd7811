/* The energy of a sound under a filter with four states, step by step.
 *
 * A filter with feedback has to wait for itself. So eight steps of both channels, sixteen lanes, go through it side
 * by side, twice: first it is found what each step adds to the states, then these follow one another from step to
 * step, and with the right ones before it each step is filtered. What a step gives depends on its samples and on the
 * states before it, and on nothing else: not on its lane, nor on who is beside it.
 */
#include "denormals.h"

#define N_STATES 4
#define N_STEPS (LANES / 2)
/* So many squares are summed in single precision, before they are added to a sum in double precision. */
#define N_SQUARES 64

/* state' = state · move + x · take; answer = state · give + x · pass_on. The first two states do not hear the others. */
typedef struct {
    double move[N_STATES][N_STATES], take[N_STATES], give[N_STATES], pass_on;
    double over_step[N_STATES][N_STATES];    /* move, as often as a step has frames */
} Filter;

/* Sixteen frames of every lane, the lanes beside one another. */
INLINE void load_tile(const float *const lanes[LANES], int64_t frame, float *samples) {
    EACH_REGISTER(lane)
        EACH_REGISTER(column) {
            Register rows[REGISTER_LANES];
            for (int row = 0; row < REGISTER_LANES; row++)
                rows[row] = load_register(lanes[lane + row] + frame + column);
            transpose(rows);
            for (int row = 0; row < REGISTER_LANES; row++)
                store_register(samples + LANES * (frame + column + row) + lane, rows[row]);
        }
}

INLINE void add_gathered(Vector gathered[N_STATES], const float *samples, const float *gather, int64_t n_frames) {
    for (int64_t frame = 0; frame < n_frames; frame++)
        for (int state = 0; state < N_STATES; state++)
            gathered[state] = MULTIPLY_ADD(load(samples + LANES * frame), all(gather[N_STATES * frame + state]), gathered[state]);
}

/* Put the samples of a step of every lane beside one another, and find what they add to the states. */
static void load_step(const float *const lanes[LANES], int64_t step_frames, const float *gather, float *samples,
                      float added[N_STATES][LANES]) {
    Vector gathered[N_STATES] = {{0}};
    int64_t frame = 0;
    for (; frame + LANES <= step_frames; frame += LANES) {
        load_tile(lanes, frame, samples);
        add_gathered(gathered, samples + LANES * frame, gather + N_STATES * frame, LANES);
    }
    for (int64_t last = frame; last < step_frames; last++)
        for (int lane = 0; lane < LANES; lane++)
            samples[LANES * last + lane] = lanes[lane][last];
    add_gathered(gathered, samples + LANES * frame, gather + N_STATES * frame, step_frames - frame);
    for (int state = 0; state < N_STATES; state++)
        store(added[state], gathered[state]);
}

/* The states after a step. */
INLINE void follow(double state[N_STATES], const Filter *filter, float added[N_STATES][LANES], int lane) {
    double after[N_STATES];
    for (int to = 0; to < N_STATES; to++) {
        after[to] = added[to][lane];
        for (int from = 0; from < N_STATES; from++)
            after[to] += state[from] * filter->over_step[from][to];
    }
    for (int to = 0; to < N_STATES; to++)
        state[to] = after[to];
}

/* Filter a step of every lane, and sum the squares of the answers.
 *
 * What a state hears of itself, and of the one it turns with, comes last: the next frame waits for two operations.
 */
static void filter_step(const float *samples, int64_t step_frames, const Filter *filter, float before[N_STATES][LANES],
                        double energies[LANES]) {
    Vector move[N_STATES][N_STATES], take[N_STATES], give[N_STATES], pass_on = all((float)filter->pass_on);
    for (int from = 0; from < N_STATES; from++) {
        take[from] = all((float)filter->take[from]);
        give[from] = all((float)filter->give[from]);
        for (int to = 0; to < N_STATES; to++)
            move[from][to] = all((float)filter->move[from][to]);
    }
    Vector a = load(before[0]), b = load(before[1]), c = load(before[2]), d = load(before[3]);
    for (int lane = 0; lane < LANES; lane++)
        energies[lane] = 0.0;
    for (int64_t frame = 0; frame < step_frames;) {
        int64_t end = frame + N_SQUARES < step_frames ? frame + N_SQUARES : step_frames;
        Vector squares = {0};
        for (; frame < end; frame++) {
            Vector x = load(samples + LANES * frame), answer = x * pass_on;
            answer = MULTIPLY_ADD(a, give[0], answer);
            answer = MULTIPLY_ADD(b, give[1], answer);
            answer = MULTIPLY_ADD(c, give[2], answer);
            answer = MULTIPLY_ADD(d, give[3], answer);
            squares = MULTIPLY_ADD(answer, answer, squares);
            Vector to_c = MULTIPLY_ADD(a, move[0][2], MULTIPLY_ADD(b, move[1][2], x * take[2]));
            Vector to_d = MULTIPLY_ADD(a, move[0][3], MULTIPLY_ADD(b, move[1][3], x * take[3]));
            Vector next_a = MULTIPLY_ADD(a, move[0][0], MULTIPLY_ADD(b, move[1][0], x * take[0]));
            Vector next_c = MULTIPLY_ADD(c, move[2][2], MULTIPLY_ADD(d, move[3][2], to_c));
            b = MULTIPLY_ADD(b, move[1][1], MULTIPLY_ADD(a, move[0][1], x * take[1]));
            d = MULTIPLY_ADD(d, move[3][3], MULTIPLY_ADD(c, move[2][3], to_d));
            a = next_a;
            c = next_c;
        }
        for (int lane = 0; lane < LANES; lane++)
            energies[lane] += squares[lane];
    }
}

/* The energy of every step of a stereo sound, both channels together.
 *
 * begun         the first step where it lies by itself, left, then right; NULL where it does not
 * left, right   the other steps
 * gather        what a sample adds to the four states by the end of its step, for each of its frames
 * state         of both channels, before the first step; after the last when this returns
 * samples       room for step_frames vectors
 */
EXPORTED void calmando_k_weighted_energy(const float *begun, const float *left, const float *right, int64_t n_steps,
                                         int64_t step_frames, const Filter *filter, const float *gather,
                                         double state[2][N_STATES], float *samples, double *energies) {
    Mode mode = flush_denormals();
    int n_begun = begun != NULL;
    for (int64_t first = 0; first < n_steps; first += N_STEPS) {
        int n_here = n_steps - first < N_STEPS ? (int)(n_steps - first) : N_STEPS;
        const float *lanes[LANES];
        float added[N_STATES][LANES], before[N_STATES][LANES] = {{0}};
        double by_lane[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            /* Lanes without a step repeat the last one, and nobody reads what they give. */
            int64_t step = first + (lane % N_STEPS < n_here ? lane % N_STEPS : n_here - 1);
            int is_right = lane >= N_STEPS;
            lanes[lane] = step < n_begun ? begun + is_right * step_frames
                                         : (is_right ? right : left) + (step - n_begun) * step_frames;
        }
        load_step(lanes, step_frames, gather, samples, added);
        for (int channel = 0; channel < 2; channel++)
            for (int lane = channel * N_STEPS; lane < channel * N_STEPS + n_here; lane++) {
                for (int number = 0; number < N_STATES; number++)
                    before[number][lane] = (float)state[channel][number];
                follow(state[channel], filter, added, lane);
            }
        filter_step(samples, step_frames, filter, before, by_lane);
        for (int step = 0; step < n_here; step++)
            energies[first + step] = by_lane[step] + by_lane[N_STEPS + step];
    }
    restore(mode);
}
