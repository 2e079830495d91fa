import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noRecordDiagnostics } from '../../advisories/record-diagnostics.ts';
import { parseVex, readVex } from './parse-vex.ts';
import { messagesOf } from '../../testing/record-messages.ts';

type Json = Readonly<Record<string, unknown>>;

function document(number: string): Json {
  return JSON.parse(readFileSync(new URL(`testdata/vex/cve-2099-${number}.json`, import.meta.url), 'utf8'));
}

function read(value: unknown): ReturnType<typeof readVex> {
  return readVex('2099/x.json', Buffer.from(JSON.stringify(value)));
}

function readChanged(from: string | RegExp, to: string): ReturnType<typeof readVex> {
  const text = JSON.stringify(document('0003'));
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`the document has no ${from}`);
  return readVex('2099/x.json', Buffer.from(changed));
}

describe('a document of 2025', () => {
  it('returns an advisory with its page and its description', () => {
    const { advisories, diagnostics } = read(document('0001'));
    expect(diagnostics).toEqual([]);
    expect(advisories).toMatchObject([
      {
        id: 'CVE-2099-0001',
        link: 'https://access.redhat.com/security/cve/CVE-2099-0001',
        description: 'A flaw in an invented tool lets remote users stop it.',
      },
    ]);
  });

  it('returns the affected packages of each release', () => {
    const [advisory] = read(document('0001')).advisories;
    const high = { severity: 'High' } as const;
    const medium = { severity: 'Medium' } as const;
    const tool = { package: 'tool', role: 'source' } as const;
    const libs = { package: 'tool-libs' } as const;
    expect(advisory?.affected).toEqual([
      { namespace: 'rhel:9', ...libs, fixed: '1:2.0-5.el9_4.1', status: 'fixed', ...high, archs: ['s390x'] },
      { namespace: 'rhel:9', ...libs, fixed: '1:2.0-3.el9_2.7', status: 'fixed', ...high, archs: ['x86_64'] },
      {
        namespace: 'rhel:9',
        ...libs,
        introduced: '1:2.0-3.el9_3~',
        fixed: '1:2.0-5.el9_4.1',
        status: 'fixed',
        ...high,
        archs: ['x86_64'],
      },
      { namespace: 'rhel:7', ...libs, fixed: '1.0-9.el7_9.2', status: 'fixed-for-subscribers', ...high },
      { namespace: 'rhel:7', ...tool, fixed: '1.0-9.el7_9.2', status: 'fixed-for-subscribers', ...high },
      { namespace: 'rhel:8', ...libs, status: 'open', ...medium },
      { namespace: 'rhel:8', ...tool, status: 'open', ...medium },
      { namespace: 'rhel:8', package: 'old-tool', status: 'ignored', ...medium },
      { namespace: 'rhel:8', package: 'wild-tool', status: 'postponed', ...medium },
      { namespace: 'rhel:8', package: 'slow-tool', status: 'open', ...medium },
      { namespace: 'rhel:8', package: 'tool', module: 'tool:4', status: 'postponed', ...medium },
      { namespace: 'rhel:8', ...tool, module: 'tool:4', status: 'postponed', ...medium },
      { namespace: 'rhel:10', ...libs, status: 'under-investigation', ...high },
    ]);
  });
});

