import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Stores many texts. Keeps texts in memory up to a limit, and writes the other texts to a temporary file. */
export type TextStore = {
  readonly put: (text: string) => StoredText;
  readonly get: (stored: StoredText) => string;
  /** Deletes the temporary file, if any. */
  readonly close: () => void;
};

/**
 * The place of a text in a chunk of memory, or in the file if there is no chunk; `start` and `length` count UTF-8
 * bytes.
 */
export type StoredText = { readonly chunk?: Buffer; readonly start: number; readonly length: number };

const CHUNK_BYTES = 1024 * 1024;

/**
 * Creates an empty store that keeps at most `memoryBytes` of UTF-8 in memory, outside the heap, because V8 lets a heap
 * grow to a multiple of its live content. The caller must close the store.
 */
export function createTextStore(memoryBytes: number): TextStore {
  let memory = 0;
  let chunk = Buffer.alloc(0);
  let end = 0;
  let file: TemporaryFile | undefined;
  return {
    put(text) {
      // Most texts fit even if each code unit takes three bytes, so their size need not be measured before.
      const most = text.length * 3;
      if (memory + most <= memoryBytes && end + most <= chunk.length) {
        const start = end;
        const length = chunk.write(text, start);
        end += length;
        memory += length;
        return { chunk, start, length };
      }
      const length = Buffer.byteLength(text);
      if (memory + length > memoryBytes) {
        file ??= openTemporaryFile();
        return { start: file.append(Buffer.from(text)), length };
      }
      if (end + length > chunk.length) {
        chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, length));
        end = 0;
      }
      const start = end;
      end += chunk.write(text, start);
      memory += length;
      return { chunk, start, length };
    },
    get({ chunk: from, start, length }) {
      if (from !== undefined) return from.toString('utf8', start, start + length);
      if (file === undefined) throw new Error('the text is in a file that was never opened');
      return file.read(start, length).toString('utf8');
    },
    close: () => file?.close(),
  };
}

/** Returns a copy of a text, because a slice would keep its whole document in memory. */
export function ownText(text: string): string {
  return JSON.parse(JSON.stringify(text));
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
        if (step === 0) throw new Error('another process truncated a temporary file of a feed');
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
