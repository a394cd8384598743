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
        payment_by_hand_for: The same of a payment by hand – an invoice, a transfer, cash –, for
            which staff says that the money came; three days, at most 90, and not beyond the event's
            start. So long its seats are kept from others.
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
    payment_by_hand_for: timedelta | None = None
    late_money_for: timedelta | None = None
    job_attempts_max: int | None = None
    job_lease_for: timedelta | None = None

    def _wire(self) -> dict[str, object]:
        return {
            "deployment_name": self.deployment_name,
            "hold_for": self.hold_for,
            "waitlist_offer_for": self.waitlist_offer_for,
            "waitlist_people_max": self.waitlist_people_max,
            "transfer_for": self.transfer_for,
            "access_token_for": self.access_token_for,
            "session_for": self.session_for,
            "reset_token_for": self.reset_token_for,
            "email_token_for": self.email_token_for,
            "idempotency_for": self.idempotency_for,
            "notifications_kept": self.notifications_kept,
            "audit_kept": self.audit_kept,
            "webhook_retry_for": self.webhook_retry_for,
            "webhook_disable_after": self.webhook_disable_after,
            "dead_letters_kept": self.dead_letters_kept,
            "webhook_log_kept": self.webhook_log_kept,
            "payments": self.payments,
            "payment_for": self.payment_for,
            "payment_by_hand_for": self.payment_by_hand_for,
            "late_money_for": self.late_money_for,
            "job_attempts_max": self.job_attempts_max,
            "job_lease_for": self.job_lease_for,
        }
