import { expect, it } from 'vitest';
import { composerPackages } from './detector.ts';
import { MAX_INSTALLED_PACKAGES } from './installed-json.ts';

it("Composer's list of installed packages has a bounded number of packages", () => {
  const path = 'srv/app/vendor/composer/installed.json';
  const list = Array.from({ length: MAX_INSTALLED_PACKAGES + 1 }, (_, at) => ({ name: `a/${at}`, version: '1' }));
  const { features, diagnostics } = composerPackages.read(path, Buffer.from(JSON.stringify(list)));
  expect(features).toHaveLength(MAX_INSTALLED_PACKAGES);
  expect(diagnostics).toMatchObject([{ code: 'package-limit-reached', where: path }]);
});
