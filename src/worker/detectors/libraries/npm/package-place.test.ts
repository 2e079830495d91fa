import { describe, expect, it } from 'vitest';
import { packagePlace, type PackagePlace } from './package-place.ts';

function places(...rows: readonly (readonly [what: string, directory: string])[]) {
  return rows;
}

function placeIn(directory: string): PackagePlace {
  return packagePlace(directory === '' ? 'package.json' : `${directory}/package.json`);
}

describe('the directory of a package', () => {
  it.each(
    places(
      ['is directly in node_modules of an application', 'srv/app/node_modules/lodash'],
      ['may be in node_modules of the root', 'node_modules/lodash'],
      ['is below the scope in a scoped name', 'app/node_modules/@babel/core'],
      ['is in node_modules of another package', 'app/node_modules/mocha/node_modules/debug'],
      ['is nested several times', 'app/node_modules/@a/b/node_modules/c/node_modules/@d/e'],
      ['has any name for an alias', 'app/node_modules/alias-of-lodash'],
      ['is global', 'usr/local/lib/node_modules/npm'],
      ["is one of npm's own", 'usr/local/lib/node_modules/npm/node_modules/@npmcli/arborist'],
      ['is in a workspace', 'app/packages/web/node_modules/react'],
      ['is in the store of pnpm', 'app/node_modules/.pnpm/lodash@4.17.21/node_modules/lodash'],
      ['has a scope in the store of pnpm', 'app/node_modules/.pnpm/@babel+core@7.0.0/node_modules/@babel/core'],
      ['is bundled in the store of pnpm', 'app/node_modules/.pnpm/npm@10.0.0/node_modules/npm/node_modules/abbrev'],
      ['is in the store of pnpm 4', 'app/node_modules/.pnpm/registry.npmjs.org/a/1.0.0/node_modules/a'],
      ['is in the store of Yarn', 'app/node_modules/.store/resolve-npm-1.22.8-098f379dfe/package'],
      ['is nested in the store of Yarn', 'app/node_modules/.store/a-npm-1.0.0-12/package/node_modules/b'],
      ['is in the linked store of npm', 'app/node_modules/.store/a@1.0.0-hash/node_modules/a'],
      ['is in the store of Bun', 'app/node_modules/.bun/a@1.0.0/node_modules/a'],
      ['is in the store of Deno', 'app/node_modules/.deno/a@1.0.0/node_modules/a'],
      ['is unplugged by Yarn', 'app/.yarn/unplugged/fsevents-patch-1/node_modules/fsevents'],
      ['is a dependency of a package of Meteor', 'npm/node_modules/meteor/accounts/node_modules/bcrypt'],
      ['is the installer of Meteor', 'usr/lib/node_modules/meteor'],
      ['is nested in the installer of Meteor', 'usr/lib/node_modules/meteor/node_modules/tar'],
      ['is bundled with pnpm', 'usr/local/lib/node_modules/pnpm/dist/node_modules/tar'],
      ['is nested in a bundle', 'usr/local/lib/node_modules/pnpm/dist/node_modules/@npmcli/fs/node_modules/semver'],
      ['is shipped deeper in a package', 'app/node_modules/protobufjs/cli/node_modules/lodash'],
      ['is shipped in VS Code', 'usr/lib/node_modules/code-server/lib/vscode/extensions/git/node_modules/which'],
      ['is nested in one that is shipped deeper', 'node_modules/protobufjs/cli/node_modules/espree/node_modules/acorn'],
      ['is Yarn in the official Node.js images', 'opt/yarn-v1.22.22'],
      ['is in the cache of Corepack', 'root/.cache/node/corepack/v1/pnpm/8.6.0'],
      ['is in the cache of an old Corepack', 'root/.cache/node/corepack/yarn/1.22.19'],
      ['is in the cache of Corepack in COREPACK_HOME', 'srv/tools/v1/npm/10.8.0-pre.1'],
      ['is bundled in the cache of Corepack', 'root/.cache/node/corepack/v1/pnpm/8.6.0/dist/node_modules/tar'],
      ["is one of Debian's", 'usr/share/nodejs/semver'],
      ["has a scope in Debian's", 'usr/share/nodejs/@types/node'],
      ["is nested in Debian's", 'usr/share/nodejs/npm/node_modules/abbrev'],
      ["is one of Debian's with native code", 'usr/lib/x86_64-linux-gnu/nodejs/sqlite3'],
    ),
  )('%s', (_, directory) => {
    expect(placeIn(directory)).toBe('package');
  });
});

describe('a directory below a package', () => {
  it.each(
    places(
      ['is an entry point', 'app/node_modules/rxjs/ajax'],
      ['is an entry point of a scoped package', 'app/node_modules/@angular/core/testing'],
      ['has a package.json, but is no package', 'app/node_modules/terser/bin'],
      ['holds packages for tests', 'node_modules/resolve/test/resolver/multirepo/packages/package-a'],
      ['holds node_modules for tests', 'node_modules/resolve/test/shadowed_core/node_modules/util'],
      ['holds mocks', 'node_modules/@module-federation/node/__tests__/node_modules/react-router'],
      ['holds tests in the store of pnpm', 'node_modules/.pnpm/a@1/node_modules/a/test/node_modules/b'],
      ['holds tests in the store of Yarn', 'node_modules/.store/a-npm-1/package/test/node_modules/b'],
      ['holds tests in Debian', 'usr/share/nodejs/resolve/test/node_modules/b'],
      ['holds tests in its bundle', 'node_modules/a/dist/test/node_modules/b'],
      ['holds examples', 'node_modules/a/docs/examples/shop/node_modules/b'],
      ['is in a directory that is no package', 'node_modules/protobufjs/cli/node_modules/.bin'],
      ['holds only code', 'node_modules/a/dist'],
      ['is a scope without a name', 'node_modules/@babel'],
      ['holds commands', 'node_modules/.bin'],
      ['holds a cache', 'node_modules/.cache/x/node_modules/a'],
      ['was replaced by npm and left', 'node_modules/.lodash-Xy12AbCd'],
      ['is a package of Meteor', 'node_modules/meteor/accounts'],
      ['is an entry of the store of pnpm', 'node_modules/.pnpm/lodash@4.17.21'],
    ),
  )('%s', (_, directory) => {
    expect(placeIn(directory)).toBe('below');
  });
});

it.each(
  places(
    ['the root', ''],
    ['an application', 'srv/app'],
    ['an application like Yarn', 'opt/yarn-viewer'],
    ['a part of Yarn', 'opt/yarn-v1.22.22/lib'],
    ['an application in a directory like the one of Corepack', 'srv/v1/npm/registry'],
    ['a name that contains node_modules', 'srv/my_node_modules/a'],
    ['a directory like the one of Debian', 'opt/usr/share/nodejs/a'],
  ),
)('outside of node_modules: %s', (_, directory) => {
  expect(placeIn(directory)).toBe('outside');
});

it.each(
  places(
    ['of an application', 'app/node_modules'],
    ['of a package', 'a/node_modules/b/node_modules'],
    ['of Debian', 'usr/share/nodejs'],
  ),
)('the directory of packages %s is not a package', (_, directory) => {
  expect(placeIn(directory)).toBe('container');
});
