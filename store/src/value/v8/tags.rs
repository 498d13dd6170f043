//! The tag bytes of the format.

/// Begins the header.
pub(super) const VERSION: u8 = 0xff;
/// Skipped before any tag; aligns two-byte strings.
pub(super) const PADDING: u8 = 0;
/// A count of objects that nobody needs, then a value.
pub(super) const OBJECT_COUNT: u8 = b'?';
pub(super) const HOLE: u8 = b'-';
pub(super) const UNDEFINED: u8 = b'_';
pub(super) const NULL: u8 = b'0';
pub(super) const TRUE: u8 = b'T';
pub(super) const FALSE: u8 = b'F';
pub(super) const INT32: u8 = b'I';
pub(super) const UINT32: u8 = b'U';
pub(super) const DOUBLE: u8 = b'N';
pub(super) const BIGINT: u8 = b'Z';
pub(super) const UTF8_STRING: u8 = b'S';
pub(super) const ONE_BYTE_STRING: u8 = b'"';
pub(super) const TWO_BYTE_STRING: u8 = b'c';
pub(super) const REFERENCE: u8 = b'^';
pub(super) const OBJECT: u8 = b'o';
pub(super) const OBJECT_END: u8 = b'{';
pub(super) const SPARSE_ARRAY: u8 = b'a';
pub(super) const SPARSE_ARRAY_END: u8 = b'@';
pub(super) const DENSE_ARRAY: u8 = b'A';
pub(super) const DENSE_ARRAY_END: u8 = b'$';
pub(super) const DATE: u8 = b'D';
pub(super) const TRUE_OBJECT: u8 = b'y';
pub(super) const FALSE_OBJECT: u8 = b'x';
pub(super) const NUMBER_OBJECT: u8 = b'n';
pub(super) const BIGINT_OBJECT: u8 = b'z';
pub(super) const STRING_OBJECT: u8 = b's';
pub(super) const REGEXP: u8 = b'R';
pub(super) const MAP: u8 = b';';
pub(super) const MAP_END: u8 = b':';
pub(super) const SET: u8 = b'\'';
pub(super) const SET_END: u8 = b',';
pub(super) const ARRAY_BUFFER: u8 = b'B';
pub(super) const RESIZABLE_ARRAY_BUFFER: u8 = b'~';
/// As V8 15 writes and reads buffers that cannot be changed, which read as others here.
pub(super) const IMMUTABLE_ARRAY_BUFFER: u8 = b'C';
pub(super) const ARRAY_BUFFER_TRANSFER: u8 = b't';
pub(super) const SHARED_ARRAY_BUFFER: u8 = b'u';
/// After an `ArrayBuffer` or a reference to one.
pub(super) const VIEW: u8 = b'V';
pub(super) const SHARED_OBJECT: u8 = b'p';
pub(super) const WASM_MODULE: u8 = b'w';
pub(super) const WASM_MEMORY: u8 = b'm';
pub(super) const HOST_OBJECT: u8 = b'\\';
pub(super) const ERROR: u8 = b'r';

/// Parts of an error after its class, in this order, each optional but the end.
pub(super) const ERROR_MESSAGE: u8 = b'm';
pub(super) const ERROR_STACK: u8 = b's';
pub(super) const ERROR_CAUSE: u8 = b'c';
pub(super) const ERROR_END: u8 = b'.';

/// The class tags of errors; `Error` itself has none.
pub(super) const ERROR_CLASS_TAGS: [(u8, &str); 6] = [
    (b'E', "EvalError"),
    (b'R', "RangeError"),
    (b'F', "ReferenceError"),
    (b'S', "SyntaxError"),
    (b'T', "TypeError"),
    (b'U', "URIError"),
];

/// Flag of a view that follows the length of its resizable buffer.
pub(super) const VIEW_LENGTH_TRACKING: u32 = 1;
/// Flag of every view of a resizable buffer.
pub(super) const VIEW_OF_RESIZABLE: u32 = 2;

/// Deno's mark of a host object that it can make again from a plain object.
pub(super) const DENO_HOST_OBJECT: u32 = u32::MAX;

/// The bits of a regular expression's flags, in the order in which JavaScript prints them.
pub(super) const REGEXP_FLAGS: [(u32, char); 8] = [
    (1 << 7, 'd'),
    (1 << 0, 'g'),
    (1 << 1, 'i'),
    (1 << 2, 'm'),
    (1 << 5, 's'),
    (1 << 4, 'u'),
    (1 << 8, 'v'),
    (1 << 3, 'y'),
];
