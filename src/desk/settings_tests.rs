//! What is understood of hours, rhythm and topics, sentence by sentence.

use super::super::words::{Wish, understand};
use super::*;

fn span(span: Span) -> String {
    format!("{}-{}", span.from.format("%H:%M"), span.to.format("%H:%M"))
}

fn setting(setting: &Setting) -> String {
    match setting {
        Setting::Quiet(hours) if hours.is_empty() => "any time".to_owned(),
        Setting::Quiet(hours) => format!("quiet {}", hours.iter().map(|hours| span(*hours)).collect::<Vec<_>>().join("+")),
        Setting::Gather(None) => "at once".to_owned(),
        Setting::Gather(Some(rhythm)) => {
            let at: Vec<String> = rhythm.at.iter().map(|at| at.format("%H:%M").to_string()).collect();
            format!("gather {} {}", rhythm.weekday.map_or("daily".to_owned(), |day| day.to_string()), at.join("+"))
        }
        Setting::Topics(pick, topics) => format!("{} {}", format!("{pick:?}").to_lowercase(), topics.join("|")),
        Setting::Section(wanted, _) => format!("section {wanted}"),
        Setting::AllTopics => "all topics".to_owned(),
    }
}

fn told(wish: &Wish) -> String {
    match wish {
        Wish::Set(set) => set.iter().map(setting).collect::<Vec<_>>().join("; "),
        Wish::Unsure(set) => format!("{}?", setting(set)),
        Wish::Ask(menu) => format!("ask {menu:?}").to_lowercase(),
        Wish::Stop(_) => "stop".to_owned(),
        Wish::Follow(_) => "follow".to_owned(),
        Wish::Mine => "mine".to_owned(),
        Wish::Search(_) => "search".to_owned(),
        Wish::News(_) => "news".to_owned(),
        Wish::Start(_) | Wish::Help | Wish::Other(_) | Wish::Unknown => "-".to_owned(),
    }
}

