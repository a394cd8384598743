# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from .._types.scope import Scope
from .._values import Words

scope = Words(Scope)
