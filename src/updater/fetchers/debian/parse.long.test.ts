import { expect, it } from 'vitest';
import { readSourcePackage } from './parse.ts';

it('reads a record with more diagnostics than a call can have arguments', () => {
  const releases = Object.fromEntries(Array.from({ length: 130_000 }, (_, at) => [`nowhere-${at}`, {}]));
  expect(readSourcePackage('openssl', { 'CVE-2099-0001': { releases } }).diagnostics).toHaveLength(130_000);
});
