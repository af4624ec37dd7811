"""Renderings that are stopped, or run out of room: the right exit code, the old file whole, nothing left."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX systems")

LONG = ("render", "bedtime-lullaby", "--seed", "3", "--minutes", "15", "--force", "-o", "piece.wav")
OLD = b"what stood here before"
PATIENCE_S = 60.0
_PYTHON = shlex.quote(sys.executable)
"""As a shell takes it, whatever stands in the folder's name."""


def _start(folder: Path, *before: str) -> subprocess.Popen[str]:
    (folder / "piece.wav").write_bytes(OLD)
    command = [*before, sys.executable, "-m", "calmando", *LONG]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)


def _wait_until_writing(folder: Path) -> None:
    """Wait until the temporary file has grown: then sound is being written."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if any(path.stat().st_size > 100_000 for path in folder.iterdir() if path.suffix == ".part"):
            return
        time.sleep(0.02)
    raise AssertionError("the rendering never began to write")


@pytest.mark.parametrize("stop", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_stopped_rendering_leaves_the_old_file(stop: str, tmp_path: Path) -> None:
    """Ctrl-C, a polite kill and a closed terminal end with 130; the old file is untouched and nothing else stays."""
    if signal.getsignal(signal.Signals[stop]) is signal.SIG_IGN:
        pytest.skip("whoever started the tests has this signal ignored, as nohup does")
    process = _start(tmp_path)
    _wait_until_writing(tmp_path)
    process.send_signal(signal.Signals[stop])
    _, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, told
    assert "Stopped" in told
    assert "Traceback" not in told
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"piece.wav": OLD}


def test_a_file_that_may_not_grow_leaves_the_old_one(tmp_path: Path) -> None:
    """Where the room ends in the middle, the exit code is 4 and the old file is untouched."""
    process = _start(tmp_path, "sh", "-c", 'ulimit -f 2000; exec "$@"', "sh")
    _, told = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 4, told
    assert "could not be written" in told
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"piece.wav": OLD}


def test_what_a_killed_rendering_leaves_is_swept_by_the_next(tmp_path: Path) -> None:
    """A hard kill cannot clean up; the next piece written into the folder some minutes later does."""
    process = _start(tmp_path)
    _wait_until_writing(tmp_path)
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    assert (tmp_path / "piece.wav").read_bytes() == OLD
    (left,) = (path for path in tmp_path.iterdir() if path.suffix == ".part")
    a_while_ago = time.time() - 15 * 60
    os.utime(left, (a_while_ago, a_while_ago))
    again = ("render", "bedtime-lullaby", "--minutes", "3", "-q", "-o", "next.mid")
    subprocess.run([sys.executable, "-m", "calmando", *again], cwd=tmp_path, check=True)
    assert {path.name for path in tmp_path.iterdir()} == {"piece.wav", "next.mid"}


@pytest.mark.parametrize(
    ("after", "code", "said"),
    [
        ("presets --json | true", 0, ""),
        ("show bedtime-lullaby | true", 0, ""),
        ("presets > /dev/full", 4, "disk is full"),
        ("render nowhere 2> /dev/full", 2, ""),
        ("render bedtime-lullaby -m 2 -o a.mid 2> /dev/full", 0, ""),
        ("--nonsense 2> /dev/full", 2, ""),
        ("--nonsense 2>&1 | true", 2, ""),
        ("--version > /dev/full", 4, "disk is full"),
        ("--help > /dev/full", 4, "disk is full"),
        ("--help | true", 0, ""),
        ("presets >&- 2>&-", 0, ""),
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_whoever_reads_no_more_gets_no_traceback(after: str, code: int, said: str, tmp_path: Path) -> None:
    """A closed pipe is no fault, a full disk is told, a closed terminal changes no exit code."""
    shell = ["bash", "-c", f"set -o pipefail; {_PYTHON} -P -m calmando {after}"]
    ended = subprocess.run(
        shell, check=False, capture_output=True, text=True, timeout=PATIENCE_S, cwd=tmp_path
    )
    assert ended.returncode == code, ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "fault of the program" not in ended.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_words_that_nobody_took_are_not_tried_again(unbuffered: str) -> None:
    """Nothing waits in standard error for Python's exit, where some Pythons would end with another code."""
    script = (
        "import sys; from calmando.cli.console import write_what_can_be_written as begin; begin()\n"
        "print('lost', file=sys.stderr); sys.stderr.flush(); sys.stderr.close()"
    )
    shell = ["bash", "-c", f'exec {_PYTHON} -P -c "$0" 2> /dev/full', script]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    assert subprocess.run(shell, check=False, env=environment, timeout=PATIENCE_S).returncode == 0


def test_a_sound_is_heard_the_same_where_standard_error_is_closed(tmp_path: Path) -> None:
    """No file of music comes to lie where the system's messages go, which are hidden while it is read."""
    soundfile.write(
        tmp_path / "a.ogg", np.sin(np.arange(441_000) / 30)[:, np.newaxis].repeat(2, axis=1) / 8, 44_100
    )
    audit = f"{_PYTHON} -P -m calmando audit a.ogg --json"
    told = [
        subprocess.run(
            ["bash", "-c", f"{audit} {closed}"],
            check=True,
            capture_output=True,
            cwd=tmp_path,
            timeout=PATIENCE_S,
        ).stdout
        for closed in ("2> /dev/null", "2>&-", "2>&- <&-")
    ]
    assert told[0] == told[1] == told[2] != b""


