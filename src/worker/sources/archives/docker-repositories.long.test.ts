import { expect, it } from 'vitest';
import { type LayerMembers, oldestDockerArchive } from '../../testing/image-builder.ts';
import type { ImageFiles } from '../image/image-files.ts';
import { openDockerRepositories } from './docker-repositories.ts';

it.each([
  [1000, undefined],
  [1001, { code: 'image/unreadable', message: expect.stringMatching(/has an image of more than 1000 layers/) }],
])('an image of 1000 layers is accepted, and an image of more layers is rejected: %d', async (count, error) => {
  const layers = Array.from({ length: count }, () => ({ tar: Buffer.alloc(0), createdBy: '' }));
  const files = filesInMemory(oldestDockerArchive(layers, ['1']));
  const outcome: unknown = await openDockerRepositories(files).catch((reason: unknown) => reason);
  expect(outcome).toMatchObject(error ?? { layers: { length: count } });
});

/** Returns the files of an image without an archive on disk. */
function filesInMemory(members: LayerMembers): ImageFiles {
  return {
    where: 'memory',
    has: (name) => Object.hasOwn(members, name),
    open: async function* (name) {
      yield Buffer.from(members[name] as string);
    },
    part: (name) => ({ path: name }),
    close: async () => undefined,
  };
}
