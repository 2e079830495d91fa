import { describe, expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import { createDatabaseDiagnostics } from './database-diagnostics.ts';

const WHERE = 'var/lib/x';
const EXPECTED = { manager: 'x', entries: 2, entryNoun: 'rows' };

describe('a database is unreadable as a whole', () => {
  it('when every entry causes a diagnostic', () => {
    const diagnostics = createDatabaseDiagnostics(WHERE);
    for (const line of [1, 2]) diagnostics.add(line, 'package-entry-unreadable', 'skipped');
    const message = `${WHERE} is not an x database: none of its 2 rows is readable`;
    expect(diagnostics.facts([], EXPECTED)).toEqual({
      diagnostics: [{ code: 'package-database-unreadable', message, where: WHERE }],
    });
  });

  it('but not when one entry is readable, even if nothing is installed', () => {
    const diagnostics = createDatabaseDiagnostics(WHERE);
    diagnostics.add(1, 'package-entry-unreadable', 'skipped');
    expect(diagnostics.facts([], EXPECTED)).toEqual({
      packages: [],
      diagnostics: [{ code: 'package-entry-unreadable', message: 'skipped', where: `${WHERE}:1` }],
    });
  });

  it('but not when it has no entries', () => {
    const facts = createDatabaseDiagnostics(WHERE).facts([], { ...EXPECTED, entries: 0 });
    expect(facts).toEqual({ packages: [], diagnostics: [] });
  });
});

describe('diagnostics', () => {
  it.each([
    [50, 0, ''],
    [51, 1, '1 more diagnostic'],
    [170, 120, '120 more diagnostics'],
  ])('of %i entries are listed up to 50, and %i are counted', (count, counted, more) => {
    const diagnostics = createDatabaseDiagnostics(WHERE);
    for (let line = 1; line <= count; line += 1) diagnostics.add(line, 'package-entry-unreadable', 'skipped');
    const rest = diagnostics.facts([deb('a', '1')], EXPECTED).diagnostics.slice(50);
    const message = `${more} of this kind in ${WHERE}`;
    expect(rest).toEqual(counted === 0 ? [] : [{ code: 'package-entry-unreadable', message, where: WHERE }]);
  });

  it("of versions cover package and source, in the package manager's scheme", () => {
    const diagnostics = createDatabaseDiagnostics(WHERE);
    diagnostics.addInvalidVersions(3, deb('a', 'x:1', { version: 'y:1' }));
    diagnostics.addInvalidVersions(4, deb('b', '1-1'));
    diagnostics.addInvalidVersions(5, { ...deb('c', '1-1'), type: 'apk' });
    expect(diagnostics.facts([deb('a', '1')], EXPECTED).diagnostics).toEqual([
      { code: 'package-version-invalid', message: expect.stringMatching(/^a: .*"x:1"/), where: `${WHERE}:3` },
      { code: 'package-version-invalid', message: expect.stringMatching(/^a: .*"y:1"/), where: `${WHERE}:3` },
      { code: 'package-version-invalid', message: expect.stringMatching(/^c: .*"1-1"/), where: `${WHERE}:5` },
    ]);
  });
});

describe('a database beyond the limits', () => {
  it.each([
    [20_000, 100_000, undefined],
    [20_001, 20_001, '20000 packages'],
    [5, 100_001, '100000 entries'],
  ])('of %i packages and %i entries is checked against the limits', (packages, entries, limit) => {
    const diagnostics = createDatabaseDiagnostics(WHERE);
    expect(diagnostics.isFull(packages, entries)).toBe(limit !== undefined);
    const message = `${WHERE} has more than ${limit}; the rest were not read`;
    const found = diagnostics.facts(Array(packages).fill(deb('a', '1')), { ...EXPECTED, entries });
    expect(found.packages).toHaveLength(Math.min(packages, 20_000));
    expect(found.diagnostics).toEqual(
      limit === undefined ? [] : [{ code: 'package-limit-reached', message, where: WHERE }],
    );
  });
});
