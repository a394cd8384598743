// A box office in a Swift app: an event on sale, a purchase, and the door. Run it with `swift run` here, on a Mac after
// bindings/uniffi/swift/build-xcframework; elsewhere with EVENTIFY_LIBRARY naming the directory of libeventify.
import Eventify
import Foundation

let file = FileManager.default.temporaryDirectory.appendingPathComponent("swift-app.redb")
let engine = try Eventify.open(path: file.path)
let organizer = try Actor.user(id: "01978c5e-0000-7000-8000-000000000001", role: .organizer)
let guest = try Actor.user(id: "01978c5e-0000-7000-8000-000000000002", role: .attendee)

let starts = Date().addingTimeInterval(86_400)
let draft = CreateEvent(title: "Tonight", startsAt: starts, endsAt: starts.addingTimeInterval(7_200))
let event = try await engine.events().create(actor: organizer, request: draft).value.id
let seat = CreateTicketType(name: "Seat", quantity: 1, reEntry: .once)
let seats = try await engine.ticketTypes().create(actor: organizer, eventId: event, request: seat).id
_ = try await engine.events().publish(actor: organizer, id: event)

let wanted = HoldTickets(eventId: event, lines: [LineRequest(ticketTypeId: seats, quantity: 1)])
let bought = try await engine.bookings().buy(actor: guest, request: wanted, idempotencyKey: UUID().uuidString)
print("sold:", bought.tickets.count)

do {
    _ = try await engine.bookings().buy(actor: guest, request: wanted)
} catch let refusal as EventifyError {
    print("refused:", refusal.code, "–", refusal.localizedDescription)
}

let seen = try await engine.tickets().checkIn(actor: organizer, code: bought.tickets[0].code)
print("let in at", seen.usedAt.map(String.init(describing:)) ?? "never")
await engine.shutDown()
