# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import TypeAlias


LeadTime: TypeAlias = str
"""A time before an event's start, such as `P7D` or `PT36H` (ISO 8601); 0 to 366 days. Days are those of the calendar in the event's time zone: `P1D` before Sunday at 10:00 is Saturday at 10:00, also in the night in which the clocks change. Hours and minutes are exact."""
