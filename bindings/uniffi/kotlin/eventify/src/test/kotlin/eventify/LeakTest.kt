package eventify

import java.nio.file.Files
import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test

class LeakTest {
    /** What the process holds, in kilobytes, as Linux counts it. */
    private fun resident(): Long {
        val line = Files.readAllLines(Path.of("/proc/self/status")).first { it.startsWith("VmRSS:") }
        return line.filter(Char::isDigit).toLong()
    }

    private suspend fun round(engine: Eventify, objects: Int) {
        repeat(objects) { nth ->
            BoxOffice.stranger(nth).use { actor ->
                actor.fromOrigin(ORIGIN).use { engine.bookings().use { bookings -> if (nth % 50 == 0) bookings.mine(it) } }
            }
        }
    }

    /** By how much the process grows. The heap is there from the beginning: what comes on top is the library's. */
    private suspend fun grown(work: suspend () -> Unit): Long {
        System.gc()
        val before = resident()
        work()
        System.gc()
        return resident() - before
    }

    @Test
    fun `tens of thousands of objects are given back`() = story {
        assumeTrue(Files.exists(Path.of("/proc/self/status")), "only Linux says what a process holds")
        Eventify.inMemory().use { engine ->
            round(engine, 10_000) // the JVM takes what it takes
            // The JVM goes on taking for a while; what leaks grows each time.
            val given = (1..3).map { grown { round(engine, ROUNDS) } }
            assertTrue(given.min() < LEAK_KB, "grew by $given kB")
            // The measure sees them when they are kept.
            val kept = ArrayList<Actor>(OBJECTS)
            val held = grown { BoxOffice.stranger(1).use { one -> repeat(OBJECTS) { kept.add(one.fromOrigin(ORIGIN)) } } }
            assertTrue(held > LEAK_KB, "$OBJECTS objects that are held are $held kB")
            kept.forEach { it.close() }
            engine.shutDown()
        }
    }

    private companion object {
        const val ROUNDS = 40_000
        const val OBJECTS = 100_000

        /** An actor and where it comes from have some 130 bytes in Rust: held, some 13 MB; the three objects of each round would be 10 MB a time. */
        const val LEAK_KB = 7 * 1_024L
        val ORIGIN = "x".repeat(64)
    }

    @Test
    fun `an object that was given back says so`() = story {
        Eventify.inMemory().use { engine ->
            val bookings = engine.bookings()
            bookings.close()
            val gone = assertThrows(IllegalStateException::class.java) {
                kotlinx.coroutines.runBlocking { BoxOffice.stranger(1).use { bookings.mine(it) } }
            }
            assertTrue(gone.message!!.contains("destroyed"), gone.message)
            engine.shutDown()
        }
    }
}
