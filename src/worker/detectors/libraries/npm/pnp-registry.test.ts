import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../../test/fixtures/run-count.ts';
import { yarnPlugAndPlay } from './detector.ts';
import { MAX_PLUG_AND_PLAY_BYTES } from './pnp-registry.ts';

/** A part of the file that Yarn 4.9 and 3.8 wrote for a project with these packages. */
const REGISTRY = [
  [null, [[null, { packageLocation: './', packageDependencies: [['lodash', 'npm:4.17.20']], linkType: 'SOFT' }]]],
  ['@babel/code-frame', [['npm:7.24.7', inCache('@babel-code-frame-npm-7.24.7-315a600a58-ab0af53947')]]],
  ['app', [['workspace:.', { packageLocation: './', packageDependencies: [], linkType: 'SOFT' }]]],
  [
    'fsevents',
    [
      [
        'patch:fsevents@npm%3A2.3.3#optional!builtin<compat/fsevents>::version=2.3.3&hash=df0bf1',
        { packageLocation: './.yarn/unplugged/fsevents-patch-6b67494872/node_modules/fsevents/', linkType: 'HARD' },
      ],
    ],
  ],
  ['lodash', [['npm:4.17.20', inCache('lodash-npm-4.17.20-c0db62021c-faec37cb9f')]]],
  [
    'react-dom',
    [
      ['npm:18.2.0', { ...inCache('react-dom-npm-18.2.0-dd675bca1c-8'), linkType: 'SOFT' }],
      ['virtual:0460f86c#npm:18.2.0', inCache('react-dom-npm-18.2.0-dd675bca1c-8')],
    ],
  ],
  [
    'semver',
    [
      ['npm:7.5.1', inCache('semver-npm-7.5.1-0736382fb9-ae6aca3cfb')],
      [
        'npm:7.8.6::__archiveUrl=https%3A%2F%2Fnpm.test%2Fsemver.tgz',
        inCache('semver-npm-7.8.6-233581c96f-bf0a4d16eb'),
      ],
    ],
  ],
  [
    'typescript',
    [
      [
        'patch:typescript@npm%3A5.0.4#optional!builtin<compat/typescript>::version=5.0.4&hash=b5f058',
        inCache('typescript-patch-ce5481e54d-c3f7b80577'),
      ],
    ],
  ],
  ['web', [['virtual:1f#workspace:packages/web', { packageLocation: './packages/web/', linkType: 'SOFT' }]]],
];

function inCache(name: string): object {
  return { packageLocation: `./.yarn/cache/${name}.zip/node_modules/x/`, packageDependencies: [], linkType: 'HARD' };
}

function stateOf(registry: unknown): string {
  return JSON.stringify({ __info: ["Yarn's file"], packageRegistryData: registry }, undefined, 2);
}

/** Returns the state as Yarn writes it into the script (`generatePnpScript`). */
function inlined(state: string): string {
  return `'${state.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\\n')}'`;
}

const YARN_4 = (state: string): string =>
  `#!/usr/bin/env node\n"use strict";\n\nconst RAW_RUNTIME_STATE =\n${inlined(state)};\n\nfunction f() {}\n`;
const YARN_3 = (state: string): string =>
  `function $$SETUP_STATE(hydrateRuntimeState, basePath) {\n  return hydrateRuntimeState(JSON.parse(${inlined(state)}), {basePath: basePath || __dirname});\n}\n`;

function read(path: string, content: string | Buffer): readonly string[] {
  const { features = [], diagnostics } = yarnPlugAndPlay.read(path, Buffer.from(content));
  expect(features.every((each) => each.path === path && each.feature.type === 'npm')).toBe(true);
  return [
    ...features.map(({ feature }) => `${feature.name} ${feature.version}`),
    ...diagnostics.map(({ code, message }) => `${code}: ${message}`),
  ];
}

const LISTED = [
  '@babel/code-frame 7.24.7',
  'lodash 4.17.20',
  'react-dom 18.2.0',
  'semver 7.5.1',
  'semver 7.8.6',
  'typescript 5.0.4',
];

