/// What a person is told, as it happens: `for try await told in notifications.told(to: actor)`. Ends with the engine; a task that is
/// cancelled stops waiting, and loses nothing.
public struct ToldSequence: AsyncSequence, Sendable {
    public typealias Element = NotificationView
    let notifications: Notifications
    let actor: Actor
    let after: NotificationId?

    /// Opens its feed when it is first asked.
    public struct Iterator: AsyncIteratorProtocol {
        let sequence: ToldSequence
        var feed: NotificationFeed?

        public mutating func next() async throws -> NotificationView? {
            if feed == nil {
                feed = try await sequence.notifications.listen(actor: sequence.actor, after: sequence.after)
            }
            try Task.checkCancellation()
            return try await feed?.next()
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }
}

extension Notifications {
    /// What a person is told from now on, or behind a notification that they have seen.
    public func told(to actor: Actor, after: NotificationId? = nil) -> ToldSequence {
        ToldSequence(notifications: self, actor: actor, after: after)
    }
}
