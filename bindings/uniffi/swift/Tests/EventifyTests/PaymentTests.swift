import Foundation
import XCTest

@testable import Eventify

private let kzt: Currency = "KZT"

/// A bank in memory. Its payers pay when the test says so, and it calls back.
private final class Bank: PaymentProvider, @unchecked Sendable {
    private let lock = NSLock()
    private var charges: [PaymentId: Charge] = [:]
    private var refunds: [String: Money] = [:]
    private var lost: Int

    /// So many answers to calls that begin a charge are lost.
    init(losing lost: Int) { self.lost = lost }

    var made: [Charge] { lock.withLock { Array(charges.values) } }
    var givenBack: [Money] { lock.withLock { Array(refunds.values) } }

    func describe() throws -> ProviderDescription {
        ProviderDescription(
            name: "bank", partialRefunds: true, byHand: false, tellsOfRefunds: true, returnUrl: "https://app.example/{payment_id}", currencies: [kzt]
        )
    }

    func create(request: ChargeRequest) async throws -> Charged {
        let number = request.paymentId.text
        let charge = Charge(
            reference: "c-\(number)", transaction: "money-\(number)", status: .pending, amount: request.amount,
            refunded: Money(amountMinor: 0, currency: kzt), redirectUrl: request.returnUrl
        )
        return try lock.withLock {
            let known = charges[request.paymentId] ?? charge
            charges[request.paymentId] = known
            lost -= 1
            if lost >= 0 { throw ProviderError.Unreachable(reason: "the line is dead") }
            return Charged(charge: known)
        }
    }

    func status(charge: ChargeKey) async throws -> Charged {
        guard let known = lock.withLock({ charges[charge.paymentId] }) else { throw ProviderError.Unknown }
        return Charged(charge: known)
    }

    func release(charge: ChargeKey) async throws {}

    func refund(request: RefundRequest) async throws -> Refunded {
        lock.withLock {
            refunds[request.idempotencyKey] = request.amount
            count()
        }
        return Refunded(receipt: RefundReceipt(reference: "r-\(request.idempotencyKey)", status: .done))
    }

    func refundStatus(request: RefundRequest) async throws -> Refunded { try await refund(request: request) }

    func pay(_ payment: PaymentId) { lock.withLock { charges[payment].map { charges[payment] = $0.with(status: .succeeded) } } }

    /// Somebody gives a part back on its own pages.
    func giveBack(_ minor: Int64) {
        lock.withLock {
            refunds["outside"] = Money(amountMinor: minor, currency: kzt)
            count()
        }
    }

    private func count() {
        let sum = refunds.values.map(\.amountMinor).reduce(0, +)
        for (payment, charge) in charges { charges[payment] = charge.with(refunded: sum) }
    }
}

extension Charge {
    fileprivate func with(status: ChargeStatus? = nil, refunded minor: Int64? = nil) -> Charge {
        let refunded = minor.map { Money(amountMinor: $0, currency: kzt) } ?? self.refunded
        return Charge(reference: reference, transaction: transaction, status: status ?? self.status, amount: amount, refunded: refunded)
    }
}

/// Reads what the bank says: a word and a name, signed with a word between the two.
private final class Caller: PaymentCallbacks, Sendable {
    func parse(callback: ProviderCallback, now: Timestamp) throws -> CallbackNews {
        guard callback.headers["x-secret"] == "between us" else { throw ProviderError.NotGenuine }
        let words = String(decoding: callback.body, as: UTF8.self).split(separator: " ").map(String.init)
        switch words[0] {
        case "look": return .look(paymentId: PaymentId(words[1]))
        case "moved": return .moved(transaction: words[1])
        default: return .nothing
        }
    }

    func answer(callback: ProviderCallback, verdict: Verdict) throws -> CallbackReply {
        let status: UInt16 = verdict == .accepted ? 200 : 400
        return CallbackReply(answer: CallbackAnswer(status: status, contentType: "text/plain", body: Data()))
    }
}

final class PaymentTests: XCTestCase {
    private let organizer = try! Actor.user(id: "01978c5e-0000-7000-8000-000000000001", role: .organizer)
    private let guest = try! Actor.user(id: "01978c5e-0000-7000-8000-000000000002", role: .attendee)

    private func held(_ engine: Eventify) async throws -> BookingId {
        let starts = Date().addingTimeInterval(86_400)
        let draft = CreateEvent(title: "Tonight", startsAt: starts, endsAt: starts.addingTimeInterval(7_200))
        let event = try await engine.events().create(actor: organizer, request: draft).value.id
        let price = Money(amountMinor: 500_000, currency: kzt)
        let seat = CreateTicketType(name: "Seat", price: price, quantity: 10, reEntry: .once)
        let seats = try await engine.ticketTypes().create(actor: organizer, eventId: event, request: seat).id
        _ = try await engine.events().publish(actor: organizer, id: event)
        let wanted = HoldTickets(eventId: event, lines: [LineRequest(ticketTypeId: seats, quantity: 2)])
        return try await engine.bookings().hold(actor: guest, request: wanted).id
    }

    private func told(_ engine: Eventify, _ words: String, secret: String = "between us") async throws -> UInt16 {
        let callback = ProviderCallback(path: "/bank", query: "", headers: ["x-secret": secret], body: Data(words.utf8))
        return try await engine.payments().callback(provider: "bank", callback: callback).status
    }

    func testTheAppsProviderIsPaidThrough() async throws {
        let bank = Bank(losing: 1)
        let engine = try Eventify.inMemory(options: EngineOptions(paymentProvider: bank, paymentCallbacks: Caller(), withoutWorker: true))
        let booking = try await held(engine)
        let wanted = StartPayment(bookingId: booking)
        do {
            _ = try await engine.payments().start(actor: guest, request: wanted)
            XCTFail("the answer was lost")
        } catch let error as EventifyError {
            XCTAssertEqual(error.code, "payment_provider_unavailable")
            XCTAssertTrue(error.isRetryable)
        }
        let payment = try await engine.payments().start(actor: guest, request: wanted)
        XCTAssertEqual(payment.redirectUrl, "https://app.example/\(payment.id.text)")
        XCTAssertEqual(bank.made.count, 1, "asked twice, it is one charge")
        bank.pay(payment.id)
        let forged = try await told(engine, "look \(payment.id.text)", secret: "a guess")
        XCTAssertEqual(forged, 400)
        for _ in 0..<2 {
            let heard = try await told(engine, "look \(payment.id.text)")
            XCTAssertEqual(heard, 200)
        }
        let bought = try await engine.bookings().get(actor: guest, id: booking)
        XCTAssertEqual(bought.tickets.count, 2)

        // On the bank's own pages, which name no payment of ours, and then by us.
        bank.giveBack(100_000)
        let moved = try await told(engine, "moved money-\(payment.id.text)")
        XCTAssertEqual(moved, 200)
        _ = try await engine.payments().refund(actor: organizer, id: payment.id, request: RefundPayment())
        while try await engine.jobs().runDue() > 0 {}
        let found = try await engine.payments().get(actor: organizer, id: payment.id).value
        XCTAssertEqual(found.refunded.amountMinor, 1_000_000)
        XCTAssertEqual(found.refunds.map(\.cause), [.outside, .requested])
        XCTAssertEqual(bank.givenBack.map(\.amountMinor).sorted(), [100_000, 900_000])
        await engine.shutDown()
    }
}
