import { describe, expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import { placeKey } from '../features/feature-census.ts';
import { diagnosticsToStore, type FoundDiagnostic, pathsOfDiagnostics, withOwnership } from './owned-diagnostics.ts';
import type { OwnerEvidence } from './owner-evidence.ts';

const packed: Diagnostic = { code: 'binary-unidentified', message: 'm', where: 'usr/bin/a' };
const incomparable: Diagnostic = { code: 'package-version-invalid', message: 'm', where: 'usr/lib/b' };
const cut: Diagnostic = { code: 'package-limit-reached', message: 'm', where: 'usr/bin/a' };
const ALL = [packed, incomparable, cut];
const owning = deb('a', '1');
const foreign = { ...deb('b', '1'), vendor: 'Docker' };
const owner: OwnerEvidence = { packages: [owning], depth: 1 };

it('diagnostics about the packages in a file have the owner of the file', () => {
  expect([...pathsOfDiagnostics(ALL)]).toEqual(['usr/bin/a', 'usr/lib/b']);
  expect(withOwnership(ALL, new Map())).toEqual(ALL);
  expect(withOwnership(ALL, new Map([['usr/bin/a', owner]]))).toEqual([{ ...packed, owner }, incomparable, cut]);
});

describe('stored diagnostics', () => {
  const stored = (found: readonly FoundDiagnostic[], origin: number | undefined = 1) =>
    diagnosticsToStore(
      found,
      (key) => ([owning, foreign].some((feature) => key === placeKey({ feature, path: '' })) ? origin : undefined),
      'debian:13',
    );

  it.each<[string, OwnerEvidence, number, object]>([
    ['have the release of the owner', owner, 1, { judgedBy: 'debian:13' }],
    ['have no judge once a layer above the owner replaced the file', owner, 0, {}],
    ['have no judge if the owner is not installed', { ...owner, packages: [deb('c', '1')] }, 1, {}],
    ['have no judge if the owner is a third-party package', { ...owner, packages: [foreign] }, 1, {}],
    ['have no judge if the owner may be a third-party package', { ...owner, packages: [owning, foreign] }, 1, {}],
  ])('%s', (_, evidence, origin, expected) => {
    expect(stored([{ ...packed, owner: evidence }, cut], origin)).toEqual([{ ...packed, ...expected }, cut]);
  });

  it('are limited to 200, with counts of the others by code and namespace; diagnostics of owned files are dropped first', () => {
    const owned = Array.from({ length: 250 }, (): FoundDiagnostic => ({ ...packed, owner }));
    const others = Array.from({ length: 199 }, () => packed);
    const message = (count: number): string => `${count} more diagnostic${count === 1 ? '' : 's'} of this kind`;
    const judgedBy = 'debian:13';
    expect(stored([...owned, ...others])).toEqual([
      ...others,
      { ...packed, judgedBy },
      { code: packed.code, judgedBy, message: message(249), where: 'layers' },
    ]);
    expect(stored([...owned, ...others, packed, packed]).slice(200)).toEqual([
      { code: packed.code, message: message(1), where: 'layers' },
      { code: packed.code, judgedBy, message: message(250), where: 'layers' },
    ]);
    expect(stored(others)).toEqual(others);
  });
});
