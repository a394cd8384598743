package eventify

import eventify.core.BookingStatus
import eventify.core.EventifyException
import eventify.core.PageRequest
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class CrowdTest {
    @TempDir
    lateinit var dir: Path

    @Test
    fun `a thousand buyers of a hundred seats get a hundred tickets`() = story {
        Eventify.open(dir.resolve("crowd.redb").toString()).use { engine ->
            val office = BoxOffice.open(engine, quantity = 100u)
            val bookings = engine.bookings()
            val answers = (1..1_000).map { nth ->
                async {
                    BoxOffice.stranger(nth).use { buyer ->
                        try {
                            bookings.buy(buyer, office.wanted(1u)).tickets.size
                        } catch (refusal: EventifyException.Rule) {
                            assertTrue(refusal.code == "sold_out" || refusal.code == "not_enough_left", refusal.code)
                            0
                        }
                    }
                }
            }.awaitAll()
            assertEquals(100, answers.sum())
            assertEquals(100u, office.sold())
            engine.shutDown()
        }
    }

    @Test
    fun `who gives up waiting neither loses nor doubles a booking`() = story {
        Eventify.open(dir.resolve("gone.redb").toString()).use { engine ->
            val office = BoxOffice.open(engine, quantity = 1_000u)
            val bookings = engine.bookings()
            val gaveUp = AtomicInteger()
            (1..200).map { nth ->
                launch {
                    BoxOffice.stranger(nth).use { buyer ->
                        // The pauses go through the whole of a purchase, from before its first poll to after its commit.
                        try {
                            withTimeout((nth % 8).toLong()) { bookings.buy(buyer, office.wanted(1u), idempotencyKey = "order") }
                        } catch (_: TimeoutCancellationException) {
                            gaveUp.incrementAndGet()
                        }
                        // Asking again gives the one booking, whether it was made before or is made now.
                        val bought = bookings.buy(buyer, office.wanted(1u), idempotencyKey = "order")
                        assertEquals(BookingStatus.CONFIRMED, bought.booking.status)
                        val mine = bookings.mine(buyer, PageRequest())
                        assertEquals(listOf(bought.booking.id), mine.data.map { it.id })
                    }
                }
            }.forEach { it.join() }
            assertTrue(gaveUp.get() > 0, "nobody gave up")
            assertEquals(200u, office.sold())
            engine.shutDown()
        }
    }

    @Test
    fun `a cancelled coroutine leaves the engine at work for others`() = story {
        Eventify.inMemory().use { engine ->
            val office = BoxOffice.open(engine, quantity = 500u)
            val bookings = engine.bookings()
            val crowd = (1..400).map { nth ->
                launch { BoxOffice.stranger(nth).use { bookings.buy(it, office.wanted(1u), idempotencyKey = "order") } }
            }
            delay(5)
            crowd.forEach { it.cancel() }
            crowd.forEach { it.join() }
            // What was accepted is decided before what comes now: both are commands of one event.
            BoxOffice.stranger(9_999).use { bookings.buy(it, office.wanted(1u)) }
            assertEquals(office.sold().toInt(), attendees(office))
            // Whoever asks again has one booking, made before or now.
            val bought = (1..400).map { nth ->
                async { BoxOffice.stranger(nth).use { bookings.buy(it, office.wanted(1u), idempotencyKey = "order").booking.id } }
            }.awaitAll()
            assertEquals(400, bought.toSet().size)
            assertEquals(401u, office.sold())
            assertEquals(401, attendees(office))
            engine.shutDown()
        }
    }

    private suspend fun attendees(office: BoxOffice): Int {
        val export = office.engine.exports().attendees(office.organizer, office.event)
        var found = 0
        while (true) found += export.next()?.size ?: return found.also { export.close() }
    }
}
