import { expect, it } from 'vitest';
import { membersText } from './members-text.ts';

it('counts members, even a single member', () => {
  expect([0, 1, 2].map(membersText)).toEqual(['0 members', '1 member', '2 members']);
});
