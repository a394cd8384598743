package eventify

import eventify.core.SendNotification
import java.time.Instant
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicBoolean
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Job
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class FeedTest {
    /** Cancels a coroutine in the middle of its call: the engine asks for the time on the thread that waits. */
    private class Interrupting : Clock {
        @Volatile
        var waiting: Job? = null

        @Volatile
        var thread: Thread? = null
        val done = AtomicBoolean()

        override fun now(): Instant {
            if (Thread.currentThread() === thread) {
                done.set(true)
                waiting?.cancel()
            }
            return Instant.now()
        }
    }

    private suspend fun tell(engine: Eventify, to: Actor, vararg titles: String) {
        Actor.system().use { app ->
            titles.forEach { engine.notifications().send(app, SendNotification(checkNotNull(to.userId()), it, "At six.")) }
        }
    }

    @Test
    fun `what came to a coroutine that was cancelled meanwhile is the next one`() = story {
        val clock = Interrupting()
        val thread = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
        thread.use {
            Eventify.inMemory(EngineOptions(clock = clock, withoutWorker = true)).use { engine ->
                val bob = BoxOffice.person(engine, "bob@example.org")
                engine.notifications().listen(bob).use { feed ->
                    val begun = CompletableDeferred<Thread>()
                    val waiting = async(thread) {
                        begun.complete(Thread.currentThread())
                        feed.next()
                    }
                    clock.waiting = waiting
                    clock.thread = begun.await()
                    tell(engine, bob, "One")
                    val ended = runCatching { waiting.await() }.exceptionOrNull()
                    clock.thread = null
                    assertTrue(clock.done.get() && ended is CancellationException, "$ended")
                    tell(engine, bob, "Two")
                    assertEquals("One", withTimeout(60_000) { feed.next() }?.title)
                    assertEquals("Two", withTimeout(60_000) { feed.next() }?.title)
                }
                engine.shutDown()
            }
        }
    }

    @Test
    fun `a feed that was opened for a coroutine that was cancelled meanwhile is closed`() = story {
        val clock = Interrupting()
        val thread = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
        thread.use {
            Eventify.inMemory(EngineOptions(clock = clock, withoutWorker = true)).use { engine ->
                val bob = BoxOffice.person(engine, "bob@example.org")
                // A person has 64 feeds at most.
                repeat(100) {
                    val opening = async(thread, start = kotlinx.coroutines.CoroutineStart.LAZY) {
                        clock.thread = Thread.currentThread()
                        engine.notifications().listen(bob)
                    }
                    clock.done.set(false)
                    clock.waiting = opening
                    val ended = runCatching { opening.await() }.exceptionOrNull()
                    clock.thread = null
                    assertTrue(clock.done.get() && ended is CancellationException, "$ended")
                }
                engine.notifications().listen(bob).close()
                engine.shutDown()
            }
        }
    }

    @Test
    fun `a feed says as often as it is asked that it is over`() = story {
        val engine = Eventify.inMemory()
        val office = BoxOffice.open(engine, quantity = 1u)
        val (told, sold) = engine.notifications().listen(office.organizer) to engine.stats().watch(office.organizer, office.event)
        assertEquals(0u, sold.next()?.sales?.sold)
        engine.shutDown()
        repeat(3) {
            assertNull(told.next())
            assertNull(sold.next())
        }
    }

    @Test
    fun `a feed that is stopped ends the waiting, and is let go`() = story {
        Eventify.inMemory().use { engine ->
            val bob = BoxOffice.person(engine, "bob@example.org")
            // A person has 64 feeds at most.
            repeat(100) {
                engine.notifications().listen(bob).use { feed ->
                    val waiting = async { feed.next() }
                    if (it % 2 == 0) yield()
                    feed.stop()
                    assertNull(withTimeout(60_000) { waiting.await() })
                    assertNull(feed.next())
                }
            }
            engine.shutDown()
        }
    }
}
