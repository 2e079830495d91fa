import { expect, it } from 'vitest';
import { MAX_ENTRIES, parseIgnoreFile } from './ignore-file.ts';

it('an ignore file has a limited number of entries', () => {
  const invalid = (message: string) =>
    expect.objectContaining({ code: 'suppression/invalid', message: expect.stringContaining(message) });
  const read = (count: number) => () => parseIgnoreFile('-\n'.repeat(count), 'f.yaml');
  expect(read(MAX_ENTRIES)).toThrow(invalid('line 1: an entry must be a map'));
  expect(read(MAX_ENTRIES + 1)).toThrow(invalid(`line ${MAX_ENTRIES + 1}: the file has more than`));
});
