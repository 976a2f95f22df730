"""The processes that parse: their limits hold, and one that died is made again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sovereign_registry.adapters.fulltexts.crew import Crew
from sovereign_registry.adapters.fulltexts.parsed import ReaderName, Unreadable

DOCUMENTS = Path(__file__).with_name("documents")
PAGE = (DOCUMENTS / "gears.html").read_bytes()
SOURCE = (DOCUMENTS / "gears.tex").read_bytes()
ROOT = Path(__file__).resolve().parents[3] / "generator"
SLOW = b"\\documentclass{a}\\begin{document}" + b"\\phantom{" * 400_000


def inside(code: str) -> str:
    """What a program prints that closes the doors as the parsing process does."""
    program = (
        "from sovereign_registry.adapters.fulltexts import worker\n"
        f"worker._close_doors()\ntry:\n    {code}\n    print('done')\n"
        "except BaseException as error:\n    print(type(error).__name__)\n"
    )
    env = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or f"ended with {done.returncode}"


def test_files_are_parsed_in_one_process_a_format() -> None:
    """The second file of a format is parsed by the process of the first."""
    with Crew() as crew:
        first = crew.parse("html", PAGE)
        process = crew._processes["html"]
        assert crew.parse("html", PAGE) == first
        assert crew._processes["html"] is process
        assert len(crew.parse("latex", SOURCE).sections) == len(first.sections)
    assert process.poll() is not None


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("open('/etc/passwd')", "OSError"),
        ("import socket; socket.socket()", "OSError|ImportError"),
        ("bytearray(2 * 10**9)", "MemoryError"),
        ("import os; os.open('/tmp/x', os.O_CREAT | os.O_WRONLY)", "OSError"),
    ],
)
def test_the_doors_are_closed(code: str, outcome: str) -> None:
    """A parser cannot open a file or a socket, nor take more memory than the limit."""
    assert inside(code) in {*outcome.split("|"), "ModuleNotFoundError"}


def test_codecs_that_pdfs_need_are_at_hand() -> None:
    """They are loaded before the doors close: a codec is a file that is opened when it is used."""
    program = (
        "import codecs\nfrom sovereign_registry.adapters.fulltexts import pdf, worker\n"
        "pdf.warm_up()\nworker._close_doors()\n"
        "for name in ('charmap', 'utf-16-be', 'gb18030', 'shift_jis', 'mac-roman', 'cp1252'):\n"
        "    codecs.lookup(name)\nprint('done')\n"
    )
    env = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout == "done\n"


def test_a_file_that_takes_too_long_is_ended_and_the_next_one_is_read() -> None:
    """The process is killed by the clock; the crew makes a new one."""
    with Crew(seconds=1.0) as crew:
        began = time.monotonic()
        with pytest.raises(Unreadable, match="longer than 1 seconds"):
            crew.parse("latex", SLOW)
        assert time.monotonic() - began < 5
        assert crew.parse("latex", SOURCE).sections


def test_processor_time_is_limited() -> None:
    """The system ends a process that used up its share for one file."""
    program = (
        "from sovereign_registry.adapters.fulltexts import limits, worker\n"
        "limits.CPU_SECONDS = 1\nworker._grant_time()\nwhile True:\n    pass\n"
    )
    env = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=env, check=False)
    assert done.returncode == -signal.SIGXCPU


def test_a_process_that_was_killed_is_made_again() -> None:
    """The file at hand is refused with the reason, the next one is read."""
    with Crew() as crew:
        crew.parse("html", PAGE)
        process = crew._processes["html"]
        process.kill()
        process.wait()
        assert crew.parse("html", PAGE).sections
        assert crew._processes["html"] is not process


def test_a_crew_that_is_forgotten_leaves_no_process() -> None:
    """Its processes end with it."""
    crew = Crew()
    crew.parse("html", PAGE)
    process = crew._processes["html"]
    del crew
    assert process.poll() is not None


def test_no_setting_of_ours_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys in our environment are not in the environment of the process that parses."""
    monkeypatch.setenv("SOVEREIGN_MODEL_KEY", "a-secret-key")
    with Crew() as crew:
        crew.parse("html", PAGE)
        held = Path(f"/proc/{crew._processes['html'].pid}/environ")
        if not held.exists():
            pytest.skip("this system does not show a process's environment")
        assert b"a-secret-key" not in held.read_bytes()


def test_hostile_files_are_answered_with_a_reason() -> None:
    """Whatever a parser raises becomes a reason, and the process lives on."""
    with Crew() as crew:
        files: tuple[tuple[ReaderName, bytes], ...] = (
            ("html", b"\x00" * 100), ("html", b"<" * 100_000), ("latex", b"\x1f\x8b" + b"\xff" * 9),
            ("latex", b"\\documentclass{a}\\begin{document}" + b"{" * 100_000),
            ("pdf", b"%PDF-1.7" + b"\xff" * 1000), ("pdf", b""),
        )  # fmt: skip
        for name, body in files:
            with pytest.raises(Unreadable) as caught:
                crew.parse(name, body)
            assert len(str(caught.value)) > 5
        assert crew.parse("html", PAGE).sections
