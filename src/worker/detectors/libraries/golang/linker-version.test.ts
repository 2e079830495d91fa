import { describe, expect, it } from 'vitest';
import { linkerVersion } from './linker-version.ts';

function versionIn(linkerFlags: string, ...dependencies: readonly string[]): string | undefined {
  return linkerVersion({
    path: 'example.com/app/cmd/app',
    main: { path: 'example.com/app', version: '(devel)' },
    dependencies: dependencies.map((path) => ({ path, version: 'v1.0.0' })),
    linkerFlags,
    os: '',
    arch: '',
    invalidLines: 0,
  });
}

describe('the version that the linker writes', () => {
  it.each([
    ['-s -w -X main.version=1.2.3', 'v1.2.3'],
    ['-X main.Version=v1.2.3-rc.1+build', 'v1.2.3-rc.1+build'],
    ['-X=main.version=1.2.3', 'v1.2.3'],
    ['--X main.version=1.2.3', 'v1.2.3'],
    ["-X 'main.version=1.2.3' -X 'main.title=my program'", 'v1.2.3'],
    ['-X "main.version=1.2.3"', 'v1.2.3'],
    ["-X='main.version=1.2.3'", 'v1.2.3'],
    ["-X main.version='1.2.3'", 'v1.2.3'],
    ['-X example.com/app.version=1.2.3', 'v1.2.3'],
    ['-X example.com/app/internal/build.git_version=1.2.3', 'v1.2.3'],
    ['-X main.version=1.2.3 -X example.com/app/version.Version=v1.2.3', 'v1.2.3'],
    ['-X main.version=1.2.3 -X main.goVersion=1.22.1 -X main.gitVersion=1.2.4', 'v1.2.3'],
  ])('is read from %s', (linkerFlags, version) => {
    expect(versionIn(linkerFlags)).toBe(version);
  });

  it.each([
    ['two versions', '-X main.version=1.2.3 -X example.com/app/version.Version=1.2.4'],
    ['a version that is not semantic', '-X main.version=2024.01'],
    ['a word', '-X main.version=dev'],
    ['a number with a leading zero', '-X main.version=1.02.3'],
    ['another variable', '-X main.goVersion=1.22.1'],
    ['a package of another module', '-X example.org/other/version.Version=1.2.3'],
    ['a module with a similar path', '-X example.com/application/version.Version=1.2.3'],
    ['a vendored package', '-X example.com/app/vendor/example.org/other.Version=1.2.3'],
    ['no flags', ''],
    ['no value', '-X main.version'],
    ['no setting', '-X'],
    ['a version of 300 characters', `-X main.version=1.2.3-${'x'.repeat(300)}`],
  ])('is unknown with %s', (_, linkerFlags) => {
    expect(versionIn(linkerFlags)).toBeUndefined();
  });

  it('is not the version of a dependency whose path starts with the path of the module', () => {
    const flags = '-X example.com/app/public/model.Version=1.2.3';
    expect(versionIn(flags)).toBe('v1.2.3');
    expect(versionIn(flags, 'example.com/app/public')).toBeUndefined();
  });

  it('is unknown without a main module', () => {
    const lines = {
      path: 'x',
      dependencies: [],
      linkerFlags: '-X main.version=1.2.3',
      os: '',
      arch: '',
      invalidLines: 0,
    };
    expect(linkerVersion(lines)).toBeUndefined();
  });

  it('is read from the first 1,000 words', () => {
    expect(versionIn(`${'-s '.repeat(998)}-X main.version=1.2.3`)).toBe('v1.2.3');
    expect(versionIn(`${'-s '.repeat(1000)}-X main.version=1.2.3`)).toBeUndefined();
  });
});
