"""The report: what stands in it, that nothing leaves it, and that a real browser shows it without complaint."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from constructed import SR, calm_score, calm_sound, march_score, notes, score, silence

from calmando.audit import (
    Audit,
    Bound,
    Finding,
    Playback,
    ReportContext,
    Verdict,
    audit_audio,
    audit_piece,
    audit_score,
    report_html,
    write_report,
)
from calmando.audit.listen import Listener
from calmando.audit.report.plot import Plot, time_ticks, value_ticks
from calmando.errors import OutputError
from calmando.preset.load import load_preset
from calmando.preset.model import Intent, Status
from calmando.preset.recipe import make_recipe
from calmando.preset.record import FontUsed, SoundMade, make_record, record_json
from calmando.score.model import KeyChange, Role
from calmando.theory.scale import MODES, Key
from calmando.told_time import spoken_length

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """Reads a page: its tags in order, its text, and tags left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> out of place"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words, spaces made single."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def audit() -> Audit:
    """An audit of score and sound, held against a preset."""
    listener = Listener(SR)
    listener.add(calm_sound(25))
    return audit_piece(calm_score(), listener.heard(), load_preset("breath-at-six"), playback=Playback(50, 7))


@pytest.fixture(scope="module")
def context() -> ReportContext:
    """Everything a report can tell."""
    recipe = make_recipe("breath-at-six", seed=11, minutes=6, overrides={"tempo.end_bpm": 60})
    made = SoundMade(
        fonts=(FontUsed(name="calmando.sf2", sha256="ab" * 32),),
        fluidsynth="2.5.7",
        sample_rate=44_100,
        gain_db=-3.25,
    )
    return ReportContext(
        preset=recipe.preset,
        record_json=record_json(make_record(recipe, made)),
        music_file="breath one.flac",
        playback=Playback(50, 7),
    )


@pytest.fixture(scope="module")
def page(audit: Audit, context: ReportContext) -> Page:
    """The report, read."""
    return Page(report_html(audit, context))


def test_it_is_whole_html(page: Page) -> None:
    """Every tag is closed in its place; language, title and viewport are there."""
    assert page.open == []
    assert page.all("html")[0]["lang"] == "en"
    assert any(meta.get("name") == "viewport" for meta in page.all("meta"))


def test_the_command_that_makes_a_piece_again_has_its_whole_length(
    audit: Audit, context: ReportContext
) -> None:
    """A length of many digits is not rounded: another length is another piece."""
    recipe = make_recipe("breath-at-six", seed=11, minutes=6.0123456)
    odd = replace(context, record_json=record_json(make_record(recipe)))
    assert "--seed 11 --minutes 6.0123456" in Page(report_html(audit, odd)).text


def test_nothing_leaves_the_file(audit: Audit, context: ReportContext) -> None:
    """No script, no address but names of namespaces, no file is asked for; the page forbids it itself."""
    html = report_html(audit, context)
    assert "<script" not in html
    addresses = set(re.findall(r"(?:https?:)?//[^\s\"'<>)]+", html))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\(", html)
    assert "default-src 'none'" in html


def test_every_finding_is_told_with_its_source(page: Page, audit: Audit) -> None:
    """Title, sentence, source and status of every finding stand in the page."""
    for finding in audit.findings:
        assert " ".join(finding.title.split()) in page.text
        assert " ".join(finding.sentence.split()) in page.text
        assert " ".join(finding.source.split()) in page.text


def test_open_points_come_first() -> None:
    """Failures stand before warnings, these before what is well."""
    text = Page(report_html(audit_score(march_score(), Intent.RELAXATION))).text
    headings = ["Outside their bounds", "Worth a look", "Within their bounds", "Not judged"]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)


