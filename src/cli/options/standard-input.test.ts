import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ImageSource } from '../../worker/sources/image-source.ts';
import { imagesOfStandardInput, readStandardInput } from './standard-input.ts';

const signal = new AbortController().signal;
const close = (): void => undefined;

async function* bytes(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

describe('standard input', () => {
  it('is written to a file that is removed with the images', async () => {
    const file = await readStandardInput({ input: { bytes: bytes('ab', 'c'), isTerminal: false, close }, signal });
    expect(readFileSync(file.path, 'utf8')).toBe('abc');
    const image = { reference: file.path, target: file.path } as ImageSource;
    const { images, close: closeImages } = imagesOfStandardInput(
      { images: [{ platform: 'p', open: async () => image }], close: async () => undefined },
      file,
    );
    expect(await images[0]?.open()).toMatchObject({ reference: '-', target: '-' });
    await closeImages();
    expect(existsSync(dirname(file.path))).toBe(false);
  });

  it('keeps the name of an image that has a name', async () => {
    const file = { path: '/tmp/x', remove: async () => undefined };
    const image = { reference: 'app:1', target: 'docker-archive:/tmp/x' } as ImageSource;
    const { images } = imagesOfStandardInput(
      { images: [{ platform: 'p', open: async () => image }], close: async () => undefined },
      file,
    );
    expect(await images[0]?.open()).toMatchObject({ reference: 'app:1', target: '-' });
  });

  it.each([
    ['a terminal', { bytes: bytes(), isTerminal: true, close }, 9, 'cli/usage'],
    ['empty input', { bytes: bytes('', ''), isTerminal: false, close }, 9, 'cli/usage', /^standard input is empty/],
    ['input beyond the limit', { bytes: bytes('12345', '67890'), isTerminal: false, close }, 9, 'bytes/limit-exceeded'],
  ])('rejects %s', async (_, input, bound, code, message = /./) => {
    await expect(readStandardInput({ input, signal }, { maxBytes: bound })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    [false, 'pipe an archive into it, for example docker save IMAGE | clair scan -'],
    [true, 'pipe an SBOM into it, for example cat SBOM | clair scan sbom:-'],
  ])('names the pipe that was expected, for an SBOM: %s', async (isSbom, hint) => {
    const input = { bytes: bytes(), isTerminal: false, close };
    await expect(readStandardInput({ input, signal }, { isSbom })).rejects.toThrow(`standard input is empty: ${hint}`);
  });

  it('is closed when the user stops while no bytes arrive', async () => {
    const stop = new AbortController();
    const endless = new PassThrough();
    endless.write('a');
    const input = { bytes: endless, isTerminal: false, close: () => void endless.destroy() };
    setImmediate(() => stop.abort());
    await expect(readStandardInput({ input, signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(endless.destroyed).toBe(true);
  });

  it('must exist', async () => {
    await expect(readStandardInput({ signal })).rejects.toMatchObject({ code: 'cli/usage' });
  });
});
