//! The tokens of a page, handed from the tokenizer to the tree builder of another library, which is
//! the slower one in reading and the better one in building.

use std::cell::Cell;
use std::convert::Infallible;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::{Attribute, LocalName, QualName, ns};
use html5gum::{Emitter, Error, Readable, Reader, State};

use super::limits::{ATTRIBUTES, Guard, TooComplex};
use super::raw;

/// No page has so many lines that anybody asks which one a token was in.
const LINE: u64 = 1;

/// What of a page is still to be read, shared by the one who reads it and the one who skips some of it.
pub(super) struct Rest<'p>(Cell<&'p [u8]>);

impl<'p> Rest<'p> {
    pub(super) fn of(html: &'p str) -> Self {
        Self(Cell::new(html.strip_prefix('\u{FEFF}').unwrap_or(html).as_bytes()))
    }

    /// Takes so many bytes, or all there are.
    fn take(&self, most: usize) -> &'p [u8] {
        let text = self.0.get();
        let (taken, rest) = text.split_at_checked(most).unwrap_or((text, &[]));
        self.0.set(rest);
        taken
    }
}

impl Reader for &Rest<'_> {
    type Error = Infallible;

    fn read_byte(&mut self) -> Result<Option<u8>, Infallible> {
        Ok(self.take(1).first().copied())
    }

    fn try_read_string(&mut self, wanted: &[u8], case_sensitive: bool) -> Result<bool, Infallible> {
        let is_next = self
            .0
            .get()
            .get(..wanted.len())
            .is_some_and(|next| if case_sensitive { next == wanted } else { next.eq_ignore_ascii_case(wanted) });
        self.take(if is_next { wanted.len() } else { 0 });
        Ok(is_next)
    }

    fn read_until<'b>(&'b mut self, needle: &[u8], buffer: &'b mut [u8; 4]) -> Result<Option<&'b [u8]>, Infallible> {
        let found = self.0.get().to_reader().read_until(needle, buffer)?.map(<[u8]>::len);
        Ok(found.map(|length| self.take(length)))
    }
}

/// The token that is being read.
pub(super) struct Tokens<'p> {
    guard: &'p Guard,
    rest: &'p Rest<'p>,
    text: Vec<u8>,
    comment: Vec<u8>,
    tag: Vec<u8>,
    is_end: bool,
    closes_itself: bool,
    attributes: Vec<Attribute>,
    /// Whether name and value below are those of an attribute that is not yet among the others.
    has_attribute: bool,
    name: Vec<u8>,
    value: Vec<u8>,
    last_start: Vec<u8>,
    doctype: Words,
}

/// What a document type says.
#[derive(Default)]
struct Words {
    name: Vec<u8>,
    public: Option<Vec<u8>>,
    system: Option<Vec<u8>>,
    force_quirks: bool,
}

fn tendril(bytes: &[u8]) -> StrTendril {
    StrTendril::try_from_byte_slice(bytes).unwrap_or_default()
}

fn local(bytes: &[u8]) -> LocalName {
    std::str::from_utf8(bytes).map(LocalName::from).unwrap_or_default()
}

impl<'p> Tokens<'p> {
    pub(super) fn new(guard: &'p Guard, rest: &'p Rest<'p>) -> Self {
        Self {
            guard,
            rest,
            text: Vec::new(),
            comment: Vec::new(),
            tag: Vec::new(),
            is_end: false,
            closes_itself: false,
            attributes: Vec::new(),
            has_attribute: false,
            name: Vec::new(),
            value: Vec::new(),
            last_start: Vec::new(),
            doctype: Words::default(),
        }
    }

    fn send(&self, token: Token) -> Option<State> {
        match self.guard.process_token(token, LINE) {
            TokenSinkResult::Plaintext => Some(State::PlainText),
            TokenSinkResult::RawData(RawKind::Rcdata) => Some(State::RcData),
            TokenSinkResult::RawData(RawKind::Rawtext) => Some(State::RawText),
            TokenSinkResult::RawData(RawKind::ScriptData | RawKind::ScriptDataEscaped(_)) => Some(State::ScriptData),
            TokenSinkResult::Continue | TokenSinkResult::Script(_) | TokenSinkResult::EncodingIndicator(_) => None,
        }
    }

    fn send_text(&mut self) {
        for (at, part) in self.text.split(|byte| *byte == 0).enumerate() {
            if at > 0 {
                self.send(Token::NullCharacterToken);
            }
            if !part.is_empty() {
                self.send(Token::CharacterTokens(tendril(part)));
            }
        }
        self.text.clear();
    }