describe('a document about layered products', () => {
  const medium = { severity: 'Medium' } as const;
  const bySource = { role: 'source' } as const;

  it('returns the packages of each product separately from the packages of RHEL', () => {
    const { advisories, diagnostics } = read(document('0004'));
    expect(diagnostics).toEqual([]);
    const openshift = 'cpe:/a:redhat:openshift:4';
    const [rhel, newer, older, ...open] = advisories[0]?.affected ?? [];
    const fixed = { namespace: 'rhel:9', package: 'tool', status: 'fixed', ...medium } as const;
    expect([rhel, newer, older]).toEqual([
      { ...fixed, fixed: '2.0-5.el9_4', archs: ['x86_64'] },
      { ...fixed, fixed: '3.1-2.rhaos4.16.el9', archs: ['x86_64'], cpe: `${openshift}.16` },
      // With this version, the document contains only the source package.
      { ...fixed, ...bySource, fixed: '3.0-7.rhaos4.15.el9', cpe: `${openshift}.15` },
    ]);
    const unfixed = { status: 'open', ...medium, package: 'tool-extras', ...bySource, cpe: openshift } as const;
    expect(open).toEqual([
      ...['rhel:7', 'rhel:8', 'rhel:9', 'rhel:10'].map((namespace) => ({ ...unfixed, namespace })),
      {
        namespace: 'rhel:8',
        package: 'tool',
        ...bySource,
        module: 'satellite:el8',
        status: 'ignored',
        ...medium,
        cpe: 'cpe:/a:redhat:satellite:6',
      },
    ]);
  });

  it('returns the same for RHEL as without layered products', () => {
    const text = JSON.stringify(document('0004')).replaceAll(/redhat:(openshift|satellite):/g, 'other:$1:');
    const without = readVex('2099/x.json', Buffer.from(text)).advisories[0]?.affected;
    const all = read(document('0004')).advisories[0]?.affected ?? [];
    expect(all.filter(({ cpe }) => cpe === undefined)).toEqual(without);
  });
});

describe('documents of other years', () => {
  it('with source packages only match by source package, in versions without an epoch', () => {
    expect(read(document('0002'))).toMatchObject({
      diagnostics: [],
      advisories: [
        {
          affected: [
            {
              package: 'tool',
              role: 'source',
              namespace: 'rhel:9',
              fixed: '2.0-3.el9_2.7',
              status: 'fixed',
              severity: 'Unknown',
            },
            {
              package: 'tool',
              role: 'source',
              introduced: '2.0-3.el9_3~',
              fixed: '2.0-5.el9_4.1',
              status: 'fixed',
              severity: 'Critical',
              severityFrom: 'cvss',
            },
            { namespace: 'rhel:8', package: 'tool', role: 'source', status: 'ignored', severity: 'Low' },
            // A statement about an older minor release does not apply to standard support, so the statement with the
            // support `last` is used.
            { namespace: 'rhel:7', package: 'tool', role: 'source', status: 'open' },
          ],
        },
      ],
    });
  });

  it('without package URLs are read by their identifiers', () => {
    const { advisories, diagnostics } = read(document('0003'));
    expect(diagnostics).toEqual([]);
    expect(advisories[0]?.description).toBe('tool: a third flaw');
    expect(advisories[0]?.affected).toEqual([
      { namespace: 'rhel:9', package: 'tool', role: 'source', status: 'open', severity: 'Critical' },
      { namespace: 'rhel:9', package: 'tool', role: 'source', module: 'tool:4', status: 'open', severity: 'Critical' },
    ]);
  });

  it('with a module between package and product set the module of the package', () => {
    const { advisories } = readChanged(
      /"relationships":\[(.*?)"relates_to_product_reference":"[^"]*"/,
      `"relationships":[{"full_product_name":{"product_id":"with module"},"product_reference":"tool:5:8090020240301:abc",
        "relates_to_product_reference":"red_hat_enterprise_linux_9"},$1"relates_to_product_reference":"with module"`,
    );
    expect(advisories[0]?.affected[0]).toMatchObject({ package: 'tool', module: 'tool:5' });
  });
});

