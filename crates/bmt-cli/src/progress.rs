//! How far a command is, on standard error if that is a terminal; nothing otherwise.

use crate::output::Output;
use bmt::TransferProgress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// A bar is not drawn again sooner.
const EVERY: Duration = Duration::from_millis(100);

/// A bar, which goes away when it is dropped.
pub(crate) struct Bar {
    bar: ProgressBar,
    drawn: Option<Instant>,
    message: &'static str,
}

impl Bar {
    /// A bar of this look, unless the command is to print JSON, or to be quiet.
    pub(crate) fn new(output: &Output, template: &str) -> Self {
        let is_shown = output.shows_progress() && io::stderr().is_terminal();
        let bar = if is_shown { ProgressBar::no_length() } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template(template);
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, drawn: None, message: "" }
    }

    /// A bar for keys that are written or read.
    pub(crate) fn of_keys(output: &Output) -> Self {
        Self::new(output, "{bar:40} {human_pos} of {human_len} keys, {per_sec}, {eta} left")
    }

    /// Shows how far it is, a few times a second.
    pub(crate) fn show(&mut self, message: &'static str, done: u64, total: u64) {
        let is_due = self.drawn.is_none_or(|drawn| drawn.elapsed() > EVERY);
        if !is_due && message == self.message {
            return;
        }
        (self.drawn, self.message) = (Some(Instant::now()), message);
        self.bar.set_message(message);
        self.bar.set_length(total.max(done));
        self.bar.set_position(done);
    }

    /// Shows how many keys were written or read.
    pub(crate) fn show_keys(&mut self, progress: &TransferProgress) {
        self.show("", progress.keys, progress.keys_total);
    }

    /// The bar itself.
    pub(crate) fn inner(&self) -> &ProgressBar {
        &self.bar
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
