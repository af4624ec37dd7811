"""Prints what the presets' own audits leave open, for the table in docs/audit.md; some minutes of work.

python tests/audit/preset_warnings.py          eighteen presets, seeds 1–3, 5, 4 and 4½ minutes, as they sound
python tests/audit/preset_warnings.py written  twelve seeds, four minutes and their own length, from the score alone
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator

from calmando.audit import Audit, Verdict, audit_audio, audit_score
from calmando.preset.load import found_presets
from calmando.preset.recipe import make_recipe
from calmando.rendering import SoundOptions, compose
from calmando.streaming import stream_score

LENGTHS = {1: 5.0, 2: 4.0, 3: 4.5}
PRESETS = [found.name for found in found_presets() if not found.own]


def heard() -> Iterator[tuple[str, int, Audit]]:
    """The presets as they sound."""
    options = SoundOptions()
    for seed, minutes in LENGTHS.items():
        for name in PRESETS:
            recipe = make_recipe(name, seed=seed, minutes=minutes)
            score = compose(recipe)
            blocks = stream_score(score, options)
            yield name, seed, audit_audio(blocks, options.sample_rate, recipe.adapted, score=score)


def written() -> Iterator[tuple[str, int, Audit]]:
    """The presets as they are written."""
    for seed in range(1, 13):
        for name in PRESETS:
            for minutes in (4.0, None):
                recipe = make_recipe(name, seed=seed, minutes=minutes)
                yield name, seed, audit_score(compose(recipe), recipe.adapted)


def main() -> None:
    """Gather the open points by measure and print them."""
    found: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    n_pieces = 0
    for name, _, audit in written() if "written" in sys.argv else heard():
        n_pieces += 1
        for finding in (*audit.of(Verdict.FAIL), *audit.of(Verdict.WARN)):
            if finding.value is not None:
                found[finding.verdict.value, finding.key][name].append(finding.value)
    sys.stdout.write(f"{n_pieces} pieces\n")
    for (verdict, key), places in sorted(found.items()):
        told = "; ".join(
            f"{name} ×{len(values)} ({min(values):.4g} to {max(values):.4g})"
            for name, values in sorted(places.items())
        )
        sys.stdout.write(f"{verdict} {key}: {told}\n")


if __name__ == "__main__":
    main()
