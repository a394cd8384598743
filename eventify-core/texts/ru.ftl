# О чём сообщают людям. Значение сообщения – заголовок в одну строку, .body – то, что под ним.
# Чего не указали, то число 0: { $gate -> [0] … *[other] … }.

# Когда что-то происходит, по часам того места.
start = { $weekday }, { $day } { $month } { $year } г., { $time } ({ $zone })
start-open = дата будет объявлена
month-1 = января
month-2 = февраля
month-3 = марта
month-4 = апреля
month-5 = мая
month-6 = июня
month-7 = июля
month-8 = августа
month-9 = сентября
month-10 = октября
month-11 = ноября
month-12 = декабря
weekday-1 = понедельник
weekday-2 = вторник
weekday-3 = среда
weekday-4 = четверг
weekday-5 = пятница
weekday-6 = суббота
weekday-7 = воскресенье

# Билеты.
tickets-bought = { $tickets ->
        [1] Ваш билет на «{ $event }»
        [one] { $tickets } билет на «{ $event }» – ваш
        [few] { $tickets } билета на «{ $event }» – ваши
       *[many] { $tickets } билетов на «{ $event }» – ваши
    }
    .body = Ждём вас: { $start }.
ticket-reissued = У билета на «{ $event }» новый код
    .body = Организатор выпустил билет заново: по старому коду больше никто не войдёт.
ticket-checked-in = Добро пожаловать на «{ $event }»
    .body = { $gate ->
        [0] Ваш билет { $code } отмечен на входе.
       *[other] Ваш билет { $code } отмечен на входе: { $gate }.
    }
ticket-offered = Вам предлагают билет на «{ $event }»
    .body = Начало: { $start }. Примите билет, и он ваш.
ticket-taken-over = Ваш билет на «{ $event }» забрали
    .body = Теперь он принадлежит другому человеку; по вашему коду больше никто не войдёт.
ticket-given = Ваш билет на «{ $event }»
    .body = Ждём вас: { $start }.

# События и бронирования.
event-changed = «{ $event }»: изменения
    .body = { $place ->
        [0] Новое время: { $start }.
       *[other] Теперь событие проходит так: { $start }, { $place }.
    }
event-soon = «{ $event }» скоро начнётся
    .body = { $place ->
        [0] Начало: { $start }.
       *[other] Начало: { $start }, { $place }.
    }
event-cancelled = «{ $event }»: событие отменено
    .body = { $reason ->
        [0] Ваши билеты больше не действуют.
       *[other] { $reason }
    }
booking-cancelled = { $whose ->
        [ticket] Ваш билет на «{ $event }» отменён
       *[booking] Ваша бронь на «{ $event }» отменена
    }
    .body = Так решил организатор; билеты больше не действуют.

# Отзывы.
review-received = Отзыв о «{ $event }»: { $rating } из 5
    .body = Прочитайте его среди отзывов о событии; ответить можно один раз.
review-published = Ваш отзыв о «{ $event }» опубликован
    .body = Спасибо.
review-refused = Ваш отзыв о «{ $event }» не опубликован
    .body = { $reason }
review-answered = На ваш отзыв о «{ $event }» ответили
    .body = { $reply }

# Списки ожидания.
waitlist-offered = { $tickets ->
        [1] Билет на «{ $event }» – ваш
        [one] { $tickets } билет на «{ $event }» – ваш
        [few] { $tickets } билета на «{ $event }» – ваши
       *[many] { $tickets } билетов на «{ $event }» – ваши
    }
    .body = Вы ждали этого. Подтвердите бронь до срока ({ $until }), иначе место перейдёт следующему в очереди.
waitlist-ended-cancelled = Вы больше не ждёте билетов на «{ $event }»
    .body = Событие отменено.
waitlist-ended-too-many = Вы больше не ждёте билетов на «{ $event }»
    .body = Вы ждали столько билетов: { $wanted }, но теперь одному человеку можно не больше { $most }.
waitlist-ended-has-enough = Вы больше не ждёте билетов на «{ $event }»
    .body = У вас столько этих билетов, сколько может быть у одного человека.

# Собственные слова.
announcement = { $title }
    .body = { $body }

# Учётная запись.
-was-it-you = Если это были не вы, сразу задайте новый пароль и завершите другие сеансы.
account-email-changed = Адрес почты вашей учётной записи изменён
    .body = { -was-it-you }
account-email-lost = Адрес почты вашей учётной записи изменён
    .body = По этому адресу она больше не доступна. Если это были не вы, сразу сообщите тем, кто управляет этой службой.
account-password-changed = Ваш пароль изменён
    .body = { -was-it-you }
account-password-reset = Ваш пароль сброшен
    .body = { -was-it-you }
account-api-key-made = Для вашей учётной записи создан ключ API
    .body = { -was-it-you }
account-second-factor-on = У вашей учётной записи включён второй фактор
    .body = { -was-it-you }
account-second-factor-off = У вашей учётной записи выключен второй фактор
    .body = { -was-it-you }
account-second-factor-removed = Администратор выключил второй фактор вашей учётной записи
    .body = { -was-it-you }
account-codes-renewed = У вашей учётной записи новые коды восстановления
    .body = { -was-it-you }
account-code-used = Вход по коду восстановления; { $left ->
        [one] остался { $left } код
        [few] осталось { $left } кода
       *[many] осталось { $left } кодов
    }
    .body = { -was-it-you }

