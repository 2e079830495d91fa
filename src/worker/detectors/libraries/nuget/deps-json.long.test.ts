import { expect, it } from 'vitest';
import { MAX_LIBRARIES, readDepsJson } from './deps-json.ts';

it(`the libraries of a .NET application are limited to ${MAX_LIBRARIES}`, () => {
  const keys = Array.from({ length: MAX_LIBRARIES + 1 }, (_, at) => `a/${at}`);
  const all = (value: object): object => Object.fromEntries(keys.map((key) => [key, value]));
  const document = {
    runtimeTarget: { name: 'net8.0' },
    targets: { 'net8.0': all({ runtime: { 'lib/net8.0/a.dll': {} } }) },
    libraries: all({ type: 'package' }),
  };
  const { libraries, diagnostics } = readDepsJson('app/web.deps.json', Buffer.from(JSON.stringify(document)));
  expect(libraries).toHaveLength(MAX_LIBRARIES);
  expect(diagnostics).toMatchObject([{ code: 'package-limit-reached' }]);
});
