# Адамдарға не хабарланады. Хабардың мәні – бір жолдық тақырып, .body – оның астындағы сөйлемдер.
# Көрсетілмегені – 0 саны: { $gate -> [0] … *[other] … }.

# Қашан өтеді, сол жердің сағатымен.
start = { $year } жылғы { $day } { $month }, { $weekday }, { $time } ({ $zone })
start-open = күні кейін хабарланады
month-1 = қаңтар
month-2 = ақпан
month-3 = наурыз
month-4 = сәуір
month-5 = мамыр
month-6 = маусым
month-7 = шілде
month-8 = тамыз
month-9 = қыркүйек
month-10 = қазан
month-11 = қараша
month-12 = желтоқсан
weekday-1 = дүйсенбі
weekday-2 = сейсенбі
weekday-3 = сәрсенбі
weekday-4 = бейсенбі
weekday-5 = жұма
weekday-6 = сенбі
weekday-7 = жексенбі

# Билеттер.
tickets-bought = { $tickets ->
        [1] «{ $event }»: билетіңіз
       *[other] «{ $event }»: { $tickets } билетіңіз
    }
    .body = Күтеміз: { $start }.
ticket-reissued = «{ $event }» билетіңіздің коды жаңарды
    .body = Оны ұйымдастырушы қайта шығарды: ескі кодпен енді ешкім кіре алмайды.
ticket-checked-in = «{ $event }»: қош келдіңіз
    .body = { $gate ->
        [0] { $code } билетіңіз кіреберісте тіркелді.
       *[other] { $code } билетіңіз кіреберісте тіркелді: { $gate }.
    }
ticket-offered = Сізге «{ $event }» билеті ұсынылды
    .body = Басталуы: { $start }. Қабылдасаңыз, билет сіздікі болады.
ticket-taken-over = «{ $event }» билетіңізді басқа адам алды
    .body = Енді ол басқа адамға тиесілі; сіздің кодыңызбен ешкім кіре алмайды.
ticket-given = «{ $event }»: билетіңіз
    .body = Күтеміз: { $start }.

# Іс-шаралар мен брондар.
event-changed = «{ $event }»: өзгерістер бар
    .body = { $place ->
        [0] Жаңа уақыты: { $start }.
       *[other] Енді былай өтеді: { $start }, { $place }.
    }
event-soon = «{ $event }» жақында басталады
    .body = { $place ->
        [0] Басталуы: { $start }.
       *[other] Басталуы: { $start }, { $place }.
    }
event-cancelled = «{ $event }» өтпейтін болды
    .body = { $reason ->
        [0] Билеттеріңіз енді жарамсыз.
       *[other] { $reason }
    }
booking-cancelled = { $whose ->
        [ticket] «{ $event }» билетіңіз жойылды
       *[booking] «{ $event }» броныңыз жойылды
    }
    .body = Оны ұйымдастырушы жойды; билеттер енді жарамсыз.

# Пікірлер.
review-received = «{ $event }» туралы пікір: 5 баллдан { $rating }
    .body = Оны іс-шараның пікірлері арасынан оқыңыз; бір рет жауап бере аласыз.
review-published = «{ $event }» туралы пікіріңіз жарияланды
    .body = Рақмет.
review-refused = «{ $event }» туралы пікіріңіз жарияланбады
    .body = { $reason }
review-answered = «{ $event }» туралы пікіріңізге жауап берілді
    .body = { $reply }

# Күту тізімдері.
waitlist-offered = { $tickets ->
        [1] «{ $event }»: билет сіздікі
       *[other] «{ $event }»: { $tickets } билет сіздікі
    }
    .body = Сіз осыны күткен едіңіз. Бронды мерзіміне дейін растаңыз ({ $until }), әйтпесе кезектегі келесі адамға өтеді.
waitlist-ended-cancelled = Сіз «{ $event }» кезегінде енді жоқсыз
    .body = Іс-шара өтпейтін болды.
