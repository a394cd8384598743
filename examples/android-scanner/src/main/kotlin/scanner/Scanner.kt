package scanner

import eventify.Actor
import eventify.Eventify
import eventify.core.EventId
import eventify.core.EventifyException
import eventify.core.Scan
import eventify.code
import eventify.failure

/** What stands at a door. An Android app shows these lines in green and red; here they are printed. */
class Scanner(private val engine: Eventify, private val door: Actor, private val event: EventId, private val gate: String) {
    /** Looks at a code without letting anybody in. */
    suspend fun verify(code: String): String = engine.tickets().use { tickets ->
        val seen = tickets.validate(door, code, Scan(eventId = event))
        if (seen.valid) "good: ${seen.ticket?.shortCode}" else "bad: ${seen.reason}"
    }

    /** Lets the ticket's person in, once. */
    suspend fun checkIn(code: String): String = engine.tickets().use { tickets ->
        try {
            val ticket = tickets.checkIn(door, code, Scan(eventId = event, gate = gate))
            "welcome: ${ticket.shortCode}"
        } catch (refusal: EventifyException.Rule) {
            val where = refusal.failure.details["gate"]?.let { " at gate $it" } ?: ""
            "stop: ${refusal.code}$where"
        } catch (unknown: EventifyException.NotFound) {
            "stop: ${unknown.code}"
        }
    }

    /** A line from the keyboard, or from a scanner that types: `? code` looks, a code alone lets in. */
    suspend fun line(text: String): String {
        val code = text.removePrefix("?").trim()
        return if (text.startsWith("?")) verify(code) else checkIn(code)
    }
}
