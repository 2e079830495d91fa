/** A stream of chunks of any size; a slow reader holds the producer back. */
export type ByteStream = AsyncIterable<Uint8Array>;
