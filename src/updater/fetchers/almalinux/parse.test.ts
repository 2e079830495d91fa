import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { advisoriesOf, NO_HTTP, parsed } from '../../testing/feed-documents.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { almalinux } from './fetcher.ts';
import { parseAlmaLinux } from './parse.ts';

const TESTDATA = fileURLToPath(new URL('testdata', import.meta.url));

const advisories = new Map<string, Advisory>();
let recordDiagnostics: RecordDiagnostics | undefined;

beforeAll(async () => {
  const outcome = await almalinux.fetch({ http: NO_HTTP, from: TESTDATA });
  for (const advisory of await advisoriesOf(outcome)) advisories.set(advisory.id, advisory);
  if (outcome.kind === 'advisories') ({ recordDiagnostics } = outcome);
});

describe('the AlmaLinux errata', () => {
  it('have their CVEs, their page and the severity in their title', () => {
    const base = { namespace: 'almalinux:9', severity: 'High', status: 'fixed' };
    expect(advisories.get('ALSA-2099:0001')).toEqual({
      id: 'ALSA-2099:0001',
      link: 'https://errata.almalinux.org/9/ALSA-2099-0001.html',
      description: 'Gears may jam.',
      aliases: ['CVE-2099-0001', 'CVE-2099-0002'],
      affected: [
        { ...base, package: 'gears', fixed: '1.2-3.el9_1' },
        { ...base, package: 'gears-devel', fixed: '1:1.2-3.el9_1' },
      ],
    });
  });

  it('of modules apply to the streams in the title, and every listed build is fixed', () => {
    const base = { namespace: 'almalinux:8', package: 'gears', severity: 'Medium', status: 'fixed' };
    const fixes = [
      { fixed: '1.2-3.module_el8.5.0+1+aaaaaaaa' },
      { introduced: '1.2-3.module_el8.5.0+1+aaaaaaaa^', fixed: '1.2-3.module_el8.6.0+2+bbbbbbbb' },
    ];
    expect(advisories.get('ALSA-2099:0002')?.affected).toEqual(
      ['gears:1', 'gears-devel:1'].flatMap((module) => fixes.map((fix) => ({ ...base, ...fix, module }))),
    );
    expect(advisories.get('ALSA-2099:0002')?.link).toBe('https://errata.almalinux.org/8/ALSA-2099-0002.html');
  });

  it('without a stream apply to the streams that have the package', () => {
    const base = { namespace: 'almalinux:8', package: 'gears', severity: 'Low', status: 'unknown' };
    const fixed = '1.2-5.module_el8.6.0+3+cccccccc';
    expect(advisories.get('ALSA-2099:0003')?.affected).toEqual([
      { ...base, fixed, module: 'gears:1' },
      { ...base, fixed, module: 'gears-devel:1' },
    ]);
  });

  it('without a CVE are skipped, other types are kept when they name a CVE', () => {
    expect([...advisories.keys()].filter((id) => id.startsWith('ALBA'))).toEqual(['ALBA-2099:0005']);
    expect(advisories.get('ALBA-2099:0005')?.affected).toMatchObject([{ severity: 'Unknown' }]);
  });

  it('with a malformed version apply to all versions, in modules and outside', () => {
    const gears = { namespace: 'almalinux:9', package: 'gears', severity: 'Unknown', status: 'unknown' };
    const cogs = { ...gears, package: 'cogs', fixed: '1-1.el9', status: 'fixed' };
    expect(advisories.get('ALSA-2099:0008')).toMatchObject({ description: 'gears:2 security update' });
    expect(advisories.get('ALSA-2099:0008')?.affected).toEqual([gears, { ...gears, module: 'gears:2' }, cogs]);
  });

  it('return diagnostics for malformed content', () => {
    expect(recordDiagnostics?.count).toBe(5);
    expect(recordDiagnostics?.examples.map(({ message }) => message.replace(`${TESTDATA}/`, ''))).toEqual([
      'ALSA-2099:0006 gears ignored: unknown release "AlmaLinux:next"',
      'ALSA-2099:0007 skipped: it names no package',
      expect.stringMatching(/^ALSA-2099:0008 in gears of AlmaLinux:9 treated as affected in all versions/),
      'skipped: ALSA-2099:0009.json is xml, but the feed is published as json',
      'ALSA-2099:0003 applied to all possible module streams: the advisory names no module',
    ]);
  });

  it('are skipped when they are malformed', async () => {
    const { advisories: given, recordDiagnostics: told } = await parsed(parseAlmaLinux, '{"id":"ALSA-2099:0001"');
    expect([given, told.count]).toEqual([[], 1]);
  });
});
