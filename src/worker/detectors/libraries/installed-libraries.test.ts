import { describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../../../bytes/testing/tar-builder.ts';
import { readLayer } from '../../layer/layer-reader.ts';
import { initialState, nextState } from '../../layer/layer-state.ts';
import type { Detector } from '../detector.ts';
import { composerPackages } from './composer/detector.ts';
import { npmHiddenLockfile, npmPackages, yarnPlugAndPlay } from './npm/detector.ts';

const DETECTORS: readonly Detector[] = [npmPackages, npmHiddenLockfile, yarnPlugAndPlay, composerPackages];

const manifest = (name: string, version: string): string => JSON.stringify({ name, version });
const file = (name: string, content: string): Member => ({ name, content });
const link = (name: string, target: string): Member => ({ name, type: '2', link: target });
const hardLink = (name: string, target: string): Member => ({ name, type: '1', link: target });
const directory = (name: string): Member => ({ name, type: '5' });
const gone = (name: string): Member => file(name.replace(/([^/]*)$/, '.wh.$1'), '');
const opaque = (name: string): Member => file(`${name}/.wh..wh..opq`, '');

/** Returns the libraries of an image with these layers. */
async function installed(...layers: readonly (readonly Member[])[]): Promise<readonly string[]> {
  let state = initialState();
  let found: readonly string[] = [];
  for (const [at, members] of layers.entries()) {
    const source = { where: `layer ${at}`, open: async () => inChunks(tarOf(...members)) };
    const next = nextState(state, (await readLayer(source, DETECTORS)).contents, DETECTORS);
    state = next.state;
    found = [...next.conclusion.features.values()].map(
      ({ feature, path }) => `${feature.name} ${feature.version} at ${path}`,
    );
  }
  return found;
}

const A = 'app/node_modules/a/package.json';

describe('libraries in the layers of an image', () => {
  it.each<[what: string, layers: readonly (readonly Member[])[], expected: readonly string[]]>([
    [
      'links of pnpm to its store, and of workspaces to the project, add no package',
      [
        [
          file('app/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json', manifest('a', '1.0.0')),
          link('app/node_modules/a', '.pnpm/a@1.0.0/node_modules/a'),
          link('app/node_modules/.pnpm/node_modules/a', '../a@1.0.0/node_modules/a'),
          file('app/packages/web/package.json', manifest('web', '1.0.0')),
          link('app/node_modules/web', '../packages/web'),
        ],
      ],
      ['a 1.0.0 at app/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json'],
    ],
    [
      'one version at two paths and another version are listed at each path',
      [
        [
          file(A, manifest('a', '1.0.0')),
          file('srv/node_modules/a/package.json', manifest('a', '1.0.0')),
          file('app/node_modules/b/node_modules/a/package.json', manifest('a', '2.0.0')),
        ],
      ],
      [
        `a 1.0.0 at ${A}`,
        'a 2.0.0 at app/node_modules/b/node_modules/a/package.json',
        'a 1.0.0 at srv/node_modules/a/package.json',
      ],
    ],
    [
      'lock files and code in one file add no package',
      [
        [
          file('app/package-lock.json', '{"packages":{"node_modules/a":{"version":"1.0.0"}}}'),
          file('app/node_modules/.package-lock.json', '{"packages":{"node_modules/a":{"version":"1.0.0"}}}'),
          file('app/yarn.lock', 'a@^1.0.0:\n  version "1.0.0"\n'),
          file('app/composer.lock', '{"packages":[{"name":"a/a","version":"1"}]}'),
          file('app/vendor/a/a/composer.lock', '{"packages":[{"name":"b/b","version":"1"}]}'),
          file('app/dist/bundle.js', '// node_modules/a/index.js'),
        ],
      ],
      [],
    ],
    [
      'an upgraded package replaces the one below, whose removed dependency is gone',
      [
        [
          file('usr/local/lib/node_modules/npm/package.json', manifest('npm', '10.0.0')),
          file('usr/local/lib/node_modules/npm/node_modules/a/package.json', manifest('a', '1.0.0')),
        ],
        [
          file('usr/local/lib/node_modules/npm/package.json', manifest('npm', '11.0.0')),
          gone('usr/local/lib/node_modules/npm/node_modules/a'),
        ],
      ],
      ['npm 11.0.0 at usr/local/lib/node_modules/npm/package.json'],
    ],
    [
      'a link over a directory removes the packages in the directory',
      [[file(A, manifest('a', '1.0.0'))], [link('app', 'other')]],
      [],
    ],
    [
      'an opaque directory hides the packages below, but not those of its own layer, in any order',
      [
        [file(A, manifest('a', '1.0.0'))],
        [file('app/node_modules/b/package.json', manifest('b', '1.0.0')), opaque('app/node_modules')],
      ],
      ['b 1.0.0 at app/node_modules/b/package.json'],
    ],
    [
      'a package that is removed and installed again has its new version',
      [[file(A, manifest('a', '1.0.0'))], [gone('app/node_modules/a')], [file(A, manifest('a', '3.0.0'))]],
      [`a 3.0.0 at ${A}`],
    ],
    [
      'a package whose directory holds an unreadable file now is not listed',
      [[file(A, manifest('a', '1.0.0'))], [file(A, '')]],
      [],
    ],
    [
      'hard links are packages at each path that is a package',
      [
        [
          file(A, manifest('a', '1.0.0')),
          hardLink('srv/node_modules/a/package.json', A),
          hardLink('app/node_modules/a/dist/package.json', A),
          hardLink('backup/package.json', A),
        ],
      ],
      [`a 1.0.0 at ${A}`, 'a 1.0.0 at srv/node_modules/a/package.json'],
    ],
    [
      'projects of Composer are independent',
      [
        [
          directory('app/vendor'),
          file('app/vendor/composer/installed.json', '{"packages":[{"name":"a/a","version":"1"}]}'),
          file('srv/vendor/composer/installed.json', '[{"name":"a/a","version":"1"},{"name":"b/b","version":"2"}]'),
        ],
        [gone('app/vendor')],
      ],
      ['a/a 1 at srv/vendor/composer/installed.json', 'b/b 2 at srv/vendor/composer/installed.json'],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await installed(...layers)).toEqual(expected);
  });
});
