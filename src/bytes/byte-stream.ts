/** Bytes as they come, in chunks of any size; whoever reads slowly holds the producer back. */
export type ByteStream = AsyncIterable<Uint8Array>;
