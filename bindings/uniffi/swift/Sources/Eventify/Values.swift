// Texts of a form of their own. The engine refuses one that is not of its form, by name.

/// A text of a form of its own.
public protocol TextValue: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The text.
    var text: String { get }
    /// Takes a text; its form is checked where it is used.
    init(_ text: String)
}

extension TextValue {
    public init(stringLiteral text: String) { self.init(text) }
    public var description: String { text }
}

/// Where the names of core's types are defined that are not generated.
public enum Values {
    // What a ticket, a booking and so on are called: a UUID as text. One is never taken for another's.
    public struct AnnouncementId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct ApiKeyId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct AuditId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct BookingId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct CategoryId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct DeviceId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct DisputeId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct EventId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct FactId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct JobId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct LedgerEntryId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct NotificationId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct PaymentId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct PromoCodeId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct PushSubscriptionId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct RefundId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct ReviewId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct ScheduleItemId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct SessionId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct TicketId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct TicketTypeId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct TransferId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct UserId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct WebhookDeliveryId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }
    public struct WebhookId: TextValue { public let text: String; public init(_ text: String) { self.text = text } }

    /// A currency by its ISO 4217 code, such as `KZT`.
    public struct Currency: TextValue { public let text: String; public init(_ text: String) { self.text = text } }

    /// A language by its tag, such as `kk`.
    public struct Language: TextValue { public let text: String; public init(_ text: String) { self.text = text } }

    /// How long before an event starts: weeks, days, hours and minutes, such as `P7D` or `PT36H`.
    public struct LeadTime: TextValue { public let text: String; public init(_ text: String) { self.text = text } }

    /// A time of day, to the minute: `22:00`.
    public struct TimeOfDay: TextValue { public let text: String; public init(_ text: String) { self.text = text } }

    /// An IANA time zone, such as `Asia/Almaty`.
    public struct TimeZoneName: TextValue { public let text: String; public init(_ text: String) { self.text = text } }

    /// What a change names to happen only if nobody else changed the same thing since.
    public struct Version: Hashable, Sendable {
        public let number: UInt64
        public init(_ number: UInt64) { self.number = number }
    }
}

/// What a partial update does to a value that may be absent; where it names none, the value stays.
public enum Change<Value: Hashable & Sendable>: Hashable, Sendable {
    /// There is none any more.
    case clear
    /// It is this from now on.
    case to(Value)

    init(_ values: [Value]) { self = values.first.map(Change.to) ?? .clear }

    var asList: [Value] {
        switch self {
        case .clear: return []
        case .to(let value): return [value]
        }
    }
}

/// A password, token, code or key. Shows nothing of itself, in logs neither.
public struct Secret: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String
    public init(_ text: String) { self.text = text }
    public init(stringLiteral text: String) { self.init(text) }
    /// The text, for whom it is meant.
    public func reveal() -> String { text }
    public var description: String { "Secret(…)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
