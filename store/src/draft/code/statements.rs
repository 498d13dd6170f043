//! The statements of a program, and the calls of Deno KV in them.
//!
//! A statement ends where JavaScript ends one, as far as that shows in its tokens: at a semicolon, or at the end of a line
//! after which nothing of it goes on.

use std::ops::Range;

use crate::javascript::lexer::{LexError, Lexer, Token, TokenKind};

/// A statement, or what stands where one should.
pub(super) struct Statement {
    /// Where it is, in bytes.
    pub range: Range<usize>,
    pub kind: Kind,
}

/// What a statement is.
pub(super) enum Kind {
    /// Calls of operations, in order.
    Calls(Vec<Call>),
    /// Nothing that a draft cares for.
    Nothing,
    /// Something that cannot be read, and why.
    Other(String),
}

/// A call of a method, such as `.set(["a"], 1)`.
pub(super) struct Call {
    pub name: String,
    /// Where the call is, from its name on.
    pub range: Range<usize>,
    /// Where its arguments are, between the parentheses.
    pub arguments: Range<usize>,
}

/// Methods that write or check something.
const OPERATIONS: [&str; 8] = ["check", "set", "delete", "sum", "min", "max", "enqueue", "mutate"];
/// Methods that change nothing by themselves.
const QUIET: [&str; 6] = ["atomic", "commit", "openKv", "close", "then", "catch"];

/// All tokens of a text but spaces and comments. A `/` where a value stands is a regular expression, since nothing is
/// divided in literals; what the lexer cannot read ends the list.
pub(super) fn tokens(text: &str, range: Range<usize>) -> Result<Vec<Token>, LexError> {
    let mut lexer = Lexer::new(text.get(..range.end).unwrap_or_default());
    lexer.move_to(range.start);
    let mut tokens: Vec<Token> = Vec::new();
    loop {
        let token = lexer.next()?;
        match &token.kind {
            TokenKind::End => return Ok(tokens),
            TokenKind::Punctuator('/') => {
                let is_division = tokens.last().is_some_and(|last| {
                    matches!(
                        last.kind,
                        TokenKind::Number(_) | TokenKind::Name(_) | TokenKind::Punctuator(')' | ']')
                    )
                });
                if !is_division {
                    lexer.regexp(token.start)?;
                }
                let end = lexer.offset();
                tokens.push(Token { end, ..token });
            }
            _ => tokens.push(token),
        }
    }
}

/// The statements of a program.
pub(super) fn of(text: &str) -> Vec<Statement> {
    let (tokens, broken) = match tokens(text, 0..text.len()) {
        Ok(tokens) => (tokens, None),
        Err(error) => {
            // What stands before is read all the same.
            let before = tokens(text, 0..error.start).unwrap_or_default();
            (before, Some(error))
        }
    };
    let mut statements: Vec<Statement> = Vec::new();
    let mut rest = tokens.as_slice();
    while !rest.is_empty() {
        let length = length_of_statement(text, rest);
        let (statement, after) = rest.split_at(length.clamp(1, rest.len()));
        rest = after;
        if let (Some(first), Some(last)) = (statement.first(), statement.last()) {
            statements.push(Statement {
                range: first.start..last.end,
                kind: kind(statement),
            });
        }
    }
    if let Some(error) = broken {
        // A statement that is cut off there cannot be told to be whole.
        let start = statements
            .pop_if(|last| !matches!(text.get(last.range.clone()), Some(text) if text.ends_with(';')))
            .map_or(error.start, |last| last.range.start);
        statements.push(Statement {
            range: start..error.end.max(start),
            kind: Kind::Other(error.message),
        });
    }
    statements
}