describe("the packages of a project with Yarn Plug'n'Play", () => {
  it.each([
    ['the script of Yarn 4', 'srv/app/.pnp.cjs', YARN_4(stateOf(REGISTRY))],
    ['the script of Yarn 3', '.pnp.cjs', YARN_3(stateOf(REGISTRY))],
    ['the script of Yarn 2', 'srv/app/.pnp.js', YARN_3(stateOf(REGISTRY))],
    ['the data beside the script', 'srv/app/.pnp.data.json', stateOf(REGISTRY)],
  ])('are in %s, each version once, without packages of the project and unplugged packages', (_, path, content) => {
    expect(read(path, content)).toEqual(LISTED);
  });

  it('are not in a script whose data is in another file', () => {
    expect(read('.pnp.cjs', 'const pnpDataFilepath = path.resolve(__dirname, ".pnp.data.json");')).toEqual([]);
  });

  it('are not read for test data of a package', () => {
    expect(read('node_modules/a/test/.pnp.cjs', YARN_4(stateOf(REGISTRY)))).toEqual([]);
  });

  it.each(['https://npm.test/a.tgz', 'git@github.com:a/a.git#commit=0123', 'file:./a.tgz#./a.tgz::hash=01&locator=x'])(
    'are reported if they are not from a registry: %j',
    (reference) => {
      expect(read('srv/app/.pnp.cjs', YARN_4(stateOf([['a', [[reference, inCache('a')]]]])))).toEqual([
        'project-unreadable: 1 package of the project in "srv/app" is not from a registry, so its version is unknown: "a"',
      ]);
    },
  );

  it('are counted if they are not from a registry, or have an invalid version', () => {
    const entries = ['a', 'b', 'c'].map((name) => [name, [[name === 'c' ? 'npm:\u0000' : 'file:./x', inCache(name)]]]);
    expect(read('srv/app/.pnp.cjs', YARN_4(stateOf(entries)))).toEqual([
      `project-unreadable: 1 entry in the package registry of the project in "srv/app", which uses Yarn Plug'n'Play, could not be read`,
      'project-unreadable: 2 packages of the project in "srv/app" are not from a registry, so their versions are unknown: "a", "b"',
    ]);
  });

  it.each([
    ['of Yarn 1', 'let packageInformationStores = new Map([', '.pnp.cjs has no package data of Yarn 2 or later'],
    ['that is empty', '', '.pnp.cjs has no package data of Yarn 2 or later'],
    ['that is cut', YARN_4(stateOf(REGISTRY)).slice(0, 900), '.pnp.cjs has no package data of Yarn 2 or later'],
    ['with broken JSON', YARN_4('{\n"packageRegistryData": [\n'), 'the package data in .pnp.cjs is not JSON'],
    ['without a registry', YARN_4('{\n}'), 'the package data in .pnp.cjs has no `packageRegistryData`'],
    ['without packages', YARN_4(stateOf([])), 'the package registry is empty'],
    [
      'that is too large',
      Buffer.alloc(MAX_PLUG_AND_PLAY_BYTES + 1),
      `.pnp.cjs is larger than ${MAX_PLUG_AND_PLAY_BYTES} bytes`,
    ],
  ])('are reported in a script %s', (_, content, why) => {
    const message = `the packages of the project in "srv/app", which uses Yarn Plug'n'Play, were not read: ${why}`;
    expect(read('srv/app/.pnp.cjs', content)).toEqual([`project-unreadable: ${message}`]);
  });

  it.each([
    [[1], '1 entry'],
    [[1, ['a'], [2, [['npm:1']]], ['a', [3]], [null, [[{}]]]], '5 entries'],
  ])('are read without invalid entries of the registry, which are reported: %j', (invalid, entries) => {
    const valid = ['a', [['npm:1.0.0', inCache('a')]]];
    expect(read('srv/app/.pnp.cjs', YARN_4(stateOf([valid, ...invalid])))).toEqual([
      'a 1.0.0',
      `project-unreadable: ${entries} in the package registry of the project in "srv/app", which uses Yarn Plug'n'Play, could not be read`,
    ]);
  });

  it('or a diagnostic result from any changed script, in bounded time', () => {
    const valid = Buffer.from(YARN_4(stateOf(REGISTRY)));
    const change = fc.tuple(fc.nat(valid.length), fc.nat(20), fc.uint8Array({ maxLength: 8 }));
    fc.assert(
      fc.property(change, ([at, removed, added]) => {
        const bytes = Buffer.concat([valid.subarray(0, at), added, valid.subarray(at + removed)]);
        expect(read('.pnp.cjs', bytes).length).toBeGreaterThan(0);
      }),
      { numRuns: runCount(2000, 150) },
    );
    const started = performance.now();
    for (const unit of ['\\', "'", "'{\\\n", '{\\\n']) read('.pnp.cjs', unit.repeat(1_000_000));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
