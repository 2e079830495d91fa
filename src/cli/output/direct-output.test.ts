import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, expect, it } from 'vitest';
import { directOutput } from './direct-output.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-direct-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns a stream with a file descriptor, and everything that the stream received. */
function streamOn(fd: number): { stream: Writable & { fd: number }; received: string[]; errors: string[] } {
  const received: string[] = [];
  const errors: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      received.push(String(chunk));
      done();
    },
  });
  stream.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
  return { stream: Object.assign(stream, { fd }), received, errors };
}

it('writes texts to a file in order, at the place of the file descriptor', () => {
  const path = join(folder, 'report');
  const file = openSync(path, 'w');
  const { stream, received } = streamOn(file);
  const write = directOutput(stream);
  const texts = ['a', '', 'é\u{1F600}\n', 'x'.repeat(200_000), 'ü'.repeat(100_000), 'a\uD800b'];
  for (const text of texts) write(text);
  closeSync(file);
  expect(readFileSync(path).equals(Buffer.from(texts.join('')))).toBe(true);
  expect(received).toEqual([]);
});

it('writes to the stream if the file descriptor is not a file', () => {
  const device = openSync('/dev/null', 'w');
  const { stream, received } = streamOn(device);
  directOutput(stream)('a');
  closeSync(device);
  expect(received).toEqual(['a']);
});

it('writes the rest to the stream if the file system writes only a part', () => {
  const path = join(folder, 'part');
  const file = openSync(path, 'w');
  const { stream, received } = streamOn(file);
  directOutput(stream, (fd, text) => writeSync(fd, Buffer.from(text).subarray(0, 3)))('aé\u{1F600}b');
  closeSync(file);
  expect(readFileSync(path, 'utf8')).toBe('aé');
  expect(received).toEqual(['\u{1F600}b']);
});

it('lets the stream emit the error of a failed write', () => {
  const path = join(folder, 'read-only');
  writeFileSync(path, '');
  const readOnly = openSync(path, 'r');
  const { stream, errors } = streamOn(readOnly);
  directOutput(stream)('a');
  closeSync(readOnly);
  expect(errors).toEqual(['EBADF']);
});
