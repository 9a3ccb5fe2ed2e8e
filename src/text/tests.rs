use super::*;

#[test]
fn cleans() {
    fn check(input: &str, want: &str) {
        let got = clean(input);
        assert_eq!(got, want, "clean({input:?})");
        assert_eq!(clean(&got), got, "twice {input:?}");
    }
    check("", "");
    check("Thổ Quan", "Thổ Quan");
    check("Tho\u{302}\u{309} Quan phu\u{31B}o\u{31B}\u{300}ng", "Thổ Quan phường");
    check("a\0b\u{8}\u{B}\u{C}\u{1F}c\u{7F}\u{9C}", "abc");
    check("a\tb\nc", "a\tb\nc");
    check("a\u{FFFE}b\u{FFFF}c\u{1FFFE}d\u{10FFFF}e\u{FDD0}f", "abcdef");
    check("a\u{FFFD}", "a\u{FFFD}");
    check("\u{FEFF}tin\u{200B}\u{200C}\u{200D}\u{2060} m\u{AD}ới", "tin mới");
    check("Thông báo \u{202E}gnp.exe\u{2066}\u{2069}\u{200E}\u{200F}", "Thông báo gnp.exe");
    check("a\rb\r\nc\u{2028}d\u{2029}e\u{85}f\n\rg", "a\nb\nc\nd\ne\nf\n\ng");
    check("👨\u{200D}👩\u{200D}👧 ❤\u{FE0F}\u{200D}🔥 👩🏽\u{200D}🚒", "👨\u{200D}👩\u{200D}👧 ❤\u{FE0F}\u{200D}🔥 👩🏽\u{200D}🚒");
    check("👨\u{200D}a\u{200D}👩 \u{200D}", "👨a👩 ");
    check("\u{E000}x", "\u{E000}x");
    check(&format!("a{}b", "\u{323}".repeat(5000)), &format!("ạ{}b", "\u{323}".repeat(8)));
}

#[test]
fn makes_lines_and_paragraphs() {
    fn check(input: &str, want_line: &str, want_paragraphs: &str) {
        assert_eq!(line(input), want_line, "line({input:?})");
        assert_eq!(paragraphs(input), want_paragraphs, "paragraphs({input:?})");
    }
    check(" 17/09/2019\u{A0}| 16:30\u{2009}\u{3000}", "17/09/2019 | 16:30", "17/09/2019 | 16:30");
    check("\n\n a  b \r\n c\r\r\r\t\n\nd \n", "a b c d", "a b\nc\n\nd");
    check(" \u{200B}\u{3164}\u{2800} ", "", "");
    check("tin \u{E000}\u{F8FF}\u{F0000} mới", "tin mới", "tin \u{E000}\u{F8FF}\u{F0000} mới");
}

#[test]
fn folds() {
    fn check(input: &str, want: &str) {
        assert_eq!(fold(input), want, "fold({input:?})");
        assert_eq!(fold(&fold(input)), want, "twice {input:?}");
    }
    check("Đảng ủy", "dang uy");
    check("ĐIỆN  Nước\n đất đai", "dien nuoc dat dai");
    check("Ðối thoại hoà/hòa", "doi thoai hoa/hoa");
    check("Tho\u{302}\u{309} Quan", "tho quan");
    check("１７／０９ 𝗧𝗵𝗼̂𝗻𝗴 İ", "17/09 thong i");
    check("👨\u{200D}👩", "👨👩");
}

#[test]
fn finds_whole_words() {
    fn check(haystack: &str, needle: &str, want: bool) {
        assert_eq!(matches(haystack, needle), want, "{needle:?} in {haystack:?}");
    }
    check("Thông báo CẮT ĐIỆN.", "cắt điện", true);
    check("thong bao cat dien", "cắt điện", true);
    check("Thông báo cắt  điện", "Cat Dien", true);
    check("(Cắt điện)", "cắt điện", true);
    check("cat diendan", "cắt điện", false);
    check("bicat dien", "cắt điện", false);
    check("xa b a b a", "a b a", true);
    check("nghị định 2200-QĐ/TU", "2200-qđ/tu", true);
    check("điện", "", false);
    check("điện", " \u{200B}", false);
    check("", "điện", false);
    check("giá +5%", "+5%", true);
}

#[test]
fn cuts() {
    fn check(input: &str, limit: usize, want: &str) {
        let got = cut(input, limit);
        assert_eq!(got, want, "cut({input:?}, {limit})");
        assert!(utf16_len(&got) <= limit);
    }
    check("Phường Thổ Quan", 15, "Phường Thổ Quan");
    check("Phường Thổ Quan", 14, "Phường Thổ…");
    check("Phường Thổ Quan", 11, "Phường Thổ…");
    check("Phường Thổ Quan", 10, "Phường…");
    check("Phường", 4, "Phư…");
    check("Phường", 1, "…");
    check("Phường", 0, "");
    check("", 0, "");
    check("👨\u{200D}👩\u{200D}👧👨\u{200D}👩\u{200D}👧", 15, "👨\u{200D}👩\u{200D}👧…");
    check("👨\u{200D}👩\u{200D}👧👨\u{200D}👩\u{200D}👧", 8, "…");
    check("e\u{323}\u{301}e\u{323}\u{301}", 5, "e\u{323}\u{301}…");
    let long = cut(&"đ".repeat(4097), 4096);
    assert_eq!(utf16_len(&long), 4096);
}

