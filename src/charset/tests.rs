use super::legacy::{Legacy, repair};
use super::*;
use dom_query::Document;
use unicode_normalization::UnicodeNormalization;

fn check(body: &[u8], header: Option<&str>, want: &str) {
    assert_eq!(decode(body, header), want, "{:?}", String::from_utf8_lossy(body));
}

#[test]
fn the_page_is_read_as_a_browser_would() {
    check(b"\xef\xbb\xbf<p>tin</p>", None, "<p>tin</p>");
    check(b"\xff\xfet\0i\0n\0", None, "tin");
    check(b"t\0i\0n\0", None, "tin");
    check("Phường".as_bytes(), None, "Phường");
    check("Phường Thổ Quan".as_bytes(), Some("iso-8859-1"), "Phường Thổ Quan");
    check(b"\xd0\xf4\xe1", Some("windows-1258"), "\u{110}\u{f4}\u{e1}");
    check(b"<meta charset=windows-1258>\xd0", Some("utf-8"), "<meta charset=windows-1258>\u{fffd}");
    check(b"<meta charset=\"windows-1258\">\xd0", None, "<meta charset=\"windows-1258\">\u{110}");
    check(b"<?xml version='1.0' encoding='windows-1258'?>\xd0", None, "<?xml version='1.0' encoding='windows-1258'?>\u{110}");
    check(b"th\xe1\xbb", Some("utf-8"), "th\u{fffd}");
    check(b"\xc0\xae", Some("utf-8"), "\u{fffd}\u{fffd}");
    check(b"\xed\xa0\x80", Some("utf-8"), "\u{fffd}\u{fffd}\u{fffd}");
    check(b"\xf8\x88\x80\x80\x80", Some("utf-8"), "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}");
    check(b"Tj\xd9", Some("utf-8"), "Tj\u{fffd}");
}

#[test]
fn a_name_that_the_bytes_refute_is_passed_over() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let page = "<html><p>Phường Thổ Quan</p></html>";
    for header in [None, Some("utf-8"), Some("windows-1258"), Some("utf-16le"), Some("utf-16be")] {
        check(page.as_bytes(), header, page);
        check(&wide(page), header, page);
        check(&big(page), header, page);
        check(&[b"\xff\xfe".to_vec(), wide(page)].concat(), header, page);
        check(&[b"\xef\xbb\xbf", page.as_bytes()].concat(), header, page);
    }
    check(b"<meta charset=utf-16><p>tin</p>", None, "<meta charset=utf-16><p>tin</p>");
    check(b"<p>tin</p>", Some("utf-16"), "<p>tin</p>");
    check(&windows_1258("<p>Đảng ủy phường</p>"), Some("windows-1258"), &"<p>Đảng ủy phường</p>".nfd_1258());
}

/// As windows-1258 writes it: the marks of the tones by themselves.
trait Marks {
    fn nfd_1258(&self) -> String;
}

impl Marks for str {
    fn nfd_1258(&self) -> String {
        let apart = |c: char| {
            let mut parts: Vec<char> = [c].into_iter().nfd().collect();
            let tone = parts.iter().position(|part| matches!(part, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}'));
            let tone = tone.map(|at| parts.remove(at));
            parts.into_iter().nfc().chain(tone).collect::<String>()
        };
        self.chars().map(apart).collect()
    }
}

fn windows_1258(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1258.encode(&text.nfd_1258()).0.into_owned()
}

#[test]
fn pieces_in_another_encoding_are_read_as_such() {
    let pasted = windows_1258("<p>Ủy ban nhân dân phường thông báo lịch tiếp công dân.</p>");
    let page = [b"<h1>Ph\xc6\xb0\xe1\xbb\x9dng Th\xe1\xbb\x95 Quan</h1>".as_slice(), &pasted, "<p>Điện</p>".as_bytes()].concat();
    let want = "<h1>Phường Thổ Quan</h1><p>Ủy ban nhân dân phường thông báo lịch tiếp công dân.</p><p>Điện</p>";
    assert_eq!(decode(&page, Some("utf-8")).nfc().collect::<String>(), want);
    assert_eq!(decode(&page, None).nfc().collect::<String>(), want);
    let odd = [want.as_bytes(), b"<p>\xff\xfe nothing \x80</p>"].concat();
    check(&odd, Some("utf-8"), &format!("{want}<p>\u{fffd}\u{fffd} nothing \u{fffd}</p>"));
    let typed = [b"<h1>\xc4\x90\xe1\xba\xa3ng</h1>".as_slice(), &bytes(&tcvn3(SENTENCE))].concat();
    let page = decode(&typed, Some("utf-8"));
    assert_eq!(repair(page.split_once("</h1>").unwrap_or_default().1), SENTENCE);
}

/// A text as windows-1252 shows its bytes.
fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| tables::byte(c).unwrap_or(b'?')).collect()
}