/// How many tokens belong to the first statement.
fn length_of_statement(text: &str, tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Punctuator('(' | '[' | '{') => depth += 1,
            TokenKind::Punctuator(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > 0 {
            continue;
        }
        if token.kind == TokenKind::Punctuator(';') {
            return index + 1;
        }
        let Some(next) = tokens.get(index + 1) else {
            return index + 1;
        };
        let between = text.get(token.end..next.start).unwrap_or_default();
        let goes_on = matches!(
            next.kind,
            TokenKind::Punctuator('.' | ',' | ')' | '=' | '?' | ':' | '(' | '{')
        ) || matches!(
            token.kind,
            TokenKind::Punctuator('.' | ',' | '=' | '(' | '?' | ':' | '>')
        ) || matches!(&token.kind, TokenKind::Name(name) if ["await", "return", "const", "let", "var"].contains(&name.as_str()))
            || matches!(&next.kind, TokenKind::Name(name) if ["else", "catch", "finally"].contains(&name.as_str()));
        if between.contains('\n') && !goes_on {
            return index + 1;
        }
    }
    tokens.len()
}

fn is_punctuator(token: Option<&Token>, char: char) -> bool {
    token.is_some_and(|token| token.kind == TokenKind::Punctuator(char))
}

fn name(token: Option<&Token>) -> Option<&str> {
    match &token?.kind {
        TokenKind::Name(name) => Some(name),
        _ => None,
    }
}

fn kind(tokens: &[Token]) -> Kind {
    let tokens = match tokens.split_last() {
        Some((last, rest)) if last.kind == TokenKind::Punctuator(';') => rest,
        _ => tokens,
    };
    if tokens.is_empty() || name(tokens.first()) == Some("import") {
        return Kind::Nothing;
    }
    let other =
        || Kind::Other("only calls such as kv.set(…) and kv.atomic()… are read; nothing is run".to_owned());
    let Some(expression) = after_target(tokens) else {
        return other();
    };
    match chain(expression) {
        Some(calls) if calls.is_empty() => Kind::Nothing,
        Some(calls) => Kind::Calls(calls),
        None => other(),
    }
}

/// What stands after `const result = await` and its like.
fn after_target(mut tokens: &[Token]) -> Option<&[Token]> {
    if matches!(name(tokens.first()), Some("export")) {
        tokens = tokens.get(1..)?;
    }
    if matches!(name(tokens.first()), Some("const" | "let" | "var" | "using")) {
        let equals = tokens
            .iter()
            .position(|token| token.kind == TokenKind::Punctuator('='))?;
        tokens = tokens.get(equals + 1..)?;
    } else if is_punctuator(tokens.get(1), '=') && !is_punctuator(tokens.get(2), '=') {
        tokens = tokens.get(2..)?;
    }
    while matches!(name(tokens.first()), Some("await" | "return" | "void")) {
        tokens = tokens.get(1..)?;
    }
    Some(tokens)
}

/// The operations in a chain of calls; `None` if it is none.
fn chain(tokens: &[Token]) -> Option<Vec<Call>> {
    let mut calls = Vec::new();
    let mut is_call = false;
    let mut at = 0;
    while at < tokens.len() {
        let method = name(tokens.get(at))?;
        let start = tokens.get(at)?.start;
        at += 1;
        if is_punctuator(tokens.get(at), '(') {
            let open = at;
            let close = open + closing(tokens.get(open..)?)?;
            let call = Call {
                name: method.to_owned(),
                range: start..tokens.get(close)?.end,
                arguments: tokens.get(open)?.end..tokens.get(close)?.start,
            };
            is_call = true;
            at = close + 1;
            if OPERATIONS.contains(&method) {
                calls.push(call);
            } else if !QUIET.contains(&method) {
                return None;
            }
        }
        if at == tokens.len() {
            break;
        }
        // `!` after an expression is TypeScript's, `?.` goes on only where there is something.
        while is_punctuator(tokens.get(at), '!') || is_punctuator(tokens.get(at), '?') {
            at += 1;
        }
        if !is_punctuator(tokens.get(at), '.') {
            return None;
        }
        at += 1;
    }
    is_call.then_some(calls)
}

/// Where the bracket closes that the first token opens.
fn closing(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Punctuator('(' | '[' | '{') => depth += 1,
            TokenKind::Punctuator(')' | ']' | '}') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}
