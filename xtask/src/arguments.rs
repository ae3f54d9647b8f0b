//! The words after a command's name: flags, options with a value, and the rest.

use crate::failure::Failure;

/// The arguments that no one has asked for yet. Ask for flags and options first, then for the
/// positional words, then call [`Arguments::finish`], which refuses what is left.
#[derive(Debug, Default)]
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self(words)
    }

    /// Every word that is left, for a command that hands them on.
    pub(crate) fn into_words(self) -> Vec<String> {
        self.0
    }

    /// Whether `--name` was given; it is taken away.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() != before
    }

    /// The value of `--name VALUE` or `--name=VALUE`, taken away; the first one, if repeated.
    ///
    /// # Errors
    /// [`Failure::Usage`] when the option stands last and has no value.
    pub(crate) fn option(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let joined = format!("{name}=");
        let Some(at) = self.0.iter().position(|word| word == name || word.starts_with(&joined))
        else {
            return Ok(None);
        };
        let word = self.0.remove(at);
        if let Some(value) = word.strip_prefix(&joined) {
            return Ok(Some(value.to_owned()));
        }
        if at == self.0.len() {
            return Err(Failure::Usage(format!("`{name}` needs a value")));
        }
        Ok(Some(self.0.remove(at)))
    }

    /// Every value of an option that may be repeated, in order.
    ///
    /// # Errors
    /// As [`Arguments::option`].
    pub(crate) fn options(&mut self, name: &str) -> Result<Vec<String>, Failure> {
        let mut values = Vec::new();
        while let Some(value) = self.option(name)? {
            values.push(value);
        }
        Ok(values)
    }

    /// The next positional word, taken away.
    #[cfg(any(test, feature = "layers"))]
    pub(crate) fn positional(&mut self) -> Option<String> {
        let at = self.0.iter().position(|word| !word.starts_with('-'))?;
        Some(self.0.remove(at))
    }

    /// Ends the reading of arguments.
    ///
    /// # Errors
    /// [`Failure::Usage`] when words are left that no one asked for.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => Err(Failure::Usage(format!("`{word}` is not understood here"))),
        }
    }
}

#[cfg(test)]
mod tests;
