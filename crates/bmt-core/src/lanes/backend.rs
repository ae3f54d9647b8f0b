//! Which kernels there are, and which one this machine should use.

/// A way to hash with Blake2b-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// The `blake2` crate, one message after another: the oracle of the others.
    Scalar,
    /// This crate's kernel in 64-bit registers, one message after another.
    Lanes1,
    /// Two lanes: SSE4.1 or NEON.
    Lanes2,
    /// Four lanes: AVX2.
    Lanes4,
    /// Eight lanes: AVX-512F.
    Lanes8,
}

impl Backend {
    /// Every backend, narrowest first.
    pub const ALL: [Self; 5] =
        [Self::Scalar, Self::Lanes1, Self::Lanes2, Self::Lanes4, Self::Lanes8];

    /// How many messages are hashed side by side.
    #[must_use]
    pub const fn lanes(self) -> usize {
        match self {
            Self::Scalar | Self::Lanes1 => 1,
            Self::Lanes2 => 2,
            Self::Lanes4 => 4,
            Self::Lanes8 => 8,
        }
    }

    /// Whether this machine (without the feature `std`: this build) has the instructions.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar | Self::Lanes1 => true,
            Self::Lanes2 => has::lanes2(),
            Self::Lanes4 => has::lanes4(),
            // The tail of eight lanes goes through four.
            Self::Lanes8 => has::lanes8() && has::lanes4() && has::lanes2(),
        }
    }

    /// The widest one available. Looked up once with the feature `std`, then one atomic load.
    #[must_use]
    pub fn best() -> Self {
        cached::best()
    }

    pub(super) fn assert_available(self) {
        assert!(self.is_available(), "this machine has no {self:?}");
    }

    fn look_up() -> Self {
        let wide = [Self::Lanes8, Self::Lanes4, Self::Lanes2];
        wide.into_iter().find(|backend| backend.is_available()).unwrap_or(Self::Lanes1)
    }
}

/// The instructions of the machine.
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod has {
    pub(super) fn lanes2() -> bool {
        std::is_x86_feature_detected!("sse4.1")
    }

    pub(super) fn lanes4() -> bool {
        std::is_x86_feature_detected!("avx2")
    }

    pub(super) fn lanes8() -> bool {
        std::is_x86_feature_detected!("avx512f")
    }
}

/// The instructions that the build may assume.
#[cfg(not(all(feature = "std", target_arch = "x86_64")))]
mod has {
    pub(super) fn lanes2() -> bool {
        cfg!(any(
            all(target_arch = "x86_64", target_feature = "sse4.1"),
            all(target_arch = "aarch64", target_endian = "little", target_feature = "neon")
        ))
    }

    pub(super) fn lanes4() -> bool {
        cfg!(all(target_arch = "x86_64", target_feature = "avx2"))
    }

    pub(super) fn lanes8() -> bool {
        cfg!(all(target_arch = "x86_64", target_feature = "avx512f"))
    }
}

#[cfg(feature = "std")]
mod cached {
    use super::Backend;
    use std::sync::OnceLock;

    pub(super) fn best() -> Backend {
        static BEST: OnceLock<Backend> = OnceLock::new();
        *BEST.get_or_init(Backend::look_up)
    }
}

#[cfg(not(feature = "std"))]
mod cached {
    use super::Backend;

    pub(super) fn best() -> Backend {
        Backend::look_up()
    }
}
