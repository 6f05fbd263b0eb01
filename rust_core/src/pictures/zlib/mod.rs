//! A hand-written deflate (RFC 1950, 1951) for rows of pictures: it knows which rows repeat, and need not look.
//!
//! ```text
//! masks     which bytes of rows agree       deflate   rows -> a zlib stream
//! huffman   codes and bits                  block     tokens -> bits
//! ```

mod block;
mod deflate;
mod huffman;
mod masks;

pub(super) use deflate::Deflate;
