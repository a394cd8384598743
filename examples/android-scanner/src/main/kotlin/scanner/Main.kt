package scanner

import eventify.Actor
import eventify.Eventify
import eventify.core.CreateEvent
import eventify.core.CreateTicketType
import eventify.core.HoldTickets
import eventify.core.LineRequest
import eventify.core.ReEntry
import eventify.core.Role
import eventify.values.UserId
import java.io.BufferedReader
import java.time.Instant
import kotlinx.coroutines.runBlocking

/** An evening with three tickets, so that there is something to scan. */
suspend fun evening(engine: Eventify): Pair<Scanner, List<String>> {
    val organizer = Actor.user(UserId("01978c5e-0000-7000-8000-000000000001"), Role.ORGANIZER)
    val guest = Actor.user(UserId("01978c5e-0000-7000-8000-000000000002"), Role.ATTENDEE)
    val starts = Instant.now().plusSeconds(3_600)
    val draft = CreateEvent(title = "Tonight", startsAt = starts, endsAt = starts.plusSeconds(7_200))
    val event = engine.events().create(organizer, draft).value.id
    val seats = CreateTicketType(name = "Seat", quantity = 3u, reEntry = ReEntry.ONCE)
    val seat = engine.ticketTypes().create(organizer, event, seats)
    engine.events().publish(organizer, event)
    val bought = engine.bookings().buy(guest, HoldTickets(event, lines = listOf(LineRequest(seat.id, 3u))))
    return Scanner(engine, organizer, event, gate = "North") to bought.tickets.map { it.code }
}

/** Answers each line of the input with one of the output. */
suspend fun serve(scanner: Scanner, input: BufferedReader, say: (String) -> Unit) {
    while (true) {
        val line = input.readLine() ?: return
        if (line.isNotBlank()) say(scanner.line(line))
    }
}

fun main(): Unit = runBlocking {
    Eventify.inMemory().use { engine ->
        val (scanner, codes) = evening(engine)
        println("Tonight's codes:")
        codes.forEach(::println)
        println("Type a code to let somebody in, `? code` to look only; end with Ctrl-D.")
        serve(scanner, System.`in`.bufferedReader(), ::println)
        engine.shutDown()
    }
}
