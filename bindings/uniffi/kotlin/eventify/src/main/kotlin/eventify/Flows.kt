package eventify

import eventify.core.EventId
import eventify.core.LiveView
import eventify.core.NotificationId
import eventify.core.NotificationView
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.isActive
import kotlinx.coroutines.withContext

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
public fun Stats.flow(actor: Actor, eventId: EventId): Flow<LiveView> = flow {
    watch(actor, eventId).use { feed ->
        while (true) emit(feed.next() ?: break)
    }
}

/**
 * The same to be asked one by one, with [next]. Close it: a person has 64 at most. A coroutine that is cancelled opens none.
 *
 * @throws eventify.core.EventifyException as [Notifications.openFeed].
 */
public suspend fun Notifications.listen(actor: Actor, after: NotificationId? = null): NotificationFeed =
    opened { openFeed(actor, after) }

/**
 * What an event comes to, to be asked one by one, with [next]. Close it: an event has 64 at most. A coroutine that is cancelled opens none.
 *
 * @throws eventify.core.EventifyException as [Stats.openFeed].
 */
public suspend fun Stats.watch(actor: Actor, eventId: EventId): StatsFeed = opened { openFeed(actor, eventId) }

/**
 * The next notification; nothing when the engine has ended, or the feed. Who is cancelled while waiting took none: it is the next one.
 *
 * @throws eventify.core.EventifyException `session_revoked`; `invalid_token` and `token_expired` of an API key. Nothing comes behind it.
 */
public suspend fun NotificationFeed.next(): NotificationView? {
    while (ready()) take()?.let { return it }
    return null
}

/**
 * What the event comes to now, or when it changes; nothing when the engine has ended, or the feed. Who is cancelled while waiting took nothing.
 *
 * @throws eventify.core.EventifyException `session_revoked`, `device_revoked`, and what [watch] refuses. Nothing comes behind it.
 */
public suspend fun StatsFeed.next(): LiveView? {
    while (ready()) take()?.let { return it }
    return null
}

/** Opens a feed. A coroutine that is cancelled while its answer is on the way would lose it, and it would never be closed. */
private suspend fun <F : AutoCloseable> opened(open: suspend () -> F): F {
    val feed = withContext(NonCancellable) { open() }
    if (!currentCoroutineContext().isActive) feed.close()
    currentCoroutineContext().ensureActive()
    return feed
}
