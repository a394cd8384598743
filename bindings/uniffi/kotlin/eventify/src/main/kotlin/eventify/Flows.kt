package eventify

import eventify.core.LiveView
import eventify.core.NotificationId
import eventify.core.NotificationView
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/**
 * What a person is told from now on, or behind [after] and up to a minute before it, as it happens: drop by its id what you have. Ends with
 * the engine. Cold: each collector has a feed of its own, which is closed when it stops collecting; nothing is lost to one who is slow.
 */
public fun Notifications.flow(actor: Actor, after: NotificationId? = null): Flow<NotificationView> = flow {
    listen(actor, after).use { feed ->
        while (true) emit(feed.next() ?: break)
    }
}

/** What an event comes to, at once and then as it changes. Ends with the engine. */
public fun Stats.flow(actor: Actor, eventId: eventify.core.EventId): Flow<LiveView> = flow {
    watch(actor, eventId).use { feed ->
        while (true) emit(feed.next() ?: break)
    }
}
