import { expect, it } from 'vitest';
import { titleOf } from './description-title.ts';

it.each([
  ['', ''],
  [
    'A use after free in 5.10.1 of linux lets a local user become root. More words.',
    'A use after free in 5.10.1 of linux lets a local user become root',
  ],
  ['  two\n lines  ', 'two lines'],
  ['x'.repeat(400), `${'x'.repeat(159)}…`],
])('the title of %j is %j', (description, title) => {
  expect(titleOf(description)).toBe(title);
});
