import { expect, it } from 'vitest';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import { pathsOfDiagnostics, withOwnership } from './owned-diagnostics.ts';

const packed: Diagnostic = { code: 'binary-unidentified', message: 'm', where: 'usr/bin/a' };
const incomparable: Diagnostic = { code: 'package-version-invalid', message: 'm', where: 'usr/lib/b' };
const cut: Diagnostic = { code: 'package-limit-reached', message: 'm', where: 'usr/bin/a' };

it('diagnostics of owned files no longer make the answer incomplete', () => {
  const all = [packed, incomparable, cut];
  expect([...pathsOfDiagnostics(all)]).toEqual(['usr/bin/a', 'usr/lib/b']);
  expect(withOwnership(all, new Set())).toEqual(all);
  expect(withOwnership(all, new Set(['usr/bin/a']))).toEqual([
    { ...packed, code: 'owned-binary-unidentified' },
    incomparable,
    cut,
  ]);
  expect(withOwnership(all, new Set(['usr/lib/b']))).toEqual([packed, cut]);
});
