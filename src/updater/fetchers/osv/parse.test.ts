import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { noRecordDiagnostics } from '../../advisories/record-diagnostics.ts';
import { messagesOf } from '../../testing/record-messages.ts';
import { documentOf } from '../../testing/feed-documents.ts';
import { OSV_ECOSYSTEMS } from './ecosystems.ts';
import { type LanguageRecord, readRecord } from './records.ts';

type Reading = LanguageRecord & { readonly messages: readonly string[]; readonly skipped: number };

async function read(fields: object): Promise<Reading> {
  const recordDiagnostics = noRecordDiagnostics();
  const text = JSON.stringify({ id: 'TEST-1', modified: '2099-01-01T00:00:00Z', ...fields });
  const record = await readRecord(documentOf(text), OSV_ECOSYSTEMS, recordDiagnostics);
  if (record === undefined) throw new Error('it was skipped');
  return { ...record, messages: messagesOf(recordDiagnostics.examples), skipped: recordDiagnostics.skipped };
}

async function affectedIn(...affected: readonly object[]): Promise<readonly AffectedPackage[]> {
  return (await read({ affected })).advisories.flatMap((each) => each.affected);
}

/** Returns a member of `affected`. */
function member(ecosystem: string, name: string, events: readonly object[], rest: object = {}): object {
  return { package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events }], ...rest };
}

const BELOW_2 = [{ introduced: '0' }, { fixed: '2.0.0' }];

/** Formats a range as `NAMESPACE NAME [start, end) STATUS`. */
function shown({ namespace, package: name, introduced = '0', fixed, lastAffected, status }: AffectedPackage): string {
  const end = lastAffected === undefined ? `${fixed ?? '∞'})` : `${lastAffected}]`;
  return `${namespace} ${name} [${introduced}, ${end} ${status}`;
}

describe('a Bitnami document', () => {
  it.each([
    ['java', '17.0.3-1', '17.0.3'],
    ['jre', '1.8.0-333', '8.0.333'],
    ['java-min', '17.0.4', '17.0.4'],
    ['golang', '1.21.0-0', '1.21.0-0'],
  ])('states versions as the programs do: %s %s is %s', async (name, bound, expected) => {
    const events = [{ introduced: bound }, { last_affected: bound }];
    expect((await affectedIn(member('Bitnami', name, events))).map(shown)).toEqual([
      `bitnami ${name} [${expected}, ${expected}] open`,
    ]);
  });
});

describe('a GitHub document', () => {
  it('is read completely', async () => {
    const text = readFileSync(new URL('testdata/GHSA-aaaa-bbbb-cccc.json', import.meta.url), 'utf8');
    const { advisories, messages } = await read(JSON.parse(text));
    const rest = {
      id: 'GHSA-aaaa-bbbb-cccc',
      link: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
      description: 'gears jams',
      aliases: ['CVE-2099-0001'],
    };
    // The severity of the worse of the two vectors.
    const rating = { severity: 'High', severityFrom: 'cvss' };
    const npm = { namespace: 'npm', package: '@example/gears', ...rating };
    const composer = { namespace: 'composer', package: 'example/gears', ...rating, status: 'open' };
    expect(messages).toEqual([]);
    expect(advisories).toEqual([
      {
        ...rest,
        affected: [
          { ...npm, fixed: '1.2.3', status: 'fixed' },
          { ...npm, introduced: '2.0.0', lastAffected: '2.4.0', status: 'open' },
        ],
      },
      {
        ...rest,
        affected: [
          { ...composer, introduced: '1.0.0', lastAffected: '1.9.0' },
          { ...composer, introduced: 'v2.0.0-beta1', lastAffected: 'v2.0.0-beta1' },
        ],
      },
    ]);
  });
});

