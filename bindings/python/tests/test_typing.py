"""The types are true, and so are the stubs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def run(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, cwd=HERE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_and_its_tests_are_clean_under_mypy_strict() -> None:
    config = str(HERE.parent / "pyproject.toml")
    run("mypy", "--config-file", config, "-p", "eventify")
    run("mypy", "--config-file", config, *sorted(str(file) for file in HERE.glob("*.py")))


def test_the_stubs_are_those_of_the_library() -> None:
    run("mypy.stubtest", "eventify._eventify", "--ignore-disjoint-bases")


def test_a_wrong_type_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import eventify\n"
        "box = eventify.open('memory:')\n"
        "booking = eventify.BookingId('x')\n"
        "box.events.get(eventify.Actor.anonymous(), booking)\n"
    )
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", str(wrong)], capture_output=True, text=True, check=False)
    assert '"BookingId"; expected "EventId"' in done.stdout, done.stdout