#[test]
fn doubled_utf_8_is_put_together() {
    let doubled = |text: &str| encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned();
    let text = "Phường Thổ Quan – “Đảng ủy” họp ngày 17/09/2019, ở đây và ở đó…";
    check(doubled(text).as_bytes(), None, text);
    check(doubled(&doubled(text)).as_bytes(), None, text);
    check(format!("Phường Thổ Quan: {}", doubled(text)).as_bytes(), None, &format!("Phường Thổ Quan: {text}"));
    check(doubled("à é ú").as_bytes(), None, "à é ú");
    for whole in ["là á", "«voilà» «à»", "SÃO PAULO", "Â Ã Ä", "á º á »", "Ã", "Œuvre complète: 5 º", text] {
        check(whole.as_bytes(), None, whole);
    }
    check("Phï¿½ áº¡".as_bytes(), None, "Ph\u{fffd} ạ");
}

const SENTENCE: &str = "Thông báo của phường: từ 8 giờ ngày mai, điện lực sẽ cắt điện để sửa chữa ở các ngõ nhỏ.";

/// Every Vietnamese letter, small.
fn letters() -> Vec<char> {
    let tones = ["", "\u{300}", "\u{309}", "\u{303}", "\u{301}", "\u{323}"];
    let vowels = "aăâeêioôơuưy".chars().flat_map(|vowel| tones.map(|tone| format!("{vowel}{tone}").nfc().collect::<String>()));
    vowels.chain(["đ".to_owned()]).flat_map(|letter| letter.chars().collect::<Vec<_>>()).collect()
}

/// The encoders of the tests, made the other way round from how the tables are read.
fn encoded(text: &str, legacy: Legacy) -> String {
    let find = |letter: char| (0x80..=0xFFu8).map(char::from).find(|c| legacy.decode(&c.to_string()) == letter.to_string());
    text.chars().map(|c| if c.is_ascii() { c } else { find(c).unwrap_or(c) }).collect()
}

fn tcvn3(text: &str) -> String {
    encoded(text, Legacy::Tcvn3)
}

fn vni(text: &str) -> String {
    let marks = ["ù", "ø", "û", "õ", "ï", "â", "á", "à", "å", "ã", "ä", "ê", "é", "è", "ú", "ü", "ë"];
    let singles = ["ñ", "ô", "ö", "í", "ì", "æ", "ó", "ò", "î"];
    let pairs: Vec<String> = "aeouyôö".chars().flat_map(|base| marks.map(|mark| format!("{base}{mark}"))).collect();
    let known = pairs.into_iter().chain(singles.map(str::to_owned));
    let small: Vec<(String, String)> = known.map(|code| (Legacy::Vni.decode(&code), code)).collect();
    let find = |c: char| {
        let lower = c.to_lowercase().to_string();
        let code = small.iter().find(|(letter, _)| *letter == lower).map(|(_, code)| code.clone())?;
        Some(if c.is_uppercase() { code.to_uppercase() } else { code })
    };
    text.chars().map(|c| find(c).filter(|_| !c.is_ascii()).unwrap_or_else(|| c.to_string())).collect()
}

#[test]
fn every_letter_comes_back() {
    assert_eq!(letters().len(), 73);
    for small in letters().into_iter().filter(|letter| !letter.is_ascii()) {
        let capital = small.to_uppercase().to_string();
        let small = small.to_string();
        for (text, code) in [(&small, vni(&small)), (&capital, vni(&capital))] {
            assert!(&code != text || ["í", "ì", "Í", "Ì"].contains(&text.as_str()), "{text} has no code");
            assert_eq!(&Legacy::Vni.decode(&code), text);
        }
        let code = tcvn3(&small);
        assert_eq!(Legacy::Tcvn3.decode(&code), small, "{code:?}");
        assert_eq!(Legacy::Tcvn3Capitals.decode(&code), capital);
        assert_ne!(Legacy::Viscii.decode(&encoded(&small, Legacy::Viscii)), "");
        assert_eq!(Legacy::Viscii.decode(&encoded(&small, Legacy::Viscii)), small);
    }
    for capital in "ĂÂÊÔƠƯĐ".chars() {
        assert_eq!(Legacy::Tcvn3.decode(&tcvn3(&capital.to_string())), capital.to_string());
    }
}