describe('the packages of a document', () => {
  it.each([
    ['npm', '@Scope/Name', 'npm @Scope/Name'],
    ['PyPI', 'Zope_.Interface--X', 'pypi zope-interface-x'],
    ['Go', 'github.com/Masterminds/goutils', 'golang github.com/Masterminds/goutils'],
    ['Go', 'stdlib', 'golang stdlib'],
    ['Hex', 'MongooseIM', 'hex mongooseim'],
    ['Maven', 'org.apache.logging.log4j:log4j-core', 'maven org.apache.logging.log4j:log4j-core'],
    ['Maven:https://repo.example.test/releases', 'org.Example:App', 'maven org.Example:App'],
    ['NuGet', 'Microsoft.NetCore.App.Runtime.linux-arm', 'nuget microsoft.netcore.app.runtime.linux-arm'],
    ['RubyGems', 'RedCloth', 'gem RedCloth'],
    ['crates.io', 'Inflector', 'cargo Inflector'],
    ['Packagist', 'Symfony/HTTP-Kernel', 'composer symfony/http-kernel'],
    ['Packagist:https://packages.drupal.org/8', 'drupal/core', 'composer drupal/core'],
  ])('of %s have the name and namespace of their look-up: %s', async (ecosystem, name, expected) => {
    const [affected] = await affectedIn(member(ecosystem, name, BELOW_2));
    expect(`${affected?.namespace} ${affected?.package}`).toBe(expected);
  });

  it('of several ecosystems have one advisory per ecosystem that Clair reads', async () => {
    const affected = [
      member('npm', 'a', BELOW_2),
      member('Pub', 'a', [{ introduced: 'x' }]),
      member('PyPI', 'a', BELOW_2),
      member('npmx', 'a', BELOW_2),
    ];
    const { advisories, messages } = await read({ affected });
    expect(advisories.map((each) => [each.id, ...each.affected.map(shown)])).toEqual([
      ['TEST-1', 'npm a [0, 2.0.0) fixed'],
      ['TEST-1', 'pypi a [0, 2.0.0) fixed'],
    ]);
    expect(messages).toEqual([]);
  });

  it('with the same name are the union of all members, without duplicate intervals', async () => {
    const twice = member('npm', 'a', [{ introduced: '3.0.0' }, { fixed: '3.1.0' }]);
    expect((await affectedIn(member('npm', 'a', BELOW_2), twice, twice)).map(shown)).toEqual([
      'npm a [0, 2.0.0) fixed',
      'npm a [3.0.0, 3.1.0) fixed',
    ]);
  });

  it('with unprintable names are skipped with a diagnostic', async () => {
    const { advisories, messages, skipped } = await read({ affected: [member('npm', 'a\nb', BELOW_2)] });
    expect(advisories).toEqual([]);
    expect(skipped).toBe(1);
    expect(messages).toEqual(['TEST-1 affected entry skipped: invalid name "a\\nb"']);
  });
});

