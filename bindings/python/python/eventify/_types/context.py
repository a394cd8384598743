# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from dataclasses import dataclass, field
from datetime import timedelta


class PaymentPolicy(StrEnum):
    """Whether paid tickets are paid through Eventify.

    Words:
        ``off``: No: they are sold like free ones, and money is somebody else's business.
        ``on``: Yes: a paid booking stays held until a provider says that its money came, or those
            who manage the event do.
    """

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How a deployment is set up: the numbers that an operator may choose.

    Attributes:
        deployment_name: What people call the deployment: authenticator apps show it beside the
            account; `Eventify`.
        hold_for: How long a hold reserves its seats; 15 minutes.
        waitlist_offer_for: How long what came back is offered to somebody who waited; 24 hours,
            less near the event's start.
        waitlist_people_max: How many people may wait for one ticket type; 10,000.
        transfer_for: How long an offered ticket waits for the other person; three days, and never
            beyond the event's end.
        access_token_for: How long an access token is good; 15 minutes, the most that is allowed.
        session_for: How long a session lasts, however often it is refreshed; 30 days.
        reset_token_for: How long a mailed token sets a new password; an hour.
        email_token_for: How long a mailed token proves an e-mail address; 24 hours.
        idempotency_for: How long the answer to an idempotency key is kept; 24 hours.
        notifications_kept: How long people's notifications are kept; 365 days, at least one.
        audit_kept: How long the audit trail is kept, at least a day; for ever when ``None``.
        webhook_retry_for: How long something is tried again at a webhook at which it does not
            arrive; three days.
        webhook_disable_after: After how long in which nothing arrived a webhook is disabled; five
            days.
        dead_letters_kept: How long messages and facts are kept that were given up, for an operator
            to look at or to try again; 90 days, at least one. What the engine itself gave up, and
            what is about money, is kept until somebody has seen to it.
        webhook_log_kept: How long it is kept what webhooks were told; seven days, at least one more
            than it is tried.
        payments: Whether paid tickets are paid through Eventify; they are.
        payment_for: How long a payer may take, and their seats are held meanwhile; 30 minutes.
            However often somebody begins anew, a hold is stretched by no more than this, and not
            beyond the event's start.
        late_money_for: How long a provider is still asked about a payment whose time is over, for
            money may come late; 7 days.
        job_attempts_max: How often a job is tried before it becomes a dead letter; 24.
        job_lease_for: How long one worker may take for one job before another may try; 60 seconds.
    """

    deployment_name: str | None = None
    hold_for: timedelta | None = None
    waitlist_offer_for: timedelta | None = None
    waitlist_people_max: int | None = None
    transfer_for: timedelta | None = None
    access_token_for: timedelta | None = None
    session_for: timedelta | None = None
    reset_token_for: timedelta | None = None
    email_token_for: timedelta | None = None
    idempotency_for: timedelta | None = None
    notifications_kept: timedelta | None = None
    audit_kept: timedelta | None = None
    webhook_retry_for: timedelta | None = None
    webhook_disable_after: timedelta | None = None
    dead_letters_kept: timedelta | None = None
    webhook_log_kept: timedelta | None = None
    payments: PaymentPolicy | None = None
    payment_for: timedelta | None = None
    late_money_for: timedelta | None = None
    job_attempts_max: int | None = None
    job_lease_for: timedelta | None = None

    def _wire(self) -> tuple[tuple[str, str, bool], ...]:
        return (("deployment_name", "deployment_name", False), ("hold_for", "hold_for", False), ("waitlist_offer_for", "waitlist_offer_for", False), ("waitlist_people_max", "waitlist_people_max", False), ("transfer_for", "transfer_for", False), ("access_token_for", "access_token_for", False), ("session_for", "session_for", False), ("reset_token_for", "reset_token_for", False), ("email_token_for", "email_token_for", False), ("idempotency_for", "idempotency_for", False), ("notifications_kept", "notifications_kept", False), ("audit_kept", "audit_kept", False), ("webhook_retry_for", "webhook_retry_for", False), ("webhook_disable_after", "webhook_disable_after", False), ("dead_letters_kept", "dead_letters_kept", False), ("webhook_log_kept", "webhook_log_kept", False), ("payments", "payments", False), ("payment_for", "payment_for", False), ("late_money_for", "late_money_for", False), ("job_attempts_max", "job_attempts_max", False), ("job_lease_for", "job_lease_for", False),)
