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
        val big = "x".repeat(64)
        repeat(objects) { nth ->
            BoxOffice.stranger(nth).use { actor ->
                actor.fromOrigin(big).use { engine.bookings().use { bookings -> if (nth % 50 == 0) bookings.mine(it) } }
            }
        }
    }

    @Test
    fun `tens of thousands of objects are given back`() = story {
        assumeTrue(Files.exists(Path.of("/proc/self/status")), "only Linux says what a process holds")
        Eventify.inMemory().use { engine ->
            round(engine, 10_000) // the JVM takes what it takes
            System.gc()
            val before = resident()
            round(engine, 20_000)
            System.gc()
            // The heap is 192 MB at most and warm by now; 60,000 objects that leaked would hold far more.
            val grown = resident() - before
            assertTrue(grown < 64 * 1_024, "grew by $grown kB")
            engine.shutDown()
        }
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
