#![allow(clippy::unwrap_used)]

use super::*;
use chrono_tz::Asia::Ho_Chi_Minh;

/// Monday, 23 November 2026, 12:00 in Hanoi.
const NOW: &str = "2026-11-23T05:00:00Z";

/// A stamp as text: "-" for none, the day alone without a time, "~" before what is rounded.
fn told(stamp: Option<Stamp>) -> String {
    let Some(Stamp { at, has_time, coarse }) = stamp else {
        return "-".to_owned();
    };
    let rounded = if coarse { "~" } else { "" };
    let text = if has_time { at.format("%FT%T%:z") } else { at.format("%F") };
    assert!(has_time || at.time() == NaiveTime::MIN);
    format!("{rounded}{text}")
}

fn check(input: &str, want: &str) {
    let now = NOW.parse().unwrap();
    assert_eq!(told(parse(input, Ho_Chi_Minh, now)), want, "{input:?}");
}

/// One line of the table: what is wanted, a tab, the text; a comment begins with "# ".
#[test]
fn reads_the_table() {
    let rows = include_str!("../../tests/fixtures/dates.tsv").lines().filter(|line| !line.starts_with("# "));
    let rows: Vec<(&str, &str)> = rows.map(|row| row.split_once('\t').unwrap()).collect();
    assert!(rows.len() >= 250);
    let wrong: Vec<String> = rows
        .iter()
        .map(|(want, text)| (want, text, told(parse(text, Ho_Chi_Minh, NOW.parse().unwrap()))))
        .filter(|(want, _, got)| *want != got)
        .map(|(want, text, got)| format!("{text:?} gives {got}, not {want}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn reads_what_portals_write() {
    check("Ngày đăng 17/09/2019 | 16:30  | Lượt xem: 261", "2019-09-17T16:30:00+07:00");
    check("Thứ Ba, 17/09/2019, 16:30 (GMT+7)", "2019-09-17T16:30:00+07:00");
    check("Thứ tư - 26/07/2017 19:30", "2017-07-26T19:30:00+07:00");
    check("Thứ Tư, 07/01/2015 | 22:34", "2015-01-07T22:34:00+07:00");
    check(" 14/11/2017 17:38:36", "2017-11-14T17:38:36+07:00");
    check("(7/03/2019)", "2019-03-07");
    check("05/09/2019 16:30", "2019-09-05T16:30:00+07:00");
    check("17/9/19", "2019-09-17");
    check("25.5.2017", "2017-05-25");
    check("17 - 9 - 2019", "2019-09-17");
    check("ngày13/5/2019", "2019-05-13");
    check("16:30 - 17/09/2019", "2019-09-17T16:30:00+07:00");
    check("17/09/2019-16:30", "2019-09-17T16:30:00+07:00");
    check("17/09/2019 lúc 16:30 (Thứ Ba)", "2019-09-17T16:30:00+07:00");
    check("17/09/2019 (Thứ Ba) 16:30", "2019-09-17T16:30:00+07:00");
    check("16h30' ngày 17-9-2019", "2019-09-17T16:30:00+07:00");
    check("16h 17/09/2019", "2019-09-17T16:00:00+07:00");
    check("16 giờ 30 phút, ngày 17/9/2019", "2019-09-17T16:30:00+07:00");
    check("16g30 17/9/2019", "2019-09-17T16:30:00+07:00");
    check("0h5 ngày 1 tháng 1 năm 2020", "2020-01-01T00:05:00+07:00");
}

#[test]
fn reads_months_in_words() {
    check("17 tháng 9 năm 2019", "2019-09-17");
    check("Thứ Ba, ngày 17 tháng 9 năm 2019", "2019-09-17");
    check("9 Tháng 1 2015 lúc 15:08", "2015-01-09T15:08:00+07:00");
    check("05 Tháng một 2015 - 03:54 AM", "2015-01-05T03:54:00+07:00");
    check("Tháng Mười Hai 29, 2013, 14:14", "2013-12-29T14:14:00+07:00");
    check("17 tháng năm năm 2019", "2019-05-17");
    check("17 tháng năm 2019", "2019-05-17");
    check("17 Th9, 2019", "2019-09-17");
    check("17 thg 9, 2019", "2019-09-17");
    check("17/tháng 9/2019", "2019-09-17");
    check("September 17, 2019 4:30 pm", "2019-09-17T16:30:00+07:00");
    check("17 tháng 13 năm 2019", "-");
    check("tháng 9 năm 2019", "-");
}

#[test]
fn reads_machine_dates() {
    check("2019-09-17T16:30:00+07:00", "2019-09-17T16:30:00+07:00");
    check("2019-09-17T09:30:00Z", "2019-09-17T09:30:00+00:00");
    check("2019-09-17T09:30:00.123-05:00", "2019-09-17T09:30:00-05:00");
    check("2019-09-17 16:30", "2019-09-17T16:30:00+07:00");
    check("2019-09-17", "2019-09-17");
    check("2019/9/7", "2019-09-07");
    check("2010-05-28+0702:39:00", "2010-05-28T02:39:00+07:00");
    check("Tue, 17 Sep 2019 16:30:00 +0700", "2019-09-17T16:30:00+07:00");
    check("Tue, 17 Sep 2019 09:30:00 GMT", "2019-09-17T09:30:00+00:00");
    check("Tue, 17 Sep 19 09:30:00 -0500", "2019-09-17T09:30:00-05:00");
    check("Tuesday, 17-Sep-19 09:30:00 GMT", "2019-09-17T09:30:00+00:00");
    check("17 Sept 2019 16:30 ICT", "2019-09-17T16:30:00+07:00");
    check("Tue Sep 17 2019 16:30:00 GMT+0700 (Indochina Time)", "2019-09-17T16:30:00+07:00");
    check("17/09/2019 16:30 UTC+07:00", "2019-09-17T16:30:00+07:00");
    check("16:30 (GMT +8) 17/09/2019", "2019-09-17T16:30:00+08:00");
    check("17/09/2019 8:00-11:30", "2019-09-17T08:00:00+07:00");
    check("2019-09-17T16:30:00+99:00", "2019-09-17T16:30:00+07:00");
}

#[test]
fn reads_morning_and_afternoon() {
    check("ngày 05/09/2019 4:30 CH", "2019-09-05T16:30:00+07:00");
    check("05/09/2019 16:30 CH", "2019-09-05T16:30:00+07:00");
    check("05/09/2019 12:15 SA", "2019-09-05T00:15:00+07:00");
    check("05/09/2019 12:15 CH", "2019-09-05T12:15:00+07:00");
    check("05/09/2019 4:30:09 p.m.", "2019-09-05T16:30:09+07:00");
    check("4:30 chiều ngày 05/09/2019", "2019-09-05T16:30:00+07:00");
    check("8 giờ sáng ngày 05/09/2019", "2019-09-05T08:00:00+07:00");
}

#[test]
fn reads_odd_characters() {
    check("17\u{2011}09\u{2011}2019", "2019-09-17");
    check("１７/０９/２０１９", "2019-09-17");
    check("17/09/2019\u{A0}|\u{3000}16：30", "2019-09-17T16:30:00+07:00");
    check("Nga\u{300}y đa\u{306}ng 17/09/2019", "2019-09-17");
    check("\u{200B}17/09/\u{FEFF}2019", "2019-09-17");
    check("NGÀY 17 THÁNG 9 NĂM 2019", "2019-09-17");
}

#[test]
fn picks_the_posting_date() {
    check("Ngày ban hành 17/09/2019, hiệu lực 01/10/2019", "2019-09-17");
    check("Ban hành 01/09/2019 - Ngày đăng: 17/09/2019 16:30", "2019-09-17T16:30:00+07:00");
    check("Cập nhật 18/09/2019 08:00, đăng lúc 16:30 ngày 17/09/2019", "2019-09-17T16:30:00+07:00");
    check("Họp ngày 01/09/2019. Cập nhật: 17/09/2019", "2019-09-17");
    check("Đăng bởi: Hoàng Hiệp, 17/09/2019", "2019-09-17");
    check("Ngày đăng 31/02/2019, hiệu lực 01/10/2019", "-");
    check("Ngày đăng 00/00/0000, cập nhật 17/09/2019", "2019-09-17");
    check("00/00/0000 | 17/09/2019", "2019-09-17");
    check("08:00 17/09/2019 - 09:00 18/09/2019", "2019-09-17T08:00:00+07:00");
    check("2 giờ trước (17/09/2019)", "2019-09-17");
    check("Số 12.345.678 ngày 17/09/2019", "2019-09-17");
}

#[test]
fn reads_dates_told_from_today() {
    check("hôm qua", "2026-11-22");
    check("Hôm qua lúc 08:15", "2026-11-22T08:15:00+07:00");
    check("Hôm nay, 9:05", "2026-11-23T09:05:00+07:00");
    check("Hôm nay 11h39 | Lượt xem: 3", "2026-11-23T11:39:00+07:00");
    check("3 giờ trước", "~2026-11-23T09:00:00+07:00");
    check("Cập nhật: 2 giờ trước", "~2026-11-23T10:00:00+07:00");
    check("2 phút trước", "~2026-11-23T11:58:00+07:00");
    check("cách đây 1 giờ 20 phút", "~2026-11-23T10:40:00+07:00");
    check("một giờ trước", "~2026-11-23T11:00:00+07:00");
    check("Vừa xong", "~2026-11-23T12:00:00+07:00");
    check("3 ngày trước", "~2026-11-20");
    check("2 tuần 3 ngày trước", "~2026-11-06");
    check("15 tháng trước", "~2025-08-23");
    check("9999 năm trước", "-");
    check("9999 tuần trước", "-");
    check("2 giờ", "-");
}

#[test]
fn refuses_the_page_clock_and_counters() {
    check("Hôm nay: Chủ nhật, 22/11/2026 21:59:07", "-");
    check("Hôm nay: 21:59 Chủ nhật, 22/11/2026", "-");
    check("Hôm nay là thứ hai ngày 23 tháng 11 năm 2026", "-");
    check("Hôm nay: Chủ nhật, 22/11/2026. Ngày đăng: 17/09/2019", "2019-09-17");
    check("Hôm nay: 438", "-");
    check("Hôm nay, phường họp", "-");
    check("Thứ năm", "-");
}

#[test]
fn refuses_what_cannot_be() {
    for input in [
        "",
        "31/02/2019",
        "00/00/0000 00:00",
        "09/17/2019",
        "23:60",
        "16:30",
        "16:30 CH",
        "17/09/2999",
        "17/09/1019",
        "17/9/75",
        "31/12/1989",
        "25/11/2026",
        "9999999999999999999999/1/1",
        "-1/-1/-1",
        "17/09",
        "09/2019",
        "117/09/2019",
        "17/09/20199",
        "192.168.10.12",
        "17.9.19.5",
        "17 tháng 9 19:30",
        "0/0/0",
        "99/99/9999",
        "024.3851.2019",
    ] {
        check(input, "-");
    }
}

#[test]
fn a_wrong_time_leaves_the_day() {
    check("17/09/2019 16:30:61", "2019-09-17T16:30:00+07:00");
    check("24:00 17/09/2019", "2019-09-18T00:00:00+07:00");
    check("17/09/2019 23:60", "2019-09-17");
    check("17/09/2019 24:01", "2019-09-17");
    check("25:00 17/09/2019", "2019-09-17");
    check("17/09/2019 họp lúc 16:30", "2019-09-17");
    check("17/9/70", "-");
    check("24/11/2026", "2026-11-24");
    check("01/01/1990", "1990-01-01");
}

#[test]
fn a_zone_is_an_argument() {
    let now = NOW.parse().unwrap();
    let at = |text| told(parse(text, chrono_tz::Europe::Berlin, now));
    assert_eq!(at("17/09/2019 16:30"), "2019-09-17T16:30:00+02:00");
    assert_eq!(at("27/10/2019 02:30"), "2019-10-27T02:30:00+02:00");
    assert_eq!(at("31/03/2019 02:30"), "-");
    let ends = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"].map(|at| at.parse().unwrap());
    for now in ends {
        for text in ["hôm qua", "hôm nay 9:05", "3 giờ trước", "9999 năm trước", "17/09/2019"] {
            parse(text, Ho_Chi_Minh, now);
        }
    }
}

#[test]
fn knows_stamp_lines() {
    fn check(line: &str, want: bool) {
        assert_eq!(is_stamp_line(line), want, "{line:?}");
    }
    check("Ngày đăng 17/09/2019 | 16:30  | Lượt xem: 261", true);
    check("Ngày đăng: 21/10/2015 | 08:33  | Lượt xem: 1.234", true);
    check("Thứ tư, 22/10/2025, 19:25 (GMT+7)", true);
    check("Thứ Ba, ngày 17 tháng 9 năm 2019", true);
    check("Cập nhật lúc 16h30' ngày 17-9-2019", true);
    check("Đăng: 16 giờ 30 phút, 17/09/2019 - 261 lượt xem", true);
    check("Cập nhật: 2 giờ trước", true);
    check("Hôm qua lúc 08:15", true);
    check("(7/03/2019)", true);
    check("2019-09-17T16:30:00+07:00", true);
    check("31/02/2019", true);
    check("Hôm nay: Chủ nhật, 22/11/2026 21:59:07", false);
    check("Hôm nay: 438", false);
    check("Hôm nay", false);
    check("Hôm nay: 12 lượt xem", false);
    check("Ngày đăng: Hôm qua", true);
    check("Tue, 17 Sep 2019 09:30:00 GMT", true);
    check("Lượt xem: 261", false);
    check("16:30", false);
    check("", false);
    check("Chiều ngày 16/9/2019, Đảng ủy phường Thổ Quan đã tổ chức hội nghị.", false);
    check("Hà Nội, ngày 17 tháng 9 năm 2019", false);
    check("Thứ hai – Thứ sáu", false);
    check("Kế hoạch số 101-KH/ĐU ngày 13/5/2019", false);
}

/// Parts that texts with and without dates are put together from.
const PARTS: [&str; 24] = [
    "17/09/2019",
    "16:30",
    "16h30'",
    "hôm qua",
    "Hôm nay",
    "ho\u{302}m qua",
    "một giờ trước",
    "2 GIỜ TRƯỚC",
    "cách đây 3 ngày",
    "vừa xong",
    "Vài phút trước",
    "17 tháng 9",
    "năm 2019",
    "Ngày đăng",
    "Phường Thổ Quan",
    "số 12",
    "１７/０９",
    "²",
    "Lượt xem: 261",
    "Sep 17",
    "2019",
    "h\u{200B}ôm qua",
    "CÁCH ĐÂY một",
    "đăng nhập",
];

#[test]
fn the_quick_refusal_loses_no_date() {
    let now = NOW.parse().unwrap();
    for (first, second, third) in PARTS.iter().flat_map(|a| PARTS.iter().flat_map(move |b| PARTS.iter().map(move |c| (a, b, c)))) {
        let text = format!("{first} {second}\u{A0}{third}");
        assert_eq!(
            parse(&text, Ho_Chi_Minh, now),
            find(text::fold(&text), Ho_Chi_Minh, now).filter(|stamp| is_credible(stamp, now)),
            "{text:?}"
        );
        assert_eq!(is_stamp_line(&text), is_stamp(text::fold(&text)), "{text:?}");
    }
}

#[test]
fn hostile_lines_take_no_time() {
    let now = NOW.parse().unwrap();
    for piece in [
        "17/09/2019 ",
        "(",
        "1:",
        ":",
        "1.",
        "17 tháng ",
        "đăng ngày ",
        "1 giờ ",
        "hôm qua ",
        "17/09/2019(",
        "thứ ",
        "+07:00",
        "1h",
        "年1月",
        "hiệu lực 1/1/2019 ",
    ] {
        let line = piece.repeat(20_000 / piece.len());
        parse(&line, Ho_Chi_Minh, now);
        is_stamp_line(&line);
    }
}

#[test]
fn tells_what_is_wrong_with_a_date() {
    fn check(text: &str, want: Option<Doubt>) {
        assert_eq!(doubt(text, Ho_Chi_Minh, NOW.parse().unwrap()), want, "{text:?}");
    }
    check("Ngày đăng 17/09/2019", None);
    check("Phường Thổ Quan", None);
    check("Hôm nay: Chủ nhật, 22/11/2026 21:59:07", None);
    check("Ngày đăng 31/02/2019", Some(Doubt::Impossible));
    check("09/17/2019", Some(Doubt::Impossible));
    check("17/09/2999", Some(Doubt::Future));
    check("25/11/2026 08:00", Some(Doubt::Future));
    check("01/01/1970", Some(Doubt::Old));
}
