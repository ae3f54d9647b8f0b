//! Rust source as a rule wants it: no comments, no contents of literals, no test modules.

/// Blanks out comments, the contents of string and character literals; line numbers stay.
pub(super) fn without_comments_and_literals(source: &str) -> String {
    let mut scanner = Scanner { rest: source, out: String::with_capacity(source.len()) };
    while !scanner.rest.is_empty() {
        scanner.step();
    }
    scanner.out
}

/// Blanks out the bodies of modules under `#[cfg(test)]`, in code that has been through
/// [`without_comments_and_literals`]; line numbers stay.
pub(super) fn without_test_modules(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        let body = rest[at..].find(['{', ';']).map(|offset| at + offset);
        let end = match body {
            Some(open) if rest[open..].starts_with('{') => open + block_length(&rest[open..]),
            Some(semicolon) => semicolon + 1,
            None => rest.len(),
        };
        out.push_str(&rest[..at]);
        blank(&rest[at..end], &mut out);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// The length of the block that begins with the brace at the start of `code`.
fn block_length(code: &str) -> usize {
    let mut depth = 0usize;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + c.len_utf8();
        }
    }
    code.len()
}

fn blank(text: &str, out: &mut String) {
    out.extend(text.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
}

struct Scanner<'a> {
    rest: &'a str,
    out: String,
}

impl Scanner<'_> {
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            return self.drop(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
        if self.rest.starts_with("/*") {
            return self.drop(block_comment_length(self.rest));
        }
        if self.at_word_start()
            && let Some(hashes) = raw_string_hashes(self.rest)
        {
            return self.drop_raw_string(hashes);
        }
        if self.rest.starts_with('"') {
            return self.drop_string();
        }
        if self.rest.starts_with('\'')
            && let Some(length) = character_length(self.rest)
        {
            return self.drop(length);
        }
        let length = self.rest.chars().next().map_or(0, char::len_utf8);
        self.keep(length);
    }

    fn at_word_start(&self) -> bool {
        !self.out.ends_with(|c: char| c.is_alphanumeric() || c == '_')
    }

    fn keep(&mut self, length: usize) {
        let (kept, rest) = self.rest.split_at(length);
        self.out.push_str(kept);
        self.rest = rest;
    }

    fn drop(&mut self, length: usize) {
        let (dropped, rest) = self.rest.split_at(length);
        blank(dropped, &mut self.out);
        self.rest = rest;
    }

    fn drop_string(&mut self) {
        self.keep(1);
        let mut escaped = false;
        let end = self.rest.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        self.drop(end.unwrap_or(self.rest.len()));
        self.keep(usize::from(!self.rest.is_empty()));
    }

    fn drop_raw_string(&mut self, hashes: usize) {
        let quote = self.rest.find('"').map_or(self.rest.len(), |at| at + 1);
        self.drop(quote);
        let close = format!("\"{}", "#".repeat(hashes));
        let end = self.rest.find(&close).map_or(self.rest.len(), |at| at + close.len());
        self.drop(end);
    }
}

/// The number of `#` when the text begins with a raw string literal.
fn raw_string_hashes(text: &str) -> Option<usize> {
    let after = ["r", "br", "cr"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix).filter(|rest| rest.starts_with(['#', '"'])))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// The length of the character literal at the start, or `None` if the quote begins a lifetime.
fn character_length(text: &str) -> Option<usize> {
    let inside = &text[1..];
    if let Some(escape) = inside.strip_prefix('\\') {
        let marker = escape.chars().next()?.len_utf8();
        let close = escape[marker..].find('\'')?;
        return Some(2 + marker + close + 1);
    }
    let c = inside.chars().next()?;
    inside[c.len_utf8()..].starts_with('\'').then_some(c.len_utf8() + 2)
}

/// The length of the block comment at the start; block comments nest.
fn block_comment_length(text: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests;
