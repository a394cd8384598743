"""What the wheel says of itself."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[3]
EVENTIFY = metadata.distribution("eventify")


def test_one_wheel_is_for_every_python_from_3_11() -> None:
    tags = [line for line in (EVENTIFY.read_text("WHEEL") or "").splitlines() if line.startswith("Tag: ")]
    assert tags and all(tag.startswith("Tag: cp311-abi3-") for tag in tags), tags
    library = [file for file in EVENTIFY.files or () if file.name.startswith("_eventify.") and file.suffix == ".so"]
    assert [file.name for file in library] == ["_eventify.abi3.so"]
    assert EVENTIFY.metadata["Requires-Python"] == ">=3.11"


def test_the_licence_is_in_it_and_where_it_comes_from() -> None:
    about = EVENTIFY.metadata
    assert about["License-Expression"] == "MIT"
    licences = [file for file in EVENTIFY.files or () if file.name == "LICENSE"]
    assert [Path(str(file.locate())).read_text() for file in licences] == [(ROOT / "LICENSE").read_text()]
    urls = dict(url.split(", ") for url in about.get_all("Project-URL") or ())
    assert urls.keys() == {"Repository", "Documentation", "Changelog"}
    assert all(url.startswith("https://github.com/eventify/eventify") for url in urls.values())


def test_it_describes_itself_by_the_readme_and_needs_nothing_else() -> None:
    about = EVENTIFY.metadata
    assert about["Description-Content-Type"].startswith("text/markdown")
    assert "# Eventify for Python" in (EVENTIFY.read_text("METADATA") or "")
    assert all("extra ==" in needed for needed in EVENTIFY.requires or ())
