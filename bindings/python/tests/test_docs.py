"""What the documentation shows runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import eventify

README = Path(__file__).parent.parent / "README.md"


def test_docstrings_examples() -> None:
    tried = 0
    modules = [eventify, *(importlib.import_module(of.name) for of in pkgutil.walk_packages(eventify.__path__, "eventify."))]
    for module in modules:
        failed, attempted = doctest.testmod(module)
        assert failed == 0, module.__name__
        tried += attempted
    shown = doctest.DocTestFinder().find(eventify.Actor, "Actor")
    runner = doctest.DocTestRunner()
    for example in shown:
        runner.run(example)
    assert runner.failures == 0 and runner.tries > 0
    assert tried >= 15


def test_the_readmes_programs_run(tmp_path: Path) -> None:
    programs = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert programs
    for number, program in enumerate(programs):
        file = tmp_path / f"program{number}.py"
        file.write_text(program)
        done = subprocess.run([sys.executable, str(file)], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    whole = programs[0].strip().splitlines()
    assert len([line for line in whole if line.strip()]) <= 20, "the life cycle is 20 lines"
