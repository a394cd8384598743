package scanner

import eventify.Eventify
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class ScannerTest {
    @Test
    fun `codes are looked at and let in once`() = runBlocking {
        withTimeout(60_000) {
            Eventify.inMemory().use { engine ->
                val (scanner, codes) = evening(engine)
                val said = mutableListOf<String>()
                val typed = listOf("? ${codes[0]}", codes[0], "? ${codes[0]}", codes[0], "nonsense", codes[1])
                serve(scanner, typed.joinToString("\n").reader().buffered(), said::add)
                assertEquals(
                    listOf("good", "welcome", "bad: already_used", "stop: already_used at gate North", "stop: unknown", "welcome"),
                    said.map { if (it.startsWith("good") || it.startsWith("welcome")) it.substringBefore(':') else it },
                )
                engine.shutDown()
            }
        }
    }
}
