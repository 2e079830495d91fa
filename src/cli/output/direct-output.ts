import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** A stream of the process and its file descriptor. */
export type OutputStream = Pick<Writable, 'write' | 'emit'> & { readonly fd: number };

/** The maximum number of bytes in UTF-8 for each UTF-16 code unit of a text. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * Returns the function that writes texts to a stream. If the file descriptor is a file, the function writes to the file
 * directly, because the stream that Node creates for a file first copies each text to a new buffer, so that a long
 * report takes twice as long to write. All texts use one buffer, which also saves Node the measuring of each text. In
 * both cases the stream emits the error of a failed write.
 *
 * @param writeTo writes the start of the bytes to a file, and returns the number of written bytes
 */
export function directOutput(
  stream: OutputStream,
  writeTo: (file: number, bytes: Uint8Array) => number = writeSync,
): (text: string) => void {
  if (!fstatSync(stream.fd).isFile()) return (text) => void stream.write(text);
  const encoder = new TextEncoder();
  let buffer = new Uint8Array();
  return (text) => {
    const size = text.length * MAX_BYTES_PER_UNIT;
    if (buffer.length < size) buffer = new Uint8Array(size);
    const bytes = buffer.subarray(0, encoder.encodeInto(text, buffer).written);
    try {
      const written = writeTo(stream.fd, bytes);
      // The file system may write only a part, for example if the disk is full.
      if (written !== bytes.length) stream.write(bytes.slice(written));
    } catch (error) {
      stream.emit('error', error);
    }
  };
}
