# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import NewType


AnnouncementId = NewType("AnnouncementId", str)
"""Names an announcement to those who have tickets of an event. A UUID as text."""


ApiKeyId = NewType("ApiKeyId", str)
"""Names an API key of a person. A UUID as text."""


AuditId = NewType("AuditId", str)
"""Names an entry of the audit trail. A UUID as text."""


BookingId = NewType("BookingId", str)
"""Names a booking, from its hold to its end. A UUID as text."""


CategoryId = NewType("CategoryId", str)
"""Names a category of events. A UUID as text."""


DeviceId = NewType("DeviceId", str)
"""Names a device at an event's door. A UUID as text."""


DisputeId = NewType("DisputeId", str)
"""Names a dispute: follows from its payment and the provider's name for it. A UUID as text."""


EventId = NewType("EventId", str)
"""Names an event. A UUID as text."""


FactId = NewType("FactId", str)
"""Names a domain fact: the same fact keeps its id however often it is told. A UUID as text."""


JobId = NewType("JobId", str)
"""Names a job: work that must happen later. A UUID as text."""


LedgerEntryId = NewType("LedgerEntryId", str)
"""Names a movement of money: follows from its payment, its kind, and its refund or dispute. A UUID as text."""


NotificationId = NewType("NotificationId", str)
"""Names a notification in somebody's history. A UUID as text."""


PaymentId = NewType("PaymentId", str)
"""Names a payment: one attempt to pay for a booking. A UUID as text."""


PromoCodeId = NewType("PromoCodeId", str)
"""Names a promo code of an event: follows from both. A UUID as text."""


PushSubscriptionId = NewType("PushSubscriptionId", str)
"""Names a browser or phone that takes a person's push messages: follows from the two. A UUID as text."""


RefundId = NewType("RefundId", str)
"""Names a refund: a part of a payment, or all of it, given back. A UUID as text."""


ReviewId = NewType("ReviewId", str)
"""Names a person's review of an event: follows from the two. A UUID as text."""


ScheduleItemId = NewType("ScheduleItemId", str)
"""Names an entry of an event's schedule. A UUID as text."""


SessionId = NewType("SessionId", str)
"""Names one login on one device: a refresh-token family. A UUID as text."""


TicketId = NewType("TicketId", str)
"""Names a ticket. A UUID as text."""


TicketTypeId = NewType("TicketTypeId", str)
"""Names a ticket type of an event. A UUID as text."""


TransferId = NewType("TransferId", str)
"""Names a transfer: a ticket offered to somebody else. A UUID as text."""


UserId = NewType("UserId", str)
"""Names a person's account. A UUID as text."""


WebhookDeliveryId = NewType("WebhookDeliveryId", str)
"""Names one fact on its way to one webhook: follows from the two. A UUID as text."""


WebhookId = NewType("WebhookId", str)
"""Names an address of another system that is told of facts. A UUID as text."""
