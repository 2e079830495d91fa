import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/database/open-store.ts';
import type { Store } from '../../../src/database/contracts/store.ts';
import { type SystemPackage } from '../../../src/model/feature.ts';
import { FETCHERS } from '../../../src/updater/fetchers/index.ts';
import { createUpdater } from '../../../src/updater/updater.ts';
import { digestOfDatabase } from '../../../src/database/testing/database-digest.ts';
import { clientWith } from '../../../src/updater/testing/enrichment-document.ts';
import { newLayer } from '../../../src/database/testing/stores.ts';

/**
 * Tests Clair for known errors of other scanners: imports complete made-up feeds, and compares the findings with the
 * advisories. Each document is a list of advisories, which can be reversed.
 */

type Documents = Readonly<Record<string, readonly unknown[]>>;

type Case = {
  readonly source: string;
  readonly namespace: string;
  readonly documents: Documents;
  readonly write: (records: readonly unknown[]) => string;
  readonly installed: readonly SystemPackage[];
  /** `VULNERABILITY PACKAGE VERSION STATUS FIXED SEVERITY` */
  readonly findings: readonly string[];
};

function packageOf(type: SystemPackage['type'], name: string, version: string, source = name): SystemPackage {
  return { type, name, version, arch: type === 'rpm' ? 'x86_64' : 'amd64', source: { name: source, version } };
}

/** A definition in the Azure Linux OVAL: CVE, package, version comparison, and severity. */
type AzureDefinition = readonly [cve: string, name: string, operation: string, version: string, severity: string];

function azureOval(definitions: readonly AzureDefinition[]): string {
  const parts = definitions.map(([cve, name, operation, version, severity], at) => ({
    definition: `<definition class="vulnerability" id="oval:a:def:${at}" version="1"><metadata><title>${cve}</title>
      <reference ref_id="${cve}" ref_url="https://nvd.test/${cve}" source="CVE"/><patchable>true</patchable>
      <severity>${severity}</severity><description>.</description></metadata>
      <criteria operator="AND"><criterion test_ref="oval:a:tst:${at}" comment="Package ${name}"/></criteria></definition>`,
    test: `<l:rpminfo_test id="oval:a:tst:${at}" version="1" comment="Package ${name}" check="at least one">
      <l:object object_ref="oval:a:obj:${at}"/><l:state state_ref="oval:a:ste:${at}"/></l:rpminfo_test>`,
    object: `<l:rpminfo_object id="oval:a:obj:${at}" version="1"><l:name>${name}</l:name></l:rpminfo_object>`,
    state: `<l:rpminfo_state id="oval:a:ste:${at}" version="1"><l:evr operation="${operation}">0:${version}</l:evr></l:rpminfo_state>`,
  }));
  const all = (part: keyof (typeof parts)[number]): string => parts.map((each) => each[part]).join('\n');
  return `<?xml version="1.0"?>
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5" xmlns:l="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux">
<generator/><definitions>${all('definition')}</definitions><tests>${all('test')}</tests><objects>${all('object')}</objects>
<states>${all('state')}</states></oval_definitions>`;
}

function almaErratum(id: string, cve: string, ...builds: readonly (readonly [string, string])[]): object {
  return {
    id,
    summary: 'Important: security update',
    details: '.',
    related: [cve],
    affected: builds.map(([name, fixed]) => ({
      package: { ecosystem: 'AlmaLinux:8', name },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
    })),
  };
}

const AZURE_3: readonly AzureDefinition[] = [
  ['CVE-2099-0001', 'lamp', 'less than', '1.2-3.azl3', 'High'],
  ['CVE-2099-0001', 'wick', 'less than', '2-1.azl3', 'Low'],
  ['CVE-2099-0002', 'oil', 'less than or equal', '3-1.azl3', 'Medium'],
  ['CVE-2099-0003', 'lamp', 'less than', '1.0-9.azl3', 'Low'],
  ['CVE-2099-0003', 'lamp', 'less than', '1.3-1.azl3', 'Critical'],
];
const MARINER_2: readonly AzureDefinition[] = [['CVE-2099-0001', 'lamp', 'less than', '1.1-1.cm2', 'Critical']];
const [ALMA, PLUS] = ['91.3-2.el8_4.alma', '91.3-2.el8_4.alma.plus'];

