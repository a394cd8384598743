# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import TypeAlias


Language: TypeAlias = str
"""A language, as a BCP 47 tag in lower case such as `kk` or `pt-br`; 2 to 35 characters. Which ones there are words for is another question: whoever has none in it is told in English."""
