import { describe, expect, it } from 'vitest';
import type { LibraryPackage } from '../../../model/feature.ts';
import { languageHomes } from './language-homes.ts';

const SITE = 'usr/local/lib/python3.12/site-packages';

describe('a program is in the directory of a language package', () => {
  it.each<[string, LibraryPackage['type'], string, string, boolean]>([
    [
      'below an npm package',
      'npm',
      'srv/node_modules/esbuild/package.json',
      'srv/node_modules/esbuild/bin/esbuild',
      true,
    ],
    [
      'beside an npm package',
      'npm',
      'srv/node_modules/esbuild/package.json',
      'srv/node_modules/other/bin/esbuild',
      false,
    ],
    [
      'with the name of a package as a prefix',
      'npm',
      'srv/node_modules/es/package.json',
      'srv/node_modules/esbuild/x',
      false,
    ],
    ['of a wheel', 'pypi', `${SITE}/torch-2.1.dist-info/METADATA`, `${SITE}/torch/bin/protoc`, true],
    ['of an egg-info file', 'pypi', `${SITE}/a-1.egg-info`, `${SITE}/a/bin/b`, true],
    ['of an egg', 'pypi', `${SITE}/a-1.egg/EGG-INFO/PKG-INFO`, `${SITE}/a-1.egg/a/b`, true],
    ['beside the directory of wheels', 'pypi', `${SITE}/torch-2.1.dist-info/METADATA`, 'usr/local/bin/protoc', false],
    ['of a source tree', 'pypi', 'srv/app/app.egg-info/PKG-INFO', 'srv/app/build/tool', false],
    [
      'of a gem',
      'gem',
      'usr/lib/ruby/gems/3.3.0/specifications/sass-1.0.gemspec',
      'usr/lib/ruby/gems/3.3.0/gems/sass-1.0/exe/sass',
      true,
    ],
    [
      'of a default gem',
      'gem',
      'usr/lib/ruby/gems/3.3.0/specifications/default/io-1.gemspec',
      'usr/lib/ruby/gems/3.3.0/gems/io-1/exe/io',
      true,
    ],
    [
      'of the extensions of a gem',
      'gem',
      'usr/lib/ruby/gems/3.3.0/specifications/sass-1.0.gemspec',
      'usr/lib/ruby/gems/3.3.0/extensions/x86_64-linux/3.3.0/sass-1.0/sassc',
      true,
    ],
    [
      'of the extensions of another gem',
      'gem',
      'usr/lib/ruby/gems/3.3.0/specifications/sass-1.0.gemspec',
      'usr/lib/ruby/gems/3.3.0/extensions/x86_64-linux/3.3.0/other-1.0/tool',
      false,
    ],
    [
      'of another gem',
      'gem',
      'usr/lib/ruby/gems/3.3.0/specifications/sass-1.0.gemspec',
      'usr/lib/ruby/gems/3.3.0/gems/other-1/exe/x',
      false,
    ],
    [
      'of Composer',
      'composer',
      'srv/vendor/composer/installed.json',
      'srv/vendor/h4cc/wkhtmltopdf/bin/wkhtmltopdf',
      true,
    ],
    ['of a .NET application', 'nuget', 'app/web.deps.json', 'app/web', true],
    [
      'of .NET',
      'nuget',
      'usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json',
      'usr/share/dotnet/dotnet',
      true,
    ],
    ['of Conda', 'conda', 'opt/conda/conda-meta/zlib-1.json', 'opt/conda/bin/minizip', true],
    ['in the root, with Conda packages in the root', 'conda', 'conda-meta/zlib-1.json', 'bin/minizip', false],
    ['of an Erlang application', 'otp', 'srv/lib/crypto-1/ebin/crypto.app', 'srv/lib/crypto-1/priv/bin/x', true],
    ['of Erlang beside an application', 'otp', 'srv/lib/kernel-9/ebin/kernel.app', 'srv/erts-14.0/bin/epmd', true],
    ['beside another application', 'otp', 'srv/lib/crypto-1/ebin/crypto.app', 'srv/erts-14.0/bin/epmd', false],
    ['of a Java runtime', 'generic', 'opt/java/release', 'opt/java/bin/jlink', true],
    ['beside a recognised program', 'generic', 'usr/local/bin/redis-server', 'usr/local/bin/other', false],
    ['of Go, beside another program', 'golang', 'srv/app', 'srv/other', false],
    ['of a package without a path', 'npm', '', 'bin/x', false],
  ])('%s', (_, type, evidence, path, expected) => {
    const name = /\/(kernel|crypto)\.app$/.exec(evidence)?.[1] ?? 'a';
    const isInHome = languageHomes([{ feature: { type, name, version: '1' }, path: evidence }], () => false);
    expect(isInHome(path)).toBe(expected);
  });

  it('unless the installer recorded the files of the package', () => {
    const wheel = {
      feature: { type: 'pypi', name: 'a', version: '1' },
      path: `${SITE}/a-1.dist-info/METADATA`,
    } as const;
    expect(languageHomes([wheel], (path) => path === wheel.path)(`${SITE}/a/bin/tool`)).toBe(false);
  });

  it('only if there are packages', () => {
    expect(languageHomes([], () => false)('srv/node_modules/esbuild/bin/esbuild')).toBe(false);
  });
});