describe('the affected versions', () => {
  it.each<[string, readonly object[], object, readonly string[]]>([
    ['from the start of time', BELOW_2, {}, ['[0, 2.0.0) fixed']],
    [
      'from the lowest version, which is not the start of time',
      [{ introduced: '0.0.0-0' }, { fixed: '2.0.0' }],
      {},
      ['[0.0.0-0, 2.0.0) fixed'],
    ],
    [
      'in several intervals, with events in any order',
      [{ fixed: '4.0.0' }, { introduced: '3.0.0' }, { fixed: '2.0.0' }, { introduced: '0' }],
      {},
      ['[0, 2.0.0) fixed', '[3.0.0, 4.0.0) fixed'],
    ],
    ['up to the last affected version', [{ introduced: '0' }, { last_affected: '1.9.0' }], {}, ['[0, 1.9.0] open']],
    [
      'up to the last known affected version if a range has no end',
      [{ introduced: '0' }],
      { database_specific: { last_known_affected_version_range: '<= 29.0.0' } },
      ['[0, 29.0.0] open'],
    ],
    [
      'up to the end of a range rather than to the last known affected version',
      BELOW_2,
      { database_specific: { last_known_affected_version_range: '<= 1.5.0' } },
      ['[0, 2.0.0) fixed'],
    ],
    ['with a limit', [{ introduced: '1.0.0' }, { limit: '2.0.0' }], {}, ['[1.0.0, 2.0.0) open']],
    [
      'that are listed, outside the ranges only',
      BELOW_2,
      { versions: ['1.0.0', '2.0.0', '3.0.0'] },
      ['[0, 2.0.0) fixed', '[2.0.0, 2.0.0] open', '[3.0.0, 3.0.0] open'],
    ],
    [
      'without the custom ranges of Go',
      BELOW_2,
      { ecosystem_specific: { custom_ranges: [{ events: [] }] } },
      ['[0, 2.0.0) fixed'],
    ],
    ['with `database_specific` as text', BELOW_2, { database_specific: 'low' }, ['[0, 2.0.0) fixed']],
  ])('%s', async (_, events, rest, expected) => {
    const affected = await affectedIn(member('npm', 'a', events, rest));
    expect(affected.map(shown)).toEqual(expected.map((each) => `npm a ${each}`));
  });

  it('are compared by the scheme of their ecosystem', async () => {
    const affected = await affectedIn(
      member('PyPI', 'a', [{ introduced: '1!2.0' }, { fixed: '1!3.0.post1' }]),
      member('npm', 'a', [{ introduced: '1!2.0' }]),
    );
    expect(affected.map(shown)).toEqual(['npm a [0, ∞) unknown', 'pypi a [1!2.0, 1!3.0.post1) fixed']);
  });

  it.each<[why: string, ecosystem: string, events: readonly object[], rest: object, expected: readonly string[]]>([
    [
      'in several intervals with qualifiers',
      'Maven',
      [{ introduced: '9.0.0.M1' }, { fixed: '9.0.0.M9' }, { introduced: '9.0.0.M10' }, { fixed: '9.0.0.RC1' }],
      {},
      ['[9.0.0.M1, 9.0.0.M9) fixed', '[9.0.0.M10, 9.0.0.RC1) fixed'],
    ],
    [
      'up to the last known affected version',
      'Maven',
      [{ introduced: '0' }],
      { database_specific: { last_known_affected_version_range: '<= 4.1.76.Final' } },
      ['[0, 4.1.76.Final] open'],
    ],
    [
      'up to the end of a range, which GitHub states too',
      'Maven',
      [{ introduced: '0' }, { fixed: '4.1.77.Final' }],
      { database_specific: { last_known_affected_version_range: '<= 4.1.76.Final' } },
      ['[0, 4.1.77.Final) fixed'],
    ],
    [
      'that are listed below the start, as in GHSA-f4qf-m5gf-8jm8',
      'Maven',
      [{ introduced: '9.0.0-M11' }, { fixed: '9.0.0.M15' }],
      { versions: ['9.0.0.M1', '9.0.0.M11', '9.0.0.M13'] },
      ['[9.0.0-M11, 9.0.0.M15) fixed', '[9.0.0.M1, 9.0.0.M1] open'],
    ],
    [
      'below the last known affected version',
      'NuGet',
      [{ introduced: '0' }],
      { database_specific: { last_known_affected_version_range: '< 2.3.1' }, versions: ['1.7.0', '1.8.3.1'] },
      ['[0, 2.3.1) open'],
    ],
    [
      'with four numbers and labels in any case',
      'NuGet',
      [{ introduced: '1.1.0.1-BETA' }, { fixed: '1.1.0.1-rc' }],
      { versions: ['1.1.0.1-Beta', '1.1.0.1-RC'] },
      ['[1.1.0.1-BETA, 1.1.0.1-rc) fixed', '[1.1.0.1-RC, 1.1.0.1-RC] open'],
    ],
    ['in no order', 'NuGet', [{ introduced: '1.0.0.0.0' }, { fixed: '2' }], {}, ['[0, ∞) unknown']],
  ])('%s of %s', async (_why, ecosystem, events, rest, expected) => {
    const affected = await affectedIn(member(ecosystem, 'g:a', events, rest));
    expect(affected.map(shown)).toEqual(expected.map((each) => `${ecosystem.toLowerCase()} g:a ${each}`));
  });

  it('are the listed versions if there are no ranges', async () => {
    const listed = { package: { ecosystem: 'Maven', name: 'struts:struts' }, versions: ['1.1', '1.2.7'] };
    expect((await affectedIn(listed)).map(shown)).toEqual([
      'maven struts:struts [1.1, 1.1] open',
      'maven struts:struts [1.2.7, 1.2.7] open',
    ]);
  });

  it('ignore commits, even malformed commits', async () => {
    const git = { type: 'GIT', repo: 'https://git.test', events: [{ introduced: 'xyz' }] };
    const both = { package: { ecosystem: 'PyPI', name: 'a' }, ranges: [git, { type: 'ECOSYSTEM', events: BELOW_2 }] };
    const { advisories, messages } = await read({ affected: [both] });
    expect(advisories[0]?.affected.map(shown)).toEqual(['pypi a [0, 2.0.0) fixed']);
    expect(messages).toEqual([]);
  });

  it('whose end is below their start are affected from the start on, with a diagnostic', async () => {
    const { advisories, messages } = await read({
      affected: [member('npm', 'a', [{ introduced: '2.0.0' }, { fixed: '1.0.0' }])],
    });
    expect(advisories[0]?.affected.map(shown)).toEqual(['npm a [2.0.0, ∞) open']);
    expect(messages).toEqual([
      'TEST-1 in a of npm a `fixed` or `last_affected` version without an earlier `introduced` version was ignored',
    ]);
  });
});

describe('a withdrawn document', () => {
  it('has no advisory', async () => {
    const fields = { withdrawn: '2099-01-01T00:00:00Z', affected: [member('npm', 'a', BELOW_2)] };
    expect(await read(fields)).toMatchObject({ isWithdrawn: true, advisories: [] });
  });
});

