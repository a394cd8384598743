# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do throughout the deployment.

    Words:
        ``attendee``: Books, attends, reviews.
        ``organizer``: Also publishes events and sells tickets to them.
        ``admin``: May do everything.
    """

    ATTENDEE = "attendee"
    ORGANIZER = "organizer"
    ADMIN = "admin"
