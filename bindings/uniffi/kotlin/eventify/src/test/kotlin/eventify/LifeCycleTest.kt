package eventify

import eventify.core.BookingStatus
import eventify.core.EventifyException
import eventify.core.Reason
import eventify.core.Scan
import eventify.core.UpdateEvent
import eventify.values.Change
import java.nio.file.Path
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class LifeCycleTest {
    @TempDir
    lateinit var dir: Path

    @Test
    fun `from registration to the door, and after a restart it is all there`() = story {
        val file = dir.resolve("box-office.redb").toString()
        val (event, code) = Eventify.open(file).use { engine ->
            val office = BoxOffice.open(engine, quantity = 10u)
            val bob = BoxOffice.person(engine, "bob@example.org")
            val bookings = engine.bookings()
            val booked = bookings.hold(bob, office.wanted(2u))
            assertEquals(BookingStatus.HELD, booked.status)
            val confirmed = bookings.confirm(bob, booked.id)
            assertEquals(2, confirmed.tickets.size)
            assertEquals(2u, office.sold())
            val code = confirmed.tickets.first().code
            val tickets = engine.tickets()
            assertTrue(tickets.validate(office.organizer, code).valid)
            assertNotNull(tickets.checkIn(office.organizer, code, Scan(gate = "North")).usedAt)
            val again = refused("already_used") { tickets.checkIn(office.organizer, code) }
            assertTrue(again is EventifyException.Rule)
            assertEquals("North", again.failure.details["gate"])
            assertTrue(tickets.qrPng(bob, code).size > 100)
            office.event to code
        }
        Eventify.open(file).use { engine ->
            Actor.system().use { app ->
                assertEquals("An evening", engine.events().get(app, event).value.title)
                assertNotNull(engine.tickets().get(app, code).usedAt)
            }
            engine.shutDown()
        }
    }

    @Test
    fun `a closed engine frees its file at once, and everything that was made of it says closed`() = story {
        val file = dir.resolve("closed.redb").toString()
        val engine = Eventify.open(file)
        val office = BoxOffice.open(engine, quantity = 10u)
        val bob = BoxOffice.person(engine, "bob@example.org")
        val (bookings, payments) = engine.bookings() to engine.payments()
        val feed = engine.notifications().listen(bob)
        val export = engine.exports().attendees(office.organizer, office.event)
        bookings.buy(bob, office.wanted(2u))
        engine.close()
        Eventify.open(file).use { again ->
            // All of the old ones are held, and none of them holds the file.
            assertEquals(2u, again.ticketTypes().get(office.organizer, office.event, office.seats).value.sold)
            val late = refused("closed") { bookings.buy(bob, office.wanted(1u)) }
            assertTrue(late is EventifyException.Closed && !late.isRetryable, "$late")
            refused("closed") { bookings.mine(bob) }
            refused("closed") { export.next() }
            refused("closed") { payments.methods(null) }
            refused("closed") { engine.ping() }
            refused("closed") { engine.events().get(bob, office.event) }
            refused("closed") { engine.closeFeeds() }
            assertNull(feed.next())
            engine.shutDown()
            engine.close()
            assertEquals(2u, again.ticketTypes().get(office.organizer, office.event, office.seats).value.sold)
        }
    }

    @Test
    fun `closing finishes what was accepted`() = story {
        val file = dir.resolve("finished.redb").toString()
        val (office, answers) = Eventify.open(file).use { engine ->
            val office = BoxOffice.open(engine, quantity = 300u)
            val bookings = engine.bookings()
            val begun = java.util.concurrent.CountDownLatch(300)
            val buying = (1..300).map { nth ->
                async {
                    BoxOffice.stranger(nth).use {
                        begun.countDown()
                        runCatching { bookings.buy(it, office.wanted(1u)) }
                    }
                }
            }
            begun.await()
            office to buying
        }
        val ends = answers.awaitAll()
        val bought = ends.count { it.isSuccess }
        val refused = ends.mapNotNull { it.exceptionOrNull() as EventifyException? }
        assertTrue(refused.all { it.code in setOf("shutting_down", "closed", "store_unavailable") }, "${refused.map { it.code }.toSet()}")
        Eventify.open(file).use { again ->
            // Who was answered has their ticket, and nobody else has one.
            assertEquals(bought.toUInt(), again.ticketTypes().get(office.organizer, office.event, office.seats).value.sold)
        }
    }

    @Test
    fun `whoever closes beside somebody who does already waits for the end of it`() = story {
        repeat(20) { nth ->
            val file = dir.resolve("both$nth.redb").toString()
            val engine = Eventify.open(file)
            val office = BoxOffice.open(engine, quantity = 100u)
            val bookings = engine.bookings()
            val buying = (1..20).map { who -> async { BoxOffice.stranger(who).use { runCatching { bookings.buy(it, office.wanted(1u)) } } } }
            val closing = async { engine.shutDown() }
            kotlinx.coroutines.withContext(kotlinx.coroutines.Dispatchers.IO) { engine.close() }
            // Its file is free, whoever of the two was first.
            Eventify.open(file).use { again ->
                val bought = buying.awaitAll().count { it.isSuccess }
                assertEquals(bought.toUInt(), again.ticketTypes().get(office.organizer, office.event, office.seats).value.sold)
            }
            closing.await()
        }
    }

    @Test
    fun `a file has one engine at a time`() = story {
        val file = dir.resolve("twice.redb").toString()
        Eventify.open(file).use { engine ->
            val second = refused("store_unavailable") { Eventify.open(file).use { } }
            assertTrue(second.isRetryable)
            engine.shutDown()
        }
    }

    @Test
    fun `refusals are sealed, and name the field and the limit`() = story {
        Eventify.inMemory().use { engine ->
            val office = BoxOffice.open(engine, quantity = 1u)
            val bob = BoxOffice.stranger(1)
            val bookings = engine.bookings()
            bookings.buy(bob, office.wanted(1u))
            val said = when (val soldOut = refused("sold_out") { bookings.hold(bob, office.wanted(1u)) }) {
                is EventifyException.Rule -> soldOut.failure.reason
                is EventifyException.Invalid, is EventifyException.Malformed -> null
                is EventifyException.Unauthenticated, is EventifyException.Forbidden -> null
                is EventifyException.NotFound, is EventifyException.Stale -> null
                is EventifyException.Throttled, is EventifyException.Unavailable -> null
                is EventifyException.Internal, is EventifyException.Closed -> null
            }
            assertEquals(Reason.SOLD_OUT, said)
            val long = UpdateEvent(title = "x".repeat(201))
            val invalid = refused("invalid_value") { engine.events().update(office.organizer, office.event, long) }
            assertEquals("title", invalid.failure.fields.single().field)
            assertTrue(invalid.failure.fields.single().message.contains("200"))
            // A text that is not of its form is refused before anything is asked.
            val noId = eventify.values.BookingId("7")
            val notAnId = refused("invalid_value") { bookings.get(bob, noId) }
            assertEquals("BookingId", notAnId.failure.fields.single().field)
            val noPerson = refused("invalid_value") { Actor.user(eventify.values.UserId("7"), eventify.core.Role.ATTENDEE) }
            assertEquals("UserId", noPerson.failure.fields.single().field)
            engine.shutDown()
        }
    }

    @Test
    fun `a partial update keeps, clears and sets, and only what was seen`() = story {
        Eventify.inMemory().use { engine ->
            val office = BoxOffice.open(engine, quantity = 1u)
            val (events, who) = engine.events() to office.organizer
            val set = events.update(who, office.event, UpdateEvent(venue = Change.To("Opera"), city = Change.To("Almaty")))
            assertEquals("Opera", set.value.venue)
            val cleared = events.update(who, office.event, UpdateEvent(venue = Change.Clear), set.version)
            assertNull(cleared.value.venue)
            assertEquals("Almaty", cleared.value.city)
            val stale = refused("precondition_failed") {
                events.update(who, office.event, UpdateEvent(title = "Late"), set.version)
            }
            assertTrue(stale is EventifyException.Stale)
            engine.shutDown()
        }
    }

    @Test
    fun `nothing secret is shown by what prints itself`() = story {
        Eventify.inMemory().use { engine ->
            val office = BoxOffice.open(engine, quantity = 1u)
            val bought = engine.bookings().buy(BoxOffice.stranger(1), office.wanted(1u))
            val ticket = bought.tickets.single()
            assertFalse(bought.toString().contains(ticket.code))
            assertFalse(bought.toString().contains(ticket.shortCode))
            val login = eventify.core.Login("ada@example.org", eventify.values.Secret("three quiet rivers"))
            assertFalse(login.toString().contains("rivers"))
            val tokens = Actor.anonymous().use { engine.accounts().login(it, login) }
            assertFalse(tokens.toString().contains(tokens.accessToken))
            assertFalse(tokens.toString().contains(tokens.refreshToken))
            engine.accounts().authenticate(eventify.values.Secret(tokens.accessToken)).use { ada ->
                assertEquals(office.organizer.userId(), ada.userId())
            }
            engine.shutDown()
        }
    }

    @Test
    fun `what is answered does not change`() = story {
        Eventify.inMemory().use { engine ->
            val office = BoxOffice.open(engine, quantity = 1u)
            val bought = engine.bookings().buy(BoxOffice.stranger(1), office.wanted(1u))
            val event = engine.events().get(office.organizer, office.event)
            for (answer in listOf(bought, bought.booking, bought.tickets.single(), event, event.value)) {
                val open = answer.javaClass.declaredFields.filterNot { java.lang.reflect.Modifier.isFinal(it.modifiers) }
                assertTrue(open.isEmpty(), "$open")
                assertTrue(answer.javaClass.methods.none { it.name.startsWith("set") && it.parameterCount == 1 })
            }
            assertEquals(bought.copy(), bought)
            engine.shutDown()
        }
    }

    @Test
    fun `pages are followed by their cursor`() = story {
        Eventify.inMemory().use { engine ->
            val office = BoxOffice.open(engine, quantity = 30u)
            val bob = BoxOffice.stranger(1)
            repeat(25) { engine.bookings().buy(bob, office.wanted(1u)) }
            val first = engine.bookings().mine(bob, eventify.core.PageRequest(limit = 20u))
            val second = engine.bookings().mine(bob, eventify.core.PageRequest(limit = 20u, cursor = first.nextCursor))
            assertEquals(20 to 5, first.data.size to second.data.size)
            assertNull(second.nextCursor)
            assertEquals(25, (first.data + second.data).map { it.id }.toSet().size)
            engine.exports().attendees(office.organizer, office.event).use { export ->
                val all = generateSequence { kotlinx.coroutines.runBlocking { export.next() } }.flatten().toList()
                assertEquals(25, all.size)
            }
            engine.shutDown()
        }
    }
}
