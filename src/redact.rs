//! The last writer before the terminal: no secret passes it, whoever printed it.

use std::io::{self, Write};
use std::sync::{Arc, PoisonError, RwLock};

use tracing_subscriber::fmt::MakeWriter;

use crate::secret::Secret;

/// Knows every secret, and takes it out of what is written to stderr.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Arc<RwLock<Vec<Secret>>>,
}

impl Redactor {
    /// These must never be seen from now on.
    pub fn hide(&self, secrets: &[Secret]) {
        self.secrets.write().unwrap_or_else(PoisonError::into_inner).extend_from_slice(secrets);
    }

    /// The text without secrets.
    #[must_use]
    pub fn strip(&self, text: &str) -> String {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().fold(text.to_owned(), |text, secret| secret.strip(&text))
    }

    /// Writes a line for people to stderr.
    pub fn say(&self, line: &str) {
        let mut writer = self.make_writer();
        // A closed stderr leaves nobody to tell.
        writeln!(writer, "{line}").ok();
    }

    /// Panics are told without secrets, too.
    pub fn guard_panics(&self) {
        let this = self.clone();
        std::panic::set_hook(Box::new(move |info| this.say(&format!("{info}"))));
    }
}

/// One event on its way out.
pub struct Line {
    redactor: Redactor,
    bytes: Vec<u8>,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let text = self.redactor.strip(&String::from_utf8_lossy(&std::mem::take(&mut self.bytes)));
        io::stderr().lock().write_all(text.as_bytes())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.flush().ok();
    }
}

impl<'a> MakeWriter<'a> for Redactor {
    type Writer = Line;

    fn make_writer(&'a self) -> Self::Writer {
        Line { redactor: self.clone(), bytes: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_out_of_any_text() {
        let redactor = Redactor::default();
        redactor.hide(&[Secret::new("123:AA"), Secret::new("mật khẩu")]);
        assert_eq!(redactor.strip("GET /bot123:AA/getMe; mật khẩu"), "GET /bot***/getMe; ***");
    }
}
