# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.payment import Attention, CallbackAnswer, ChargeKey, ChargeRequest, DisputeStatus, DisputeView, LedgerEntryView, LedgerKind, MissingProvider, PaymentMethod, PaymentReport, PaymentStanding, PaymentStatus, PaymentSum, PaymentView, ProviderCallback, RefundCause, RefundRequest, RefundStatus, RefundView, StrayDispute
from .._values import Frozen, Words, blank, instant, money

attention = Words(Attention)
dispute_status = Words(DisputeStatus)
ledger_kind = Words(LedgerKind)
payment_status = Words(PaymentStatus)
refund_cause = Words(RefundCause)
refund_status = Words(RefundStatus)
_CallbackAnswer = blank(CallbackAnswer)
_ChargeKey = blank(ChargeKey)
_ChargeRequest = blank(ChargeRequest)
_DisputeView = blank(DisputeView)
_LedgerEntryView = blank(LedgerEntryView)
_MissingProvider = blank(MissingProvider)
_PaymentMethod = blank(PaymentMethod)
_PaymentReport = blank(PaymentReport)
_PaymentStanding = blank(PaymentStanding)
_PaymentSum = blank(PaymentSum)
_PaymentView = blank(PaymentView)
_ProviderCallback = blank(ProviderCallback)
_RefundRequest = blank(RefundRequest)
_RefundView = blank(RefundView)
_StrayDispute = blank(StrayDispute)


def callback_answer(v: Any) -> CallbackAnswer:
    o = _CallbackAnswer()
    o.status, o.content_type, body_ = v
    o.body = bytes(body_)
    o.__class__ = CallbackAnswer
    made: CallbackAnswer = o
    return made


def charge_key(v: Any) -> ChargeKey:
    o = _ChargeKey()
    o.payment_id, o.reference = v
    o.__class__ = ChargeKey
    made: ChargeKey = o
    return made


def charge_request(v: Any) -> ChargeRequest:
    o = _ChargeRequest()
    o.payment_id, o.booking_id, amount_, o.description, o.return_url, expires_at_ = v
    o.amount = money(amount_)
    o.expires_at = instant(expires_at_)
    o.__class__ = ChargeRequest
    made: ChargeRequest = o
    return made


def dispute_view(v: Any) -> DisputeView:
    o = _DisputeView()
    o.id, o.reference, amount_, o.reason, status_, taken_, returned_, created_at_ = v
    o.amount = money(amount_)
    o.status = dispute_status[status_]
    o.taken = money(taken_)
    o.returned = money(returned_)
    o.created_at = instant(created_at_)
    o.__class__ = DisputeView
    made: DisputeView = o
    return made


def ledger_entry_view(v: Any) -> LedgerEntryView:
    o = _LedgerEntryView()
    o.id, o.booking_id, o.payment_id, o.refund_id, o.dispute_id, o.provider, kind_, amount_, at_ = v
    o.kind = ledger_kind[kind_]
    o.amount = money(amount_)
    o.at = instant(at_)
    o.__class__ = LedgerEntryView
    made: LedgerEntryView = o
    return made


def missing_provider(v: Any) -> MissingProvider:
    o = _MissingProvider()
    o.name, o.payments = v
    o.__class__ = MissingProvider
    made: MissingProvider = o
    return made


def payment_method(v: Any) -> PaymentMethod:
    o = _PaymentMethod()
    o.name, o.by_hand = v
    o.__class__ = PaymentMethod
    made: PaymentMethod = o
    return made


def payment_report(v: Any) -> PaymentReport:
    o = _PaymentReport()
    o.event_id, from__, to_, sums_ = v
    o.from_ = None if from__ is None else instant(from__)
    o.to = None if to_ is None else instant(to_)
    o.sums = tuple([payment_sum(x0) for x0 in sums_])
    o.__class__ = PaymentReport
    made: PaymentReport = o
    return made


def payment_standing(v: Any) -> PaymentStanding:
    o = _PaymentStanding()
    status_, o.is_given_back = v
    o.status = payment_status[status_]
    o.__class__ = PaymentStanding
    made: PaymentStanding = o
    return made


def payment_sum(v: Any) -> PaymentSum:
    o = _PaymentSum()
    (
        o.currency,
        o.provider,
        o.charges,
        o.charged_minor,
        o.refunds,
        o.refunded_minor,
        o.chargebacks,
        o.charged_back_minor,
        o.fees_minor,
        o.net_minor,
    ) = v
    o.__class__ = PaymentSum
    made: PaymentSum = o
    return made


def payment_view(v: Any, version: int | None = None, replayed: bool = False) -> PaymentView:
    o = _PaymentView()
    (
        o.id,
        o.double_of,
        o.booking_id,
        o.event_id,
        o.user_id,
        o.provider,
        status_,
        amount_,
        received_,
        refunded_,
        refunds_,
        o.redirect_url,
        o.return_url,
        o.failure,
        disputes_,
        attention_,
        o.last_error,
        expires_at_,
        created_at_,
        updated_at_,
    ) = v
    o.status = payment_status[status_]
    o.amount = money(amount_)
    o.received = None if received_ is None else money(received_)
    o.refunded = money(refunded_)
    o.refunds = tuple([refund_view(x0) for x0 in refunds_])
    o.disputes = tuple([dispute_view(x0) for x0 in disputes_])
    o.attention = tuple([attention[x0] for x0 in attention_])
    o.expires_at = instant(expires_at_)
    o.created_at = instant(created_at_)
    o.updated_at = instant(updated_at_)
    o.version = version
    o.replayed = replayed
    o.__class__ = PaymentView
    made: PaymentView = o
    return made


def provider_callback(v: Any) -> ProviderCallback:
    o = _ProviderCallback()
    o.path, o.query, headers_, body_ = v
    o.headers = Frozen({k0: x0 for k0, x0 in headers_.items()})
    o.body = bytes(body_)
    o.__class__ = ProviderCallback
    made: ProviderCallback = o
    return made


def refund_request(v: Any) -> RefundRequest:
    o = _RefundRequest()
    (
        o.idempotency_key,
        charge_,
        charged_,
        amount_,
        refunded_before_,
        o.failed_before,
        others_,
        o.asked_before,
        o.reference,
        o.description,
    ) = v
    o.charge = charge_key(charge_)
    o.charged = money(charged_)
    o.amount = money(amount_)
    o.refunded_before = money(refunded_before_)
    o.others = tuple(others_)
    o.__class__ = RefundRequest
    made: RefundRequest = o
    return made


def refund_view(v: Any) -> RefundView:
    o = _RefundView()
    o.id, amount_, cause_, o.reason, status_, status_since_, o.error, created_at_ = v
    o.amount = money(amount_)
    o.cause = refund_cause[cause_]
    o.status = refund_status[status_]
    o.status_since = None if status_since_ is None else instant(status_since_)
    o.created_at = instant(created_at_)
    o.__class__ = RefundView
    made: RefundView = o
    return made


def stray_dispute(v: Any) -> StrayDispute:
    o = _StrayDispute()
    o.job_id, o.provider, o.reference, o.transaction, amount_, o.reason, status_, taken_, created_at_ = v
    o.amount = money(amount_)
    o.status = dispute_status[status_]
    o.taken = money(taken_)
    o.created_at = instant(created_at_)
    o.__class__ = StrayDispute
    made: StrayDispute = o
    return made
