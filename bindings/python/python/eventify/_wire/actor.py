# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from .._types.actor import Role
from .._values import Words

role = Words(Role)
