# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """What an API key may be used for. A key does what its person may do, and of that only what its
    scopes name.

    Words:
        ``account:read``: See one's own account.
        ``events:read``: See drafts and what else only an event's organizer sees of it.
        ``events:write``: Make, change, publish and cancel events, their schedules, categories and
            ticket types.
        ``bookings:read``: See bookings and tickets: one's own, and those of one's events.
        ``bookings:write``: Hold, buy, confirm and cancel.
        ``payments:read``: See payments: one's own, and those of one's events.
        ``payments:write``: Begin to pay; of one's events: give money back, and say what was taken
            and paid out by hand.
        ``attendees:read``: See who has tickets of one's events.
        ``tickets:check_in``: Let people in.
        ``notifications:read``: Read one's notifications and preferences.
        ``notifications:write``: Mark notifications as read and change preferences.
        ``announcements:write``: Tell those who have tickets of one's events something.
        ``admin``: Do with other scopes what an admin may; read the audit trail and see to jobs.
    """

    ACCOUNT_READ = "account:read"
    EVENTS_READ = "events:read"
    EVENTS_WRITE = "events:write"
    BOOKINGS_READ = "bookings:read"
    BOOKINGS_WRITE = "bookings:write"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    ATTENDEES_READ = "attendees:read"
    TICKETS_CHECK_IN = "tickets:check_in"
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_WRITE = "notifications:write"
    ANNOUNCEMENTS_WRITE = "announcements:write"
    ADMIN = "admin"