#[test]
fn splits() {
    fn check(input: &str, limit: usize, want: &[&str]) {
        let got = split(input, limit);
        assert_eq!(got, want, "split({input:?}, {limit})");
        let visible = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(visible(&got.concat()), visible(input));
    }
    check("", 10, &[]);
    check(" \n ", 10, &[]);
    check("một hai", 10, &["một hai"]);
    check("một hai\nba\n\nbốn năm", 12, &["một hai\nba", "bốn năm"]);
    check("một hai\nba bốn năm", 12, &["một hai", "ba bốn năm"]);
    check("Một. Hai ba bốn", 12, &["Một.", "Hai ba bốn"]);
    check("một hai ba bốn", 10, &["một hai ba", "bốn"]);
    check("a\n\nhai ba bốn năm sáu bảy", 20, &["a\n\nhai ba bốn năm", "sáu bảy"]);
    check("một-hai-ba", 4, &["một-", "hai-", "ba"]);
    check("👨\u{200D}👩\u{200D}👧👨\u{200D}👩\u{200D}👧", 8, &["👨\u{200D}👩\u{200D}👧", "👨\u{200D}👩\u{200D}👧"]);
    check("e\u{323}\u{301}\u{302}", 2, &["e\u{323}", "\u{301}\u{302}"]);
    check("👩👩", 1, &["👩", "👩"]);
    check("ab", 0, &["a", "b"]);
}

#[test]
fn long_texts_split_within_the_limit() {
    let text = "Ủy ban nhân dân phường thông báo. ".repeat(2_000);
    let parts = split(&text, 4096);
    assert!(parts.iter().all(|part| utf16_len(part) <= 4096 && part.ends_with('.')));
    assert_eq!(parts.join(" "), text.trim());
    assert!(split(&"👨\u{200D}👩\u{200D}👧".repeat(1500), 4096).iter().all(|part| utf16_len(part) == 4096 || part.ends_with('👧')));
}

#[test]
fn makes_slugs() {
    fn check(input: &str, want: &str) {
        let got = slug(input);
        assert_eq!(got, want, "slug({input:?})");
        assert!(got.len() <= 64);
    }
    check("Phường Thổ Quan", "phuong-tho-quan");
    check("  --Đống Đa, Hà Nội!-- ", "dong-da-ha-noi");
    check("../../etc/cron.d/x", "etc-cron-d-x");
    check("日本 …", "");
    check(&"a".repeat(70), &"a".repeat(64));
    check(&format!("{} bc", "a".repeat(62)), &"a".repeat(62));
    check(&format!("{} b c", "a".repeat(62)), &format!("{}-b", "a".repeat(62)));
    check(&format!("{} bcd", "a".repeat(60)), &format!("{}-bcd", "a".repeat(60)));
}

#[test]
fn caps_titles() {
    let got = capped_title(&"Tin tức ".repeat(12_500));
    assert!(got.chars().count() <= 300 && got.ends_with("tức Tin…"), "{got}");
    assert_eq!(capped_title(" Tin \n mới "), "Tin mới");
    assert_eq!(capped_title(&"x".repeat(300)).chars().count(), 300);
    assert_eq!(capped_title(&"x".repeat(301)), format!("{}…", "x".repeat(299)));
}

#[test]
fn what_is_common_is_clean() {
    for c in (0..0x3000).filter_map(char::from_u32).filter(|c| is_common(*c)) {
        for text in [format!("{c}"), format!("a{c}"), format!("{c}ệ")] {
            assert!(clean(&text) == text && is_nfc_quick(text.chars()) == IsNormalized::Yes, "{text:?}");
        }
    }
}

#[test]
fn common_characters_are_clean_beside_each_other() {
    let common: Vec<char> = ('\0'..='\u{1FFFF}').filter(|c| is_common(*c)).collect();
    assert!(common.len() > 20_000, "{}", common.len());
    for pair in common.windows(2) {
        let text: String = pair.iter().collect();
        assert!(text.nfc().eq(text.chars()) && !text.contains(is_invisible) && !text.contains(is_combining_mark), "{text:?}");
        assert!(!text.contains(is_private_use), "{text:?}");
    }
}

#[test]
fn words_are_cleaned_as_the_whole_is() {
    let words = [
        "a",
        "tho\u{302}",
        "\u{301}e",
        "\u{200D}",
        "\u{338}=",
        "👩\u{200D}👧",
        "\u{200B}",
        "<",
        "\r",
        "\u{1100}\u{1161}",
        "e\u{301}\u{302}\u{303}",
    ];
    for (one, next) in words.iter().flat_map(|one| words.iter().map(move |next| (one, next))) {
        for text in [format!("{one} {next}"), format!("{one}  {next}{one}"), format!(" {one}\n{next} ")] {
            let mut whole = String::new();
            clean_slowly(&text, &mut whole);
            assert_eq!(clean(&text), whole, "{text:?}");
        }
    }
}
