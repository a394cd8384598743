package eventify

import eventify.core.AddPushSubscription
import eventify.core.CallbackAnswer
import eventify.core.Channel
import eventify.core.Charge
import eventify.core.ChargeKey
import eventify.core.ChargeRequest
import eventify.core.ChargeStatus
import eventify.core.Currency
import eventify.core.JobClass
import eventify.core.Message
import eventify.core.Money
import eventify.core.NotificationView
import eventify.core.PaymentId
import eventify.core.PaymentStatus
import eventify.core.ProviderCallback
import eventify.core.PushSubscriptionId
import eventify.core.ReceiptStatus
import eventify.core.Recipient
import eventify.core.RefundPayment
import eventify.core.RefundReceipt
import eventify.core.RefundRequest
import eventify.core.RefundStatus
import eventify.core.SendNotification
import eventify.core.StartPayment
import eventify.core.UpdateTicketType
import eventify.core.Verdict
import java.time.Instant
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class HostTest {
    /** Fails as it is told to, then remembers what it brought. */
    private class Post(vararg failures: Exception) : Notifier {
        private val failures = ConcurrentLinkedQueue(failures.toList())
        val brought = ConcurrentLinkedQueue<Message>()
        val tried = AtomicInteger()

        override fun channels(): Set<Channel> = setOf(Channel.EMAIL)

        override suspend fun deliver(channel: Channel, to: Recipient, message: Message): List<PushSubscriptionId> {
            tried.incrementAndGet()
            delay(1) // it may wait
            failures.poll()?.let { throw it }
            brought.add(message)
            return emptyList()
        }
    }

    /** A clock that is set by hand. */
    private class Wrist(start: Instant) : Clock {
        val at = AtomicReference(start)
        override fun now(): Instant = at.get()
    }

    private val start: Instant = Instant.parse("2026-11-21T09:00:00Z")

    @Test
    fun `what a notifier throws is tried again, and what never will succeed is not`() = story {
        val post = Post(IllegalStateException("the host's own trouble"), DeliveryException.Transient("busy"))
        val clock = Wrist(start)
        Eventify.inMemory(EngineOptions(notifier = post, clock = clock, withoutWorker = true)).use { engine ->
            val bob = BoxOffice.person(engine, "bob@example.org")
            val words = SendNotification(checkNotNull(bob.userId()), "Doors open", "At six.")
            Actor.system().use { engine.notifications().send(it, words) }
            repeat(20) {
                engine.jobs().runDue()
                clock.at.set(clock.at.get().plusSeconds(3_600))
            }
            assertTrue(post.brought.any { it.title == "Doors open" }, "${post.tried}")
            assertEquals(2, post.tried.get() - post.brought.size)
            val dead = Actor.system().use { engine.jobs().dead(it) }
            assertEquals(0, dead.data.size)
            engine.shutDown()
        }
        val strict = Post(DeliveryException.Permanent("no such mailbox"), DeliveryException.Permanent("no such mailbox"))
        Eventify.inMemory(EngineOptions(notifier = strict, clock = Wrist(start), withoutWorker = true)).use { engine ->
            val bob = BoxOffice.person(engine, "bob@example.org")
            val words = SendNotification(checkNotNull(bob.userId()), "Doors open", "At six.")
            Actor.system().use { engine.notifications().send(it, words) }
            repeat(3) { engine.jobs().runDue() }
            val dead = Actor.system().use { engine.jobs().dead(it) }
            assertTrue(dead.data.isNotEmpty() && dead.data.all { it.lastError?.contains("mailbox") == true })
            engine.shutDown()
        }
    }

    @Test
    fun `what a notifier throws is shown to nobody`() = story {
        val post = Post(*Array(60) { IllegalStateException("POST https://mail.example/?token=hunter2") })
        val clock = Wrist(start)
        Eventify.inMemory(EngineOptions(notifier = post, clock = clock, withoutWorker = true)).use { engine ->
            val bob = BoxOffice.person(engine, "bob@example.org")
            val words = SendNotification(checkNotNull(bob.userId()), "Doors open", "At six.")
            Actor.system().use { engine.notifications().send(it, words) }
            repeat(40) {
                engine.jobs().runDue()
                clock.at.set(clock.at.get().plusSeconds(7_200))
            }
            val dead = Actor.system().use { engine.jobs().dead(it) }
            val said = dead.data.map { it.lastError.orEmpty() }
            assertTrue(said.isNotEmpty() && said.all { "threw" in it && "hunter2" !in it }, "$said")
            engine.shutDown()
        }
    }

    @Test
    fun `a notifier that cannot say what it serves keeps the engine from starting`() = story {
        val silent = object : Notifier {
            override fun channels(): Set<Channel> = throw IllegalStateException("no network")
            override suspend fun deliver(channel: Channel, to: Recipient, message: Message): List<PushSubscriptionId> = emptyList()
        }
        val refusal = refused("invalid_value") { Eventify.inMemory(EngineOptions(notifier = silent)) }
        assertEquals("notifier", refusal.failure.fields.single().field)
    }

    @Test
    fun `the host's clock is the engine's, and one that fails is replaced by the machine's`() = story {
        val clock = Wrist(start)
        Eventify.inMemory(EngineOptions(clock = clock, withoutWorker = true)).use { engine ->
            val bob = BoxOffice.person(engine, "bob@example.org")
            assertEquals(start, engine.accounts().me(bob).value.createdAt)
            engine.shutDown()
        }
        val broken = object : Clock {
            override fun now(): Instant = throw ClockException.Unknown("no battery")
        }
        Eventify.inMemory(EngineOptions(clock = broken, withoutWorker = true)).use { engine ->
            val before = Instant.now().minusSeconds(5)
            val bob = BoxOffice.person(engine, "bob@example.org")
            assertTrue(engine.accounts().me(bob).value.createdAt > before)
            engine.shutDown()
        }
    }

    /** A bank in memory. It fails so often before it charges. */
    private class Bank(failures: Int = 1, private val status: ChargeStatus = ChargeStatus.SUCCEEDED) : PaymentProvider {
        private val troubles = AtomicInteger(failures)
        val charges = java.util.concurrent.ConcurrentHashMap<String, Charge>()
        private val kzt = Currency("KZT")

        override fun describe(): ProviderDescription =
            ProviderDescription("bank", partialRefunds = true, byHand = false, returnUrl = "https://app.example/{payment_id}", currencies = listOf(kzt))

        override suspend fun create(request: ChargeRequest): Charged {
            if (troubles.getAndDecrement() > 0) throw IllegalStateException("the line is dead")
            val reference = request.paymentId.toString()
            check(request.returnUrl == "https://app.example/$reference")
            val none = Money(0, kzt)
            return Charged(charges.getOrPut(reference) { Charge(reference, status = status, amount = request.amount, refunded = none) })
        }

        override suspend fun status(charge: ChargeKey): Charged =
            Charged(charges[charge.paymentId.toString()] ?: throw ProviderException.Unknown())

        /** Refunds by their key: accepted, and made only when the test says so. */
        val refunds = java.util.concurrent.ConcurrentHashMap<String, ReceiptStatus>()
        val askedFor = ConcurrentLinkedQueue<String>()

        override suspend fun refund(request: RefundRequest): Refunded = said(request, refunds.getOrPut(request.idempotencyKey) { ReceiptStatus.PENDING })

        override suspend fun release(charge: ChargeKey) = Unit

        override suspend fun refundStatus(request: RefundRequest): Refunded {
            askedFor.add(request.idempotencyKey)
            return said(request, refunds.getValue(request.idempotencyKey))
        }

        private fun said(request: RefundRequest, status: ReceiptStatus) = Refunded(RefundReceipt("back-${request.idempotencyKey}", status))
    }

    @Test
    fun `a host's payment provider is paid through`() = story {
        val bank = Bank()
        Eventify.inMemory(EngineOptions(paymentProvider = bank)).use { engine ->
            val office = BoxOffice.open(engine, quantity = 10u)
            val price = Money(5_000_00, Currency("KZT"))
            engine.ticketTypes().update(office.organizer, office.event, office.seats, UpdateTicketType(price = price))
            val bob = BoxOffice.stranger(1)
            val held = engine.bookings().hold(bob, office.wanted(2u))
            val lost = refused("payment_provider_unavailable") { engine.payments().start(bob, StartPayment(held.id)) }
            assertTrue(lost.isRetryable)
            val paid = engine.payments().start(bob, StartPayment(held.id))
            assertEquals(PaymentStatus.SUCCEEDED, engine.payments().get(bob, paid.id).value.status)
            assertEquals(2, engine.bookings().get(bob, held.id).tickets.size)
            assertEquals(1, bank.charges.size)
            engine.shutDown()
        }
    }

    @Test
    fun `a refund that the host's provider accepted is followed until it is made`() = story {
        val bank = Bank(failures = 0)
        val clock = Wrist(Instant.now())
        Eventify.inMemory(EngineOptions(paymentProvider = bank, clock = clock, withoutWorker = true)).use { engine ->
            val office = BoxOffice.open(engine, quantity = 10u)
            val price = Money(5_000_00, Currency("KZT"))
            engine.ticketTypes().update(office.organizer, office.event, office.seats, UpdateTicketType(price = price))
            val bob = BoxOffice.stranger(1)
            val held = engine.bookings().hold(bob, office.wanted(2u))
            val payment = engine.payments().start(bob, StartPayment(held.id)).id
            val part = RefundPayment(amount = Money(1_000_00, Currency("KZT")))
            engine.payments().refund(office.organizer, payment, part)
            suspend fun refund() = engine.payments().get(office.organizer, payment).value.refunds.single()
            suspend fun later() {
                clock.at.set(clock.at.get().plusSeconds(7 * 3_600))
                while (engine.jobs().runDue() > 0u) Unit
            }
            later()
            assertEquals(RefundStatus.SENT, refund().status)
            later()
            assertEquals(RefundStatus.SENT, refund().status)
            val key = bank.refunds.keys.single()
            assertTrue(bank.askedFor.isNotEmpty() && bank.askedFor.all { it == key }, "${bank.askedFor}")
            bank.refunds[key] = ReceiptStatus.DONE
            later()
            assertEquals(RefundStatus.DONE, refund().status)
            engine.shutDown()
        }
    }

    /** Reads what the bank says: a word and a payment, signed with a word between the two. */
    private class Caller(val bank: Bank) : PaymentCallbacks {
        override fun parse(callback: ProviderCallback, now: Instant): CallbackNews {
            if (callback.headers["x-secret"] != "between us") throw ProviderException.NotGenuine()
            val (word, id) = callback.body.decodeToString().split(' ')
            val payment = PaymentId(id)
            return when (word) {
                "paid" -> CallbackNews.Charge(payment, bank.charges.compute(id) { _, was -> was!!.copy(status = ChargeStatus.SUCCEEDED) }!!)
                "may" -> CallbackNews.Check(payment, bank.charges.getValue(id).amount)
                "broken" -> throw IllegalStateException("the host's own trouble")
                "mute" -> CallbackNews.Nothing
                else -> throw ProviderException.Refused("nobody knows this word")
            }
        }

        override fun answer(callback: ProviderCallback, verdict: Verdict): CallbackReply {
            check(!callback.body.decodeToString().startsWith("mute")) { "no words" }
            val (status, said) = when (verdict) {
                is Verdict.Accepted -> 200 to "accepted"
                is Verdict.Refused -> 400 to "refused: ${verdict.v1}"
                is Verdict.NotGenuine -> 403 to "not genuine"
                is Verdict.TryAgain -> 503 to "again"
            }
            return CallbackReply(CallbackAnswer(status.toUShort(), "application/vnd.bank", said.toByteArray()))
        }
    }

    @Test
    fun `what a payment provider says by itself is given to the engine, and answered in its words`() = story {
        val bank = Bank(failures = 0, status = ChargeStatus.PENDING)
        Eventify.inMemory(EngineOptions(paymentProvider = bank, paymentCallbacks = Caller(bank))).use { engine ->
            val office = BoxOffice.open(engine, quantity = 10u)
            engine.ticketTypes().update(office.organizer, office.event, office.seats, UpdateTicketType(price = Money(5_000_00, Currency("KZT"))))
            val bob = BoxOffice.stranger(1)
            val held = engine.bookings().hold(bob, office.wanted(2u))
            val payment = engine.payments().start(bob, StartPayment(held.id)).id
            suspend fun said(word: String, secret: String = "between us"): Pair<Int, String> {
                val callback = ProviderCallback("/callbacks", "", mapOf("x-secret" to secret), "$word $payment".toByteArray())
                assertTrue(!callback.toString().contains(word), "it may name the payer")
                val answer = engine.payments().callback("bank", callback)
                return answer.status.toInt() to answer.body.decodeToString()
            }
            assertEquals(200 to "accepted", said("may"))
            assertEquals(403 to "not genuine", said("paid", "a guess"))
            assertEquals(0, engine.bookings().get(bob, held.id).tickets.size)
            repeat(2) { assertEquals(200 to "accepted", said("paid")) }
            assertEquals(2, engine.bookings().get(bob, held.id).tickets.size)
            assertEquals(400, said("may").first)
            assertTrue(said("strange").second.contains("nobody knows"))
            assertEquals(503 to "again", said("broken"))
            assertEquals(500 to "", said("mute"))
            refused("not_found") { engine.payments().callback("nobody", ProviderCallback("/", "", mapOf(), byteArrayOf())) }
            engine.shutDown()
        }
        Eventify.inMemory(EngineOptions(paymentProvider = bank)).use { engine ->
            val answer = engine.payments().callback("bank", ProviderCallback("/", "", mapOf(), byteArrayOf()))
            assertEquals(403, answer.status.toInt())
        }
    }

    @Test
    fun `notifications come as a flow, once each, and it ends with the engine`() = story {
        Eventify.inMemory().use { engine ->
            val bob = BoxOffice.person(engine, "bob@example.org")
            val words = { title: String -> SendNotification(checkNotNull(bob.userId()), title, "At six.") }
            val notifications = engine.notifications()
            Actor.system().use { notifications.send(it, words("One")) }
            val history = notifications.list(bob, false).data
            val first = history.single { it.title == "One" }
            // A feed that goes on may repeat what was told within the last minute.
            val known = history.map { it.id }.toMutableSet()
            Actor.system().use { app -> listOf("Two", "Three").forEach { notifications.send(app, words(it)) } }
            val two: List<NotificationView> = notifications.flow(bob, after = first.id).filter { known.add(it.id) }.take(2).toList()
            assertEquals(listOf("Two", "Three"), two.map { it.title })
            val heard = CompletableDeferred<Unit>()
            val rest = async {
                notifications.flow(bob, after = two.last().id).filter { it.id !in known }.onEach { heard.complete(Unit) }.toList()
            }
            Actor.system().use { notifications.send(it, words("Four")) }
            assertEquals("Four", notifications.flow(bob, after = two.last().id).first { it.id !in known }.title)
            // Whoever begins to listen to an engine that ends is refused.
            heard.await()
            engine.shutDown()
            assertEquals(listOf("Four"), rest.await().map { it.title })
        }
    }

    @Test
    fun `a notifier that has too much to do has used up no attempt`() = story {
        val no = listOf(DeliveryException.Busy("thirty letters lie here"), DeliveryException.Away("the postman"))
        val post = Post(*Array(30) { no[it % 2] })
        val clock = Wrist(start)
        Eventify.inMemory(EngineOptions(notifier = post, clock = clock, withoutWorker = true)).use { engine ->
            val bob = BoxOffice.person(engine, "bob@example.org")
            val words = SendNotification(checkNotNull(bob.userId()), "Doors open", "At six.")
            Actor.system().use { engine.notifications().send(it, words) }
            repeat(60) {
                engine.jobs().runDue()
                clock.at.set(clock.at.get().plusSeconds(600))
            }
            assertTrue(post.brought.any { it.title == "Doors open" }, "${post.tried}")
            engine.shutDown()
        }
    }

    @Test
    fun `an event is watched as it sells`() = story {
        Eventify.inMemory().use { engine ->
            val office = BoxOffice.open(engine, quantity = 10u)
            engine.bookings().buy(BoxOffice.stranger(1), office.wanted(3u))
            val seen = engine.stats().flow(office.organizer, office.event).first { it.sales?.sold == 3u }
            assertEquals(0u, seen.door.checkedIn)
            engine.shutDown()
        }
    }

    @Test
    fun `jobs are asked for by their class`() = story {
        Eventify.inMemory(EngineOptions(withoutWorker = true)).use { engine ->
            val office = BoxOffice.open(engine, quantity = 10u)
            engine.bookings().hold(BoxOffice.stranger(1), office.wanted(1u))
            val waiting = Actor.system().use { engine.jobs().waiting(it, JobClass.INSIDE) }
            assertTrue(waiting.data.isNotEmpty())
            val nothing = refused("invalid_value") {
                engine.notifications().addPushSubscription(office.organizer, AddPushSubscription())
            }
            assertTrue(nothing.failure.fields.isNotEmpty())
            engine.shutDown()
        }
    }
}
