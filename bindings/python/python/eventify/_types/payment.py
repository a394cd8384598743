# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from enum import StrEnum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .._money import Money


class Attention(StrEnum):
    """Why somebody has to look at a payment.

    Words:
        ``amount_mismatch``: Another amount or currency came than was asked for; it is given back.
        ``refund_failed``: The provider does not give money back that is owed.
        ``refunded_outside``: The provider gave money back that nobody here asked for.
        ``pay_out``: Somebody has to give money back by hand, and say so.
        ``charged_twice``: The provider charged more than once for one payment; what came again is
            given back.
        ``disputed``: The payer has their bank take the money back.
        ``provider_missing``: The provider is not attached any more: nobody learns how the payment
            stands.
        ``unwatched``: Nobody learns from the provider how the payment stands: it would not say so
            to the last, or the job that asks was given up.
    """

    AMOUNT_MISMATCH = "amount_mismatch"
    REFUND_FAILED = "refund_failed"
    REFUNDED_OUTSIDE = "refunded_outside"
    PAY_OUT = "pay_out"
    CHARGED_TWICE = "charged_twice"
    DISPUTED = "disputed"
    PROVIDER_MISSING = "provider_missing"
    UNWATCHED = "unwatched"


@dataclass(frozen=True, kw_only=True, slots=True)
class CallbackAnswer:
    """An answer in the provider's own format.

    Attributes:
        status: The HTTP status.
        content_type: The body's media type.
        body: The body.
    """

    status: int
    content_type: str
    body: bytes

    def _wire(self) -> dict[str, object]:
        return {
            "status": self.status,
            "content_type": self.content_type,
            "body": self.body,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """A charge as the provider has it.

    Attributes:
        reference: The provider's own name for it; at most 255 characters. Another one is another
            charge, also under the same payment.
        transaction: What the provider calls the movement of money by when it tells of a dispute
            (`ChargeDispute.transaction`), where it has such a name; at most 255 characters.
        status: How it stands.
        amount: How much, as the provider reports it: compared with what was asked.
        refunded: How much of it is given back now, whoever asked for that: what is made, and what
            is on its way if the provider counts that. What failed is not in it any more, so it
            falls when a refund fails, and what a dispute took never is. A provider that cannot know
            counts at least the refunds that it accepted for the engine: with less, each of a part
            is listed as `refunded_outside` after an hour. Of the amount's currency.
        fee: What the provider keeps for itself, when it says so.
        redirect_url: Where the payer has to go, when there is such a place.
        failure: Why it failed, in the provider's words, for the payer; at most 500 characters.
    """

    reference: str = field(repr=False)
    transaction: str | None = field(default=None, repr=False)
    status: ChargeStatus
    amount: Money
    refunded: Money
    fee: Money | None = None
    redirect_url: str | None = field(default=None, repr=False)
    failure: str | None = field(default=None, repr=False)

    def _wire(self) -> dict[str, object]:
        return {
            "reference": self.reference,
            "transaction": self.transaction,
            "status": self.status,
            "amount": self.amount,
            "refunded": self.refunded,
            "fee": self.fee,
            "redirect_url": self.redirect_url,
            "failure": self.failure,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargeDispute:
    """What a payer's bank was asked to take back of a charge, as the provider has it.

    Attributes:
        reference: The provider's own name for it; at most 255 characters.
        transaction: Which charge: its `Charge.transaction`.
        amount: How much is disputed.
        reason: Why, in a word of the provider's; at most 255 characters.
        status: How it stands.
        moves: How many movements of money it has caused so far: none, the money was taken, it came
            back. A report with fewer than are known is old.
        taken: How much is taken because of it now; of the amount's currency.
    """

    reference: str
    transaction: str
    amount: Money
    reason: str | None = None
    status: DisputeStatus
    moves: int
    taken: Money

    def _wire(self) -> dict[str, object]:
        return {
            "reference": self.reference,
            "transaction": self.transaction,
            "amount": self.amount,
            "reason": self.reason,
            "status": self.status,
            "moves": self.moves,
            "taken": self.taken,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargeKey:
    """Which charge: by our name for it, and by the provider's once that is known.

    Attributes:
        payment_id: Our name, the order's number.
        reference: The provider's name; ``None`` when the answer to `PaymentProvider.create` was
            lost.
    """

    payment_id: PaymentId
    reference: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargeRequest:
    """A charge to start.

    Attributes:
        payment_id: Makes the charge happen once: the same id again answers the same charge. It is
            the order's number at the provider, which has to come back with every callback.
        booking_id: What is paid for.
        amount: How much; above zero.
        description: What the payer reads on their statement; at most 200 characters.
        return_url: Where the payer's browser goes afterwards.
        expires_at: The last instant at which the payer may pay; what the provider takes later is
            late money.
    """

    payment_id: PaymentId
    booking_id: BookingId
    amount: Money
    description: str
    return_url: str | None
    expires_at: datetime


class ChargeStatus(StrEnum):
    """How a charge stands.

    Words:
        ``pending``: The payer has not finished.
        ``succeeded``: The money is there; a part or all of it may have been given back since.
        ``failed``: It will not come.
        ``expired``: The payer took too long.
    """

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


class DisputeStatus(StrEnum):
    """How a dispute stands.

    Words:
        ``open``: Nobody has decided yet.
        ``won``: The money stays, or comes back.
        ``lost``: The payer keeps it.
    """

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True, slots=True)
class DisputeView:
    """What the payer's bank was asked to take back.

    Attributes:
        id: Its id.
        reference: The provider's name for it: where evidence is handed in.
        amount: How much is disputed.
        reason: Why, in a word of the provider's.
        status: How it stands.
        taken: What was taken.
        returned: What of it came back.
        created_at: When it was heard of.
    """

    id: DisputeId
    reference: str
    amount: Money
    reason: str | None
    status: DisputeStatus
    taken: Money
    returned: Money
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntryView:
    """A movement of money.

    Attributes:
        id: Its id.
        booking_id: The booking.
        payment_id: The payment.
        refund_id: The refund, of a movement back.
        dispute_id: The dispute, of what it moved.
        provider: The provider's name.
        kind: Which way the money went.
        amount: How much; never below zero.
        at: When it was written.
    """

    id: LedgerEntryId
    booking_id: BookingId
    payment_id: PaymentId
    refund_id: RefundId | None
    dispute_id: DisputeId | None
    provider: str
    kind: LedgerKind
    amount: Money
    at: datetime


class LedgerKind(StrEnum):
    """Which way money went.

    Words:
        ``charge``: From the payer.
        ``refund``: Back to the payer.
        ``refund_returned``: A refund that the provider could not make after all.
        ``fee``: To the provider.
        ``chargeback``: Back to the payer, taken by their bank.
        ``chargeback_returned``: From the payer's bank, which had taken it.
    """

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_RETURNED = "refund_returned"
    FEE = "fee"
    CHARGEBACK = "chargeback"
    CHARGEBACK_RETURNED = "chargeback_returned"


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingProvider:
    """A provider that payments wait for, and that is not attached.

    Attributes:
        name: Its name.
        payments: How many payments are open with it; counted up to 10,000 of all providers.
    """

    name: str
    payments: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentMethod:
    """A way to pay.

    Attributes:
        name: The provider's name: what `StartPayment.payment_method` takes.
        by_hand: Whether staff takes the money and says so.
    """

    name: str
    by_hand: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentReport:
    """What came and went for an event.

    Attributes:
        event_id: The event.
        from_: From this instant on.
        to: Before this instant.
        sums: The sums, by currency and provider.
    """

    event_id: EventId
    from_: datetime | None
    to: datetime | None
    sums: tuple[PaymentSum, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentStanding:
    """Where a payment is in its life, and nothing else of it.

    Attributes:
        status: Where it is in its life.
        is_given_back: Whether all that came goes back, or went: too late, or for what is not there
            any more.
    """

    status: PaymentStatus
    is_given_back: bool


class PaymentStatus(StrEnum):
    """The state's name.

    Words:
        ``created``: The provider was not told yet, or did not answer.
        ``pending``: The payer has not finished.
        ``succeeded``: The money came.
        ``failed``: It did not come.
        ``expired``: The payer took too long.
    """

    CREATED = "created"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentSum:
    """What came and went by one provider in one currency.

    Attributes:
        currency: The currency of the amounts.
        provider: The provider's name.
        charges: How many payments came.
        charged_minor: What came, in minor units.
        refunds: How many refunds went back.
        refunded_minor: What went back and did not come again, in minor units.
        chargebacks: How many disputes took money.
        charged_back_minor: What disputes took and did not bring back, in minor units.
        fees_minor: What the provider kept, as far as it says so, in minor units.
        net_minor: What is left: came less went back less taken less kept, in minor units.
    """

    currency: Currency
    provider: str
    charges: int
    charged_minor: int
    refunds: int
    refunded_minor: int
    chargebacks: int
    charged_back_minor: int
    fees_minor: int
    net_minor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentView:
    """A payment.

    Attributes:
        id: Its id.
        double_of: Of a charge that the provider made once more under the number of another payment:
            that payment.
        booking_id: What is paid for.
        event_id: The booking's event.
        user_id: Who pays.
        provider: The provider's name.
        status: Where it is in its life.
        amount: What is to be paid.
        received: What came, once it did.
        refunded: What was given back so far.
        refunds: What is given back, in the order in which it was decided.
        redirect_url: Where the payer has to go; for the payer, while the payment is open.
        return_url: Where the payer's browser goes afterwards; for the payer.
        failure: Why it failed.
        disputes: What the payer's bank was asked to take back; for those who manage the event.
        attention: Why somebody has to look at it; for those who manage the event.
        last_error: What went wrong last; for those who manage the event.
        expires_at: The last instant at which the payer may pay.
        created_at: When it was begun.
        updated_at: When it changed last.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
        replayed: Whether this is the stored answer to an earlier call with the same idempotency
            key.
    """

    id: PaymentId
    double_of: PaymentId | None
    booking_id: BookingId
    event_id: EventId
    user_id: UserId
    provider: str = field(repr=False)
    status: PaymentStatus
    amount: Money
    received: Money | None
    refunded: Money
    refunds: tuple[RefundView, ...]
    redirect_url: str | None = field(repr=False)
    return_url: str | None = field(repr=False)
    failure: str | None = field(repr=False)
    disputes: tuple[DisputeView, ...]
    attention: tuple[Attention, ...]
    last_error: str | None = field(repr=False)
    expires_at: datetime
    created_at: datetime
    updated_at: datetime
    version: int | None = field(default=None, compare=False, repr=False)
    replayed: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderCallback:
    """A callback as it arrived, not believed yet.

    Attributes:
        path: The path that was called, such as `/api/payments/webhooks/stripe`: some signatures
            cover it.
        query: The query, without the question mark.
        headers: The header fields, names in lower case.
        body: The body, byte for byte: signatures are over bytes.
    """

    path: str = field(repr=False)
    query: str = field(repr=False)
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class ReceiptStatus(StrEnum):
    """How a refund stands that a provider accepted.

    Words:
        ``pending``: It may still fail: it is asked for again.
        ``done``: It is made.
        ``failed``: The money did not arrive and is back: this refund never will be made. Said of
            nothing that may still be made.
    """

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class RefundCause(StrEnum):
    """What a refund follows from.

    Words:
        ``booking_cancelled``: The booking was cancelled.
        ``event_cancelled``: The event was cancelled.
        ``too_late``: The money came when the seats were gone.
        ``paid_twice``: The booking had been paid already.
        ``amount_mismatch``: Another amount came than was asked for.
        ``requested``: Somebody who may asked for it.
        ``outside``: The provider gave it back by itself: from its own pages, or because the payer
            disputed it.
    """

    BOOKING_CANCELLED = "booking_cancelled"
    EVENT_CANCELLED = "event_cancelled"
    TOO_LATE = "too_late"
    PAID_TWICE = "paid_twice"
    AMOUNT_MISMATCH = "amount_mismatch"
    REQUESTED = "requested"
    OUTSIDE = "outside"


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundReceipt:
    """What the provider says of a refund that it accepted.

    Attributes:
        reference: The provider's own name for it, when it has one; at most 255 characters.
        status: How it stands; made, unless something else is said.
        failure: Why it failed, in the provider's words; at most 500 characters.
    """

    reference: str | None = None
    status: ReceiptStatus | None = None
    failure: str | None = None

    def _wire(self) -> dict[str, object]:
        return {
            "reference": self.reference,
            "status": self.status,
            "failure": self.failure,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundRequest:
    """Money to give back.

    Attributes:
        idempotency_key: Makes the refund happen once.
        charge: The charge.
        charged: How much the charge was.
        amount: How much: at most what was paid and not given back yet.
        refunded_before: What was given back before, by refunds of ours that are done: refunds of
            one charge come one after another. A provider without idempotency keys learns from it
            whether this one happened already.
        failed_before: How many refunds of this charge may stand among those that failed there, at
            most: without a name of its own, this one has failed when there are more.
        others: The provider's own names of the charge's other refunds, as far as they are known:
            none of these is this one.
        asked_before: Whether this one may have been asked for before. Otherwise nothing that the
            provider has is this refund: a provider without idempotency keys makes it, whatever else
            is on its way there.
        reference: The provider's own name for it (`RefundReceipt.reference`), once it accepted it
            and said one.
        description: Why, for the payer; at most 200 characters.
    """

    idempotency_key: str
    charge: ChargeKey
    charged: Money
    amount: Money
    refunded_before: Money
    failed_before: int
    others: tuple[str, ...]
    asked_before: bool
    reference: str | None
    description: str


class RefundStatus(StrEnum):
    """The state's name.

    Words:
        ``due``: It is to be made.
        ``sent``: The provider accepted it.
        ``done``: It is made.
        ``failed``: The provider does not make it.
        ``superseded``: The payer's bank took the money instead.
        ``returned``: The provider accepted it, and the money came back.
    """

    DUE = "due"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    RETURNED = "returned"


@dataclass(frozen=True, kw_only=True, slots=True)
class RefundView:
    """A part of a payment, or all of it, given back.

    Attributes:
        id: Its id.
        amount: How much.
        cause: What it follows from.
        reason: Why, in the words of who asked for it.
        status: Where it is in its life.
        status_since: Since when, unless it is due.
        error: Why it failed; for those who manage the event.
        created_at: When it was decided.
    """

    id: RefundId
    amount: Money
    cause: RefundCause
    reason: str | None
    status: RefundStatus
    status_since: datetime | None
    error: str | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class StrayDispute:
    """What was said of a dispute whose money no payment is known by: somebody has to find out whose it
    is.

    Attributes:
        job_id: The job that keeps it: a retry looks for the money once more, and purging it is
            having seen to it.
        provider: The provider's name.
        reference: The provider's name for the dispute: where evidence is handed in.
        transaction: What the provider calls the movement of money that is disputed.
        amount: How much is disputed.
        reason: Why, in a word of the provider's.
        status: How it stands.
        taken: How much is taken because of it now.
        created_at: When it was heard of.
    """

    job_id: JobId
    provider: str
    reference: str
    transaction: str
    amount: Money
    reason: str | None
    status: DisputeStatus
    taken: Money
    created_at: datetime


# Types of different nouns name each other.
from .id import BookingId, DisputeId, EventId, JobId, LedgerEntryId, PaymentId, RefundId, UserId  # noqa: E402
from .money import Currency  # noqa: E402