describe('diagnostics', () => {
  const RHEL9 = 'red_hat_enterprise_linux_9';

  it.each<[what: string, from: string | RegExp, to: string, diagnostic: string, affected?: Json]>([
    [
      'an unknown state',
      '"known_affected"',
      '"perhaps"',
      'treated as affected: unknown product status perhaps',
      { status: 'unknown', package: 'tool' },
    ],
    [
      'an undescribed product',
      '"known_affected":[',
      '"known_affected":["nobody",',
      'nobody skipped: undescribed product',
      { status: 'open', package: 'tool' },
    ],
    [
      'a product that is a whole release',
      '"known_affected":[',
      `"known_affected":["${RHEL9}",`,
      `${RHEL9} skipped: missing package`,
      { status: 'open', package: 'tool' },
    ],
    [
      'a product without a CPE',
      '"cpe":"cpe:/o:redhat:enterprise_linux:9"',
      '',
      `${RHEL9}:tool skipped: its product has no CPE`,
    ],
    [
      'a fix without a valid version',
      '"known_affected"',
      '"fixed"',
      `${RHEL9}:tool treated as affected: the fixed version is missing or invalid`,
      { status: 'unknown', package: 'tool' },
    ],
    [
      'an unknown severity',
      '"details":"Critical"',
      '"details":"Awful"',
      'has an unknown severity: Awful',
      { severity: 'Low', package: 'tool' },
    ],
    [
      'products that are not a list',
      /"known_affected":\[[^\]]*\]/,
      '"known_affected":"all"',
      'skipped: the known_affected product list is not an array',
    ],
  ])('include %s', (_, from, to, diagnostic, affected) => {
    const { advisories, diagnostics } = readChanged(from, to);
    expect(messagesOf(diagnostics)).toContain(`CVE-2099-0003: ${diagnostic}`);
    expect(advisories[0]?.affected.slice(0, 1)).toMatchObject(affected === undefined ? [] : [affected]);
  });

  it.each<[string, unknown, string]>([
    ['another JSON object', { a: 1 }, '2099/x.json skipped: not a CSAF document'],
    ['a JSON array', [], '2099/x.json skipped: not a CSAF document'],
    [
      'an advisory',
      { document: { category: 'csaf_base', tracking: { id: 'CVE-2099-0003' } } },
      '2099/x.json skipped: category "csaf_base" instead of csaf_vex',
    ],
    [
      'a document without vulnerabilities',
      { ...document('0003'), vulnerabilities: [] },
      'CVE-2099-0003: skipped: it contains no vulnerability',
    ],
    [
      'an invalid identifier',
      { ...document('0003'), vulnerabilities: [{ cve: 'CVE 1' }] },
      '"CVE 1" skipped: invalid identifier',
    ],
  ])('include %s, which returns no advisory', (_, value, diagnostic) => {
    expect(read(value)).toEqual({ advisories: [], diagnostics: [{ kind: 'skipped', message: diagnostic }] });
  });

  it.each([
    ['is truncated', Buffer.from('{"document": {'), 'not a CSAF document'],
    ['is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not UTF-8'],
    ['is too large', undefined, 'larger than 268435456 bytes'],
  ])('include a document that %s', (_, bytes, why) => {
    expect(readVex('x.json', bytes)).toEqual({
      advisories: [],
      diagnostics: [{ kind: 'skipped', message: `x.json skipped: ${why}` }],
    });
  });
});

describe('a document in a feed', () => {
  async function parse(bytes: Buffer): Promise<{ ids: string[]; deleted: string[]; count: number }> {
    const recordDiagnostics = noRecordDiagnostics();
    const deleted: string[] = [];
    const ids: string[] = [];
    const stream = (async function* (): AsyncGenerator<Uint8Array> {
      yield bytes;
    })();
    const parsed = parseVex({ name: 'x.json', where: 'x', stream }, recordDiagnostics, (id) => deleted.push(id));
    for await (const { id } of parsed) ids.push(id);
    return { ids, deleted, count: recordDiagnostics.count };
  }

  it('returns its identifier when it was deleted', async () => {
    const text = '\ufeff{"document": {"tracking": {"id": "CVE-2099-0009", "status": "deleted"}}}';
    expect(await parse(Buffer.from(text))).toEqual({ ids: [], deleted: ['CVE-2099-0009'], count: 0 });
  });

  it('is counted as a diagnostic when it is malformed', async () => {
    expect(await parse(Buffer.from('{'))).toEqual({ ids: [], deleted: [], count: 1 });
  });

  it('is read', async () => {
    const bytes = Buffer.from(JSON.stringify(document('0001')));
    expect(await parse(bytes)).toEqual({ ids: ['CVE-2099-0001'], deleted: [], count: 0 });
  });
});
