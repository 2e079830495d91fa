import { expect, it } from 'vitest';
import { dependsOnOwner, judgedDiagnostics, type StoredDiagnostic } from './owned-diagnostics.ts';

const judgedBy = 'debian:13';
const packed: StoredDiagnostic = { code: 'binary-unidentified', message: 'm', where: 'usr/bin/a' };
const incomparable: StoredDiagnostic = { code: 'package-version-invalid', message: 'm', where: 'usr/lib/b' };
const unreadable: StoredDiagnostic = { code: 'library-unreadable', message: 'm', where: 'usr/lib/c' };
const damaged: StoredDiagnostic = { code: 'archive-unreadable', message: 'm', where: 'usr/share/java/d.jar' };
const versionless: StoredDiagnostic = { code: 'library-version-unknown', message: 'm', where: 'usr/share/java/e.jar' };
const cut: StoredDiagnostic = { code: 'package-limit-reached', message: 'm', where: 'usr/bin/a' };
const ALL = [packed, incomparable, unreadable, damaged, versionless, cut];
const OWNED = ALL.map((each) => ({ ...each, judgedBy }));

it.each<[string, readonly StoredDiagnostic[], readonly string[], readonly StoredDiagnostic[]]>([
  ['stay without an owner', ALL, [judgedBy], ALL],
  ['stay while the release of the owner judges no file', OWNED, ['debian:12'], ALL],
  [
    'are softened or left out while it does',
    OWNED,
    [judgedBy],
    [{ ...packed, code: 'owned-binary-unidentified' }, cut],
  ],
])('diagnostics of files %s', (_, stored, judges, expected) => {
  expect(judgedDiagnostics(stored, new Set(judges))).toEqual(expected);
});

it('only diagnostics about the packages in a file depend on its owner', () => {
  expect(ALL.filter(dependsOnOwner)).toEqual([packed, incomparable, unreadable, damaged, versionless]);
});
