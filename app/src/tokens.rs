//! The tokens of databases on servers: where they are kept, and which of them is taken. They are in the system's keychain,
//! in a variable of the environment, or in this process alone; never in a file of Keyglass.

use std::collections::HashMap;
use std::sync::Arc;

use keyglass_store::connect::{Token, TokenError};
use keyglass_store::open::{self, OpenOptions};
use keyglass_store::{ConnectError, DatabaseKind};

/// The variable that Deno, too, takes a token from.
pub const VARIABLE: &str = "DENO_KV_ACCESS_TOKEN";
/// What the entries of the keychain are called.
const SERVICE: &str = "Keyglass";

/// The system has no keychain, or it is locked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the system's keychain cannot be used: {0}")]
pub struct NoKeychain(pub String);

/// Where the system keeps secrets of a person. It may ask the person first, so it is for no thread that draws.
pub trait Keychain: Send + Sync {
    /// The token of the server at a URL, as [`location`] writes it; `None` if none is kept.
    ///
    /// # Errors
    /// If there is no keychain.
    fn look(&self, url: &str) -> Result<Option<Token>, NoKeychain>;

    /// Keeps the token of a server.
    ///
    /// # Errors
    /// If there is no keychain.
    fn keep(&self, url: &str, token: &Token) -> Result<(), NoKeychain>;
}

/// The keychain of the system.
#[derive(Debug, Clone, Copy)]
pub struct SystemKeychain;

impl Keychain for SystemKeychain {
    fn look(&self, url: &str) -> Result<Option<Token>, NoKeychain> {
        match entry(url)?.get_password() {
            Ok(text) => Ok(Token::of_server(&text).ok()),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(NoKeychain(error.to_string())),
        }
    }

    fn keep(&self, url: &str, token: &Token) -> Result<(), NoKeychain> {
        let kept = entry(url)?.set_password(token.reveal());
        kept.map_err(|error| NoKeychain(error.to_string()))
    }
}

fn entry(url: &str) -> Result<keyring::Entry, NoKeychain> {
    if let Err(error) = keyring::Entry::store_status() {
        return Err(NoKeychain(error.to_string()));
    }
    keyring::Entry::new(SERVICE, url).map_err(|error| NoKeychain(error.to_string()))
}

/// Whether a location is that of a server.
#[must_use]
pub fn is_url(location: &str) -> bool {
    open::kind(location) == Some(DatabaseKind::Remote)
}

/// A URL as databases tell it as their location, by which their tokens are kept.
///
/// # Errors
/// If it is none.
pub fn location(url: &str) -> Result<String, ConnectError> {
    keyglass_store::remote::location(url)
}

/// The token of the environment, if there is one.
///
/// # Errors
/// If it is none.
pub fn of_variable() -> Result<Option<Token>, TokenError> {
    match std::env::var(VARIABLE) {
        Ok(text) if !text.trim().is_empty() => Token::of_server(&text).map(Some),
        _ => Ok(None),
    }
}

/// The tokens that a window knows.
#[derive(Clone)]
pub struct Tokens {
    /// Those that were typed, by URL.
    typed: HashMap<String, Token>,
    variable: Option<Token>,
    keychain: Arc<dyn Keychain>,
}

impl Tokens {
    /// Those of a keychain, and of the environment.
    #[must_use]
    pub fn new(keychain: Arc<dyn Keychain>, variable: Option<Token>) -> Self {
        Self {
            typed: HashMap::new(),
            variable,
            keychain,
        }
    }

    /// Whether the environment has a token.
    #[must_use]
    pub fn has_variable(&self) -> bool {
        self.variable.is_some()
    }

    /// Where tokens are kept.
    #[must_use]
    pub fn keychain(&self) -> Arc<dyn Keychain> {
        Arc::clone(&self.keychain)
    }

    /// Takes a token that was typed for a server, as long as this process runs.
    pub fn take(&mut self, url: &str, token: Token) {
        self.typed.insert(url.to_owned(), token);
    }

    /// The token of a server: the one that was typed, or the environment's, or the one that the keychain has. It may wait
    /// for the person who is asked to unlock the keychain.
    #[must_use]
    pub fn find(&self, url: &str) -> Option<Token> {
        let known = self.typed.get(url).or(self.variable.as_ref()).cloned();
        // Without a keychain nobody has given one.
        known.or_else(|| self.keychain.look(url).ok().flatten())
    }

    /// How a location is opened: with the token of the server, if it is one's.
    #[must_use]
    pub fn given(&self, options: &OpenOptions, at: &str) -> OpenOptions {
        let url = is_url(at).then(|| location(at).ok()).flatten();
        match url.and_then(|url| self.find(&url)) {
            Some(token) => options.clone().token(token),
            None => options.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A keychain that holds one token.
    struct Holds(&'static str);

    impl Keychain for Holds {
        fn look(&self, _url: &str) -> Result<Option<Token>, NoKeychain> {
            Ok(Token::of_server(self.0).ok())
        }

        fn keep(&self, _url: &str, _token: &Token) -> Result<(), NoKeychain> {
            Err(NoKeychain("it is full".to_owned()))
        }
    }

    #[test]
    fn what_was_typed_comes_before_the_environment_and_that_before_the_keychain() {
        let token = |text: &str| Token::of_server(text).unwrap();
        let url = "https://a.b/kv";
        let found = |tokens: &Tokens| tokens.find(url).map(|token| token.reveal().to_owned());
        let mut tokens = Tokens::new(Arc::new(Holds("")), None);
        assert_eq!(found(&tokens), None);
        tokens = Tokens::new(Arc::new(Holds("kept")), None);
        assert_eq!(found(&tokens).as_deref(), Some("kept"));
        tokens = Tokens::new(Arc::new(Holds("kept")), Some(token("variable")));
        assert_eq!(found(&tokens).as_deref(), Some("variable"));
        tokens.take(url, token("typed"));
        assert_eq!(found(&tokens).as_deref(), Some("typed"));
        assert_eq!(tokens.find("https://other").unwrap().reveal(), "variable");
    }

    #[test]
    fn a_path_is_no_url() {
        assert!(is_url("HTTP://a.b") && is_url("https://a.b/kv"));
        assert!(!is_url("shop.kg") && !is_url("ftp://a.b"));
    }
}
