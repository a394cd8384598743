# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import TypeAlias


Currency: TypeAlias = str
"""An ISO 4217 currency, such as `KZT`."""
