import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** A stream of the process and its file descriptor. */
export type OutputStream = Pick<Writable, 'write' | 'emit'> & { readonly fd: number };

/**
 * Returns the function that writes texts to a stream. If the file descriptor is a file, the function writes to the file
 * directly, because the stream that Node creates for a file first copies each text to a new buffer, so that a long
 * report takes twice as long to write. In both cases the stream emits the error of a failed write.
 *
 * @param writeTo writes the start of a text to a file, and returns the number of written bytes
 */
export function directOutput(
  stream: OutputStream,
  writeTo: (file: number, text: string) => number = writeSync,
): (text: string) => void {
  if (!fstatSync(stream.fd).isFile()) return (text) => void stream.write(text);
  return (text) => {
    try {
      const written = writeTo(stream.fd, text);
      // The file system may write only a part, for example if the disk is full.
      if (written !== Buffer.byteLength(text)) stream.write(Buffer.from(text).subarray(written));
    } catch (error) {
      stream.emit('error', error);
    }
  };
}
