import { expect, it } from 'vitest';
import { readRecord } from './record.ts';

// Without a limit, such paths overflow the stack of the regular expression engine.
it.each<[what: string, text: string, expected: readonly string[] | undefined]>([
  ['skip a very long path', `"${'x'.repeat(15_000_000)}",,\nbin/a,,\n`, ['bin/a']],
  ['skip a very long plain path', `${'x'.repeat(15_000_000)},,\nbin/a,,\n`, ['bin/a']],
  ['are unknown in a file that is too large', 'x.py,,\n'.repeat(3_000_000), undefined],
])('the files in RECORD that may be programs %s', (_, text, expected) => {
  expect(readRecord(Buffer.from(text))).toEqual(expected);
});