describe('an advisory', () => {
  it('has aliases, but no related and no upstream vulnerabilities', async () => {
    const fields = {
      aliases: ['CVE-2099-1', 'TEST-1', 'CVE-2099-1'],
      related: ['CVE-2099-2'],
      upstream: ['CVE-2099-3'],
    };
    const { advisories } = await read({ ...fields, affected: [member('npm', 'a', BELOW_2)] });
    expect(advisories).toMatchObject([{ aliases: ['CVE-2099-1'] }]);
  });

  it.each([
    ['GHSA-aaaa-bbbb-cccc', 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc'],
    ['GO-2099-0001', 'https://pkg.go.dev/vuln/GO-2099-0001'],
    ['RUSTSEC-2099-0001', 'https://rustsec.org/advisories/RUSTSEC-2099-0001.html'],
    ['PYSEC-2099-1', 'https://osv.dev/vulnerability/PYSEC-2099-1'],
  ])('%s has a page', async (id, link) => {
    const { advisories } = await read({ id, affected: [member('npm', 'a', BELOW_2)] });
    expect(advisories).toMatchObject([{ link }]);
  });

  it('has its summary, otherwise its details, as description, without NUL characters', async () => {
    const affected = [member('npm', 'a', BELOW_2)];
    expect((await read({ summary: 'Short.', details: 'Long.', affected })).advisories[0]?.description).toBe('Short.');
    expect((await read({ details: 'Lo\0ng.', affected })).advisories[0]?.description).toBe('Long.');
  });
});

const HIGH = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' };
const MEDIUM = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:L/A:N' };

describe('the severity', () => {
  it.each<[string, object, object, string, string | undefined]>([
    ['of a vector before a word', { severity: [HIGH], database_specific: { severity: 'LOW' } }, {}, 'High', 'cvss'],
    ['of a word without a vector', { database_specific: { severity: 'MODERATE' } }, {}, 'Medium', undefined],
    [
      'of a word beside an invalid vector',
      { severity: [{ type: 'CVSS_V3', score: 'x' }], database_specific: { severity: 'HIGH' } },
      {},
      'High',
      undefined,
    ],
    [
      'of the package before the severity of the record',
      { severity: [HIGH] },
      { severity: [MEDIUM] },
      'Medium',
      'cvss',
    ],
    ['is unknown without any', {}, {}, 'Unknown', undefined],
    ['of a malicious package is critical', { id: 'MAL-2099-1' }, {}, 'Critical', undefined],
    [
      'of a malicious package with a vector is the severity of the vector',
      { id: 'MAL-2099-1', severity: [MEDIUM] },
      {},
      'Medium',
      'cvss',
    ],
  ])('%s', async (_, fields, rest, severity, severityFrom) => {
    const { advisories } = await read({ ...fields, affected: [member('npm', 'a', BELOW_2, rest)] });
    expect(advisories[0]?.affected[0]).toMatchObject({ severity, ...(severityFrom && { severityFrom }) });
    expect(advisories[0]?.affected[0]?.severityFrom).toBe(severityFrom);
  });
});

describe('an informational RustSec advisory', () => {
  it.each([
    ['unmaintained', 'unmaintained'],
    ['unsound', 'unsound'],
    ['notice', 'notice'],
    ['something new', 'notice'],
    [null, 'fixed'],
  ])('with the kind %j has the status %s', async (informational, status) => {
    const [affected] = await affectedIn(member('crates.io', 'a', BELOW_2, { database_specific: { informational } }));
    expect(affected?.status).toBe(status);
  });
});

describe('the functions that a document names', () => {
  const imports = [{ path: 'a.test/m/p', symbols: ['F'] }];
  const rest = { ecosystem_specific: { imports } };

  it('are stored for Go modules, in each range', async () => {
    const events = [{ introduced: '0' }, { fixed: '1.0.0' }, { introduced: '2.0.0' }, { fixed: '2.1.0' }];
    const affected = await affectedIn(member('Go', 'a.test/m', events, rest), member('Go', 'a.test/n', events));
    expect(affected.map((each) => [each.package, each.imports])).toEqual([
      ['a.test/m', imports],
      ['a.test/m', imports],
      ['a.test/n', undefined],
      ['a.test/n', undefined],
    ]);
  });

  it('are not read in other ecosystems', async () => {
    const affected = await affectedIn(member('npm', 'm', BELOW_2, rest), member('crates.io', 'm', BELOW_2, rest));
    expect(affected.map((each) => each.imports)).toEqual([undefined, undefined]);
  });
});