const CASES: readonly (readonly [string, Case])[] = [
  [
    'Azure Linux: a CVE in several packages and releases, "less than or equal", two definitions of one package',
    {
      source: 'azurelinux',
      namespace: 'azurelinux:3.0',
      documents: { 'azurelinux-3.0-oval.xml': AZURE_3, 'cbl-mariner-2.0-oval.xml': MARINER_2 },
      write: (records) => azureOval(records as readonly AzureDefinition[]),
      installed: [
        packageOf('rpm', 'lamp', '1.0-1.azl3'),
        packageOf('rpm', 'wick', '1-1.azl3'),
        packageOf('rpm', 'oil', '3-1.azl3'),
        packageOf('rpm', 'oil-new', '3-2.azl3', 'oil'),
      ],
      findings: [
        'CVE-2099-0001 lamp 1.0-1.azl3 fixed 1.2-3.azl3 High',
        'CVE-2099-0001 wick 1-1.azl3 fixed 2-1.azl3 Low',
        'CVE-2099-0002 oil 3-1.azl3 open null Medium',
        'CVE-2099-0003 lamp 1.0-1.azl3 fixed 1.3-1.azl3 Critical',
      ],
    },
  ],
  [
    'CBL-Mariner: the same CVE in another release keeps its own fix and severity',
    {
      source: 'azurelinux',
      namespace: 'mariner:2.0',
      documents: { 'azurelinux-3.0-oval.xml': AZURE_3, 'cbl-mariner-2.0-oval.xml': MARINER_2 },
      write: (records) => azureOval(records as readonly AzureDefinition[]),
      installed: [packageOf('rpm', 'lamp', '1.0-1.cm2'), packageOf('rpm', 'lamp-new', '1.2-1.cm2', 'lamp')],
      findings: ['CVE-2099-0001 lamp 1.0-1.cm2 fixed 1.1-1.cm2 Critical'],
    },
  ],
  [
    'Alpine: each of several identifiers, and those that are not CVEs',
    {
      source: 'alpine',
      namespace: 'alpine:edge',
      documents: {
        'edge/main.json': [
          { pkg: { name: 'xen', secfixes: { '4.2-r1': ['CVE-2099-0001 CVE-2099-0002 XSA-9'], '4.1-r0': ['XSA-8'] } } },
          { pkg: { name: 'gears', secfixes: { '2-r0': ['GHSA-cfgh-jmpq-rvwx'] } } },
        ],
      },
      write: (packages) => JSON.stringify({ distroversion: 'edge', reponame: 'main', packages }),
      installed: [packageOf('apk', 'xen', '4.0-r0'), packageOf('apk', 'gears', '1-r0')],
      findings: [
        'CVE-2099-0001 xen 4.0-r0 fixed 4.2-r1 Unknown',
        'CVE-2099-0002 xen 4.0-r0 fixed 4.2-r1 Unknown',
        'GHSA-cfgh-jmpq-rvwx gears 1-r0 fixed 2-r0 Unknown',
        'XSA-8 xen 4.0-r0 fixed 4.1-r0 Unknown',
      ],
    },
  ],
  [
    'Ubuntu: ignored is a finding, and pending has its version',
    {
      source: 'ubuntu',
      namespace: 'ubuntu:22.04',
      documents: {
        'active/CVE-2099-0001': ['jammy_gears: ignored (too intrusive)', 'jammy_cogs: pending (1.2-3)'],
        'active/CVE-2099-0002': ['jammy_gears: released (1.5)', 'jammy_wheels: pending (2.0)', 'focal_cogs: needed'],
      },
      write: (states) => ['Candidate: CVE-ID', 'Priority: medium', ...states, ''].join('\n'),
      installed: [
        packageOf('deb', 'gears', '1.0'),
        packageOf('deb', 'cogs', '1.2-2'),
        packageOf('deb', 'wheels', '2.0'),
      ],
      findings: [
        'CVE-2099-0001 cogs 1.2-2 pending 1.2-3 Medium',
        'CVE-2099-0001 gears 1.0 ignored null Medium',
        'CVE-2099-0002 gears 1.0 fixed 1.5 Medium',
      ],
    },
  ],
  [
    'AlmaLinux: each advisory of a CVE, and each of several builds',
    {
      source: 'almalinux',
      namespace: 'almalinux:8',
      documents: {
        'ALSA-2099:0001.json': [almaErratum('ALSA-2099:0001', 'CVE-2099-0001', ['fox', ALMA], ['fox', PLUS])],
        'ALSA-2099:0002.json': [
          almaErratum('ALSA-2099:0002', 'CVE-2099-0001', ['fox', '92-1.el8'], ['bird', '5-1.el8']),
        ],
        'ALSA-2099:0003.json': [almaErratum('ALSA-2099:0003', 'CVE-2099-0001', ['bird', '4-1.el8'])],
      },
      write: ([record]) => JSON.stringify(record),
      installed: [packageOf('rpm', 'fox', ALMA), packageOf('rpm', 'bird', '3-1.el8')],
      findings: [
        `ALSA-2099:0002 bird 3-1.el8 fixed 5-1.el8 High`,
        `ALSA-2099:0002 fox ${ALMA} fixed 92-1.el8 High`,
        `ALSA-2099:0003 bird 3-1.el8 fixed 4-1.el8 High`,
      ],
    },
  ],
  [
    'Debian: the urgency of each package, not the highest of all',
    {
      source: 'debian',
      namespace: 'debian:12',
      documents: {
        'tracker.json': (['unimportant', 'low', 'high'] as const).map((urgency) => [
          `gears-${urgency}`,
          { 'CVE-2099-0001': { releases: { bookworm: { status: 'open', urgency, repositories: { bookworm: '1' } } } } },
        ]),
      },
      write: (packages) => JSON.stringify(Object.fromEntries(packages as readonly (readonly [string, object])[])),
      installed: ['unimportant', 'low', 'high'].map((urgency) => packageOf('deb', `gears-${urgency}`, '1')),
      findings: [
        'CVE-2099-0001 gears-high 1 open null High',
        'CVE-2099-0001 gears-low 1 open null Low',
        'CVE-2099-0001 gears-unimportant 1 open null Negligible',
      ],
    },
  ],
];

