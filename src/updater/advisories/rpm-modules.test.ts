import { describe, expect, it } from 'vitest';
import { collected } from '../testing/feed-documents.ts';
import type { Advisory, AffectedPackage } from '../../model/advisories/advisory.ts';
import { isModular, moduleStreamsIn, UNTOLD_STREAM, withKnownStreams } from './rpm-modules.ts';
import { noRecordDiagnostics } from './record-diagnostics.ts';

describe('a version', () => {
  it.each([
    ['2.5.9-112.module_el8.10.0+3871+342e2c2f', true],
    ['0:3.3.1-2.module+el9.4.0+20787+4c237fd3', true],
    ['1.0.6-2.el8_4', false],
    ['1.0-1.modules.el8', false],
  ])('%s was built in a module: %s', (version, expected) => {
    expect(isModular(version)).toBe(expected);
  });
});

describe('a title', () => {
  it.each<[string, readonly string[]]>([
    ['Moderate: gears:3.3 security, bug fix, and enhancement update', ['gears:3.3']],
    ['gears:rhel8 and gears-devel:rhel8 bug fix update', ['gears:rhel8', 'gears-devel:rhel8']],
    ['Low: gears:1_fileformat_v6 bug fix update', ['gears:1_fileformat_v6']],
    ['ALSA-2099:5468: gears:8.0 security update (Important)', ['gears:8.0']],
    ['Important: gears security update', []],
    ['gears:1.0 and gears:1.0', ['gears:1.0']],
    ['', []],
  ])('%j names the streams %j', (title, expected) => {
    expect(moduleStreamsIn(title)).toEqual(expected);
  });
});

function advisory(
  id: string,
  ...affected: readonly (readonly [name: string, module?: string, release?: string])[]
): Advisory {
  return {
    id,
    link: '',
    description: '',
    affected: affected.map(([name, module, release = '8']): AffectedPackage => {
      const base = { namespace: `almalinux:${release}`, package: name, fixed: '2-1', severity: 'High' } as const;
      return { ...base, ...(module !== undefined && { module }), status: 'fixed' };
    }),
  };
}

/** Returns the affected packages as `ID PACKAGE MODULE STATUS`. */
async function resolved(
  ...advisories: readonly Advisory[]
): Promise<{ lines: readonly string[]; diagnostics: number }> {
  const recordDiagnostics = noRecordDiagnostics();
  async function* all(): AsyncGenerator<Advisory> {
    yield* advisories;
  }
  const given = await collected(withKnownStreams(all(), recordDiagnostics));
  const lines = given.flatMap(({ id, affected }) =>
    affected.map((each) => `${id} ${each.package} ${each.module ?? '-'} ${each.status}`),
  );
  return { lines, diagnostics: recordDiagnostics.count };
}

describe('an advisory without its module', () => {
  it('applies to every stream in which the feed lists the package, even if the feed names the stream later', async () => {
    const { lines, diagnostics } = await resolved(
      advisory('A', ['gears', 'gears:1']),
      advisory('B', ['gears', UNTOLD_STREAM], ['cogs']),
      advisory('C', ['gears', 'gears:2'], ['levers', 'levers:1']),
      advisory('D', ['gears', 'gears:9', '9']),
    );
    expect(lines).toEqual([
      'A gears gears:1 fixed',
      'C gears gears:2 fixed',
      'C levers levers:1 fixed',
      'D gears gears:9 fixed',
      'B gears gears:1 unknown',
      'B gears gears:2 unknown',
      'B cogs - fixed',
    ]);
    expect(diagnostics).toBe(1);
  });

  it('applies to every stream of the release if the feed lists the package in no stream', async () => {
    const { lines } = await resolved(
      advisory('A', ['gears', 'gears:1'], ['levers', 'levers:1']),
      advisory('B', ['cogs', UNTOLD_STREAM]),
    );
    expect(lines.slice(2)).toEqual(['B cogs gears:1 unknown', 'B cogs levers:1 unknown']);
  });

  it('applies to packages outside modules when no stream is known', async () => {
    const { lines, diagnostics } = await resolved(advisory('B', ['cogs', UNTOLD_STREAM]));
    expect(lines).toEqual(['B cogs - unknown']);
    expect(diagnostics).toBe(1);
  });
});
