/* The energy of notes wherever they sound, step by step. */
#include "vectors.h"

/* How much of an energy that is known up to the beginning of every span, and up to the end of the last, has come. */
INLINE double grown_in(const double *grown, int64_t n_spans, double spans) {
    if (!(spans < (double)n_spans))
        return grown[n_spans];
    int64_t whole = (int64_t)spans;
    return grown[whole] + (spans - (double)whole) * (grown[whole + 1] - grown[whole]);
}

/* Add the energies of a note, dry and sent, to the steps in which it sounds, wherever it begins.
 *
 * onsets   where, none of them negative
 * grown    one energy, then the other: each up to the beginning of every span, and up to the end of the last
 * steps    one, then the other, in steps of `step` frames; what would go on after the last is left out
 */
EXPORTED void calmando_add_energies(const int64_t *onsets, int64_t n_onsets, const double *grown, int64_t n_spans,
                                    int64_t span, double power, double *steps, int64_t n_steps, int64_t step) {
    const double *sent_grown = grown + n_spans + 1;
    for (int64_t number = 0; number < n_onsets; number++) {
        int64_t place = onsets[number] / step;
        double dry = grown[0], sent = sent_grown[0], spans = 0.0;
        for (; place < n_steps && spans < (double)n_spans; place++) {
            spans = (double)((place + 1) * step - onsets[number]) / (double)span;
            double dry_now = grown_in(grown, n_spans, spans), sent_now = grown_in(sent_grown, n_spans, spans);
            steps[place] += (dry_now - dry) * power;
            steps[n_steps + place] += (sent_now - sent) * power;
            dry = dry_now;
            sent = sent_now;
        }
    }
}
