/** A stream of chunks of any size; a slow reader slows down the producer. */
export type ByteStream = AsyncIterable<Uint8Array>;