waitlist-ended-too-many = Сіз «{ $event }» кезегінде енді жоқсыз
    .body = Сіз { $wanted } билет күттіңіз, ал енді бір адам ең көбі { $most } билет ала алады.
waitlist-ended-has-enough = Сіз «{ $event }» кезегінде енді жоқсыз
    .body = Сізде бұл билеттерден бір адамға рұқсат етілгенше бар.

# Біреудің өз сөзі.
announcement = { $title }
    .body = { $body }

# Тіркелгі.
-was-it-you = Егер бұл сіз болмасаңыз, бірден жаңа құпиясөз қойып, басқа сеанстарыңызды аяқтаңыз.
account-email-changed = Тіркелгіңіздің пошта мекенжайы өзгертілді
    .body = { -was-it-you }
account-email-lost = Тіркелгіңіздің пошта мекенжайы өзгертілді
    .body = Ол бұл мекенжайда енді қолжетімсіз. Егер бұл сіз болмасаңыз, осы қызметті басқаратындарға бірден хабарлаңыз.
account-password-changed = Құпиясөзіңіз өзгертілді
    .body = { -was-it-you }
account-password-reset = Құпиясөзіңіз қайта қойылды
    .body = { -was-it-you }
account-api-key-made = Тіркелгіңізге API кілті жасалды
    .body = { -was-it-you }
account-second-factor-on = Тіркелгіңізде екінші фактор қосылды
    .body = { -was-it-you }
account-second-factor-off = Тіркелгіңізде екінші фактор өшірілді
    .body = { -was-it-you }
account-second-factor-removed = Әкімші тіркелгіңіздің екінші факторын өшірді
    .body = { -was-it-you }
account-codes-renewed = Тіркелгіңіздің қалпына келтіру кодтары жаңарды
    .body = { -was-it-you }
account-code-used = Қалпына келтіру кодымен кірілді; { $left } код қалды
    .body = { -was-it-you }

# Поштамен келетін кодтар.
-not-asked = Егер мұны сұрамаған болсаңыз, бұл хатқа мән бермеңіз.
email-verification = Пошта мекенжайыңызды растаңыз
    .body =
        Бұл мекенжай сіздікі екенін растау үшін { $minutes } минут ішінде мына кодты енгізіңіз: { $code }

        { -not-asked }
password-reset = Жаңа құпиясөз
    .body =
        Жаңа құпиясөз қою үшін { $minutes } минут ішінде мына кодты енгізіңіз: { $code }

        { -not-asked }

# Төлемдер.
payment-received = «{ $event }» төлеміңіз
    .body = Түсті: { $amount }.
payment-too-late = «{ $event }» төлемі қайтарылады
    .body = { $amount } орындар біткеннен кейін түсті.
payment-by-hand-too-late = «{ $event }» төлемі тым кеш түсті
    .body = { $amount } билет алуға тым кеш түсті. Ақшаны ұйымдастырушы қайтарып береді.
payment-twice = «{ $event }» төлемі қайтарылады
    .body = { $amount } түсті, бірақ бронь бұрын төленген.
payment-of-another-amount = «{ $event }» төлемі қайтарылады
    .body = { $asked } орнына { $amount } түсті.
payment-of-cancelled = «{ $event }» төлемі қайтарылады
    .body = { $amount } бронь жойылғаннан кейін түсті.
payment-refunded = «{ $event }» үшін қайтарылды: { $amount }
    .body = Ақша түскенше бірнеше күн өтуі мүмкін.
payment-failed = «{ $event }» төлемі өтпеді
    .body = { $reason ->
        [0] Ақша алынған жоқ.
       *[other] { $reason }
    }

# Webhooks.
webhook-failing = Сіздің вебхугыңызға енді ештеңе жіберілмейді
    .body = Бірнеше күн бойы оған ештеңе жетпеді. Түзетіп, қайта қосыңыз.
webhook-gone = Сіздің вебхугыңызға енді ештеңе жіберілмейді
    .body = Оның мекенжайы вебхук енді жоқ деп жауап берді. Олай болмаса, қайта қосыңыз.