let folder: string;
let made = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clair-peer-faults-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written({ documents, write }: Case, isReversed = false): string {
  const from = join(folder, `feed-${(made += 1)}`);
  for (const [path, records] of isReversed ? Object.entries(documents).toReversed() : Object.entries(documents)) {
    const file = join(from, path);
    mkdirSync(join(file, '..'), { recursive: true });
    const text = write(isReversed ? records.toReversed() : records);
    writeFileSync(file, text.replace('CVE-ID', path.split('/').at(-1) ?? ''));
  }
  return from;
}

async function imported(store: Store, { source }: Case, from: string): Promise<void> {
  const updater = createUpdater({ store, fetchers: FETCHERS, http: clientWith({}), now: () => 1 });
  expect(await updater.update(source, { from })).toMatchObject({ kind: 'updated', recordDiagnostics: { count: 0 } });
}

describe.each(CASES)('%s', (_name, feed) => {
  it('has the findings of the feed', async () => {
    const store = await openStore({ type: 'memory' });
    await imported(store, feed, written(feed));
    const changes = feed.installed.map(
      (of) => ({ feature: of, path: '', namespace: feed.namespace, originDepth: 0, change: 1 }) as const,
    );
    const { id } = await store.layers.insert(newLayer('layer', null, changes));
    const found = (await store.matches.ofLayer(id)).map(
      ({ vulnerability, feature: of, status, fixed, severity }) =>
        `${vulnerability.name} ${of.name} ${of.version} ${status} ${fixed} ${severity}`,
    );
    expect(found.toSorted()).toEqual(feed.findings);
    await store.close();
  });

  it('results in the same database in reverse order', async () => {
    const digests: string[] = [];
    for (const isReversed of [false, true]) {
      const path = join(folder, `clair-${(made += 1)}.db`);
      const store = await openStore({ type: 'sqlite', path });
      await imported(store, feed, written(feed, isReversed));
      await store.close();
      digests.push(digestOfDatabase(path, ['change_log.at', 'feed_update.at', 'schema_migration.applied_at']));
    }
    expect(digests[0]).toBe(digests[1]);
  });
});
