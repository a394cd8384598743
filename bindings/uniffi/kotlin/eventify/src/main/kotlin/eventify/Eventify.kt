package eventify

/**
 * A running engine over one file, or in memory. One file has one engine at a time, and every answer is on disk when it comes.
 *
 * `shutDown` finishes what was accepted without blocking; [close] does it for whoever has not. The file is free then, whoever still holds
 * `bookings()` or another noun: what they ask is refused with `EventifyException.Closed`.
 */
public class Eventify private constructor(private val engine: Engine) : EngineInterface by engine, AutoCloseable {
    /** Accepts nothing more, finishes what was accepted, and lets go of the file. Blocks while it does; closing twice is closing once. */
    override fun close(): Unit = engine.letGo()

    public companion object {
        /**
         * Opens the engine over a file, and makes it if it is missing. Blocks while it does.
         *
         * @throws eventify.core.EventifyException `store_unavailable` when the file cannot be opened, or is open elsewhere; `invalid_value`
         * for a notifier or provider that does not say what it serves.
         */
        public fun open(path: String, options: EngineOptions = EngineOptions()): Eventify = Eventify(Engine.open(path, options))

        /**
         * Starts an engine that keeps everything in memory, and forgets it in the end.
         *
         * @throws eventify.core.EventifyException `invalid_value` for a notifier or provider that does not say what it serves.
         */
        public fun inMemory(options: EngineOptions = EngineOptions()): Eventify = Eventify(Engine.inMemory(options))
    }
}
