import { expect, it } from 'vitest';
import type { DiagnosticCode } from '../../model/report/diagnostic.ts';
import { reportOf } from '../../report/testing/report-builder.ts';
import { judgedReport } from './accepted-diagnostics.ts';

const NONE = { allowEol: false, allowNoDistribution: false };
const EOL = { ...NONE, allowEol: true };
const SCRATCH = { ...NONE, allowNoDistribution: true };

it.each<[string, readonly DiagnosticCode[], typeof NONE, readonly DiagnosticCode[]]>([
  ['nothing without options', ['release-end-of-life'], NONE, ['release-end-of-life']],
  ['the end of life', ['release-end-of-life', 'layer-absent'], EOL, ['layer-absent']],
  ['an image without distribution and packages', ['distribution-unknown', 'package-database-missing'], SCRATCH, []],
  ['no packages without a distribution', ['distribution-unknown'], SCRATCH, ['distribution-unknown']],
  ['no distribution without packages', ['package-database-missing'], SCRATCH, ['package-database-missing']],
  [
    'no removed package database',
    ['distribution-unknown', 'package-database-removed'],
    SCRATCH,
    ['distribution-unknown', 'package-database-removed'],
  ],
])('accepts %s', (_, codes, options, incomplete) => {
  const diagnostics = codes.map((code) => ({ code, message: 'm', where: 'w', incomplete: true }));
  const judged = judgedReport({ ...reportOf({}), diagnostics }, options).diagnostics;
  expect(judged.map(({ code }) => code)).toEqual(codes);
  expect(judged.flatMap((each) => (each.incomplete ? [each.code] : []))).toEqual(incomplete);
});
