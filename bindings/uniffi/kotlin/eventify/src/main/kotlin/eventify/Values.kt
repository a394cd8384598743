/** Texts of a form of their own. The engine refuses one that is not of its form, by name. */
package eventify.values

// What a ticket, a booking and so on are called: a UUID as text. One is never taken for another's.
@JvmInline public value class AnnouncementId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class ApiKeyId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class AuditId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class BookingId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class CategoryId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class DeviceId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class DisputeId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class EventId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class FactId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class JobId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class LedgerEntryId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class NotificationId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class PaymentId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class PromoCodeId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class PushSubscriptionId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class RefundId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class ReviewId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class ScheduleItemId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class SessionId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class TicketId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class TicketTypeId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class TransferId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class UserId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class WebhookDeliveryId(public val text: String) { override fun toString(): String = text }
@JvmInline public value class WebhookId(public val text: String) { override fun toString(): String = text }

/** A currency by its ISO 4217 code, such as `KZT`. */
@JvmInline public value class Currency(public val text: String) { override fun toString(): String = text }

/** A language by its tag, such as `kk`. */
@JvmInline public value class Language(public val text: String) { override fun toString(): String = text }

/** How long before an event starts: weeks, days, hours and minutes, such as `P7D` or `PT36H`. */
@JvmInline public value class LeadTime(public val text: String) { override fun toString(): String = text }

/** A time of day, to the minute: `22:00`. */
@JvmInline public value class TimeOfDay(public val text: String) { override fun toString(): String = text }

/** An IANA time zone, such as `Asia/Almaty`. */
@JvmInline public value class TimeZoneName(public val text: String) { override fun toString(): String = text }

/** What a change names to happen only if nobody else changed the same thing since. */
@JvmInline public value class Version(public val number: ULong)

/** What a partial update does to a value that may be absent; where it names none, the value stays. */
public sealed interface Change<out T : Any> {
    /** There is none any more. */
    public data object Clear : Change<Nothing>

    /** It is this from now on. */
    public data class To<out T : Any>(val value: T) : Change<T>

    /** The value, or none: how it crosses. */
    public fun asList(): List<T> = when (this) {
        is Clear -> emptyList()
        is To -> listOf(value)
    }

    public companion object {
        /** The inverse of [asList]. */
        public fun <T : Any> of(values: List<T>): Change<T> = values.firstOrNull()?.let { To(it) } ?: Clear
    }
}

/** A password, token, code or key. Shows nothing of itself, in logs neither. */
public class Secret(private val text: String) {
    /** The text, for whom it is meant. */
    public fun reveal(): String = text

    override fun toString(): String = "Secret(…)"
    override fun equals(other: Any?): Boolean = other is Secret && other.text == text
    override fun hashCode(): Int = text.hashCode()
}
