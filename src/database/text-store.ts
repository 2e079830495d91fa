import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Keeps many texts: in memory up to a bound, and from there on in a temporary file. */
export type TextStore = {
  readonly put: (text: string) => StoredText;
  readonly get: (stored: StoredText) => string;
  /** Deletes the temporary file, if there is one. */
  readonly close: () => void;
};

/** A text in memory, or where it lies in the file, in bytes. */
export type StoredText = string | { readonly start: number; readonly length: number };

/** Opens an empty store that keeps at most `memoryBytes` of UTF-8 in memory. Close it. */
export function createTextStore(memoryBytes: number): TextStore {
  let memory = 0;
  let file: TemporaryFile | undefined;
  return {
    put(text) {
      const length = Buffer.byteLength(text);
      if (memory + length <= memoryBytes) {
        memory += length;
        return text;
      }
      file ??= openTemporaryFile();
      return { start: file.append(Buffer.from(text)), length };
    },
    get(stored) {
      if (typeof stored === 'string') return stored;
      if (file === undefined) throw new Error('the text lies in a file that was never opened');
      return file.read(stored.start, stored.length).toString('utf8');
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
