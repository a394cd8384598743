import Foundation
import XCTest

@testable import Eventify

final class LifeCycleTests: XCTestCase {
    private func onSale(_ engine: Eventify, quantity: UInt32) async throws -> (Actor, EventId, TicketTypeId) {
        let organizer = try Actor.user(id: "01978c5e-0000-7000-8000-000000000001", role: .organizer)
        let starts = Date().addingTimeInterval(86_400)
        let draft = CreateEvent(title: "An evening", startsAt: starts, endsAt: starts.addingTimeInterval(7_200))
        let event = try await engine.events().create(actor: organizer, request: draft).value.id
        let seat = CreateTicketType(name: "Seat", quantity: quantity, reEntry: .once)
        let seats = try await engine.ticketTypes().create(actor: organizer, eventId: event, request: seat).id
        _ = try await engine.events().publish(actor: organizer, id: event)
        return (organizer, event, seats)
    }

    func testFromTheSaleToTheDoor() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).redb")
        defer { try? FileManager.default.removeItem(at: file) }
        let engine = try Eventify.open(path: file.path)
        let (organizer, event, seats) = try await onSale(engine, quantity: 1)
        let bob = try Actor.user(id: "01978c5e-0000-7000-8000-000000000002", role: .attendee)
        let wanted = HoldTickets(eventId: event, lines: [LineRequest(ticketTypeId: seats, quantity: 1)])
        let bought = try await engine.bookings().buy(actor: bob, request: wanted, idempotencyKey: "order-1")
        let code = bought.tickets[0].code
        let seen = try await engine.tickets().checkIn(actor: organizer, code: code)
        XCTAssertNotNil(seen.usedAt)
        XCTAssertFalse("\(bought)".contains(code))
        do {
            _ = try await engine.bookings().buy(actor: bob, request: wanted)
            XCTFail("one seat was sold twice")
        } catch let error as EventifyError {
            XCTAssertEqual(error.code, "sold_out")
            XCTAssertEqual(error.errorDescription, error.failure.message)
        }
        await engine.shutDown()
    }

    func testACancelledTaskNeitherLosesNorDoubles() async throws {
        let engine = try Eventify.inMemory()
        let (organizer, event, seats) = try await onSale(engine, quantity: 100)
        let wanted = HoldTickets(eventId: event, lines: [LineRequest(ticketTypeId: seats, quantity: 1)])
        for nth in 0..<50 {
            let buyer = try Actor.user(id: person(nth), role: .attendee)
            let task = Task { try await engine.bookings().buy(actor: buyer, request: wanted, idempotencyKey: "order") }
            if nth % 2 == 0 { task.cancel() }
            _ = try? await task.value
            let again = try await engine.bookings().buy(actor: buyer, request: wanted, idempotencyKey: "order")
            let mine = try await engine.bookings().mine(actor: buyer)
            XCTAssertEqual(mine.data.map(\.id), [again.booking.id])
        }
        let type = try await engine.ticketTypes().get(actor: organizer, eventId: event, id: seats)
        XCTAssertEqual(type.value.sold, 50)
        await engine.shutDown()
    }

    func testACancelledTaskStopsWaitingForAFeed() async throws {
        let engine = try Eventify.inMemory()
        let bob = try Actor.user(id: person(1), role: .attendee)
        // A person has 64 feeds at most: each of these is let go.
        for nth in 0..<100 {
            let listening = Task { for try await _ in engine.notifications().told(to: bob) {} }
            for _ in 0..<nth { await Task.yield() }
            listening.cancel()
            do {
                try await listening.value
                XCTFail("the feed ended by itself")
            } catch is CancellationError {}
        }
        await engine.shutDown()
    }

    private func person(_ nth: Int) -> UserId {
        UserId(String(format: "01978c5e-0000-7000-8000-1%011x", nth))
    }
}
