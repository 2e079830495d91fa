import { expect, it } from 'vitest';
import { createRecentStates } from './recent-states.ts';

it('keeps the most recent states up to a number and a size', () => {
  const states = createRecentStates<{ readonly bytes: number }>({ maxStates: 2, maxBytes: 10 });
  const kept = (): readonly string[] => ['a', 'b', 'c', 'd'].filter((key) => states.get(key) !== undefined);
  states.put('a', { bytes: 1 });
  states.put('b', { bytes: 1 });
  states.get('a');
  states.put('c', { bytes: 1 });
  expect(kept()).toEqual(['a', 'c']);
  states.put('d', { bytes: 9 });
  expect(kept()).toEqual(['c', 'd']);
  states.put('a', { bytes: 99 });
  expect(kept()).toEqual(['a']);
  states.put('b', { bytes: 1 });
  expect(kept()).toEqual(['b']);
});
