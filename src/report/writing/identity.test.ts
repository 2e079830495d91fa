import { expect, it } from 'vitest';
import { fingerprintOf, uuidOf } from './identity.ts';

it('derives a UUID of version 8 from the content of a document', () => {
  const uuids = ['a', 'b', 'a'].map((each) => uuidOf([each]));
  for (const uuid of uuids)
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuids[0]).toBe(uuids[2]);
  expect(uuids[0]).not.toBe(uuids[1]);
});

it('distinguishes the parts of a fingerprint', () => {
  expect(fingerprintOf(['ab', 'c'])).not.toBe(fingerprintOf(['a', 'bc']));
});
