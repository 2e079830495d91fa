import { expect, it } from 'vitest';
import { verdictsOfRows } from './match-rows.ts';
import { countingTurns } from '../../testing/other-work.ts';
import { FEATURES, rowsOf } from './testing/part-lists.ts';

it('other work runs while many matches are evaluated and sorted', async () => {
  const rows = rowsOf(100, (id) => id % 7);
  const {
    result: { matches },
    turns,
  } = await countingTurns(() => verdictsOfRows(rows));
  expect(matches).toHaveLength(100 * FEATURES);
  expect(turns).toBeGreaterThan(0);
});
