//! What is read of times.

#![allow(clippy::unwrap_used)]

use super::*;

fn told(at: NaiveTime) -> String {
    at.format("%H:%M").to_string()
}

#[test]
fn a_time_is_read_however_it_is_written() {
    for (said, want) in [
        ("22h", "22:00"),
        ("22 giờ", "22:00"),
        ("22 gio", "22:00"),
        ("22:00", "22:00"),
        ("22g15", "22:15"),
        ("21h30", "21:30"),
        ("21 giờ 30 phút", "21:30"),
        ("10 giờ tối", "22:00"),
        ("10h đêm", "22:00"),
        ("mười giờ tối", "22:00"),
        ("6 giờ rưỡi sáng", "06:30"),
        ("12h trưa", "12:00"),
        ("1h trưa", "13:00"),
        ("5h chiều", "17:00"),
        ("5hchiều", "17:00"),
        ("10 giotoi", "22:00"),
        ("12 giờ đêm", "00:00"),
        ("2h sáng", "02:00"),
        ("07h", "07:00"),
        ("7am", "07:00"),
        ("10 pm", "22:00"),
        ("24h", "00:00"),
    ] {
        let pieces = pieces(said);
        let (read, rest) = time(&pieces).unwrap_or_else(|| panic!("{said}"));
        assert!(rest.is_empty(), "{said}: {rest:?}");
        assert_eq!(told(read.at().unwrap()), want, "{said}");
    }
    for said in ["25h", "22", "22:99", "hai", "số 16", "h", ""] {
        assert!(time(&pieces(said)).is_none(), "{said}");
    }
}

#[test]
fn hours_from_to_are_read_and_told_apart_from_dates() {
    for (said, want, sure) in [
        ("22h-6h", "22:00-06:00", true),
        ("từ 22h đến 6h", "22:00-06:00", true),
        ("từ 22 đến 6", "22:00-06:00", true),
        ("21h30 – 6h", "21:30-06:00", true),
        ("21-6h", "21:00-06:00", true),
        ("từ 10 giờ tối tới 6 giờ sáng", "22:00-06:00", true),
        ("từ 10h đến 6h", "22:00-06:00", false),
        ("12h-2h", "12:00-14:00", false),
        ("sau 22h", "22:00-06:00", true),
        ("sau 10h", "22:00-06:00", false),
        ("sau 9h tối đến 7h", "21:00-07:00", true),
        ("trước 7h", "22:00-07:00", true),
        ("từ 21h trở đi", "21:00-06:00", true),
        ("11h30-13h30", "11:30-13:30", true),
        ("from 10pm to 6am", "22:00-06:00", true),
    ] {
        let pieces = pieces(said);
        let (read, rest) = span(&pieces).unwrap_or_else(|| panic!("{said}"));
        assert!(rest.is_empty(), "{said}: {rest:?}");
        assert_eq!(format!("{}-{}", told(read.what.from), told(read.what.to)), want, "{said}");
        assert_eq!(read.sure, sure, "{said}");
    }
    for said in ["6-11", "22h", "6h-6h", "từ nay đến mai", "2025-2030"] {
        assert!(span(&pieces(said)).is_none(), "{said}");
    }
}
