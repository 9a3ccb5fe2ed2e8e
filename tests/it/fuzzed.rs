//! The fuzzers' functions over the kept corpus and some thousand changed copies of it: the same
//! bytes on every run. `cargo fuzz` (README) looks further.

use std::path::Path;

#[path = "../../fuzz/targets.rs"]
mod targets;

/// What a change puts in: pieces that mean something to a reader of pages.
const PIECES: &[&[u8]] = &[
    b"<",
    b">",
    b"</p>",
    b"<p>",
    b"<a href=\"",
    b"<table><tr><td>",
    b"<script>",
    b"<!--",
    b"&#x1F;",
    b"&",
    b"\"",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xe1\xbb",
    b"\xcc\x81",
    b"17/09/2019",
    b"31/02/2019",
    b"16:30",
    b"24:00",
    b"99:99",
    b"99999999999999999999",
    b" \xc2\xa0",
    b"h\xc3\xb4m qua",
    b" tr\xc6\xb0\xe1\xbb\x9bc",
    b"charset=utf-16",
    b"\xc3\xa1\xc2\xba",
    b"{\"@type\":",
    b"]]>",
    b"<?xml",
    b"\r\n",
];

/// A generator of numbers that gives the same ones on every machine (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        start..(start + self.below(64)).min(length)
    }
}

fn changed(body: &[u8], others: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut body = body.to_vec();
    for _ in 0..=dice.below(4) {
        let range = dice.range(body.len());
        let put: Vec<u8> = match dice.below(6) {
            0 => Vec::new(),
            1 => body[range.clone()].iter().map(|byte| byte ^ (1 << dice.below(8))).collect(),
            2 => body[range.clone()].repeat(2 + dice.below(8)),
            3 => [PIECES[dice.below(PIECES.len())], &body[range.clone()]].concat(),
            4 => PIECES[dice.below(PIECES.len())].to_vec(),
            _ => {
                let other = &others[dice.below(others.len())];
                other[dice.range(other.len())].to_vec()
            }
        };
        body.splice(range, put);
    }
    body
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// A number in the environment, to run longer (`LOAPHUONG_FUZZ` times as many changes) and elsewhere
/// (`LOAPHUONG_FUZZ_SEED`).
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|told| told.parse().ok())
}

fn check(name: &str, changes: usize) {
    let changes = changes * usize::try_from(asked("LOAPHUONG_FUZZ").unwrap_or(1)).unwrap();
    let (_, target) = targets::TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let corpus = corpus(name);
    corpus.iter().for_each(|body| target(body));
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ asked("LOAPHUONG_FUZZ_SEED").unwrap_or(0));
    for _ in 0..changes {
        let body = changed(&corpus[dice.below(corpus.len())], &corpus, &mut dice);
        let fell = std::panic::catch_unwind(|| target(&body)).is_err();
        assert!(!fell, "{name} falls over {:?}", String::from_utf8_lossy(&body));
    }
}

#[test]
fn dates_stand_up_to_changed_lines() {
    check("date", 6000);
}

#[test]
fn charsets_stand_up_to_changed_bytes() {
    check("charset", 1000);
}

#[test]
fn lists_stand_up_to_changed_pages() {
    check("list", 300);
}

#[test]
fn articles_stand_up_to_changed_pages() {
    check("article", 300);
}

#[test]
fn feeds_stand_up_to_changed_feeds() {
    check("syndication", 500);
}

#[test]
fn every_target_is_run() {
    let names: Vec<&str> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["article", "charset", "date", "list", "syndication"]);
}
