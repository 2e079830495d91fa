import { describe, expect, it } from 'vitest';
import type { ModuleImports } from '../../database/contracts/matches.ts';
import type { ProgramFunctions } from '../../model/reachability.ts';
import { NO_REACHABILITY } from '../../model/report/finding-reachability.ts';
import type { MergedMatch } from '../merging/merged-matches.ts';
import { goAdvisories, judgedMatches } from './finding-judgement.ts';
import { programOf } from './testing/program-functions.ts';

const MODULE = 'golang.org/x/net';

function matchOf(name: string, otherNames: readonly string[] = [], type: 'golang' | 'npm' = 'golang'): MergedMatch {
  return {
    vulnerability: { feed: 'osv', name, link: '', description: '', aliases: [], otherNames },
    namespace: type,
    severity: 'High',
    severityFrom: 'feed',
    status: 'fixed',
    fixed: null,
    range: { name: MODULE, introduced: null, lastAffected: null },
    feature: { type, name: MODULE, version: 'v1.0.0' },
    originDepth: 0,
  };
}

const PARSE: ModuleImports = {
  vulnerability: 'GO-2099-1',
  module: MODULE,
  imports: [{ path: 'golang.org/x/net/html', symbols: ['Parse'] }],
};
const WITH_PARSE = programOf(['golang.org/x/net/html.Parse']);
const WITH_PACKAGE = programOf(['golang.org/x/net/html.Escape']);
const WITHOUT = programOf(['golang.org/x/net/idna.New']);
const UNREAD: ProgramFunctions = { ...WITHOUT, unknown: 'no function table was found' };

async function judged(match: MergedMatch, programs: readonly ProgramFunctions[], imports = [PARSE]) {
  const named = programs.map((program, at) => [`bin/${at}`, program] as const);
  const pathsOf = () => named.map(([path]) => path);
  return (await judgedMatches([match], { imports, programs: new Map(named), pathsOf }))(match);
}

describe('a finding with several programs is as bad as the worst', () => {
  it.each([
    [[WITHOUT, WITH_PARSE, UNREAD], 'linked', 1],
    [[WITHOUT, WITH_PACKAGE, UNREAD], 'unknown', 2],
    [[WITHOUT, WITH_PACKAGE, WITHOUT], 'package-linked', 1],
    [[WITHOUT, WITHOUT], 'not-linked', 0],
  ])('%#: %s', async (programs, reachability, file) => {
    const finding = await judged(matchOf('GO-2099-1'), programs);
    expect(finding.reachability).toBe(reachability);
    expect(finding.reachabilityReason).toMatch(
      new RegExp(` File: bin/${file} \\(the worst result of ${programs.length} files\\)\\.$`),
    );
  });

  it('or unknown if the functions of a program were not read', async () => {
    const match = matchOf('GO-2099-1');
    const evidence = { imports: [PARSE], programs: new Map([['bin/0', WITHOUT]]) };
    const find = await judgedMatches([match], { ...evidence, pathsOf: () => ['bin/0', 'bin/1'] });
    expect(find(match).reachability).toBe('unknown');
    const nowhere = await judgedMatches([match], { ...evidence, pathsOf: () => [] });
    expect(nowhere(match).reachability).toBe('unknown');
  });
});

describe('a finding of several advisories', () => {
  it('uses the advisory of the Go vulnerability database', async () => {
    for (const match of [
      matchOf('CVE-2099-1', ['GHSA-1', 'GO-2099-1']),
      { ...matchOf('CVE-2099-1'), members: [matchOf('GHSA-1'), matchOf('GO-2099-1')] },
    ]) {
      expect(goAdvisories([match])).toEqual(['GO-2099-1']);
      expect(await judged(match, [WITH_PACKAGE])).toEqual({
        reachability: 'package-linked',
        reachabilityBasis: 'symbol',
        reachabilityReason:
          'The binary contains a vulnerable package, but none of the vulnerable functions. The advisory names html.Parse of golang.org/x/net.',
      });
    }
  });

  it('is unknown without such an advisory, or if it is about another module', async () => {
    expect((await judged(matchOf('GHSA-1', ['CVE-2099-1']), [WITHOUT])).reachability).toBe('unknown');
    const other = { ...PARSE, module: 'golang.org/x/text' };
    expect((await judged(matchOf('GO-2099-1'), [WITHOUT], [other])).reachability).toBe('unknown');
  });

  it('is as bad as the worst', async () => {
    const second = { ...PARSE, vulnerability: 'GO-2099-2', imports: [{ path: 'golang.org/x/net/idna' }] };
    const match = matchOf('CVE-2099-1', ['GO-2099-1', 'GO-2099-2']);
    expect((await judged(match, [WITHOUT], [PARSE, second])).reachability).toBe('linked');
  });

  it('is about the whole module if one range of its advisory names no packages', async () => {
    const whole = { vulnerability: 'GO-2099-1', module: MODULE };
    for (const imports of [
      [PARSE, whole],
      [whole, PARSE],
    ]) {
      expect(await judged(matchOf('GO-2099-1'), [WITHOUT], imports)).toMatchObject({ reachabilityBasis: 'module' });
    }
  });
});

it('findings of other ecosystems have no reachability', async () => {
  const match = matchOf('CVE-2099-1', ['GO-2099-1'], 'npm');
  expect(goAdvisories([match])).toEqual([]);
  expect(await judged(match, [WITHOUT])).toEqual(NO_REACHABILITY);
});
