//! A page that was read, and the place it was read from.

use crate::PageId;
use crate::error::TableError;
use crate::format::image::{self, ImageHeader};
use crate::set::Candidate;
use bmt_io::PageBuffer;
use core::fmt;
use core::ops::Deref;

/// Where a page lies: a hint that saves a search with a read.
///
/// A page stays in its place until it is replaced, deleted, or copied to another table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The table's number.
    pub(crate) table: u64,
    pub(crate) bucket: u32,
}

/// A page that was read and checked; dereferences to its payload. It holds one page buffer.
pub struct Page {
    buffer: PageBuffer,
    header: ImageHeader,
    candidate: Candidate,
}

impl Page {
    /// A page from the image that a bucket holds.
    pub(crate) fn new(
        buffer: PageBuffer,
        candidate: Candidate,
        ignore_checksum: bool,
    ) -> Result<Self, Broken> {
        match image::decode(&buffer, ignore_checksum) {
            Ok(header) => Ok(Self { buffer, header, candidate }),
            Err(damage) => {
                let offset_bytes = candidate.offset_bytes();
                let error = TableError::damaged(candidate.file.name(), offset_bytes, damage);
                Err(Broken { image: Some(buffer), candidate, error: Box::new(error) })
            }
        }
    }

    /// The page's id.
    #[must_use]
    pub fn id(&self) -> &PageId {
        &self.header.id
    }

    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        image::payload(&self.buffer, self.header.payload_bytes)
    }

    /// The image's checksum, as [`crate::image_checksum`] computes it.
    #[must_use]
    pub fn checksum(&self) -> u64 {
        self.header.checksum
    }

    /// Where the page lies.
    #[must_use]
    pub fn place(&self) -> Place {
        self.candidate.place()
    }

    /// Compares the checksum with one that was kept elsewhere, for example in the page that names this
    /// one.
    ///
    /// # Errors
    /// [`TableError::Corruption`]: the image is whole and not the one that was meant, so a write was
    /// lost.
    pub fn expect_checksum(&self, expected: u64) -> Result<(), TableError> {
        if self.checksum() == expected {
            return Ok(());
        }
        let reason = "the page is whole, and not the one that was written last under its id";
        Err(TableError::corrupt(self.candidate.file.name(), self.candidate.offset_bytes(), reason))
    }

    /// The whole image, for copying it.
    pub(crate) fn into_image(self) -> PageBuffer {
        self.buffer
    }

    /// The error that the image is whole, and of a page that does not belong in its bucket.
    pub(crate) fn misplaced(&self) -> TableError {
        let reason = "the page is whole, and belongs elsewhere: a write was lost or went astray";
        TableError::corrupt(self.candidate.file.name(), self.candidate.offset_bytes(), reason)
    }
}

/// What reading a live bucket gives.
pub(crate) type Read = Result<Page, Broken>;

/// What a bucket holds that should hold a page.
#[derive(Debug)]
pub(crate) struct Broken {
    image: Option<PageBuffer>,
    candidate: Candidate,
    error: Box<TableError>,
}

impl Broken {
    /// The file ends before the bucket does.
    pub(crate) fn cut_off(candidate: Candidate) -> Self {
        let (file, offset_bytes) = (candidate.file.name(), candidate.offset_bytes());
        let error = TableError::corrupt(file, offset_bytes, "the file ends here");
        Self { image: None, candidate, error: Box::new(error) }
    }

    pub(crate) fn place(&self) -> Place {
        self.candidate.place()
    }

    /// The id in the image, which may be damaged like the rest of it.
    pub(crate) fn id(&self) -> Option<PageId> {
        self.image.as_deref().map(image::id_of)
    }

    /// The bytes of the bucket, if it has any.
    pub(crate) fn into_image(self) -> Result<PageBuffer, TableError> {
        self.image.ok_or(*self.error)
    }
}

impl From<Broken> for TableError {
    fn from(broken: Broken) -> Self {
        *broken.error
    }
}

impl Deref for Page {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.payload()
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("place", &self.place())
            .field("payload_bytes", &self.header.payload_bytes)
            .finish_non_exhaustive()
    }
}