# Коды, которые приходят по почте.
-not-asked = Если вы этого не просили, не обращайте внимания на это письмо.
email-verification = Подтвердите адрес почты
    .body =
        Чтобы подтвердить, что этот адрес ваш, введите код в течение { $minutes ->
            [one] { $minutes } минуты
           *[many] { $minutes } минут
        }: { $code }

        { -not-asked }
password-reset = Новый пароль
    .body =
        Чтобы задать новый пароль, введите код в течение { $minutes ->
            [one] { $minutes } минуты
           *[many] { $minutes } минут
        }: { $code }

        { -not-asked }

# Платежи.
payment-received = Ваш платёж за «{ $event }»
    .body = Получено: { $amount }.
payment-too-late = Платёж за «{ $event }» возвращается
    .body = { $amount } поступили, когда мест уже не было.
payment-by-hand-too-late = Платёж за «{ $event }» поступил слишком поздно
    .body = { $amount } поступили слишком поздно, билетов за них не будет. Деньги вернёт организатор.
payment-twice = Платёж за «{ $event }» возвращается
    .body = { $amount } поступили, но бронь уже была оплачена.
payment-of-another-amount = Платёж за «{ $event }» возвращается
    .body = Поступило { $amount } вместо { $asked }.
payment-of-cancelled = Платёж за «{ $event }» возвращается
    .body = { $amount } поступили, когда бронь была уже отменена.
payment-refunded = Возврат за «{ $event }»: { $amount }
    .body = Деньги могут идти несколько дней.
payment-failed = Платёж за «{ $event }» не прошёл
    .body = { $reason ->
        [0] Деньги не списаны.
       *[other] { $reason }
    }

# Webhooks.
webhook-failing = Ваш вебхук больше не получает сообщений
    .body = Уже несколько дней туда ничего не доходит. Исправьте это и включите его снова.
webhook-gone = Ваш вебхук больше не получает сообщений
    .body = Его адрес ответил, что вебхука больше нет. Если это не так, включите его снова.
# Страница по ссылке, которая прекращает сообщения.
unsubscribe-ask = Больше не присылать таких сообщений?
    .body = { $channel }: { $kind }.
unsubscribe-done = Таких сообщений больше не будет
    .body = { $channel }: { $kind }. Если передумаете, включите их снова в своих настройках.
unsubscribe-button = Отписаться
channel-email = Электронная почта
channel-sms = SMS
channel-push = Push-сообщения
kind-purchase = покупки и билеты
kind-check_in = вход по вашим билетам
kind-event_cancelled = отмена событий
kind-event_changed = изменения событий
kind-reminder = напоминания о событиях
kind-payment = платежи
kind-refund = возвраты и отменённые брони
kind-review = отзывы
kind-announcement = объявления

# Несколько сообщений за день в одном письме.
digest = { $messages ->
        [one] { $messages } сообщение для вас
        [few] { $messages } сообщения для вас
       *[many] { $messages } сообщений для вас
    }

# Страницы, на которые ведут письма.
page-prove-address = Подтвердите адрес
    .body = Нажмите кнопку, и письма о ваших билетах будут приходить сюда.
page-address-proven = Адрес подтверждён
    .body = Эту страницу можно закрыть.
page-set-password = Новый пароль
    .body = В нём от 8 до 128 знаков. Все ваши сеансы завершатся; войдите с новым паролем.
page-password-set = Новый пароль установлен
    .body = Войдите с ним.
page-code-no-good = Этот код неверен или больше не действует. Запросите новый.
page-code = Код
page-new-password = Новый пароль
page-go-on = Продолжить
page-event-cancelled = Это событие отменено.

# Страницы вокруг оплаты.
page-payment-open = Одну минуту
    .body = Оплата ещё не подтверждена. Страница обновится сама.
page-payment-came = Оплачено
    .body = Спасибо. Ваши билеты — в вашем аккаунте.
page-payment-returned = Возврат
    .body = Ваши деньги возвращаются к вам.
page-payment-failed = Не оплачено
    .body = Платёж не прошёл. Пока места за вами, можно попробовать ещё раз.
page-payment-expired = Слишком поздно
    .body = Время на оплату истекло. Поздно пришедшие деньги вернутся к вам, если места уже заняты.
page-rehearsal = Оплата билетов
    .body = Это репетиция: деньги не списываются.
page-rehearsal-pay = Оплатить
page-rehearsal-decline = Отказаться

# Вокруг того, что сказано в письме.
mail-hello = Здравствуйте, { $name },
mail-hello-nobody = Здравствуйте,
mail-see-event = Открыть мероприятие
mail-confirm-address = Подтвердить адрес
mail-set-password = Задать новый пароль
mail-reason = Вы получили это письмо, потому что этот адрес указан в учётной записи или в билете.
mail-unsubscribe = Больше не присылать таких писем

# Что сказано на билете: на бумаге, в письмах и в календарях.
paper-when = Дата и время
paper-doors = Вход открыт с
paper-place = Место
paper-ticket = Билет
paper-seat = Ваше место
paper-name = Имя
paper-price = Цена
paper-free = Бесплатно
paper-code = Код
paper-picture = QR-код билета
paper-advice = Покажите код на входе, на бумаге или на экране. Войдёт тот, кто покажет его первым: никому не посылайте его снимок.
paper-seat-at = { $section }, ряд { $row }, место { $number }
paper-date = { $weekday }, { $day } { $month } { $year } г.
