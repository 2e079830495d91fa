import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { modulesLoadedAfter } from './modules-loaded-after.ts';

it('fails the build, with the path of a module that the bundle does not load', async () => {
  const bundled = build({
    stdin: { contents: '' },
    bundle: true,
    write: false,
    logLevel: 'silent',
    plugins: [modulesLoadedAfter('/nonexistent', { 'first.ts': ['moved.ts'] })],
  });
  await expect(bundled).rejects.toThrow('no module of the bundle imports moved.ts');
});
