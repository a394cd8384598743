import Foundation
import XCTest

@testable import Eventify

/// Fails as often as it is told to, then remembers what it brought.
private final class Post: Notifier, @unchecked Sendable {
    private let lock = NSLock()
    private var failures: [any Error]
    private var titles: [String] = []

    init(failures: [any Error] = []) { self.failures = failures }

    var brought: [String] { lock.withLock { titles } }

    func channels() throws -> Set<Channel> { [.email] }

    func deliver(channel: Channel, to: Recipient, message: Message) async throws -> [PushSubscriptionId] {
        try lock.withLock {
            if let failure = failures.popLast() { throw failure }
            titles.append(message.title)
        }
        return []
    }
}

/// A clock that is set by hand.
private final class Wrist: Clock, @unchecked Sendable {
    private let lock = NSLock()
    private var at: Date

    init(at: Date) { self.at = at }

    func advance(by seconds: TimeInterval) { lock.withLock { at += seconds } }

    func now() throws -> Date { lock.withLock { at } }
}

private struct OwnTrouble: Error {}

final class HostTests: XCTestCase {
    func testTheAppsClockAndNotifierAreTheEngines() async throws {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        let (clock, post) = (Wrist(at: start), Post(failures: [OwnTrouble(), DeliveryError.Busy(reason: "thirty letters lie here")]))
        let engine = try Eventify.inMemory(options: EngineOptions(notifier: post, clock: clock, withoutWorker: true))
        let register = Register(name: "Bob", email: "bob@example.org", password: Secret("three quiet rivers"))
        let bob = try await engine.accounts().register(actor: Actor.anonymous(), request: register)
        let me = try await engine.accounts().me(actor: try Actor.user(id: bob.id, role: .attendee))
        XCTAssertEqual(me.value.createdAt, start)
        let words = SendNotification(userId: bob.id, title: "Doors open", body: "At six.")
        _ = try await engine.notifications().send(actor: Actor.system(), request: words)
        for _ in 0..<20 {
            _ = try await engine.jobs().runDue()
            clock.advance(by: 3_600)
        }
        XCTAssertEqual(post.brought.filter { $0 == "Doors open" }.count, 1)
        await engine.shutDown()
    }

    func testAFeedIsAskedOneByOne() async throws {
        let engine = try Eventify.inMemory()
        let register = Register(name: "Bob", email: "bob@example.org", password: Secret("three quiet rivers"))
        let bob = try await engine.accounts().register(actor: Actor.anonymous(), request: register)
        let feed = try await engine.notifications().listen(actor: try Actor.user(id: bob.id, role: .attendee))
        for title in ["One", "Two"] {
            let words = SendNotification(userId: bob.id, title: title, body: "At six.")
            _ = try await engine.notifications().send(actor: Actor.system(), request: words)
        }
        let told = [try await feed.next()?.title, try await feed.next()?.title]
        XCTAssertEqual(told, ["One", "Two"])
        await engine.shutDown()
        let end = try await feed.next()
        XCTAssertNil(end)
    }

    func testATextThatIsNotOfItsFormIsRefusedAndEndsNoApp() async throws {
        XCTAssertThrowsError(try Actor.user(id: "7", role: .attendee)) { error in
            XCTAssertEqual((error as? EventifyError)?.code, "invalid_value")
        }
        let engine = try Eventify.inMemory()
        do {
            _ = try await engine.bookings().get(actor: Actor.system(), id: "7")
            XCTFail("7 is no booking")
        } catch let error as EventifyError {
            XCTAssertEqual(error.failure.fields.map(\.field), ["BookingId"])
        }
        await engine.shutDown()
    }
}
