//! Programmes of every format, with the troubles that published ones have.

/// Two days, the first of which ends at four in the morning; two rooms; a talk without duration, two in one room at one
/// time, a title with markup and emoji.
pub const FRAB_XML: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<schedule>
  <conference>
    <acronym>sc27</acronym><title>Steppe Camp</title><city>Almaty</city><venue>Observatory</venue>
    <time_zone_name>Asia/Almaty</time_zone_name><start>2027-08-11</start><end>2027-08-12</end><days>2</days>
  </conference>
  <day index="1" date="2027-08-11" start="2027-08-11T10:00:00+05:00" end="2027-08-12T04:00:00+05:00">
    <room name="Dome">
      <event guid="sc-1" id="1"><start>10:00</start><duration>00:45</duration><title>Opening 🎪 &lt;b&gt;</title>
        <persons><person id="1">Dana Ospanova</person><person id="2">Нұрлан Әбенов</person></persons></event>
      <event guid="sc-2" id="2"><start>10:30</start><duration>00:30</duration><title>At the same time</title></event>
      <event guid="sc-3" id="3"><start>01:30</start><duration>01:00</duration><title>Owls</title></event>
    </room>
    <room name="Tent">
      <event guid="sc-4" id="4"><start>12:00</start><title>Lunch</title></event>
      <event guid="sc-5" id="5"><start>14:00</start><duration>01:30</duration><title>Knots</title></event>
    </room>
  </day>
  <day index="2" date="2027-08-12" start="2027-08-12T10:00:00+05:00" end="2027-08-13T04:00:00+05:00">
    <room name="Dome">
      <event guid="sc-6" id="6"><start>11:00</start><duration>00:20</duration><title>Closing</title></event>
    </room>
  </day>
</schedule>"#;

/// Three talks, one of them with an unreadable start.
pub const FRAB_JSON: &str = r#"{"schedule": {"version": "1", "conference": {
  "acronym": "fmt", "title": "Format Days", "time_zone_name": "Europe/Lisbon", "start": "2027-05-01", "end": "2027-05-01",
  "daysCount": 1, "days": [{"index": 1, "date": "2027-05-01",
    "day_start": "2027-05-01T09:00:00+01:00", "day_end": "2027-05-01T23:00:00+01:00", "rooms": {
      "Sala 1": [
        {"guid": "f-1", "id": 1, "date": "2027-05-01T10:00:00+01:00", "start": "10:00", "duration": "01:00",
         "title": "Commas, and what follows", "persons": [{"public_name": "Inês Carvalho"}]},
        {"guid": "f-2", "id": 2, "date": "sometime", "start": "soon", "duration": "00:30", "title": "Later"}
      ],
      "Sala 2": [
        {"guid": "f-3", "id": 3, "date": "2027-05-01T10:00:00+01:00", "start": "10:00", "duration": "00:30",
         "title": "Braces", "persons": []}
      ]}}]}}}"#;

/// Two entries and one without an end; folded lines, escapes, a zone of its own.
pub const ICS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//sample//EN\r\nX-WR-CALNAME:Winter School\r\n\
BEGIN:VEVENT\r\nUID:w-1@example.org\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Asia/Tokyo:20270110T100000\r\n\
DTEND;TZID=Asia/Tokyo:20270110T120000\r\nSUMMARY:Snow\\, ice and \r\n everything between\r\nLOCATION:Room 1\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:w-2@example.org\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20270110T040000Z\r\nDURATION:PT45M\r\n\
SUMMARY:Tea\r\nEND:VEVENT\r\n\
BEGIN:VEVENT\r\nUID:w-3@example.org\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:Nowhere in time\r\nEND:VEVENT\r\n\
END:VCALENDAR\r\n";