def test_what_passes_beyond_its_bound_is_not_counted_within() -> None:
    """Plucked attacks of 10 ms that hardly stand out pass; head, table and items count them apart."""
    written = audit_score(calm_score(), Intent.RELAXATION)
    attack = Finding(
        key="attack",
        row=9,
        title="Attack of the notes",
        unit="ms",
        value=30,
        bound=Bound(low=40, fail_low=15),
        verdict=Verdict.PASS,
        source="a source",
        status=Status.DESIGN,
        sentence="Notes come up in 30 ms, softly.",
    )
    passed = written.finding("tempo-slowest")
    text = Page(report_html(replace(written, findings=(passed, attack)))).text
    assert "1 of 2 measures lie within their bounds; 1 lies beyond for a reason that is told." in text
    assert "Audit: 1 of 2 measures within their bounds." in text
    assert text.index("Beyond their bounds for a reason") < text.index("Within their bounds")


def test_pictures_are_described(page: Page) -> None:
    """Every picture has a title and a description that its own ids point to."""
    pictures = page.all("svg")
    assert len(pictures) == 6
    ids = {attributes.get("id") for _, attributes in page.tags}
    for attributes in pictures:
        assert attributes["role"] == "img"
        assert set(str(attributes["aria-labelledby"]).split()) <= ids


def test_notes_are_named_as_the_key_spells_them() -> None:
    """The highest note of a tune in E major is a C sharp, not a D flat."""
    tune = score((Role.MELODY, notes([64, 68, 71, 73] * 8)))
    in_e = replace(tune, keys=(KeyChange(0, Key(4, MODES["major"])),))
    assert "from E4 to C#5" in Page(report_html(audit_score(in_e, Intent.LULLABY))).text


def test_tables_have_headers(page: Page) -> None:
    """Every header cell says whether it heads a column, a row or a group."""
    heads = page.all("th")
    assert heads
    assert all(head.get("scope") in ("col", "row", "rowgroup") for head in heads)


def test_evidence_and_limits_of_the_preset_are_told(page: Page, context: ReportContext) -> None:
    """Reasons, sources with their tags, cautions and limits are printed."""
    preset = context.preset
    assert preset is not None
    told = [preset.reasons, preset.limits.level, preset.limits.stop, *preset.cautions, *preset.limits.not_for]
    told += [evidence.claim for evidence in preset.evidence] + [
        evidence.source for evidence in preset.evidence
    ]
    for words in told:
        assert " ".join(words.split()) in page.text


def test_the_reporting_items_are_all_there(page: Page) -> None:
    """The items A to G of the guideline and the name, with lines to fill in."""
    codes = ("N", "A", "B.1", "B.2", "B.3", "B.4", "B.5", "C", "D", "E", "F", "G")
    for code in codes:
        assert re.search(rf"(?:^| ){re.escape(code)} [A-Z]", page.text), code
    blanks = [a for tag, a in page.tags if tag == "p" and a.get("class") == "blank"]
    assert len(blanks) >= 12


def test_how_to_make_it_again(page: Page) -> None:
    """Seed, hash, font and the commands that make the piece again, quoted where they must be."""
    assert "calmando replay 'breath one.flac' -o again.flac" in page.text
    assert "calmando render breath-at-six --seed 11 --minutes 6 --set tempo.end_bpm=60" in page.text
    assert "gain −3.25 dB" in page.text
    assert "ab" * 32 in page.text


def test_a_foreign_piece_says_it_is_foreign() -> None:
    """Without preset and record the report says so, and draws what there is."""
    page = Page(report_html(audit_audio([calm_sound(15)], SR, title="Somebody’s & <song>")))
    assert "was not made by Calmando" in page.text
    assert "Somebody’s & <song>" in page.text


def test_silence_can_be_reported() -> None:
    """A silent file has a report too."""
    page = Page(report_html(audit_audio([silence(8)], SR)))
    assert page.open == []
    assert "nothing to hear" in page.text


def test_the_same_audit_makes_the_same_report(audit: Audit, context: ReportContext) -> None:
    """No clock and no chance in it."""
    assert report_html(audit, context) == report_html(audit, context)


def test_a_folder_that_is_not_there(tmp_path: Path, audit: Audit) -> None:
    """A report that cannot be written is an error in words, and leaves nothing."""
    with pytest.raises(OutputError):
        write_report(audit, tmp_path / "gone" / "a.html")


