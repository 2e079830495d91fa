import { describe, expect, it } from 'vitest';
import type { ApiClient } from './api-client.ts';
import { imagesOfReference } from './image-reports.ts';

const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;
const imageOf = (letter: string, reference: string): object => ({
  digest: digestOf(letter),
  platform: 'linux/amd64',
  reference,
});
const { signal } = new AbortController();

/** Returns a client of a server with these search pages, and the list of recorded requests. */
function serverWith(pages: readonly (readonly object[])[], history: readonly object[] = []) {
  const asked: string[] = [];
  const client: Pick<ApiClient, 'server' | 'get'> = {
    server: 'http://server.test',
    async get(path) {
      asked.push(path);
      if (!path.startsWith('/v2/images?'))
        return { digest: path.slice('/v2/images/'.length), platform: 'linux/amd64', history };
      const at = Number(new URLSearchParams(path.slice('/v2/images?'.length)).get('page') ?? 0);
      return { images: pages[at % pages.length], nextPage: at + 1 === pages.length ? null : String(at + 1) };
    },
  };
  return { client, asked };
}

describe('the images of a reference', () => {
  it('are the latest image and earlier images', async () => {
    const old = { digest: digestOf('c'), platform: 'linux/arm64' };
    const { client, asked } = serverWith([[imageOf('a', 'x/app:10'), imageOf('b', 'x/app:1')]], [old]);
    expect(await imagesOfReference(client, 'x/app:1', signal)).toEqual([
      { digest: digestOf('b'), platform: 'linux/amd64' },
      old,
    ]);
    expect(asked).toEqual(['/v2/images?search=x%2Fapp%3A1&limit=25', `/v2/images/${digestOf('b')}`]);
  });

  it('may be on any page', async () => {
    const { client } = serverWith([[imageOf('a', 'x/app:10')], [], [imageOf('b', 'x/app:1')]]);
    expect(await imagesOfReference(client, 'x/app:1', signal)).toHaveLength(1);
    expect(await imagesOfReference(client, 'x/other', signal)).toEqual([]);
  });

  it('are not empty if there are too many pages', async () => {
    const { client, asked } = serverWith([...Array.from({ length: 60 }, () => [imageOf('a', 'x/app:10')]), []]);
    await expect(imagesOfReference(client, 'app', signal)).rejects.toMatchObject({ code: 'image/choice-needed' });
    expect(asked).toHaveLength(40);
  });

  it.each([[{}], [{ images: [{ digest: 'sha256:../..' }], nextPage: null }], [null]])(
    'are rejected in %j',
    async (answer) => {
      const client = { server: 'http://server.test', get: async () => answer };
      await expect(imagesOfReference(client, 'app', signal)).rejects.toMatchObject({
        code: 'server/unexpected-answer',
      });
    },
  );
});
