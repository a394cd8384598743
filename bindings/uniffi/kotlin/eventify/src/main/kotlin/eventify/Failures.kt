package eventify

import eventify.core.EventifyException
import eventify.core.Failure

/** What it is about, whatever kind of answer it is. */
public val EventifyException.failure: Failure
    get() = when (this) {
        is EventifyException.Malformed -> failure
        is EventifyException.Invalid -> failure
        is EventifyException.Unauthenticated -> failure
        is EventifyException.Forbidden -> failure
        is EventifyException.NotFound -> failure
        is EventifyException.Rule -> failure
        is EventifyException.Stale -> failure
        is EventifyException.Throttled -> failure
        is EventifyException.Unavailable -> failure
        is EventifyException.Internal -> failure
        is EventifyException.Closed -> failure
    }

/** The stable code, the same as in HTTP, such as `sold_out`. */
public val EventifyException.code: String get() = failure.code

/** Whether the very same request may succeed later without anybody changing anything. */
public val EventifyException.isRetryable: Boolean get() = failure.isRetryable
