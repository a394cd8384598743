package eventify

import eventify.core.CreateEvent
import eventify.core.CreateTicketType
import eventify.core.EventId
import eventify.core.EventifyException
import eventify.core.HoldTickets
import eventify.core.LineRequest
import eventify.core.ReEntry
import eventify.core.Register
import eventify.core.Role
import eventify.core.TicketTypeId
import eventify.values.Secret
import java.time.Duration
import java.time.Instant
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.fail

/** No test hangs for longer. */
private const val TEST_MS_MAX = 120_000L

/** A test with a limit, on threads of its own. */
fun story(body: suspend CoroutineScope.() -> Unit): Unit =
    runBlocking(Dispatchers.Default) { withTimeout(TEST_MS_MAX, body) }

/** What is refused, by its code. */
suspend fun refused(code: String, call: suspend () -> Any?): EventifyException {
    try {
        call()
    } catch (refusal: EventifyException) {
        assertEquals(code, refusal.code)
        return refusal
    }
    return fail("nothing refused it: $code")
}

/** An engine with an event on sale. */
class BoxOffice(val engine: Eventify, val organizer: Actor, val event: EventId, val seats: TicketTypeId) {
    fun wanted(quantity: UInt): HoldTickets = HoldTickets(event, lines = listOf(LineRequest(seats, quantity)))

    suspend fun sold(): UInt = engine.ticketTypes().use { it.get(organizer, event, seats).value.sold }

    companion object {
        suspend fun open(engine: Eventify, quantity: UInt): BoxOffice {
            val organizer = person(engine, "ada@example.org", Role.ORGANIZER)
            val starts = Instant.now().plus(Duration.ofDays(7))
            val event = engine.events().use { events ->
                val draft = CreateEvent(title = "An evening", startsAt = starts, endsAt = starts.plusSeconds(7_200))
                val made = events.create(organizer, draft).value.id
                engine.ticketTypes().use { types ->
                    val seat = CreateTicketType(name = "Seat", quantity = quantity, reEntry = ReEntry.ONCE)
                    val type = types.create(organizer, made, seat).id
                    events.publish(organizer, made)
                    made to type
                }
            }
            return BoxOffice(engine, organizer, event.first, event.second)
        }

        suspend fun person(engine: Eventify, email: String, role: Role = Role.ATTENDEE): Actor {
            val request = Register(name = email.substringBefore('@'), email = email, password = Secret("three quiet rivers"))
            val anonymous = Actor.anonymous()
            val user = anonymous.use { engine.accounts().use { accounts -> accounts.register(it, request) } }
            return Actor.user(user.id, role)
        }

        /** People whom the app knows by a login of its own, without an account here. */
        fun stranger(nth: Int): Actor =
            Actor.user(eventify.values.UserId("01978c5e-0000-7000-8000-%012x".format(nth)), Role.ATTENDEE)
    }
}
