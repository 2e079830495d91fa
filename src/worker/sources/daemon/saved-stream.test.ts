import { expect, it } from 'vitest';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { withoutDaemonError } from './saved-stream.ts';

const ERROR = '{"errorDetail":{"message":"disk is gone"},"error":"disk is gone"}\r\n';
const ZEROS = Buffer.alloc(1024);

async function pass(...chunks: readonly (string | Buffer)[]): Promise<string | undefined> {
  const stream = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  return (await allBytes(withoutDaemonError(stream, 'x'), 1024 ** 2))?.toString('latin1');
}

it.each<[string, readonly (string | Buffer)[]]>([
  ['no bytes', []],
  ['an archive', ['header', ZEROS]],
  ['an archive whose last file looks like an error', ['header', ERROR, ZEROS]],
  ['text that is not JSON', ['{"errorDetail"']],
  ['JSON of another form', ['{"errorDetail":1}']],
])('passes through %s', async (_, chunks) => {
  expect(await pass(...chunks)).toBe(chunks.map((chunk) => chunk.toString('latin1')).join(''));
});

it.each<[string, readonly (string | Buffer)[]]>([
  ['in its own chunk', ['header', ERROR]],
  ['at the end of a chunk', [`header${ERROR}`]],
  ['in several chunks', ['header', ...ERROR.split('')]],
  ['after a large chunk', [Buffer.alloc(100_000, 1), ERROR]],
])('throws an error of the daemon %s', async (_, chunks) => {
  await expect(pass(...chunks)).rejects.toMatchObject({
    code: 'daemon/failed',
    message: 'the daemon at x could not save the image: disk is gone',
  });
});