@pytest.mark.parametrize(
    "command", ["render bedtime-lullaby -q -m 2 -o a.mid", "copy bedtime-lullaby a.toml", "doctor"]
)
def test_a_folder_that_vanished_is_told(command: str, tmp_path: Path) -> None:
    """Who stands in a folder that was removed is told so."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'rmdir "{gone}"; exec {_PYTHON} -P -m calmando {command}'
    ended = subprocess.run(
        ["sh", "-c", script], check=False, cwd=gone, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert ended.returncode == 4, ended.stderr
    assert "not there any more" in ended.stderr


def _ended(script: str) -> subprocess.CompletedProcess[str]:
    begin = "import os, signal, sys, time\nfrom calmando.cli.stopping import hear_no_more, hear_signals\nhear_signals()\n"
    command = [sys.executable, "-P", "-c", begin + script]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE_S)


def test_an_interruption_at_a_deaf_moment_comes_again() -> None:
    """What Python swallows while it clears away is not lost, and no trace of it is shown."""
    ended = _ended(
        "class Deaf:\n"
        "    def __del__(self): raise KeyboardInterrupt\n"
        "try:\n"
        "    Deaf()\n"
        "    for _ in range(500): time.sleep(0.01)\n"
        "    print('went on')\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_a_second_stop_does_not_change_how_it_ends() -> None:
    """An impatient person's second Ctrl-C finds the exit code decided."""
    ended = _ended(
        "hear_no_more()\n"
        "for stop in (signal.SIGINT, signal.SIGTERM): os.kill(os.getpid(), stop)\n"
        "sys.exit(130)\n"
    )
    assert (ended.returncode, ended.stderr) == (130, "")


def test_a_stop_before_the_first_command_is_quiet() -> None:
    """Ctrl-C while the program is still being loaded ends with 130 and without a trace."""
    ended = _ended(
        "from calmando.cli import main, app, console\n"
        "def stopped(_): os.kill(os.getpid(), signal.SIGTERM)\n"
        "console.run = stopped\n"
        "main()\n"
    )
    assert (ended.returncode, ended.stderr) == (130, "")


def test_an_impatient_second_stop_does_not_disturb_the_clearing_away() -> None:
    """Two Ctrl-C at once are one; what is cleared away in the meantime is cleared away whole."""
    ended = _ended(
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGINT); time.sleep(5)\n"
        "except KeyboardInterrupt:\n"
        "    for stop in (signal.SIGINT, signal.SIGTERM): os.kill(os.getpid(), stop)\n"
        "    print('cleared')\n"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "cleared\n", "")


def test_what_fails_because_of_a_stop_is_a_stop() -> None:
    """A library that is stopped while it is loaded says that it is broken: that is no fault of the program."""
    ended = _ended(
        "import calmando.cli.app\n"
        "from calmando.cli import main\n"
        "def fail(**_):\n"
        "    try: os.kill(os.getpid(), signal.SIGINT); time.sleep(5)\n"
        "    except KeyboardInterrupt: pass\n"
        "    raise ImportError('initialization failed')\n"
        "calmando.cli.app.app = fail\n"
        "main()\n"
    )
    assert ended.returncode == 130
    assert ended.stderr.startswith("Stopped.")


@pytest.mark.parametrize(("moment", "left"), [("True", None), ("block is None", {".wav"})])
def test_stopped_stems_are_let_go(tmp_path: Path, moment: str, left: set[str] | None) -> None:
    """A stop while blocks are handed over leaves no writer waiting for more, no half of a file and no empty folder."""
    script = (
        "import calmando\n"
        "from calmando.sound import stems\n"
        "hand_over, queues = stems.hand_over, []\n"
        "def stopped(block, queue, job):\n"
        f"    if {moment}:\n"
        "        while any(waiting.qsize() for waiting in queues): time.sleep(0.01)\n"
        "        raise KeyboardInterrupt\n"
        "    queues.append(queue)\n"
        "    hand_over(block, queue, job)\n"
        "stems.hand_over = stopped\n"
        "piece = calmando.recipe('bedtime-lullaby', seed=1, minutes=1)\n"
        f"try: calmando.render(piece, {str(tmp_path / 'a.wav')!r}, stems={str(tmp_path / 'stems')!r})\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    assert _ended(script).returncode == 130
    folder = tmp_path / "stems"
    assert ({path.suffix for path in folder.iterdir()} if folder.exists() else None) == left


def test_a_stop_between_regions_leaves_none_waiting(tmp_path: Path) -> None:
    """A stop that falls between the beginning of a region's mixing and its entry among the others ends all of them."""
    script = (
        "import calmando\n"
        "from calmando.sound.mixing import crew, regions\n"
        "piece = calmando.recipe('bedtime-lullaby', seed=1, minutes=1)\n"
        "mixed = regions._dry\n"
        "def slowly(*of): time.sleep(0.3); return mixed(*of)\n"
        "regions._dry = slowly\n"
        "added, n = crew.Crew.add, 0\n"
        "def stopped(self, step):\n"
        "    global n\n"
        "    added(self, step)\n"
        "    n += 1\n"
        "    if n == 4: raise KeyboardInterrupt\n"
        "crew.Crew.add = stopped\n"
        f"try: calmando.render(piece, {str(tmp_path / 'a.wav')!r})\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    assert _ended(script).returncode == 130
    assert not list(tmp_path.iterdir())


def test_an_audit_that_nobody_reads_still_judges_and_writes_its_report(tmp_path: Path) -> None:
    """``| head`` takes neither the report nor the exit code of ``--strict`` away."""
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (10 * 44_100, 2))
    soundfile.write(tmp_path / "a.wav", noise, 44_100)
    audit = f"{_PYTHON} -P -m calmando audit a.wav -i sleep --strict --report | true"
    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {audit}"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=PATIENCE_S,
    )
    assert ended.returncode == 1 and "Report: a.html" in ended.stderr
    assert (tmp_path / "a.html").stat().st_size > 1_000