# Хабарларды тоқтататын сілтеменің беті.
unsubscribe-ask = Мұндай хабарларды енді жібермейік пе?
    .body = { $channel }: { $kind }.
unsubscribe-done = Мұндай хабарлар енді келмейді
    .body = { $channel }: { $kind }. Ойыңыз өзгерсе, оларды баптауларыңызда қайта қосыңыз.
unsubscribe-button = Бас тарту
channel-email = Электрондық пошта
channel-sms = SMS
channel-push = Push-хабарлар
kind-purchase = сатып алулар мен билеттер
kind-check_in = билеттеріңізбен кіру
kind-event_cancelled = өтпейтін болған іс-шаралар
kind-event_changed = іс-шаралардағы өзгерістер
kind-reminder = іс-шаралар туралы еске салулар
kind-payment = төлемдер
kind-refund = қайтарулар мен жойылған брондар
kind-review = пікірлер
kind-announcement = хабарландырулар

# Бір күннің хабарлары бір хатта.
digest = Сізге { $messages } хабар

# Хаттардағы сілтемелердің беттері.
page-prove-address = Мекенжайыңызды растаңыз
    .body = Түймені басыңыз, сонда билеттеріңіз туралы хаттар осында келеді.
page-address-proven = Мекенжайыңыз расталды
    .body = Бұл бетті жабуға болады.
page-set-password = Жаңа құпиясөз
    .body = Ол 8–128 таңбадан тұрады. Барлық сеанстарыңыз аяқталады; жаңа құпиясөзбен кіріңіз.
page-password-set = Жаңа құпиясөз орнатылды
    .body = Сонымен кіріңіз.
page-code-no-good = Бұл код жарамсыз немесе мерзімі өткен. Жаңасын сұраңыз.
page-code = Код
page-new-password = Жаңа құпиясөз
page-go-on = Жалғастыру
page-event-cancelled = Бұл іс-шара өтпейтін болды.

# Төлем беттері.
page-payment-open = Бір сәт
    .body = Төлем әлі расталған жоқ. Бет өзі жаңарады.
page-payment-came = Төленді
    .body = Рақмет. Билеттеріңіз аккаунтыңызда.
page-payment-returned = Қайтарылды
    .body = Ақшаңыз өзіңізге қайтарылады.
page-payment-failed = Төленбеді
    .body = Төлем өтпеді. Орындар сізде тұрғанда қайта көруге болады.
page-payment-expired = Кеш қалдыңыз
    .body = Төлем уақыты бітті. Орындар бос болмаса, кеш түскен ақша өзіңізге қайтарылады.
page-rehearsal = Билеттерге төлеу
    .body = Бұл — жаттығу: ақша алынбайды.
page-rehearsal-pay = Төлеу
page-rehearsal-decline = Бас тарту

# Хаттағы сөздердің айналасы.
mail-hello = Сәлеметсіз бе, { $name },
mail-hello-nobody = Сәлеметсіз бе,
mail-see-event = Іс-шараны ашу
mail-confirm-address = Мекенжайды растау
mail-set-password = Жаңа құпиясөз қою
mail-reason = Бұл хат осы мекенжай тіркелгіде немесе билетте көрсетілгендіктен келді.
mail-unsubscribe = Мұндай хаттарды бұдан былай жібермеу

# Билетте айтылатыны: қағазда, хаттарда және күнтізбелерде.
paper-when = Күні мен уақыты
paper-doors = Есік ашылады
paper-place = Өтетін жері
paper-ticket = Билет
paper-seat = Орныңыз
paper-name = Аты-жөні
paper-price = Бағасы
paper-free = Тегін
paper-code = Код
paper-picture = Билеттің QR-коды
paper-advice = Кодты кіреберісте қағаздан не экраннан көрсетіңіз. Кім бірінші көрсетсе, сол кіреді: суретін ешкімге жібермеңіз.
paper-seat-at = { $section }, { $row }-қатар, { $number }-орын
paper-date = { $year } жылғы { $day } { $month }, { $weekday }
