"""The example runs, twice over one file, and draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[3] / "examples" / "python-box-office" / "box_office.py"


def test_the_box_office_sells_and_draws(tmp_path: Path) -> None:
    for _ in range(2):
        done = subprocess.run([sys.executable, str(EXAMPLE), str(tmp_path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "60 left" not in done.stdout and " tickets sold, " in done.stdout
        picture = tmp_path / "sales.png"
        assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size > 5_000
        picture.unlink()
