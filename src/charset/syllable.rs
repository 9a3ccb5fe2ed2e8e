//! Whether a word is a Vietnamese syllable. A text read in the wrong encoding hardly holds any.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use crate::text;

const ONSETS: &[&str] = &[
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "qu", "r", "s", "t", "th",
    "tr", "v", "x",
];
/// What follows the onset, without the tone.
const RIMES: &str = "a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây \
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu \
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot \
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt \
    uơ up ut uy uya uych uyên uyêt uynh uyp uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu \
    y yêm yên yêng yêt yêu";
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// The bytes of "nghiếng" with all its marks apart are less.
const LONGEST: usize = 24;

static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| RIMES.split(' ').collect());
static FOLDED: LazyLock<HashSet<String>> = LazyLock::new(|| RIMES.split(' ').map(text::fold).collect());

/// Whether a word with its accents is one, in any case.
pub(super) fn is_syllable(word: &str) -> bool {
    if word.len() > LONGEST {
        return false;
    }
    let small: String = word.chars().flat_map(char::to_lowercase).collect();
    let mut tones = small.nfd().filter(|c| TONES.contains(c));
    let tone = tones.next();
    if tones.next().is_some() {
        return false;
    }
    let toneless: String = small.nfd().filter(|c| !TONES.contains(c)).nfc().collect();
    let fits = |rime: &str| KNOWN.contains(rime) && (!rime.ends_with(['c', 'p', 't', 'h']) || stops(rime, tone));
    ONSETS.iter().filter_map(|onset| toneless.strip_prefix(onset)).any(fits)
}

/// Behind "c", "ch", "p" and "t" stand only two of the six tones.
fn stops(rime: &str, tone: Option<char>) -> bool {
    rime.ends_with("nh") || matches!(tone, Some('\u{301}' | '\u{323}'))
}

/// Whether a word of plain letters is one that lost its accents.
pub(super) fn is_bare_syllable(word: &str) -> bool {
    let small = word.to_ascii_lowercase();
    ONSETS.iter().filter_map(|onset| small.strip_prefix(if *onset == "đ" { "d" } else { onset })).any(|rime| FOLDED.contains(rime))
}
