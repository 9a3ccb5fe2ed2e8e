//! Tokens and keys: given as text, by environment or by file; never printed.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// A secret as the config gives it.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Given {
    /// `{ env = "NAME" }`: an environment variable.
    Env(FromEnv),
    /// `{ file = "path" }`: a file, relative to the config; white space and a BOM around it are dropped.
    File(FromFile),
    /// The secret itself, in plain text: works, and the config warns.
    Text(String),
}

/// See [`Given::Env`].
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromEnv {
    /// The variable's name.
    pub env: String,
}

/// See [`Given::File`].
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromFile {
    /// The file's path.
    pub file: PathBuf,
}

/// A secret that prints as `***`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The secret itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The text without this secret in it, also where it was percent-encoded.
    #[must_use]
    pub fn strip(&self, text: &str) -> String {
        let secret = self.expose();
        if secret.is_empty() {
            return text.to_owned();
        }
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        text.replace(secret, "***").replace(&encoded, "***")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What reading a secret gave.
#[derive(Debug)]
pub struct Resolved {
    /// The secret.
    pub secret: Secret,
    /// A sentence for the admin about how it is kept, where that could be better.
    pub warning: Option<String>,
}

/// Reads a secret; relative files start at `dir`.
///
/// # Errors
/// A sentence that says what is missing and where it was looked for.
pub fn resolve(given: &Given, dir: &Path) -> Result<Resolved, String> {
    let (text, warning) = match given {
        Given::Env(from) => (std::env::var(&from.env).map_err(|_| crate::phrases::secret_env_missing(&from.env))?, None),
        Given::File(from) => read_file(&dir.join(&from.file))?,
        // Whoever knows where it stands says so.
        Given::Text(text) => (text.clone(), None),
    };
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(crate::phrases::secret_empty());
    }
    Ok(Resolved { secret: Secret::new(text), warning })
}

fn read_file(path: &Path) -> Result<(String, Option<String>), String> {
    let told = |e: std::io::Error| crate::phrases::secret_file_unreadable(path, &e);
    let text = std::fs::read_to_string(path).map_err(told)?;
    Ok((text, world_readable(path).then(|| crate::phrases::secret_file_open(path))))
}

fn world_readable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o004 != 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::new("123456:AA-bb");
        assert_eq!(format!("{secret:?}"), "***");
        assert_eq!(secret.strip("POST /bot123456:AA-bb/getMe and 123456%3AAA-bb"), "POST /bot***/getMe and ***");
    }

    #[test]
    fn a_file_may_have_a_bom_and_a_line_end() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("token"), b"\xef\xbb\xbf123:ABC\r\n").unwrap();
        let given = Given::File(FromFile { file: "token".into() });
        assert_eq!(resolve(&given, dir.path()).unwrap().secret.expose(), "123:ABC");
        let missing = Given::File(FromFile { file: "nothing".into() });
        assert!(resolve(&missing, dir.path()).unwrap_err().contains("nothing"));
    }
}
