import { describe, expect, it } from 'vitest';
import type { AffectedImport } from '../../model/advisories/advisory.ts';
import type { ProgramFunctions } from '../../model/reachability.ts';
import { judgeProgram, worseOf } from './program-judgement.ts';
import { programOf } from './testing/program-functions.ts';

const MODULE = 'golang.org/x/net';
const PARSE: AffectedImport = { path: 'golang.org/x/net/html', symbols: ['Parse', 'Render'] };

const judge = (imports: readonly AffectedImport[] | undefined, program: ProgramFunctions | undefined) =>
  judgeProgram({ module: MODULE, ...(imports && { imports }) }, program);

describe('an advisory is', () => {
  it.each<[string, readonly AffectedImport[] | undefined, readonly string[], object]>([
    [
      'linked if a listed function is in the program',
      [PARSE],
      ['golang.org/x/net/html.Parse'],
      { state: 'linked', basis: 'symbol', reason: 'The binary contains html.Parse of golang.org/x/net.' },
    ],
    [
      'linked if a package of which no functions are listed is in the program',
      [{ path: 'golang.org/x/net/http2' }, PARSE],
      ['golang.org/x/net/http2.init'],
      {
        state: 'linked',
        basis: 'package',
        reason: 'The binary contains golang.org/x/net/http2. The advisory names no function of this package.',
      },
    ],
    [
      'linked if no packages are listed and any function of the module is in the program',
      undefined,
      ['golang.org/x/net/idna.New'],
      {
        state: 'linked',
        basis: 'module',
        reason: 'The advisory names no function. The binary contains code of this module.',
      },
    ],
    [
      'package-linked if the package is in the program, but none of the functions',
      [PARSE],
      ['golang.org/x/net/html.Escape'],
      {
        state: 'package-linked',
        basis: 'symbol',
        reason:
          'The binary contains a vulnerable package, but none of the vulnerable functions. The advisory names html.Parse, html.Render of golang.org/x/net.',
      },
    ],
    [
      'not-linked if none of the packages is in the program',
      [PARSE],
      ['golang.org/x/net/idna.New'],
      {
        state: 'not-linked',
        basis: 'package',
        reason: 'The binary contains none of the vulnerable packages. The advisory names golang.org/x/net/html.',
      },
    ],
    [
      'not-linked if no packages are listed and no function of the module is in the program',
      undefined,
      ['example.com/other.F'],
      {
        state: 'not-linked',
        basis: 'module',
        reason: 'The advisory names no function. The binary contains no code of this module.',
      },
    ],
  ])('%s', (_, imports, functions, expected) => {
    expect(judge(imports, programOf(functions))).toEqual(expected);
  });

  it('linked by the worst of several packages', () => {
    const other = { path: 'golang.org/x/net/idna', symbols: ['New'] };
    const program = programOf(['golang.org/x/net/html.Escape', 'golang.org/x/net/idna.New']);
    expect(judge([PARSE, other], program)).toMatchObject({ state: 'linked', basis: 'symbol' });
  });

  it('unknown if the functions of the program are unknown or were not read', () => {
    expect(judge([PARSE], { ...programOf([]), unknown: 'no function table was found' })).toEqual({
      state: 'unknown',
      basis: null,
      reason: 'The functions of the Go binary are unknown: no function table was found.',
    });
    expect(judge(undefined, { ...programOf([]), unknown: 'no table' }).state).toBe('unknown');
    expect(judge([PARSE], undefined).state).toBe('unknown');
  });
});

describe('an advisory about some systems and processors', () => {
  const program = programOf(['golang.org/x/net/html.Parse']);
  const isOther = {
    state: 'not-linked',
    reason: 'The advisory applies only to other operating systems or processors.',
  };

  it.each<[Partial<AffectedImport>, object]>([
    [{ goos: ['windows'] }, isOther],
    [{ goos: ['windows', 'linux'] }, { state: 'linked' }],
    [{ goarch: ['s390x'] }, isOther],
    [{ goos: ['linux'], goarch: ['386'] }, isOther],
    [{ goos: ['linux'], goarch: ['amd64'] }, { state: 'linked' }],
  ])('%o', (only, expected) => {
    expect(judge([{ ...PARSE, ...only }], program)).toMatchObject(expected);
  });

  it('uses the packages for the system of the program', () => {
    const imports = [{ ...PARSE, goos: ['windows'] }, { path: 'golang.org/x/net/idna' }];
    expect(judge(imports, program)).toMatchObject({ state: 'not-linked', basis: 'package' });
  });

  it('may be about a program of an unknown system', () => {
    expect(judge([{ ...PARSE, goos: ['windows'] }], { ...program, os: '' }).state).toBe('linked');
  });

  it('may be about one of several processors of a file', () => {
    const fat = { ...program, arch: 'amd64,arm64' };
    expect(judge([{ ...PARSE, goarch: ['arm64'] }], fat).state).toBe('linked');
    expect(judge([{ ...PARSE, goarch: ['386'] }], fat)).toMatchObject(isOther);
  });

  it('does not apply to a program for another system, even if its functions are unknown', () => {
    expect(judge([{ ...PARSE, goos: ['windows'] }], { ...program, unknown: 'no table' })).toMatchObject(isOther);
  });
});

it('names the last element of a package that is not a version, and counts names beyond the fifth', () => {
  const path = 'github.com/labstack/echo/v4';
  const symbols = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const program = programOf(symbols.map((symbol) => `${path}.${symbol}`));
  expect(judgeProgram({ module: path, imports: [{ path, symbols }] }, program).reason).toBe(
    'The binary contains echo.a, echo.b, echo.c, echo.d, echo.e and 2 more of github.com/labstack/echo/v4.',
  );
});

it('linked is worst, then unknown, package-linked and not-linked', () => {
  const states = ['linked', 'unknown', 'package-linked', 'not-linked'] as const;
  const judgements = states.map((state) => ({ state, basis: null, reason: '' }));
  for (const [at, worse] of judgements.entries()) {
    for (const better of judgements.slice(at + 1)) {
      expect(worseOf(worse, better)).toBe(worse);
      expect(worseOf(better, worse)).toBe(worse);
    }
  }
});
