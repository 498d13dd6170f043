//! What can be wrong with a stored value, and with a value to be stored.

/// A stored value cannot be read, or a value cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The bytes are not what their encoding says.
    #[error("The value is broken at byte {offset}: {fault}")]
    Broken {
        /// Where, in bytes from the start of the value.
        offset: usize,
        /// How.
        fault: Fault,
    },
    /// The value has no stored form.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
}

/// How a value is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// [`super::Encoding::Unknown`].
    #[error("it is stored in encoding {0}, which Keyglass does not know")]
    Encoding(i64),
    /// A `Deno.KvU64` of another length.
    #[error("a Deno.KvU64 has 8 bytes, and this one has {0}")]
    U64Length(usize),
    /// Not V8's format, or one without a version.
    #[error("it does not begin with the header of V8's format")]
    Header,
    /// A version of V8's format that Deno does not read.
    #[error("it has version {0} of V8's format, and only 13 to 16 can be read")]
    Version(u32),
    /// The bytes end too early.
    #[error("it ends in the middle of {0}")]
    End(&'static str),
    /// No value begins with this byte.
    #[error("no value begins with the byte {0:02x}")]
    Tag(u8),
    /// Only another thread of the same process could make sense of it.
    #[error("{0} cannot be stored, only passed between threads")]
    Transferred(&'static str),
    /// A count at the end of a collection differs from what it holds.
    #[error("{what} says that it holds {stored}, and it holds {counted}")]
    Count {
        /// The collection.
        what: &'static str,
        /// What the bytes say.
        stored: u32,
        /// What was found.
        counted: u32,
    },
    /// An array's length at its end differs from that at its start.
    #[error("an array has length {start} at its start and {end} at its end")]
    Length {
        /// What the start says.
        start: u32,
        /// What the end says.
        end: u32,
    },
    /// A dense array claims more elements than there are bytes.
    #[error("an array claims {0} elements, and fewer bytes follow")]
    ClaimedLength(u32),
    /// Neither string nor number.
    #[error("a property's key is neither a string nor a number")]
    Key,
    /// A key appears twice, or is an array's `length`.
    #[error("the property {0} appears twice")]
    DuplicateKey(String),
    /// Refers to an object that is not there (yet).
    #[error("it refers to object {0}, which does not stand before it")]
    Reference(u32),
    /// A bigint of no digits with a sign.
    #[error("there is no bigint -0")]
    NegativeZero,
    /// Something else stands where a string must.
    #[error("expected a string in {0}")]
    ExpectedString(&'static str),
    /// A two-byte string with half a character.
    #[error("a two-byte string has an odd number of bytes")]
    OddString,
    /// Flags that no regular expression has.
    #[error("a regular expression cannot have the flags {0:#x}")]
    RegExpFlags(u32),
    /// A pattern that JavaScript refuses.
    #[error("a regular expression is invalid: {0}")]
    RegExpPattern(String),
    /// A resizable buffer above its own maximum.
    #[error("a resizable ArrayBuffer is longer than its maximum")]
    BufferMaximum,
    /// A view outside its buffer, misaligned, or with flags that do not fit the buffer.
    #[error("a view {0}")]
    View(&'static str),
    /// An unknown part of an error object.
    #[error("an error object has a part {0:02x}, which is unknown or not in its place")]
    ErrorPart(u8),
    /// A host object that is none.
    #[error("{0}")]
    Host(&'static str),
    /// Nested deeper than JavaScript's stack goes.
    #[error("it is nested deeper than {0} levels")]
    Depth(usize),
}

/// Why a value has no stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// Inside another value.
    #[error("A Deno.KvU64 can only be stored as a whole value, not inside another")]
    NestedU64,
    /// Deno would crash on it.
    #[error("A host object needs a property `type` that is a string")]
    HostType,
    /// It cannot be read back.
    #[error("A host object cannot refer to itself")]
    CircularHost,
    /// Deno could not read it back.
    #[error("The value is nested deeper than {0} levels, which is too deep to be stored")]
    Depth(usize),
    /// A view whose buffer is no buffer or too short.
    #[error("A view does not fit its buffer")]
    View,
    /// More than the format can count.
    #[error("The value is too large to be stored")]
    TooLarge,
}
