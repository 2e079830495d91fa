import { expect, it } from 'vitest';
import type { AdvisoryNames } from './advisory-names.ts';
import { groupsByName } from './name-groups.ts';

it('groups advisories in linear time for a chain of 20,000 names', () => {
  const chain = Array.from(
    { length: 20_000 },
    (_, at): AdvisoryNames => ({ name: `X-${at}`, aliases: [`X-${at + 1}`] }),
  );
  expect(groupsByName(chain, (each) => each)).toHaveLength(1);
});
