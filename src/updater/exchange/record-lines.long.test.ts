import { expect, it } from 'vitest';
import { advisory } from '../../database/testing/packages.ts';
import { MAX_LINE_BYTES } from './export-record.ts';
import { lineOf } from './record-lines.ts';

it('a record above the size limit of lines, which no import accepts, has no line', () => {
  const { id, ...rest } = advisory('CVE-1', { package: 'a' });
  const record = { kind: 'advisory', id, contentHash: 'a'.repeat(64), ...rest } as const;
  const rests = Buffer.byteLength(JSON.stringify({ ...record, description: '' }));
  const lineWith = (length: number): string => lineOf({ ...record, description: 'x'.repeat(length) });
  expect(lineWith(MAX_LINE_BYTES - rests)).toHaveLength(MAX_LINE_BYTES + 1);
  expect(() => lineWith(MAX_LINE_BYTES - rests + 1)).toThrow(
    /^cannot export an entry: .*"CVE-1".* is longer than 67108864 bytes$/,
  );
});
