#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::facts::is_weighty;
use super::*;

fn check(was: &str, is: &str, want: bool) {
    assert_eq!(is_weighty(was, is), want, "{was} → {is}");
}

#[test]
fn times_places_amounts_and_deadlines_are_weighty() {
    for (was, is) in [
        ("Thời gian: 8h00 ngày 20/11/2026", "Thời gian: 14h00 ngày 20/11/2026"),
        ("Thời gian: 8 giờ 30 ngày 20/11", "Thời gian: 8 giờ 30 ngày 21/11"),
        ("Họp lúc 7:30 sáng thứ Bảy", "Họp lúc 7:30 sáng Chủ nhật"),
        ("Họp vào sáng thứ Hai tuần tới", "Họp vào chiều thứ Hai tuần tới"),
        ("ngày 5 tháng 12 năm 2026", "ngày 6 tháng 12 năm 2026"),
        ("Hạn nộp hồ sơ: 30/11", "Hạn nộp hồ sơ: 15/12"),
        ("Tiếp dân từ 8 giờ đến 11 giờ", "Tiếp dân từ 8 giờ đến 10 giờ"),
        ("Mức đóng 50.000 đồng mỗi hộ", "Mức đóng 60.000 đồng mỗi hộ"),
        ("Liên hệ: 024 3826 0001", "Liên hệ: 024 3826 0002"),
        ("Địa điểm: số 12 ngõ 34 phố Hoa Gạo", "Địa điểm: số 14 ngõ 34 phố Hoa Gạo"),
        ("Địa điểm: số nhà 5A hẻm 7", "Địa điểm: số nhà 5B hẻm 7"),
        ("Tiêm tại trạm y tế phường", "Tiêm tại trường mầm non Hoa Gạo"),
        ("Họp tại nhà văn hóa tổ 5", "Họp tại hội trường tổ 5"),
        ("Đường Láng cấm xe từ 22 giờ", "Đường Láng không cấm xe từ 22 giờ"),
        ("Lễ hội diễn ra tối 20/11", "Lễ hội tối 20/11 tạm hoãn"),
        ("", "Buổi họp được hoãn đến khi có thông báo mới."),
        ("", "Gia hạn nộp hồ sơ đến hết tuần."),
    ] {
        check(was, is, true);
    }
}

#[test]
fn spelling_blanks_and_other_ways_to_write_the_same_are_not() {
    for (was, is) in [
        ("Họp tại nhà văn hoá tổ 5", "Họp tại nhà văn hóa tổ 5"),
        ("Thời gian: 8h00 ngày 20/11", "Thời gian: 08:00 ngày 20/11"),
        ("Thời gian: 8h ngày 20/11", "Thời gian:  8 giờ ngày 20/11."),
        ("ngày 05/12/2026", "ngày 5 tháng 12 năm 2026"),
        ("Mức đóng 50.000 đồng", "Mức đóng 50,000 đồng"),
        ("Gọi 024.3826.0001", "Gọi 024 3826 0001"),
        ("Đề nghi các hộ dân đóng van", "Đề nghị các hộ dân đóng van"),
        ("Kính mong bà con thông cảm", "Rất mong bà con thông cảm và chia sẻ"),
        ("Tại trạm y tế phườngg", "Tại trạm y tế phường"),
        ("Lượt xem: 120", "Lượt xem: 125"),
        ("Cập nhật: 20/11/2026 10:00", "Cập nhật: 20/11/2026 11:30"),
        ("Trẻ từ 6 tháng", ""),
        ("", "Ảnh: buổi lễ có 200 người dự."),
    ] {
        check(was, is, false);
    }
}

#[test]
fn what_was_changed_twice_is_one_change_and_what_was_changed_back_is_none() {
    let first = "@@ -1,3 +1,3 @@\n Họp dân\n-Giờ họp: 8h\n+Giờ họp: 14h\n Tại nhà văn hóa\n";
    let second = "@@ -1,3 +1,3 @@\n Họp dân\n-Giờ họp: 14h\n+Giờ họp: 15h\n";
    let back = "@@ -1,3 +1,3 @@\n Họp dân\n-Giờ họp: 14h\n+Giờ họp: 8h\n";
    let change = |was: &str, is: &str| vec![Change { was: was.into(), is: is.into() }];
    assert_eq!(changes(&[first]), change("Giờ họp: 8h", "Giờ họp: 14h"));
    assert_eq!(changes(&[first, second]), change("Giờ họp: 8h", "Giờ họp: 15h"));
    assert_eq!(changes(&[first, back]), []);
}

#[test]
fn lines_are_compared_with_what_they_became() {
    let diff =
        "-Sáng: tổ 1 đến tổ 4\n-Chiều: tổ 5 đến tổ 9\n+Thêm một dòng mới.\n+Sáng: tổ 1 đến tổ 4, mang căn cước\n+Chiều: tổ 5 đến tổ 8\n";
    let told = weighty(changes(&[diff]));
    assert_eq!(told, [Change { was: "Chiều: tổ 5 đến tổ 9".into(), is: "Chiều: tổ 5 đến tổ 8".into() }]);
}

#[test]
fn a_correction_names_the_old_and_the_new_and_little_around() {
    let mut entry = Entry::new(Guid::new("1"), "Họp tổ dân phố");
    entry.content_html = "<p>…</p>".into();
    let change = Change {
        was: "Kính mời bà con dự họp tổ dân phố lúc 8h ngày 20/11 tại nhà văn hóa phường để bàn việc chung".into(),
        is: "Kính mời bà con dự họp tổ dân phố lúc 14h ngày 20/11 tại nhà văn hóa phường để bàn việc chung".into(),
    };
    let slug = Slug::new("hoa-gao").unwrap();
    let told = letter(&entry, &slug, 2, &[change], Fate::Kept, Language::Vi).unwrap();
    assert_eq!(told.title, "Đính chính: Họp tổ dân phố");
    assert_eq!(told.content_html, "<p>Trước: …dân phố lúc 8h ngày 20/11 tại…</p><p>Nay: …dân phố lúc 14h ngày 20/11 tại…</p>");
    assert_eq!(letter(&entry, &slug, 2, &[], Fate::Kept, Language::Vi), None);
    assert!(marked(&entry, Language::Vi).content_html.contains("Bài này đã được trang nguồn gỡ"));
}
