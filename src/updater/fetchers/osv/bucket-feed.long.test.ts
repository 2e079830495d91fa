import { expect, it } from 'vitest';
import { useBucketMirror } from './testing/bucket-mirror.ts';

const mirror = useBucketMirror();

it('a later update reads only the archive of the ecosystem in which many records changed', async () => {
  await mirror.update();
  for (let number = 0; number < 1001; number += 1) mirror.records.set(`MAL-${number}`, { ecosystems: ['npm'], day: 2 });
  expect(await mirror.update()).toMatchObject({ counts: { added: 1001, changed: 0, withdrawn: 0 } });
  expect(mirror.asked.slice(2)).toEqual(['npm/all.zip']);
  expect(await mirror.stored()).toEqual(expect.arrayContaining(['GHSA-2 npm 2.0.0', 'GHSA-2 pypi 2.0.0']));
  expect(await mirror.update()).toEqual({ kind: 'not-modified' });
});