#[track_caller]
fn check(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(said, want)| {
            let got = told(&understand(said));
            (got != *want).then(|| format!("{said}: {got}, and not {want}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn quiet_hours_are_asked_for_as_people_talk() {
    check(&[
        ("ban đêm đừng nhắn", "quiet 22:00-06:00"),
        ("Ban đêm đừng nhắn nhé!", "quiet 22:00-06:00"),
        ("ban dem dung nhan", "quiet 22:00-06:00"),
        ("đừng nhắn ban đêm ạ", "quiet 22:00-06:00"),
        ("đêm đừng gửi tin cho tôi nữa", "quiet 22:00-06:00"),
        ("Làm ơn đừng làm phiền vào ban đêm", "quiet 22:00-06:00"),
        ("bot ơi đêm khuya đừng nhắn tin", "quiet 22:00-06:00"),
        ("đừng nhắn từ 22h đến 6h", "quiet 22:00-06:00"),
        ("dung nhan tu 22h den 6h", "quiet 22:00-06:00"),
        ("đừng nhắn từ 22:00 tới 6:00", "quiet 22:00-06:00"),
        ("đừng nhắn từ 10 giờ tối đến 6 giờ sáng giúp mình với", "quiet 22:00-06:00"),
        ("từ 22 giờ đến 6 giờ đừng gửi tin", "quiet 22:00-06:00"),
        ("im lặng 21h30-6h", "quiet 21:30-06:00"),
        ("im lang 21h30 - 6h", "quiet 21:30-06:00"),
        ("yên lặng 21 - 6h", "quiet 21:00-06:00"),
        ("yên lặng buổi trưa", "quiet 11:30-13:30"),
        ("trưa yên lặng nha", "quiet 11:30-13:30"),
        ("giờ ngủ trưa đừng làm phiền", "quiet 11:30-13:30"),
        ("sau 22h đừng nhắn", "quiet 22:00-06:00"),
        ("đừng nhắn sau 9 giờ tối", "quiet 21:00-06:00"),
        ("đừng nhắn trước 7h sáng", "quiet 22:00-07:00"),
        ("từ 21h trở đi đừng nhắn", "quiet 21:00-06:00"),
        ("giờ làm việc đừng nhắn", "quiet 08:00-17:00"),
        ("tắt thông báo ban đêm", "quiet 22:00-06:00"),
        ("không nhận tin ban đêm", "quiet 22:00-06:00"),
        ("ngừng gửi tin từ 22h đến 6h", "quiet 22:00-06:00"),
        ("ban đêm từ 10h đến 6h đừng nhắn", "quiet 22:00-06:00"),
        ("đêm đừng nhắn được không?", "quiet 22:00-06:00"),
        ("quiet at night", "quiet 22:00-06:00"),
        ("don't send from 10pm to 6am please", "quiet 22:00-06:00"),
        ("quiet hours 22:00-06:00", "quiet 22:00-06:00"),
        ("/yenlang 22h-6h", "quiet 22:00-06:00"),
        ("/yenlang ban đêm", "quiet 22:00-06:00"),
        ("/quiet 22:00-6:00", "quiet 22:00-06:00"),
        ("cả trưa lẫn đêm đừng nhắn", "quiet 11:30-13:30+22:00-06:00"),
        ("yên lặng 22h-6h và 11h30-13h30", "quiet 22:00-06:00+11:30-13:30"),
        ("buổi trưa và từ 21h đến 6h đừng nhắn", "quiet 21:00-06:00+11:30-13:30"),
        ("đừng nhắn từ 10hđêm đến 6hsáng", "quiet 22:00-06:00"),
        ("nhắn lúc nào cũng được", "any time"),
        ("nhan luc nao cung duoc", "any time"),
        ("gửi lúc nào cũng được nhé", "any time"),
        ("bỏ giờ yên lặng", "any time"),
        ("thôi im lặng đi", "any time"),
        ("ban đêm cứ nhắn", "any time"),
        ("any time", "any time"),
    ]);
}

#[test]
fn a_digest_is_asked_for_as_people_talk() {
    check(&[
        ("gửi gộp mỗi sáng 7h", "gather daily 07:00"),
        ("gui gop moi sang 7h", "gather daily 07:00"),
        ("gửi gộp cho tôi mỗi sáng lúc 7 giờ ạ", "gather daily 07:00"),
        ("mỗi tối một tin tổng hợp", "gather daily 19:00"),
        ("mỗi tối 8h gộp tin", "gather daily 20:00"),
        ("tóm tắt hằng ngày lúc 18 giờ", "gather daily 18:00"),
        ("tom tat hang ngay luc 18h", "gather daily 18:00"),
        ("mỗi tuần thứ Hai 7h", "gather Mon 07:00"),
        ("gộp tin chủ nhật hằng tuần", "gather Sun 07:00"),
        ("gửi gộp mỗi thứ 6 lúc 17h30", "gather Fri 17:30"),
        ("tóm tắt tuần một lần", "gather Mon 07:00"),
        ("ngày một lần gửi gộp 5 giờ chiều", "gather daily 17:00"),
        ("gửi gộp 7h và 17h", "gather daily 07:00+17:00"),
        ("gửi tin mỗi sáng", "gather daily 07:00"),
        ("mỗi sáng 6 giờ rưỡi", "gather daily 06:30"),
        ("digest every day at 7am", "gather daily 07:00"),
        ("weekly digest monday", "gather Mon 07:00"),
        ("/gop mỗi tối 9h", "gather daily 21:00"),
        ("/gop 7h", "gather daily 07:00"),
        ("/digest every day at 7:00", "gather daily 07:00"),
        ("digest every morning 7am", "gather daily 07:00"),
        ("gửi ngay từng tin", "at once"),
        ("gui ngay tung tin", "at once"),
        ("có tin là gửi ngay nhé", "at once"),
        ("đừng gộp nữa", "at once"),
        ("thôi gộp tin", "at once"),
        ("send at once", "at once"),
    ]);
}

#[test]
fn topics_are_asked_for_as_people_talk() {
    check(&[
        ("chỉ gửi tin về cúp điện, nước", "only cúp điện|nước"),
        ("chi gui tin ve cup dien, nuoc", "only cup dien|nuoc"),
        ("Chỉ gửi cho tôi tin về cúp điện và tiêm chủng nhé", "only cúp điện|tiêm chủng"),
        ("chỉ tin tiêm chủng", "only tiêm chủng"),
        ("từ nay chỉ nhận tin về họp tổ dân phố ạ", "only họp tổ dân phố"),
        ("tôi chỉ quan tâm điện nước", "only điện nước"),
        ("only power cuts", "only power cuts"),
        ("/chude điện", "only điện"),
        ("/topics power cuts, water", "only power cuts|water"),
        ("bỏ tin về thể thao", "without thể thao"),
        ("bo tin ve the thao", "without the thao"),
        ("chi gui tin ve cup dien va nuoc nhe", "only cup dien|nuoc"),
        ("đừng gửi tin thể thao nữa", "without thể thao"),
        ("không nhận tin về văn nghệ", "without văn nghệ"),
        ("thôi nhận tin về thể thao", "without thể thao"),
        ("thêm tin về nước", "more nước"),
        ("bớt tin về điện", "less điện"),
        ("thêm chuyên mục Thông báo", "section true"),
        ("gửi tất cả tin", "all topics"),
        ("gui tat ca tin", "all topics"),
        ("tin nào cũng gửi nhé", "all topics"),
        ("bỏ lọc", "all topics"),
    ]);
}

#[test]
fn several_things_can_be_asked_for_at_once() {
    check(&[
        ("ban đêm đừng nhắn, gửi gộp mỗi sáng 7h", "quiet 22:00-06:00; gather daily 07:00"),
        ("Gửi gộp 7h và 17h. Ban đêm đừng nhắn nhé.", "gather daily 07:00+17:00; quiet 22:00-06:00"),
        ("chỉ gửi tin về cúp điện, ban đêm đừng nhắn", "only cúp điện; quiet 22:00-06:00"),
        ("mỗi sáng 7h gửi gộp và bỏ tin về thể thao", "gather daily 07:00; without thể thao"),
        ("gửi tất cả tin\ngửi ngay từng tin", "all topics; at once"),
        ("ban đêm đừng nhắn. Cúp điện lúc 22h à?", "-"),
    ]);
}

#[test]
fn what_may_be_meant_otherwise_is_asked() {
    check(&[
        ("đừng nhắn từ 10h đến 6h", "quiet 22:00-06:00?"),
        ("yên lặng 12h-2h", "quiet 12:00-14:00?"),
        ("ban đêm đừng nhắn kẻo trẻ con thức", "quiet 22:00-06:00?"),
        ("gửi gộp mỗi sáng 7h cho dễ đọc", "gather daily 07:00?"),
        ("gửi tin lúc 7h", "gather daily 07:00?"),
        ("đừng nhắn nữa", "ask silence"),
        ("đừng làm phiền", "ask silence"),
        ("im lặng", "ask quiet"),
        ("đừng nhắn lúc 22h", "ask quiet"),
        ("giờ yên lặng", "ask quiet"),
        ("/yenlang", "ask quiet"),
        ("gộp tin", "ask gather"),
        ("/gop", "ask gather"),
        ("chủ đề", "ask topics"),
        ("chỉ gửi tin", "ask topics"),
        ("chuyên mục", "ask sections"),
        ("/caidat", "mine"),
        ("cài đặt", "mine"),
    ]);
}

#[test]
fn news_and_questions_are_no_wishes() {
    check(&[
        ("hôm nay cúp điện lúc 22h à?", "-"),
        ("tin tối qua", "-"),
        ("hom nay cup dien luc 22h", "-"),
        ("cúp điện từ 8h đến 17h", "-"),
        ("cúp nước ban đêm", "-"),
        ("ban đêm", "-"),
        ("22h-6h", "-"),
        ("thứ hai", "-"),
        ("tin sáng nay", "-"),
        ("lịch tiêm chủng hằng tuần", "-"),
        ("mỗi tuần họp tổ dân phố", "-"),
        ("ban đêm có được nhắn không?", "-"),
        ("yên lặng ban đêm là mấy giờ?", "-"),
        ("khu phố yên lặng ban đêm", "-"),
        ("chỉ thị số 16", "-"),
        ("chỉ đạo của chủ tịch phường", "-"),
        ("chi bao nhieu tien", "-"),
        ("chỉ gửi hồ sơ buổi sáng phải không?", "-"),
        ("tổng hợp kết quả bầu cử", "-"),
        ("tổng hợp", "-"),
        ("gửi đơn ở đâu", "-"),
        ("nhắn tin lừa đảo", "-"),
        ("thông báo tạm ngừng cấp nước từ 22h đến 6h", "-"),
        ("gộp phường", "-"),
        ("đúng 22h", "-"),
        ("thời gian yên tĩnh của bệnh viện", "-"),
        ("tìm tin ban đêm", "search"),
        ("dừng", "stop"),
        ("thôi nhận tất cả", "stop"),
        ("không nhận tin nữa", "stop"),
        ("khong nhan tin nua", "stop"),
        ("ngừng gửi tin", "stop"),
        ("thôi nhận Phường Hoa Gạo", "stop"),
        ("nhận tin", "follow"),
        ("theo dõi", "follow"),
        ("tin mới", "news"),
    ]);
}

#[test]
fn a_rhythm_comes_back_from_its_schedule() {
    let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).into_iter();
    for (rhythm, want) in [
        (Rhythm { weekday: None, at: at(7, 0).collect() }, "0 7 * * *"),
        (Rhythm { weekday: Some(Weekday::Sun), at: at(17, 30).collect() }, "30 17 * * 0"),
        (Rhythm { weekday: Some(Weekday::Mon), at: at(7, 0).chain(at(17, 0)).collect() }, "0 7,17 * * 1"),
    ] {
        assert_eq!(rhythm.cron(), want);
        let schedule = Schedule::parse(want, chrono_tz::Asia::Ho_Chi_Minh);
        assert_eq!(schedule.ok().as_ref().and_then(Rhythm::of), Some(rhythm));
    }
    let theirs = Schedule::parse("*/10 6-22 * * *", chrono_tz::Asia::Ho_Chi_Minh);
    assert_eq!(theirs.ok().as_ref().and_then(Rhythm::of), None);
}