    /// The second of two attributes with one name is none.
    fn add_attribute(&mut self) {
        if std::mem::take(&mut self.has_attribute) && !self.is_end && self.attributes.len() <= ATTRIBUTES {
            let name = local(&self.name);
            if self.attributes.iter().all(|known| known.name.local != name) {
                self.attributes.push(Attribute { name: QualName::new(None, ns!(), name), value: tendril(&self.value) });
            }
        }
        self.name.clear();
        self.value.clear();
    }

    /// Leaves out a script, a style or a drawing that has just begun; data for machines is sent as it is.
    fn skip(&self, raw: &raw::Raw) {
        let text = self.rest.take(raw::length(self.rest.0.get(), raw.name));
        if raw.is_kept && !text.is_empty() {
            self.send(Token::CharacterTokens(tendril(text)));
        }
    }
}

impl Emitter for Tokens<'_> {
    type Token = TooComplex;

    fn set_last_start_tag(&mut self, name: Option<&[u8]>) {
        self.last_start = name.unwrap_or_default().to_vec();
    }

    fn emit_eof(&mut self) {
        self.send_text();
        self.send(Token::EOFToken);
        self.guard.end();
    }

    fn emit_error(&mut self, _: Error) {}

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    #[inline]
    fn pop_token(&mut self) -> Option<TooComplex> {
        self.guard.is_exceeded().then_some(TooComplex)
    }

    fn emit_string(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    fn init_start_tag(&mut self) {
        self.tag.clear();
        (self.is_end, self.closes_itself) = (false, false);
    }

    fn init_end_tag(&mut self) {
        self.tag.clear();
        (self.is_end, self.closes_itself) = (true, false);
    }

    fn init_comment(&mut self) {
        self.comment.clear();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.add_attribute();
        self.send_text();
        let kind = if self.is_end { TagKind::EndTag } else { TagKind::StartTag };
        if !self.is_end {
            self.last_start.clone_from(&self.tag);
        }
        let tag = Tag {
            kind,
            name: local(&self.tag),
            self_closing: self.closes_itself,
            attrs: std::mem::take(&mut self.attributes),
            had_duplicate_attributes: false,
        };
        let next = self.send(Token::TagToken(tag));
        if let Some(raw) = self.guard.raw() {
            self.skip(&raw);
        }
        next
    }

    fn emit_current_comment(&mut self) {
        self.send_text();
        self.send(Token::CommentToken(tendril(&self.comment)));
    }

    fn emit_current_doctype(&mut self) {
        self.send_text();
        let Words { name, public, system, force_quirks } = std::mem::take(&mut self.doctype);
        let doctype = Doctype {
            name: (!name.is_empty()).then(|| tendril(&name)),
            public_id: public.as_deref().map(tendril),
            system_id: system.as_deref().map(tendril),
            force_quirks,
        };
        self.send(Token::DoctypeToken(doctype));
    }

    fn set_self_closing(&mut self) {
        self.closes_itself = true;
    }

    fn set_force_quirks(&mut self) {
        self.doctype.force_quirks = true;
    }

    fn push_tag_name(&mut self, text: &[u8]) {
        self.tag.extend_from_slice(text);
    }

    fn push_comment(&mut self, text: &[u8]) {
        self.comment.extend_from_slice(text);
    }

    fn push_doctype_name(&mut self, text: &[u8]) {
        self.doctype.name.extend_from_slice(text);
    }

    fn init_doctype(&mut self) {
        self.doctype = Words::default();
    }

    fn init_attribute(&mut self) {
        self.add_attribute();
        self.has_attribute = true;
    }

    fn push_attribute_name(&mut self, text: &[u8]) {
        self.name.extend_from_slice(text);
    }

    fn push_attribute_value(&mut self, text: &[u8]) {
        self.value.extend_from_slice(text);
    }

    fn set_doctype_public_identifier(&mut self, text: &[u8]) {
        self.doctype.public = Some(text.to_vec());
    }

    fn set_doctype_system_identifier(&mut self, text: &[u8]) {
        self.doctype.system = Some(text.to_vec());
    }

    fn push_doctype_public_identifier(&mut self, text: &[u8]) {
        self.doctype.public.get_or_insert_default().extend_from_slice(text);
    }

    fn push_doctype_system_identifier(&mut self, text: &[u8]) {
        self.doctype.system.get_or_insert_default().extend_from_slice(text);
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end && !self.last_start.is_empty() && self.last_start == self.tag
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.send_text();
        self.guard.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