#[test]
fn reads_what_the_fonts_were_typed_for() {
    fn check(text: &str, want: &str) {
        assert_eq!(repair(text), want);
    }
    check("Céng hoµ x· héi chñ nghÜa ViÖt Nam", "Cộng hoà xã hội chủ nghĩa Việt Nam");
    check("§éc lËp - Tù do - H¹nh phóc", "Độc lập - Tự do - Hạnh phúc");
    check("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam");
    check("Ñoäc laäp - Töï do - Haïnh phuùc", "Độc lập - Tự do - Hạnh phúc");
    check("\u{ad}u tiªn c¸c hé nghÌo trong ph\u{ad}êng", "ưu tiên các hộ nghèo trong phường");
    check(&encoded(SENTENCE, Legacy::Viscii), SENTENCE);
    check(&vni(SENTENCE), SENTENCE);
    check(&format!("{}\nPhường\n{}", tcvn3(SENTENCE), tcvn3("Đã họp")), &format!("{SENTENCE}\nPhường\nĐã họp"));
    let latin = decode(&bytes(&tcvn3(SENTENCE)), None).into_owned();
    check(&latin, SENTENCE);
    check(&decode(&bytes(&tcvn3(SENTENCE)), Some("windows-1258")), SENTENCE);
    check(&decode(&bytes(&tcvn3(SENTENCE)), Some("x-user-defined")), SENTENCE);
    check(&decode(&bytes(&vni(SENTENCE)), Some("windows-1258")), SENTENCE);
}

#[test]
fn no_other_language_is_converted() {
    for text in [
        "Le conseil municipal a été réuni à l'hôtel de ville; où étaient les élèves, là-bas, à côté du théâtre?",
        "Die Gemeinde lädt ein: Führung durch das Schloß, Bürger können über die Straße gehen, Größe und Höhe prüfen.",
        "El año pasado, el señor Núñez pidió más información sobre la educación pública en España.",
        "Não há informação; a organização já está aberta, irmãos e irmãs.",
        "Årets första möte hölls på rådhuset, där även äldre deltog.",
        "Café, naïve, résumé and fiancée are words in English, too. 5 × 3 ÷ 2 ± 1 °C §12 ©",
        "Đường 19/5 đi qua đó và có cây to",
        "Có và là ở đó",
        "Ông bà cô chú đã có mà",
        "Các cô chú và các cháu",
        "cà phê, sô cô la",
        "Phường Thổ Quan",
        SENTENCE,
    ] {
        assert!(matches!(repair(text), Cow::Borrowed(_)), "{text} became {}", repair(text));
    }
}

#[test]
fn pages_are_converted_where_they_must_be() {
    let body = tcvn3(SENTENCE);
    let title = tcvn3("cắt điện ở phường");
    let page = |html: String| {
        let page = Document::from(html);
        convert_fonts(&page);
        page
    };
    let said = |page: &Document| page.select("body").text().to_string();
    let fonts = page(format!(
        "<title>{title}</title><body><p style=\"font-size:14pt;font-family:'.VnTime'\">{body}</p><h1><font face=.VnTimeH>{title}</font></h1><p>Café à côté</p>"
    ));
    assert_eq!(said(&fonts), format!("{SENTENCE}CẮT ĐIỆN Ở PHƯỜNGCafé à côté"));
    let plain = page(format!("<title>{title}</title><body><p>{body}</p><i>{title}</i><img alt='{title}'><p>Đường đi có và là</p>"));
    assert_eq!(said(&plain), format!("{SENTENCE}cắt điện ở phườngĐường đi có và là"));
    assert_eq!(plain.select("title").text().to_string(), "cắt điện ở phường");
    assert_eq!(plain.select("img").attr("alt").map(|alt| alt.to_string()).as_deref(), Some("cắt điện ở phường"));
    let short = page(format!("<body><p><font face='VNI-Times'>{}</font>", vni("Họp")));
    assert_eq!(said(&short), "Họp");
    let stale = page("<body><p style='font-family:.VnTime'>Có và là</p><p style='font-family:.VnTime'>Phường Thổ Quan có</p>".to_owned());
    assert_eq!(said(&stale), "Có và làPhường Thổ Quan có");
    let french = page("<body><p>Le théâtre a été fermé à côté</p>".to_owned());
    assert_eq!(said(&french), "Le théâtre a été fermé à côté");
}
