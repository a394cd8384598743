# What people are told. The value of a message is its title, of one line; .body is what stands below.
# What somebody left open is the number 0: { $gate -> [0] … *[other] … }.

# When something takes place, by the clocks there.
start = { $weekday }, { $day } { $month } { $year }, { $time } ({ $zone })
start-open = a day to be announced
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday

# Tickets.
tickets-bought = { $tickets ->
        [1] Your ticket for { $event }
       *[other] Your { $tickets } tickets for { $event }
    }
    .body = See you on { $start }.
ticket-reissued = Your ticket for { $event } has a new code
    .body = The organizer issued it anew: the old code no longer lets anybody in.
ticket-checked-in = Welcome to { $event }
    .body = { $gate ->
        [0] Your ticket { $code } was checked in.
       *[other] Your ticket { $code } was checked in at { $gate }.
    }
ticket-offered = A ticket for { $event } is offered to you
    .body = It takes place on { $start }. Accept it, and it is yours.
ticket-taken-over = Your ticket for { $event } was taken over
    .body = It is somebody else's now; your code no longer lets anybody in.
ticket-given = Your ticket for { $event }
    .body = See you on { $start }.

# Events and bookings.
event-changed = { $event } has changed
    .body = { $place ->
        [0] It now takes place on { $start }.
       *[other] It now takes place on { $start } at { $place }.
    }
event-soon = { $event } begins soon
    .body = { $place ->
        [0] It begins on { $start }.
       *[other] It begins on { $start } at { $place }.
    }
event-cancelled = { $event } was cancelled
    .body = { $reason ->
        [0] Your tickets are no longer valid.
       *[other] { $reason }
    }
booking-cancelled = { $whose ->
        [ticket] Your ticket for { $event } was cancelled
       *[booking] Your booking for { $event } was cancelled
    }
    .body = The organizer cancelled it; its tickets are no longer valid.

# Reviews.
review-received = { $event } was reviewed: { $rating } of 5
    .body = Read it among the event's reviews; you may answer it once.
review-published = Your review of { $event } is published
    .body = Thank you.
review-refused = Your review of { $event } is not published
    .body = { $reason }
review-answered = Your review of { $event } was answered
    .body = { $reply }

# Waitlists.
waitlist-offered = { $tickets ->
        [1] A ticket for { $event } is yours
       *[other] { $tickets } tickets for { $event } are yours
    }
    .body = You waited for them. Confirm the booking by { $until }, or they go to the next in line.
waitlist-ended-cancelled = You no longer wait for { $event }
    .body = The event was cancelled.
waitlist-ended-too-many = You no longer wait for { $event }
    .body = You waited for { $wanted }, but one person can have at most { $most } now.
waitlist-ended-has-enough = You no longer wait for { $event }
    .body = You have as many of these tickets as one person may have.

# Somebody's own words.
announcement = { $title }
    .body = { $body }

# The account.
-was-it-you = If that was not you, set a new password now and end your other sessions.
account-email-changed = The e-mail address of your account was changed
    .body = { -was-it-you }
account-email-lost = The e-mail address of your account was changed
    .body = It is not reached at this address any more. If that was not you, tell whoever runs this service at once.
account-password-changed = Your password was changed
    .body = { -was-it-you }
account-password-reset = Your password was reset
    .body = { -was-it-you }
account-api-key-made = An API key was made for your account
    .body = { -was-it-you }
account-second-factor-on = A second factor was turned on for your account
    .body = { -was-it-you }
account-second-factor-off = The second factor of your account was turned off
    .body = { -was-it-you }
account-second-factor-removed = An admin turned the second factor of your account off
    .body = { -was-it-you }
account-codes-renewed = Your account has new recovery codes
    .body = { -was-it-you }
account-code-used = A recovery code was used to log in; { $left ->
        [one] { $left } is left
       *[other] { $left } are left
    }
    .body = { -was-it-you }

# Codes that are mailed.
-not-asked = If you did not ask for it, ignore this message.
email-verification = Confirm your e-mail address
    .body =
        To confirm that this address is yours, use this code within { $minutes ->
            [one] { $minutes } minute
           *[other] { $minutes } minutes
        }: { $code }

        { -not-asked }
