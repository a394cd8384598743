# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.payment import Attention, CallbackAnswer, ChargeKey, ChargeRequest, DisputeStatus, DisputeView, LedgerEntryView, LedgerKind, MissingProvider, PaymentMethod, PaymentReport, PaymentStanding, PaymentStatus, PaymentSum, PaymentView, ProviderCallback, RefundCause, RefundRequest, RefundStatus, RefundView, StrayDispute
from .._values import Frozen, instant, money


def callback_answer(v: Any) -> CallbackAnswer:
    return CallbackAnswer(
        status=v["status"],
        content_type=v["content_type"],
        body=bytes(v["body"]),
    )


def charge_key(v: Any) -> ChargeKey:
    return ChargeKey(
        payment_id=v["payment_id"],
        reference=v["reference"],
    )


def charge_request(v: Any) -> ChargeRequest:
    return ChargeRequest(
        payment_id=v["payment_id"],
        booking_id=v["booking_id"],
        amount=money(v["amount"]),
        description=v["description"],
        return_url=v["return_url"],
        expires_at=instant(v["expires_at"]),
    )


def dispute_view(v: Any) -> DisputeView:
    return DisputeView(
        id=v["id"],
        reference=v["reference"],
        amount=money(v["amount"]),
        reason=v["reason"],
        status=DisputeStatus(v["status"]),
        taken=money(v["taken"]),
        returned=money(v["returned"]),
        created_at=instant(v["created_at"]),
    )


def ledger_entry_view(v: Any) -> LedgerEntryView:
    return LedgerEntryView(
        id=v["id"],
        booking_id=v["booking_id"],
        payment_id=v["payment_id"],
        refund_id=v["refund_id"],
        dispute_id=v["dispute_id"],
        provider=v["provider"],
        kind=LedgerKind(v["kind"]),
        amount=money(v["amount"]),
        at=instant(v["at"]),
    )


def missing_provider(v: Any) -> MissingProvider:
    return MissingProvider(
        name=v["name"],
        payments=v["payments"],
    )


def payment_method(v: Any) -> PaymentMethod:
    return PaymentMethod(
        name=v["name"],
        by_hand=v["by_hand"],
    )


def payment_report(v: Any) -> PaymentReport:
    return PaymentReport(
        event_id=v["event_id"],
        from_=None if v["from"] is None else instant(v["from"]),
        to=None if v["to"] is None else instant(v["to"]),
        sums=tuple([payment_sum(x0) for x0 in v["sums"]]),
    )


def payment_standing(v: Any) -> PaymentStanding:
    return PaymentStanding(
        status=PaymentStatus(v["status"]),
        is_given_back=v["is_given_back"],
    )


def payment_sum(v: Any) -> PaymentSum:
    return PaymentSum(
        currency=v["currency"],
        provider=v["provider"],
        charges=v["charges"],
        charged_minor=v["charged_minor"],
        refunds=v["refunds"],
        refunded_minor=v["refunded_minor"],
        chargebacks=v["chargebacks"],
        charged_back_minor=v["charged_back_minor"],
        fees_minor=v["fees_minor"],
        net_minor=v["net_minor"],
    )


def payment_view(v: Any, version: int | None = None, replayed: bool = False) -> PaymentView:
    return PaymentView(
        id=v["id"],
        double_of=v["double_of"],
        booking_id=v["booking_id"],
        event_id=v["event_id"],
        user_id=v["user_id"],
        provider=v["provider"],
        status=PaymentStatus(v["status"]),
        amount=money(v["amount"]),
        received=None if v["received"] is None else money(v["received"]),
        refunded=money(v["refunded"]),
        refunds=tuple([refund_view(x0) for x0 in v["refunds"]]),
        redirect_url=v["redirect_url"],
        return_url=v["return_url"],
        failure=v["failure"],
        disputes=tuple([dispute_view(x0) for x0 in v["disputes"]]),
        attention=tuple([Attention(x0) for x0 in v["attention"]]),
        last_error=v["last_error"],
        expires_at=instant(v["expires_at"]),
        created_at=instant(v["created_at"]),
        updated_at=instant(v["updated_at"]),
        version=version,
        replayed=replayed,
    )


def provider_callback(v: Any) -> ProviderCallback:
    return ProviderCallback(
        path=v["path"],
        query=v["query"],
        headers=Frozen({k0: x0 for k0, x0 in v["headers"].items()}),
        body=bytes(v["body"]),
    )


def refund_request(v: Any) -> RefundRequest:
    return RefundRequest(
        idempotency_key=v["idempotency_key"],
        charge=charge_key(v["charge"]),
        charged=money(v["charged"]),
        amount=money(v["amount"]),
        refunded_before=money(v["refunded_before"]),
        failed_before=v["failed_before"],
        description=v["description"],
    )


def refund_view(v: Any) -> RefundView:
    return RefundView(
        id=v["id"],
        amount=money(v["amount"]),
        cause=RefundCause(v["cause"]),
        reason=v["reason"],
        status=RefundStatus(v["status"]),
        status_since=None if v["status_since"] is None else instant(v["status_since"]),
        error=v["error"],
        created_at=instant(v["created_at"]),
    )


def stray_dispute(v: Any) -> StrayDispute:
    return StrayDispute(
        job_id=v["job_id"],
        provider=v["provider"],
        reference=v["reference"],
        transaction=v["transaction"],
        amount=money(v["amount"]),
        reason=v["reason"],
        status=DisputeStatus(v["status"]),
        taken=money(v["taken"]),
        created_at=instant(v["created_at"]),
    )
