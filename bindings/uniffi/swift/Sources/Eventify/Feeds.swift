/// What a person is told, as it happens: `for try await told in notifications.told(to: actor)`. Ends with the engine. A task that is
/// cancelled stops waiting at once, by `CancellationError`, and loses nothing: a sequence behind what was seen goes on, and may repeat what was
/// told up to a minute before that. Drop by its id what you have.
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
            let open: NotificationFeed
            if let feed {
                open = feed
            } else {
                open = try await sequence.notifications.openFeed(actor: sequence.actor, after: sequence.after)
                feed = open
            }
            return try await untilCancelled({ try await open.next() }, stop: { open.stop() })
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }
}

/// What an event comes to, at once and then as it changes: `for try await live in stats.watched(by: actor, eventId: event)`. Ends with the
/// engine; a task that is cancelled stops waiting at once, by `CancellationError`.
public struct LiveSequence: AsyncSequence, Sendable {
    public typealias Element = LiveView
    let stats: Stats
    let actor: Actor
    let eventId: EventId

    /// Opens its feed when it is first asked.
    public struct Iterator: AsyncIteratorProtocol {
        let sequence: LiveSequence
        var feed: StatsFeed?

        public mutating func next() async throws -> LiveView? {
            let open: StatsFeed
            if let feed {
                open = feed
            } else {
                open = try await sequence.stats.openFeed(actor: sequence.actor, eventId: sequence.eventId)
                feed = open
            }
            return try await untilCancelled({ try await open.next() }, stop: { open.stop() })
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }
}

/// Waits for what is next. A call into the engine cannot be cancelled, so the feed is stopped.
private func untilCancelled<Told>(
    _ next: () async throws -> Told?, stop: @escaping @Sendable () -> Void
) async throws -> Told? {
    try Task.checkCancellation()
    let told = try await withTaskCancellationHandler(operation: next, onCancel: stop)
    if told == nil { try Task.checkCancellation() }
    return told
}

extension Notifications {
    /// What a person is told, to be asked one by one, with `next`. A person has 64 at most: it is closed when nobody holds it any more.
    public func listen(actor: Actor, after: NotificationId? = nil) async throws -> NotificationFeed {
        try await openFeed(actor: actor, after: after)
    }

    /// What a person is told from now on, or behind a notification that they have seen.
    public func told(to actor: Actor, after: NotificationId? = nil) -> ToldSequence {
        ToldSequence(notifications: self, actor: actor, after: after)
    }
}

extension Stats {
    /// What an event comes to, to be asked one by one, with `next`. An event has 64 at most: it is closed when nobody holds it any more.
    public func watch(actor: Actor, eventId: EventId) async throws -> StatsFeed {
        try await openFeed(actor: actor, eventId: eventId)
    }

    /// What an event comes to, at once and then as it changes.
    public func watched(by actor: Actor, eventId: EventId) -> LiveSequence {
        LiveSequence(stats: self, actor: actor, eventId: eventId)
    }
}

extension NotificationFeed {
    /// The next notification; nothing when the engine has ended, or the feed.
    public func next() async throws -> NotificationView? {
        while await ready() {
            if let told = try take() { return told }
        }
        return nil
    }
}

extension StatsFeed {
    /// What the event comes to now, or when it changes; nothing when the engine has ended, or the feed.
    public func next() async throws -> LiveView? {
        while await ready() {
            if let live = try take() { return live }
        }
        return nil
    }
}
