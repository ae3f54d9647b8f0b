//! The bytes of requests and responses.
#![deny(clippy::indexing_slicing)]

use super::{HASH_SIZE, NODE_SIZE, StateRequest, StateResponse, StateResponseError, natural};
use crate::key::{Key, StateKey};
use crate::scheme::{EMPTY_ROOT, Hash};
use alloc::vec::Vec;

const REQUEST_SIZE: usize = HASH_SIZE + 2 * StateKey::LEN + 4;

impl StateRequest {
    /// The request message for the posterior state of the block with this header hash.
    #[must_use]
    pub fn encode(&self, header_hash: &Hash) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(REQUEST_SIZE);
        bytes.extend_from_slice(header_hash);
        bytes.extend_from_slice(self.start.as_bytes());
        bytes.extend_from_slice(self.end.as_bytes());
        bytes.extend_from_slice(&self.bytes_max.to_le_bytes());
        bytes
    }

    /// The header hash and the request in a request message.
    ///
    /// # Errors
    /// [`StateResponseError::Length`] when the message has not 98 bytes.
    pub fn decode(bytes: &[u8]) -> Result<(Hash, Self), StateResponseError> {
        let mut input = Input { bytes, taken: 0 };
        let mut header_hash = EMPTY_ROOT;
        header_hash.copy_from_slice(input.take(HASH_SIZE)?);
        let (start, end) = (input.take_key()?, input.take_key()?);
        let bytes_max = input.take_u32()?;
        input.end()?;
        Ok((header_hash, Self::new(start, end, bytes_max)))
    }
}

impl StateResponse {
    /// The first message: the nodes.
    #[must_use]
    pub fn encode_nodes(&self) -> Vec<u8> {
        self.nodes.concat()
    }

    /// The second message: the pairs.
    #[must_use]
    pub fn encode_pairs(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (key, value) in &self.pairs {
            bytes.extend_from_slice(key.as_bytes());
            natural::push(&mut bytes, value.len() as u64);
            bytes.extend_from_slice(value);
        }
        bytes
    }

    /// How many bytes both messages have together, without their sizes.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let pairs: usize = self.pairs.iter().map(|(_, value)| pair_size(value.len())).sum();
        NODE_SIZE * self.nodes.len() + pairs
    }

    /// Both messages, each after its size as four bytes.
    ///
    /// # Panics
    /// When a message has 4 GiB or more.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for message in [self.encode_nodes(), self.encode_pairs()] {
            let size = u32::try_from(message.len()).unwrap_or(u32::MAX);
            assert!(size < u32::MAX, "a message has less than 4 GiB");
            bytes.extend_from_slice(&size.to_le_bytes());
            bytes.extend_from_slice(&message);
        }
        bytes
    }

    /// The response in two messages, each after its size, and nothing else.
    ///
    /// # Errors
    /// A [`StateResponseError`] when they are not exactly that.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateResponseError> {
        let mut input = Input { bytes, taken: 0 };
        let nodes = input.take_message()?;
        let pairs = input.take_message()?;
        input.end()?;
        Self::from_messages(nodes, pairs)
    }

    /// The response in its two messages. Allocates at most twice their length.
    ///
    /// # Errors
    /// A [`StateResponseError`] when they are not exactly nodes and pairs.
    pub fn from_messages(nodes: &[u8], pairs: &[u8]) -> Result<Self, StateResponseError> {
        let (chunks, rest) = nodes.as_chunks::<NODE_SIZE>();
        if !rest.is_empty() {
            return Err(StateResponseError::NodesLength { found: nodes.len() });
        }
        let mut input = Input { bytes: pairs, taken: 0 };
        let mut count = 0;
        while !input.is_empty() {
            input.take_pair()?;
            count += 1;
        }
        let mut response = Self { nodes: chunks.to_vec(), pairs: Vec::with_capacity(count) };
        let mut input = Input { bytes: pairs, taken: 0 };
        while !input.is_empty() {
            let (key, value) = input.take_pair()?;
            response.pairs.push((key, value.to_vec()));
        }
        Ok(response)
    }
}

/// The size of a pair in the second message.
pub(super) fn pair_size(value_length: usize) -> usize {
    StateKey::LEN + natural::size(value_length as u64) + value_length
}

/// Bytes not read yet.
struct Input<'a> {
    bytes: &'a [u8],
    taken: usize,
}

impl<'a> Input<'a> {
    fn is_empty(&self) -> bool {
        self.taken == self.bytes.len()
    }

    fn end(&self) -> Result<(), StateResponseError> {
        let (needed, found) = (self.taken, self.bytes.len());
        if needed == found { Ok(()) } else { Err(StateResponseError::Length { needed, found }) }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], StateResponseError> {
        let needed = self.taken.saturating_add(count);
        let error = StateResponseError::Length { needed, found: self.bytes.len() };
        let slice = self.bytes.get(self.taken..needed).ok_or(error)?;
        self.taken = needed;
        Ok(slice)
    }

    fn take_key(&mut self) -> Result<StateKey, StateResponseError> {
        let needed = self.taken + StateKey::LEN;
        let bytes = self.take(StateKey::LEN)?;
        StateKey::from_slice(bytes)
            .map_err(|_| StateResponseError::Length { needed, found: self.bytes.len() })
    }

    fn take_u32(&mut self) -> Result<u32, StateResponseError> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(bytes))
    }

    fn take_message(&mut self) -> Result<&'a [u8], StateResponseError> {
        let size = self.take_u32()?;
        self.take(usize::try_from(size).unwrap_or(usize::MAX))
    }

    fn take_pair(&mut self) -> Result<(StateKey, &'a [u8]), StateResponseError> {
        let key = self.take_key()?;
        let (offset, found) = (self.taken, self.bytes.len());
        let rest = self.bytes.get(offset..).unwrap_or_default();
        let (length, size) = natural::read(rest).map_err(|fault| match fault {
            natural::Fault::Early => StateResponseError::Length { needed: found + 1, found },
            natural::Fault::NotShortest => StateResponseError::ValueLength { offset },
        })?;
        self.taken += size;
        Ok((key, self.take(usize::try_from(length).unwrap_or(usize::MAX))?))
    }
}
