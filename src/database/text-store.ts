import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The size of one piece of memory; a longer text gets a piece of its own. */
const PIECE_BYTES = 1024 * 1024;

/** Keeps many texts, as UTF-8 outside of the JavaScript heap and, from a bound on, in a temporary file. */
export type TextStore = {
  readonly put: (text: string) => StoredText;
  readonly get: (stored: StoredText) => string;
  /** Deletes the temporary file, if there is one. */
  readonly close: () => void;
};

/** Where a text lies: in a piece of memory, or in the file when that is null. */
export type StoredText = { readonly piece: Buffer | null; readonly start: number; readonly length: number };

/** Opens an empty store that keeps at most about `memoryBytes` in memory. Close it. */
export function createTextStore(memoryBytes: number): TextStore {
  let piece = Buffer.alloc(0);
  let used = 0;
  let memory = 0;
  let file: TemporaryFile | undefined;

  return {
    put(text) {
      const length = Buffer.byteLength(text);
      if (memory + length > memoryBytes) {
        file ??= openTemporaryFile();
        return { piece: null, start: file.append(Buffer.from(text)), length };
      }
      if (used + length > piece.length) {
        piece = Buffer.allocUnsafe(Math.max(PIECE_BYTES, length));
        used = 0;
      }
      piece.write(text, used);
      used += length;
      memory += length;
      return { piece, start: used - length, length };
    },
    get({ piece: of, start, length }) {
      if (of !== null) return of.toString('utf8', start, start + length);
      if (file === undefined) throw new Error('the text lies in a file that was never opened');
      return file.read(start, length).toString('utf8');
    },
    close: () => file?.close(),
  };
}

type TemporaryFile = {
  readonly append: (bytes: Buffer) => number;
  readonly read: (start: number, length: number) => Buffer;
  readonly close: () => void;
};

function openTemporaryFile(): TemporaryFile {
  const folder = mkdtempSync(join(tmpdir(), 'clair-feed-'));
  const descriptor = openSync(join(folder, 'texts'), 'w+');
  let end = 0;
  return {
    append(bytes) {
      const start = end;
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, start + at);
      end += bytes.length;
      return start;
    },
    read(start, length) {
      const bytes = Buffer.allocUnsafe(length);
      for (let at = 0; at < length; ) {
        const step = readSync(descriptor, bytes, at, length - at, start + at);
        if (step === 0) throw new Error('the temporary file of a feed was cut off by somebody else');
        at += step;
      }
      return bytes;
    },
    close() {
      closeSync(descriptor);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
