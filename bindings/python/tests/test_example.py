"""The example runs, twice over one file, and draws."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "python-box-office"


def test_the_box_office_sells_and_draws(tmp_path: Path) -> None:
    # As its README starts it, with the interpreter that this runs in.
    command = str(EXAMPLE / "run")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    assert (ROOT / target / "python" / "venv").resolve() == Path(sys.prefix).resolve()
    for _ in range(2):
        done = subprocess.run([command, str(tmp_path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "60 left" not in done.stdout and " tickets sold, " in done.stdout
        picture = tmp_path / "sales.png"
        assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 5_000
        picture.unlink()
