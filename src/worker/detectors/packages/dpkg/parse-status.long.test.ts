import { describe, expect, it } from 'vitest';
import { readDpkgStatus } from './parse-status.ts';
import { stanza } from './testing/stanza.ts';

const STATUS = 'var/lib/dpkg/status';

describe('limits', () => {
  const NO_MORE = { Architecture: undefined, Version: undefined };
  const many = (count: number, fields = {}): string =>
    Array.from({ length: count }, (_, at) => stanza({ Package: `p${at}`, ...fields })).join('\n');

  it.each<[string, string, number, string]>([
    ['packages', many(20_002), 20_000, '20000 packages'],
    ['entries', many(100_001, { ...NO_MORE, Status: 'deinstall ok config-files' }), 0, '100000 entries'],
  ])('stop at too many %s with a diagnostic', (_, text, count, limit) => {
    const { packages, diagnostics } = readDpkgStatus(STATUS, Buffer.from(text));
    expect(packages).toHaveLength(count);
    const message = `${STATUS} has more than ${limit}; the rest were not read`;
    expect(diagnostics).toEqual([{ code: 'package-limit-reached', message, where: STATUS }]);
  });
});
