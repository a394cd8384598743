# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import TypeAlias


TimeZoneName: TypeAlias = str
"""The name of an IANA time zone that the bundled database knows, such as `Asia/Almaty`."""