def test_lengths_as_people_say_them() -> None:
    """Whole minutes and hours without naughts; what is shorter than a minute in seconds."""
    lengths = (0.4, 1, 49, 59.6, 60, 108, 300, 3600, 3905, 28_800)
    told = [spoken_length(seconds) for seconds in lengths]
    assert told[:5] == ["0 seconds", "1 second", "49 seconds", "1 minute", "1 minute"]
    assert told[5:] == ["1:48 minutes", "5 minutes", "1 hour", "1:05:05 hours", "8 hours"]


def test_every_unit_is_explained(page: Page) -> None:
    """What is no everyday unit is told in words below the findings."""
    said = " ".join(page.text.split())
    for unit in ("LUFS:", "LU:", "dBTP:", "BPM:", "Semitone:", "Bits:"):
        assert unit in said


def test_ticks_are_round() -> None:
    """Axes carry round numbers, nine moments at most."""
    assert time_ticks(600) == (0, 120, 240, 360, 480, 600)
    assert all(len(time_ticks(seconds)) <= 10 for seconds in (3, 59, 61, 600, 3601, 28_800))
    assert value_ticks(0, 4.6, 3) == (0, 2, 4)


def test_a_plane_keeps_values_inside() -> None:
    """What lies beyond a picture is drawn at its edge."""
    plot = Plot(10, 0, 1, 100)
    assert plot.y(5) == plot.top
    assert plot.y(-5) == plot.floor
    assert plot.x(99) == plot.x(10)


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_browser_shows_it_without_complaint(tmp_path: Path, audit: Audit, context: ReportContext) -> None:
    """Chromium draws the page and prints it, writes no error to its console, and asks for nothing."""
    path = write_report(audit, tmp_path / "report.html", context)
    picture, paper, log = tmp_path / "page.png", tmp_path / "page.pdf", tmp_path / "net.json"
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-logging=stderr",
        "--no-pdf-header-footer",
    ]
    told = ""
    for index, doing in enumerate(
        (["--window-size=500,2000", f"--screenshot={picture}"], [f"--print-to-pdf={paper}"])
    ):
        command = [str(CHROMIUM), *flags, f"--user-data-dir={tmp_path / str(index)}", f"--log-net-log={log}"]
        done = subprocess.run(
            [*command, *doing, path.as_uri()], capture_output=True, text=True, timeout=120, check=False
        )
        told += done.stderr
    assert picture.stat().st_size > 20_000
    assert paper.read_bytes().startswith(b"%PDF")
    assert "CONSOLE" not in told
    asked = set(re.findall(r'"url":"([^"]+)"', log.read_text(encoding="utf-8", errors="replace")))
    pages = {url for url in asked if url.startswith(("http:", "https:", "ws:", "ftp:"))}
    ours = {url for url in pages if "google" not in url and "gvt1" not in url}
    assert not ours, ours
    assert audit.of(Verdict.PASS)


def test_parts_of_one_role_can_be_told_apart(audit: Audit) -> None:
    """Two harmonies have two colours, in the picture and in its legend."""
    harmonies = [part for part in audit.parts if part.role == "harmony"]
    doubled = replace(audit, parts=(*audit.parts, replace(harmonies[0], name="another")))
    styles = [attributes.get("class") for attributes in Page(report_html(doubled)).all("span")]
    assert "swatch r-harmony" in styles
    assert "swatch r-harmony r-harmony-2" in styles


def test_the_ending_is_no_breath(audit: Audit) -> None:
    """A last phrase that is much longer than the breaths before it is not drawn as one."""
    written = calm_score()
    last = written.phrases[-1]
    longer = replace(last, end_ticks=last.end_ticks + 4 * 1920)
    ended = replace(written, phrases=(*written.phrases[:-1], longer))
    assert len(audit_score(ended, Intent.BREATH).breaths) == len(written.phrases) - 1
    assert len(audit_score(written, Intent.BREATH).breaths) == len(written.phrases)
