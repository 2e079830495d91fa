import { expect, it } from 'vitest';
import { npmHiddenLockfile } from './detector.ts';
import { MAX_MARKED_PACKAGES } from './hidden-lockfile.ts';

it("npm's list of installed packages marks a bounded number of packages", () => {
  const path = 'srv/app/node_modules/.package-lock.json';
  const entries = Array.from({ length: MAX_MARKED_PACKAGES + 1 }, (_, at) => [`node_modules/a${at}`, { dev: true }]);
  const text = JSON.stringify({ packages: Object.fromEntries(entries) });
  const { marks, diagnostics } = npmHiddenLockfile.read(path, Buffer.from(text));
  expect(marks).toHaveLength(MAX_MARKED_PACKAGES);
  expect(diagnostics).toMatchObject([{ code: 'package-flags-unreadable', where: path }]);
});