password-reset = Set a new password
    .body =
        To set a new password, use this code within { $minutes ->
            [one] { $minutes } minute
           *[other] { $minutes } minutes
        }: { $code }

        { -not-asked }

# Payments.
payment-received = Your payment for { $event }
    .body = { $amount } came.
payment-too-late = Your payment for { $event } is given back
    .body = { $amount } came when the seats were gone.
payment-by-hand-too-late = Your payment for { $event } came too late
    .body = { $amount } came too late for tickets. The organizer hands it back to you.
payment-twice = Your payment for { $event } is given back
    .body = { $amount } came, but the booking had been paid already.
payment-of-another-amount = Your payment for { $event } is given back
    .body = { $amount } came instead of { $asked }.
payment-of-cancelled = Your payment for { $event } is given back
    .body = { $amount } came when the booking was cancelled already.
payment-refunded = { $amount } for { $event } were given back
    .body = It may take some days until you see the money.
payment-failed = Your payment for { $event } failed
    .body = { $reason ->
        [0] Nothing was charged.
       *[other] { $reason }
    }

# Webhooks.
webhook-failing = A webhook of yours is told nothing any more
    .body = Nothing has arrived there for days. See to it, and enable it again.
webhook-gone = A webhook of yours is told nothing any more
    .body = It answered that it is gone. If it is not, enable it again.
# The page behind the link that ends messages.
unsubscribe-ask = No more of these messages?
    .body = { $channel }: { $kind }.
unsubscribe-done = You get no more of these messages
    .body = { $channel }: { $kind }. If you change your mind, choose them again in your preferences.
unsubscribe-button = Unsubscribe
channel-email = E-mail
channel-sms = Text messages
channel-push = Push messages
kind-purchase = what you buy, and your tickets
kind-check_in = entries with your tickets
kind-event_cancelled = events that are called off
kind-event_changed = changes of events
kind-reminder = reminders before events
kind-payment = your payments
kind-refund = refunds and cancelled bookings
kind-review = reviews
kind-announcement = announcements

# Several messages of a day, in one mail.
digest = { $messages } messages for you

# Pages that mails lead to.
page-prove-address = Confirm your address
    .body = Press the button, and mail about your tickets comes here.
page-address-proven = Your address is confirmed
    .body = You can close this page.
page-set-password = Set a new password
    .body = It has 8 to 128 characters. You are logged out everywhere, and log in with it.
page-password-set = Your new password is set
    .body = Log in with it.
page-code-no-good = This code is no good, or not any more. Ask for a new one.
page-code = Code
page-new-password = New password
page-go-on = Continue
page-event-cancelled = This event was called off.

# Pages for browsers around a payment.
page-payment-open = One moment
    .body = The payment is not confirmed yet. This page looks again by itself.
page-payment-came = Paid
    .body = Thank you. Your tickets are in your account.
page-payment-returned = Given back
    .body = Your money goes back to you.
page-payment-failed = Not paid
    .body = The payment failed. While your seats are held you can try again.
page-payment-expired = Too late
    .body = The time for this payment is over. What is paid late goes back to you, unless your seats are still there.
page-rehearsal = Pay for your tickets
    .body = This is a rehearsal: no money moves.
page-rehearsal-pay = Pay
page-rehearsal-decline = Decline

# Around what a mail says.
mail-hello = Hello, { $name },
mail-hello-nobody = Hello,
mail-see-event = Open the event
mail-confirm-address = Confirm the address
mail-set-password = Set a new password
mail-reason = You get this message because somebody gave this address for an account or a ticket.
mail-unsubscribe = No more messages of this kind

# What a ticket says: on paper, in mails and in calendars.
paper-when = Date and time
paper-doors = Doors open
paper-place = Place
paper-ticket = Ticket
paper-seat = Seat
paper-name = Name
paper-price = Price
paper-free = Free
paper-code = Code
paper-picture = QR code of the ticket
paper-advice = Show the code at the door, on paper or on a screen. It lets in whoever shows it first: keep pictures of it to yourself.
paper-seat-at = { $section }, row { $row }, seat { $number }
paper-date = { $weekday }, { $day } { $month } { $year }
