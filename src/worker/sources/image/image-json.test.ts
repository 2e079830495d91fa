import { array, exactOptional, string } from 'valibot';
import { describe, expect, it } from 'vitest';
import { objectSchema, readImageJson, SIZE, TEXTS } from './image-json.ts';

const SCHEMA = objectSchema({
  digest: string(),
  size: exactOptional(SIZE),
  annotations: exactOptional(TEXTS),
  layers: exactOptional(array(objectSchema({ digest: string() }))),
});

async function read(document: unknown): Promise<unknown> {
  const bytes = Buffer.from(JSON.stringify(document));
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes;
  };
  return (await readImageJson({ where: 'image.tar', open }, 'a.json', SCHEMA)).value;
}

describe('a JSON document of an image', () => {
  it('may have other members', async () => {
    const layers = [{ digest: 'x', other: 1 }];
    expect(await read({ digest: 'a', size: 0, layers, other: {} })).toMatchObject({ digest: 'a', size: 0 });
  });

  it.each<[unknown, string]>([
    [null, 'the document must be of type Object'],
    [[], 'the document must be of type Object'],
    [{}, '/digest is missing'],
    [{ digest: 'x'.repeat(9), size: 1.5 }, '/size must be an integer from 0'],
    [{ digest: 1 }, '/digest must be of type string'],
    [{ digest: '', size: -1 }, '/size must be an integer from 0'],
    [{ digest: '', size: null }, '/size must be of type number'],
    [{ digest: '', layers: {} }, '/layers must be of type Array'],
    [{ digest: '', layers: [{ digest: 'a' }, { digest: {} }] }, '/layers/1/digest must be of type string'],
    [{ digest: '', annotations: [] }, '/annotations must be an object of texts'],
    [{ digest: '', annotations: { constructor: null } }, '/annotations must be an object of texts'],
    [{ digest: '', layers: [[]] }, '/layers/0 must be of type Object'],
  ])('is rejected if it is %j', async (document, fault) => {
    const message = `a.json in image.tar is invalid: ${fault}`;
    await expect(read(document)).rejects.toMatchObject({ code: 'image/unreadable', message });
  });
});
