"""What the documentation shows runs."""

from __future__ import annotations

import datetime
import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

from conftest import ADA, on_sale

import eventify
from eventify import Actor, Role, _kinds, _nouns

README = Path(__file__).parent.parent / "README.md"


def test_docstrings_examples() -> None:
    tried = 0
    found = pkgutil.walk_packages(eventify.__path__, "eventify.")
    modules = [eventify, *(importlib.import_module(of.name) for of in found if not of.name.startswith("eventify._nouns."))]
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


def test_every_nouns_examples() -> None:
    found = doctest.DocTestFinder(recurse=False)
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    for name in sorted(set(_nouns.__all__) - {"Nouns"}):
        shown = [test for _, method in inspect.getmembers(getattr(_nouns, name), inspect.isfunction) for test in found.find(method)]
        shown = [test for test in shown if test.examples]
        assert shown, f"nothing is shown of {name}"
        for test in shown:
            runner = doctest.DocTestRunner(optionflags=flags)
            with eventify.open("memory:") as box:
                test.globs = _scene(box)
                runner.run(test)
            assert runner.failures == 0 and runner.tries == len(test.examples), test.name


def _scene(box: eventify.Eventify) -> dict[str, object]:
    """What the examples of methods are about."""
    sale = on_sale(box, 100)
    bob = box.accounts.register(Actor.anonymous(), name="Bob", email="bob@example.org", password="bob secret one")
    return {
        **{name: getattr(eventify, name) for name in eventify.__all__},
        **{name: getattr(datetime, name) for name in ("UTC", "datetime", "timedelta")},
        "box": box,
        "ada": ADA,
        "event": box.events.get(ADA, sale.event),
        "seats": box.ticket_types.get(ADA, sale.event, sale.seats),
        "bob": Actor.user(bob.id, Role.ATTENDEE),
    }


def test_the_readmes_table_names_every_error() -> None:
    table = README.read_text().split("## Errors")[1].split("\n## ")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert named == {kind.__name__ for kind in _kinds.KINDS.values()} | {"ClosedError", "ForkedError"}
    for name in named:
        assert issubclass(getattr(eventify, name), eventify.EventifyError)


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


def test_refusals_speak_of_pythons_error() -> None:
    said = inspect.getsource(_kinds)
    assert ":attr:`EventifyError.retry_after`" in said and "`Error." not in said
