import { expect, it } from 'vitest';
import { readApkInstalled } from './parse-installed.ts';

it('stops at the package limit with a diagnostic', () => {
  const text = Array.from({ length: 20_001 }, (_, at) => `P:p${at}\nV:1\n\n`).join('');
  const { packages, diagnostics } = readApkInstalled('lib/apk/db/installed', Buffer.from(text));
  expect(packages).toHaveLength(20_000);
  expect(diagnostics.map(({ code }) => code)).toEqual(['package-limit-reached']);
});
