"""Forms of tunes: strophes with interludes and refrains, statements with rests, a motif now and then.

What a form decides depends on the moment: how much of the time is the tune's (the arc), and how much is left.
At the beginning of a strophe one thing changes at most: another tune, mode or key, a lever, or else what the
scenery (`calmando.compose.scenery`) changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from calmando.compose.arc import Targets
from calmando.compose.departure import Departure, bridge, departures, may_depart
from calmando.compose.ending import ending
from calmando.compose.homing import at_home, from_home
from calmando.compose.itinerary import Itinerary
from calmando.compose.levers import Lever
from calmando.compose.material import Kind, Material, last_bars
from calmando.compose.moving import Moment, Moved, Mover
from calmando.compose.plan import PLAIN, Clock, Dress, Step
from calmando.compose.resonance import with_minor_fourth
from calmando.compose.slow_harmony import slow_harmony
from calmando.compose.tune_book import TuneBook, fragment_of, without_tune, without_upbeat
from calmando.preset.model import Preset
from calmando.score.tune import Tune, TuneNote
from calmando.theory.scale import Key
from calmando.units import Seconds, Unit

_REST_PHRASES = 6
_SILENT_SHARE = 0.03
_FRAGMENT_SHARE = 0.15
_REFRAIN_SHARE = 0.32
_SLOWING = 1.04
"""So much longer than its first phrase the phrases of a tune may be on average, where tempo falls."""
_FULL_FROM: tuple[float, ...] = (0.66, 0.54, 0.36, 0.44)
"""From which fullness of the scene the four quarters of a tune are fully accompanied: the contrasting one first."""
_REST_FULL_FROM: tuple[float, ...] = (0.78, 1.1)
_WAVE: tuple[float, float] = (0.55, 0.85)
"""Between two motifs the accompaniment fills and thins again: in the middle it is full from the first, else the second."""


_VARIED_MOST: Unit = 0.9
_LITERAL_FROM: Unit = 0.75
"""From this predictability on every strophe sings its tune literally; below it so many are variations at most."""
_KNOWN_FROM: Unit = 0.35
"""Music that is no less predictable than that sings a tune twice alike before it varies it."""
_MOST_ALIKE = 2
"""So often in a row a tune is sung as it was where no part comes or goes by itself …"""
_MOST_ALIKE_CHANGING = 3
"""… and where parts do: heard more often it would be a loop."""


@dataclass(frozen=True, slots=True)
class _Song:
    """The tune of a moment: its name is its identity."""

    tune: Tune
    index: int
    name: str
    key: Key
    register: int
    variation: int


class TuneForm:
    """A form made of a family of tunes.

    Parameters
    ----------
    preset
        The form's settings.
    book
        The tunes.
    music_s
        Seconds up to the ending, for how many different tunes there are.
    """

    def __init__(self, preset: Preset, book: TuneBook, music_s: Seconds) -> None:
        self._preset = preset
        self._book = book
        self._departure = self._draw_departure()
        self._itinerary = Itinerary.over(
            music_s,
            most_tunes=preset.melody.tunes,
            departs=self._departure is not None,
            predictability=preset.melody.predictability,
        )
        self._mover = Mover(preset, music_s, stream=book.stream("levers"))
        self._last: _Song | None = None
        self._n_strophes = 0
        self._n_alike = 0
        self._companion = _companion(preset)
        self._accompanied_from = min(
            (part.enters_strophe for part in preset.parts if part.role != "melody" and not part.optional),
            default=1,
        )
        self._is_alone = all(part.role == "melody" for part in preset.parts)
        self._was_dressed = False
        self._has_rested = True

    def steps(self, clock: Clock) -> Iterator[Step]:
        """The phrases up to the ending."""
        yield from self._intro(clock)
        strophe = 0
        while True:
            strophe += 1
            song = self._song(clock, strophe)
            phrase_s = clock.seconds(self._phrase(song, 0).ticks)
            if clock.left_s < phrase_s:
                return
            if self._last is not None and song.key.tonic != self._last.key.tonic:
                yield from self._bridge(clock, self._last, song, strophe)
            stage, before = clock.targets.stage_index, Kind.INTRO
            for index, step in enumerate(self._strophe(clock, song, strophe, int(clock.left_s / phrase_s))):
                if clock.left_s < clock.seconds(step.material.ticks):
                    return
                kind = step.material.kind
                rested = index > 0 and kind is Kind.INTERLUDE and before is Kind.INTERLUDE
                if rested and clock.targets.stage_index != stage:
                    break
                before = kind
                yield (
                    replace(step, section=self._section(clock, step.material, strophe))
                    if index == 0
                    else step
                )
            self._has_rested = before is Kind.INTERLUDE

    def ending(self, clock: Clock) -> Iterator[Step]:
        """The ending, made of the last phrase of the tune of the moment; where the tune has gone, of its chords alone."""
        song = self._song(clock, 1)
        last = self._phrase(song, len(song.tune.phrases) - 1)
        # Whoever has not come in yet joins the tune now.
        joined = self._accompanied_from if self._n_strophes < self._accompanied_from else 0
        is_silent = clock.targets.tune_share < _SILENT_SHARE
        for step in ending(self._preset, last):
            material = _at_rest(step.material) if is_silent else step.material
            yield replace(step, material=material, strophe=joined)

    def _draw_departure(self) -> Departure | None:
        if not may_depart(self._preset):
            return None
        home = self._book.key(self._book.mode(0, 0))
        ways = departures(home, self._preset.melody.resonance)
        suited = [way for way in ways if self._book.lies_well(way.key(home))]
        return self._book.stream("departure").choice(suited) if suited else None

    def _section(self, clock: Clock, first: Material, strophe: int) -> str:
        what = "rest" if first.kind is Kind.INTERLUDE else "strophe"
        return f"{clock.targets.stage}: {what} {strophe}"

    def _song(self, clock: Clock, strophe: int) -> _Song:
        targets = clock.targets
        mode = self._book.mode(targets.stage_index, (strophe - 1) // 2)
        stretch = self._itinerary.at(clock.elapsed_s)
        key = self._book.key(mode)
        if stretch.away and self._departure is not None:
            key = self._departure.key(key)
        register, variation = targets.register_semitones, self._variation(strophe)
        tune = self._book.tune(stretch.tune, key.mode, targets.tempo_bpm, register, key, variation)
        name = f"{stretch.tune}/{key.name}/{register}/{variation}"
        return _Song(tune, stretch.tune, name, key, register, variation)

    def _variation(self, strophe: int) -> int:
        """Which realisation of its tune a strophe sings: 0 the first, 1 the other; that more often in less predictable music.

        Where no part comes or goes by itself, the same one is sung twice in a row at most, elsewhere three times, unless
        the piece is to be as predictable as that, or its stages bring what is new: modes, or the way back.
        """
        melody, form = self._preset.melody, self._preset.form
        often = _VARIED_MOST * (1 - melody.predictability / _LITERAL_FROM)
        stream = self._book.stream(f"variation/{strophe}")
        varied = stream.chance(often) and form.kind in ("strophes", "statements")
        # A tune that comes back from elsewhere, or is joined by others, comes back as it was.
        is_new = strophe <= (2 if melody.predictability >= _KNOWN_FROM else 1)
        is_one_change = strophe == self._accompanied_from or self._was_dressed
        if is_new or is_one_change or melody.literal or form.same_always:
            return 0
        if self._last is not None and self._n_alike >= self._most_alike():
            return 1 - self._last.variation
        return int(varied)

    def _most_alike(self) -> float:
        """How often in a row a tune may be sung as it was."""
        if self._companion:
            return _MOST_ALIKE
        preset = self._preset
        is_literal = preset.melody.predictability >= _LITERAL_FROM
        is_led = preset.form.ends_awake or preset.pitch.mode_order == "stages"
        return math.inf if is_literal or is_led else _MOST_ALIKE_CHANGING

    def _phrase(self, song: _Song, index: int) -> Material:
        return self._book.phrase(song.tune, song.name, index % len(song.tune.phrases))

    def _intro(self, clock: Clock) -> Iterator[Step]:
        song = self._song(clock, 1)
        last = last_bars(self._phrase(song, len(song.tune.phrases) - 1), self._preset.tempo.phrase_bars)
        for index in range(self._preset.form.intro_phrases):
            material = from_home(without_tune(last, kind=Kind.INTRO, label="intro"))
            if all(part.enters_strophe for part in self._preset.parts if part.role != "melody"):
                material = replace(material, tune=_held_tone(last))
            # Where there is room for one phrase, it is the tune's.
            if clock.left_s < (3 if index else 2) * clock.seconds(material.ticks):
                return
            yield Step(material, f"{clock.targets.stage}: introduction" if index == 0 else None, 0)

    def _bridge(self, clock: Clock, before: _Song, after: _Song, strophe: int) -> Iterator[Step]:
        """Two phrases over a tone that both keys share."""
        if self._departure is None:
            return
        home = after.key == self._book.key(after.key.mode)
        if not home:
            self._mover.pay_for_key()
        way = "home" if home else self._departure.name
        last = self._phrase(before, len(before.tune.phrases) - 1)
        phrases = bridge(self._departure, last, self._phrase(after, 0), home=home)
        for index, material in enumerate(phrases):
            section = f"{clock.targets.stage}: to {after.key.name}" if index == 0 else None
            opening = f"to {after.key.name} ({way}), over a shared tone" if index == 0 else ""
            yield Step(material, section, strophe, full_from=_REST_FULL_FROM[0], opening=opening)

    def _strophe(self, clock: Clock, song: _Song, strophe: int, room: int) -> Iterator[Step]:
        """The phrases of one strophe: tune, refrain, interlude; how many, the moment decides."""
        kind, share = self._preset.form.kind, clock.targets.tune_share
        phrases = [self._phrase(song, index) for index in range(len(song.tune.phrases))]
        opening = self._structural_change(song)
        if strophe == 1:
            # In a very short piece the arc has ended before it has begun.
            share = self._preset.stages[0].tune_share
            sung = self._sung_first(phrases, share, clock.left_s / clock.seconds(phrases[0].ticks))
        else:
            sung = self._sung(phrases, share, room)
        is_whole = len(sung) == len(phrases)
        if sung and (clock.elapsed_s == 0 or (self._last is not None and self._last.name != song.name)):
            sung = [without_upbeat(sung[0]), *sung[1:]]
        rests = self._n_rests(len(sung), share, room - len(sung))
        if strophe < self._accompanied_from:
            # A voice alone has nobody who would play on.
            rests = 0
        moved = Moved(sung)
        if strophe > 1 and is_whole and kind != "motif":
            is_free = not opening and not self._was_dressed
            moment = Moment(
                clock.targets,
                clock.elapsed_s,
                is_free=is_free,
                rests_before=self._has_rested,
                rests_after=rests > 0,
                has_room=room > len(phrases),
                upbeat=song.tune.upbeat_ticks,
            )
            moved = self._mover.move(strophe, sung, moment)
        if self._was_dressed and not opening:
            opening = "the tune as at first"
        if moved.lever in (Lever.SIXTH, Lever.HAND_OVER, Lever.OCTAVE):
            opening = moved.text
        is_again = self._last is not None and self._last.tune == song.tune and not self._was_dressed
        self._n_alike = self._n_alike + 1 if is_again else 1
        if self._n_alike > _MOST_ALIKE and self._companion and moved == Moved(sung):
            moved, opening = Moved(sung, dress=Dress(resting=(self._companion,))), f"{self._companion} rests"
        self._n_strophes = strophe
        self._last, self._was_dressed = song, moved.dress != PLAIN
        yield from self._dressed(moved, opening, strophe)
        yield from self._after(clock, moved, phrases, rests, strophe, room)

    def _sung_first(self, phrases: list[Material], share: Unit, room: float) -> list[Material]:
        """What the first strophe sings: where there is no room for all, the beginning and the close or the close alone.

        So a tune is known when its close returns in the ending, however short the piece.
        """
        tempo = self._preset.tempo
        n_phrases = max(int(room / _SLOWING if tempo.end_bpm < tempo.start_bpm else room), 1)
        if self._preset.form.kind == "motif":
            return phrases[-2:][-n_phrases:]
        if share < _FRAGMENT_SHARE or n_phrases >= len(phrases):
            return self._sung(phrases, share, n_phrases)
        return [phrases[0], phrases[-1]][-n_phrases:]

    def _sung(self, phrases: list[Material], share: Unit, room: int) -> list[Material]:
        """How much of its tune a strophe sings: all, the refrain, a fragment or nothing."""
        if self._preset.form.kind == "motif":
            return phrases[-2:]
        if share < _SILENT_SHARE:
            return []
        if share < _FRAGMENT_SHARE:
            return [fragment_of(phrases[0])]
        if share < _REFRAIN_SHARE or room < len(phrases):
            # A voice alone would be silent where others play on: it sings the close once more.
            return phrases[-2:][-room:] if room >= 2 or self._is_alone else []
        return phrases

    def _dressed(self, moved: Moved, opening: str, strophe: int) -> Iterator[Step]:
        count = len(moved.phrases)
        event = moved.text if moved.text != opening else ""
        for index, material in enumerate(moved.phrases):
            yield Step(
                material,
                strophe=strophe,
                dress=moved.dress,
                full_from=_FULL_FROM[index * len(_FULL_FROM) // count] if count > 1 else _FULL_FROM[-1],
                opening=opening if index == 0 else "",
                event=event if index == count - 1 else "",
            )

    def _after(
        self, clock: Clock, moved: Moved, phrases: list[Material], rests: int, strophe: int, room: int
    ) -> Iterator[Step]:
        """What follows the tune: the refrain where it is due, then phrases without a tune."""
        n_phrases = len(phrases)
        kind = self._preset.form.kind
        rests -= max(len(moved.phrases) - n_phrases, 0)
        if len(moved.phrases) >= n_phrases and self._has_refrain(strophe) and room >= n_phrases + 3:
            like = phrases[0] if moved.dress == PLAIN else moved.phrases[0]
            interlude = without_tune(like, kind=Kind.INTERLUDE, label="interlude")
            yield Step(interlude, strophe=strophe, full_from=_REST_FULL_FROM[0])
            for material in moved.phrases[-2:]:
                yield Step(material, strophe=strophe, dress=moved.dress, full_from=_FULL_FROM[-1])
        for index in range(rests):
            if index >= self._rests_left(clock.targets, len(moved.phrases), rests):
                return
            source = phrases[(index + 1) % n_phrases if n_phrases > 2 else index % n_phrases]
            rest = without_tune(source, kind=Kind.INTERLUDE, label="interlude")
            full_from = _REST_FULL_FROM[index % 2]
            if moved.lever is Lever.MINOR_FOURTH and index == 0:
                rest = with_minor_fourth(rest)
            elif kind != "motif":
                rest = at_home(rest, self._preset.melody.stability)
            if kind == "motif":
                rest = slow_harmony(rest, index, strophe)
                full_from = _WAVE[0] if rests // 3 <= index < rests - rests // 3 else _WAVE[1]
            yield Step(rest, strophe=strophe, full_from=full_from)

    def _structural_change(self, song: _Song) -> str:
        """In words, what makes a strophe's tune another than the last one's."""
        last = self._last
        if last is None or last.name == song.name:
            return ""
        if song.index != last.index or song.key.tonic != last.key.tonic:
            return f"tune {'abcde'[song.index]}" + (" again" if song.index == 0 else "")
        if song.key.mode != last.key.mode:
            return f"in {song.key.mode.name}"
        if song.register == last.register:
            return "the tune varied" if song.variation else ""
        return "the tune lies " + ("lower" if song.register < last.register else "higher")

    def _has_refrain(self, strophe: int) -> bool:
        refrain = self._preset.form.refrain
        return refrain == "every" or (refrain == "second" and strophe % 2 == 0)

    def _n_rests(self, n_sung: int, share: float, room: int) -> int:
        """Phrases without the tune after a strophe, so that the tune has its share of the time."""
        kind = self._preset.form.kind
        if room <= 0:
            return 0
        if kind == "motif":
            share = _MOTIF_SHARE
        if kind == "statements":
            return min(max(n_sung - 1, 1), room)
        if n_sung == 0:
            return min(_REST_PHRASES, room)
        return min(round(n_sung * (1 - share) / max(share, 0.06)), 16, room)

    def _rests_left(self, targets: Targets, n_sung: int, rests: int) -> int:
        """How many of the rests that were planned the moment still wants.

        On the way back to waking the tune's share of the time rises meanwhile, and it returns the sooner.
        """
        leads_back = self._preset.form.ends_awake and targets.stage_index == len(self._preset.stages) - 1
        return self._n_rests(n_sung, targets.tune_share, rests) if leads_back else rests


_MOTIF_SHARE: Unit = 0.1


def _companion(preset: Preset) -> str:
    """The part that rests for a strophe lest it be sung a third time as it was; empty where the scenery sees to that.

    It is the last one that accompanies the tune; there is none where parts come and go anyway, or sameness is meant.
    """
    if preset.form.same_always or any(part.optional for part in preset.parts):
        return ""
    return next((part.name for part in reversed(preset.parts) if part.role != "melody"), "")


def _held_tone(last: Material) -> tuple[TuneNote, ...]:
    """The tune's last note, held for a phrase but for a breath: how a voice alone begins."""
    held = last.ticks - last.metre.beat_ticks
    return tuple(TuneNote(0, held, note.pitch) for note in last.tune[-1:])


def _at_rest(material: Material) -> Material:
    """A phrase of the ending without its tune."""
    return without_tune(material, kind=material.kind, label=material.label)
