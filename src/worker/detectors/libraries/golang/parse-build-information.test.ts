import { describe, expect, it } from 'vitest';
import { parseBuildInformation } from './parse-build-information.ts';

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

describe('the lines of build information', () => {
  it('state the main package, its module, dependencies and linker flags', () => {
    const text = lines(
      'path\texample.com/app/cmd/app',
      'mod\texample.com/app\tv1.2.3\th1:x=',
      'dep\texample.org/one\tv1.0.0\th1:y=',
      'dep\texample.org/two\tv2.0.0+incompatible',
      'build\t-compiler=gc',
      'build\t-ldflags="-s -w -X \\"main.title=a b\\""',
      'build\tGOARCH=arm64',
      'build\tGOOS=linux',
    );
    expect(parseBuildInformation(text)).toEqual({
      path: 'example.com/app/cmd/app',
      main: { path: 'example.com/app', version: 'v1.2.3' },
      dependencies: [
        { path: 'example.org/one', version: 'v1.0.0' },
        { path: 'example.org/two', version: 'v2.0.0+incompatible' },
      ],
      linkerFlags: '-s -w -X "main.title=a b"',
      os: 'linux',
      arch: 'arm64',
      invalidLines: 0,
    });
  });

  it('replace the module of the line before', () => {
    const text = lines(
      'mod\texample.com/app\t(devel)\t',
      '=>\texample.net/app\tv1.0.0\th1:x=',
      'dep\texample.org/one\tv1.0.0',
      '=>\t./one\t(devel)\t',
      '',
      'dep\texample.org/two\tv2.0.0',
    );
    expect(parseBuildInformation(text)).toMatchObject({
      main: { path: 'example.com/app', replacement: { path: 'example.net/app', version: 'v1.0.0' } },
      dependencies: [
        { path: 'example.org/one', version: 'v1.0.0', replacement: { path: './one', version: '(devel)' } },
        { path: 'example.org/two', version: 'v2.0.0' },
      ],
      invalidLines: 0,
    });
  });

  it('are left out for dependencies without a path', () => {
    const text = lines('mod\t\t(devel)\t', 'dep\t\tv1.0.0\t', 'dep\texample.org/one\tv1.0.0');
    expect(parseBuildInformation(text)).toEqual({
      path: '',
      dependencies: [{ path: 'example.org/one', version: 'v1.0.0' }],
      linkerFlags: '',
      os: '',
      arch: '',
      invalidLines: 0,
    });
  });

  it.each([
    ['a dependency without a version', 'dep\texample.org/one'],
    ['a dependency with too many columns', 'dep\texample.org/one\tv1.0.0\th1:x=\tx'],
    ['a replacement of nothing', '=>\texample.org/one\tv1.0.0\t'],
  ])('count as invalid: %s', (_, line) => {
    const text = lines(line, 'dep\texample.org/two\tv2.0.0');
    expect(parseBuildInformation(text)).toMatchObject({
      dependencies: [{ path: 'example.org/two' }],
      invalidLines: 1,
    });
  });

  it('do not replace a module twice', () => {
    const text = lines('dep\ta\tv1.0.0', '=>\tb\tv1.1.0\t', '=>\tc\tv1.2.0\t');
    expect(parseBuildInformation(text)).toMatchObject({
      dependencies: [{ path: 'a', replacement: { path: 'b' } }],
      invalidLines: 1,
    });
  });

  it('are at most 20,000', () => {
    const dependencies = (count: number): string =>
      lines(...Array.from({ length: count }, (_, n) => `dep\tm${n}\tv1.0.0`));
    expect(parseBuildInformation(dependencies(20_000))).toMatchObject({ invalidLines: 0 });
    const cut = parseBuildInformation(dependencies(20_001));
    expect(cut.dependencies.length).toBe(20_000);
    expect(cut.invalidLines).toBe(1);
  });

  it.each([
    ['build\t-ldflags=-s', '-s'],
    ['build\t-ldflags=`-X main.version=1`', '-X main.version=1'],
    [String.raw`build	-ldflags="a\tb\x41\u00e9\\"`, 'a\tbAé\\'],
    ['build\t"-ldflags"="-s -w"', '-s -w'],
    ['build\t-ldflags="', '"'],
    ['build\t-ldflags', ''],
    ['build\t-gcflags="-N"', ''],
  ])('unquote %j', (line, linkerFlags) => {
    expect(parseBuildInformation(lines(line)).linkerFlags).toBe(linkerFlags);
  });
});
