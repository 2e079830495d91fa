import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../../testing/packages.ts';
import { ENGINES, newLayer } from '../../testing/stores.ts';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { FeatureChange } from '../../../model/layer.ts';
import { type SystemPackage } from '../../../model/feature.ts';
import type { RepositoryCpes } from '../../../model/repository-cpes.ts';
import { orderedAdvisories } from '../vulnerabilities/advisory-order.ts';
import { openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';

const NAMESPACE = 'rhel:9';
const SOURCE = { name: 'src', version: '2-1' };

function rpm(version: string, more: Partial<SystemPackage> = {}): SystemPackage {
  return { type: 'rpm', name: 'a', version, arch: 'x86_64', source: { name: 'a', version }, ...more };
}

describe.each(ENGINES)('matches on %s', (engine, options) => {
  let store: Store;
  let layers = 0;
  beforeEach(async () => {
    store = await openStore(options());
    contentSets = [];
    repositories = new Map();
  });
  afterEach(async () => {
    await store.close();
  });

  /** The content sets of the layers that are stored next, and the products of each content set. */
  let contentSets: readonly string[] = [];
  let repositories: RepositoryCpes = new Map();
  async function update(...advisories: readonly Advisory[]): Promise<void> {
    const state = { etag: null, lastModified: null, recordDiagnostics: { count: 0, examples: [] }, at: 1 };
    const ordered = orderedAdvisories(advisories);
    await store.vulnerabilities.update({
      feed: 's',
      scheme: 'rpm',
      fetcherVersion: 1,
      advisories: ordered,
      repositories,
      ...state,
    });
  }

  function affected(of: Partial<AffectedPackage>): Advisory {
    return advisory('CVE-1', { namespace: NAMESPACE, package: 'a', ...of });
  }

  /** Returns whether a package is found vulnerable, after checking that the queries in both directions agree. */
  async function isMatched(of: SystemPackage): Promise<boolean> {
    const changes = [{ feature: of, path: '', namespace: NAMESPACE, originDepth: 0, change: 1 } as const];
    const { id } = await store.layers.insert({ ...newLayer(`layer ${(layers += 1)}`, null, changes), contentSets });
    const forward = (await store.matches.ofLayer(id)).length > 0;
    const introducing = await store.matches.introducingLayers(['CVE-1'], { after: 0, limit: 1000 });
    expect(introducing.some((layer) => layer.id === id)).toBe(forward);
    return forward;
  }

  it.each<[string, Partial<AffectedPackage>, SystemPackage, boolean]>([
    ['a listed architecture', { archs: ['x86_64', 's390x'] }, rpm('1-1'), true],
    ['an architecture that is not listed', { archs: ['s390x', 'x86'] }, rpm('1-1'), false],
    ['noarch, where architectures are listed', { archs: ['x86_64'] }, rpm('1-1', { arch: 'noarch' }), true],
    ['an architecture, where only noarch is listed', { archs: ['noarch'] }, rpm('1-1'), false],
    ['a prefix of a listed architecture', { archs: ['x86_64'] }, rpm('1-1', { arch: 'x86' }), false],
    ['the module stream of the advisory', { module: 'm:1' }, rpm('1-1', { module: 'm:1:2026:abc' }), true],
    ['another stream of the module', { module: 'm:1' }, rpm('1-1', { module: 'm:10:2026:abc' }), false],
    ['a package without a module, where the advisory has one', { module: 'm:1' }, rpm('1-1'), false],
    ['a modular package, where the advisory has no module', {}, rpm('1-1', { module: 'm:1:2026:abc' }), false],
    ['an empty module label, where the advisory has a module', { module: 'm:1' }, rpm('1-1', { module: '' }), true],
    ['an empty module label, where the advisory has no module', {}, rpm('1-1', { module: '' }), true],
    ['a build of an unlabelled module', {}, rpm('1-1.module+el8+1'), false],
    ['the last affected version', { lastAffected: '1-1' }, rpm('1-1'), true],
    ['a version equal to the last affected version', { lastAffected: '1-1' }, rpm('0:1-01'), true],
    ['the next version', { lastAffected: '1-1' }, rpm('1-1.0'), false],
    ['the source of the advisory', { package: 'src', role: 'source' }, rpm('1-1', { source: SOURCE }), true],
    ['another source', { package: 'a', role: 'source' }, rpm('1-1', { source: SOURCE }), false],
    ['the name of a source package', { package: 'src' }, rpm('1-1', { source: SOURCE }), false],
    ['a source below its fix', { package: 'src', role: 'source', fixed: '3-1' }, rpm('9-1', { source: SOURCE }), true],
    ['a source at its fix', { package: 'src', role: 'source', fixed: '2-1' }, rpm('1-1', { source: SOURCE }), false],
    [
      'a source at its fix, with an unknown epoch',
      { package: 'src', role: 'source', fixed: '1:2-1' },
      rpm('1-1', { source: SOURCE }),
      false,
    ],
    [
      'a source below its fix, with an unknown epoch',
      { package: 'src', role: 'source', fixed: '1:2-2' },
      rpm('1-1', { source: SOURCE }),
      true,
    ],
    [
      'a source, where the advisory has a module',
      { package: 'src', role: 'source', module: 'm:1' },
      rpm('1-1', { source: SOURCE }),
      false,
    ],
  ])('are right for %s', async (_name, of, installed, expected) => {
    await update(affected(of));
    expect(await isMatched(installed)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ['a product of its repositories', 'cpe:/a:redhat:openshift:4.16', true],
    ['another name of the product', 'cpe:/a:redhat:openshift:4', true],
    ['a prefix of the name', 'cpe:/a:redhat:openshift:4.1', false],
    ['another product', 'cpe:/a:redhat:satellite:6', false],
  ])('are right for %s, where an advisory is limited to %s', async (_name, cpe, expected) => {
    const names = ['cpe:/a:redhat:openshift:4', 'cpe:/a:redhat:openshift:4.16'];
    repositories = new Map([['base', ['cpe:/o:redhat:enterprise_linux:9']]]).set('product', names);
    await update(affected({ cpe }));
    expect(await isMatched(rpm('1-1'))).toBe(false);
    contentSets = ['base', 'product'];
    expect(await isMatched(rpm('1-2'))).toBe(expected);
    contentSets = ['base', 'unlisted'];
    expect(await isMatched(rpm('1-3'))).toBe(false);
  });

  it('include packages whose layer, or a layer below it, was built from repositories of the product', async () => {
    repositories = new Map([['product', ['cpe:/a:redhat:satellite:6']]]);
    await update(affected({ cpe: 'cpe:/a:redhat:satellite:6' }));
    const changeOf = (version: string, originDepth: number): FeatureChange => {
      return { feature: rpm(version), path: '', namespace: NAMESPACE, originDepth, change: 1 };
    };
    const base = await store.layers.insert(newLayer('base', null, [changeOf('1-1', 0)]));
    const told = { contentSets: ['product'] };
    const middle = await store.layers.insert({ ...newLayer('middle', base, [changeOf('1-2', 1)]), ...told });
    const top = await store.layers.insert({ ...newLayer('top', middle, [changeOf('1-3', 2)]), ...told });
    const found = await store.matches.ofLayer(top.id);
    expect(found.map((match) => match.feature.version)).toEqual(['1-2', '1-3']);
    const touched = [
      { id: middle.id, name: 'middle' },
      { id: top.id, name: 'top' },
    ];
    expect(await store.matches.introducingLayers(['CVE-1'], { after: 0, limit: 9 })).toEqual(touched);
    const limited = affected({ cpe: 'cpe:/a:redhat:satellite:6' }).affected;
    const layersOf = async (...except: AffectedPackage[]) =>
      await store.matches.affectedLayers({ affected: limited, except }, { after: 0, limit: 9 });
    expect(await layersOf()).toEqual(touched);
    expect(await layersOf(...limited)).toEqual([]);
    expect(await layersOf(...affected({ cpe: 'cpe:/a:redhat:openshift:4' }).affected)).toEqual(touched);

    await update(affected({ cpe: 'cpe:/a:redhat:satellite:6', status: 'undetermined' }));
    const undecided = await store.matches.undecided(top.id);
    expect(undecided.map((each) => each.feature.version)).toEqual(['1-2', '1-3']);
  });

  it.each<[string, readonly Partial<AffectedPackage>[], string]>([
    ['for all products rather than for one', [{ package: 'src', role: 'source' }, { cpe: 'cpe:/a:p:p:4.1' }], ''],
    [
      'of the package rather than of its source',
      [{ cpe: 'cpe:/a:p:p:4' }, { package: 'src', role: 'source', cpe: 'cpe:/a:p:p:4.1' }],
      'cpe:/a:p:p:4',
    ],
    ['for the narrower product', [{ cpe: 'cpe:/a:p:p:4' }, { cpe: 'cpe:/a:p:p:4.1' }], 'cpe:/a:p:p:4.1'],
  ])('are one finding by the range %s', async (_name, entries, cpe) => {
    repositories = new Map([['product', ['cpe:/a:p:p:4', 'cpe:/a:p:p:4.1']]]);
    contentSets = ['product'];
    await update(
      advisory(
        'CVE-1',
        ...entries.map(
          (each) =>
            ({
              namespace: NAMESPACE,
              package: 'a',
              fixed: '9-1',
              ...each,
              status: each.cpe === cpe || (cpe === '' && each.cpe === undefined) ? 'ignored' : 'open',
            }) as const,
        ),
      ),
    );
    const changes = [
      { feature: rpm('1-1', { source: SOURCE }), path: '', namespace: NAMESPACE, originDepth: 0, change: 1 } as const,
    ];
    const { id } = await store.layers.insert({ ...newLayer('both', null, changes), contentSets });
    expect((await store.matches.ofLayer(id)).map(({ status }) => status)).toEqual(['ignored']);
  });

  it.each<[string, Partial<AffectedPackage>[], string]>([
    ['the higher fix', [{ fixed: '1.10-1' }, { fixed: '1.9-1' }], 'fixed 1.10-1 Medium'],
    ['no fix rather than one', [{ fixed: '2-1' }, { introduced: '1-1' }], 'open null Medium'],
    ['the later end of an open interval', [{ lastAffected: '1.2-1' }, { lastAffected: '1.3-1' }], 'open null Medium'],
    [
      'the higher fix, regardless of the severity',
      [{ fixed: '3-1' }, { fixed: '2-1', severity: 'High' }],
      'fixed 3-1 Medium',
    ],
    [
      'the higher severity in one interval',
      [
        { fixed: '3-1', severity: 'Low' },
        { fixed: '3-1', severity: 'High', introduced: '1-1' },
      ],
      'fixed 3-1 High',
    ],
  ])('are one finding with %s if two intervals contain the package', async (_name, entries, expected) => {
    for (const ordered of [entries, entries.toReversed()]) {
      const parts = ordered.map((each) => ({ namespace: NAMESPACE, package: 'a', ...each }) as const);
      await update(
        advisory(
          'CVE-1',
          ...parts.map((each) => ({ status: each.fixed === undefined ? 'open' : 'fixed', ...each }) as const),
        ),
      );
      const changes = [{ feature: rpm('1.2-0'), path: '', namespace: NAMESPACE, originDepth: 0, change: 1 } as const];
      const { id } = await store.layers.insert(newLayer(`once ${(layers += 1)}`, null, changes));
      const found = await store.matches.ofLayer(id);
      expect(found.map(({ status, fixed, severity }) => `${status} ${fixed} ${severity}`)).toEqual([expected]);
    }
  });

  it('are one finding, by the range of the package, if the source package has a range too', async () => {
    const bySource = { namespace: NAMESPACE, package: 'src', role: 'source', status: 'unknown' } as const;
    await update(advisory('CVE-1', bySource, { namespace: NAMESPACE, package: 'a', status: 'ignored' }));
    const changes = ['a', 'b'].map((name) => {
      const of = rpm('1-1', { name, source: SOURCE });
      return { feature: of, path: '', namespace: NAMESPACE, originDepth: 0, change: 1 } as const;
    });
    const { id } = await store.layers.insert(newLayer('both', null, changes));
    const found = await store.matches.ofLayer(id);
    expect(found.map((match) => [match.feature.name, match.status])).toEqual([
      ['a', 'ignored'],
      ['b', 'unknown'],
    ]);
    const [record] = await store.vulnerabilities.find('CVE-1');
    expect(record?.affected.map(({ package: name, role }) => [name, role])).toEqual([
      ['a', undefined],
      ['src', 'source'],
    ]);
  });

  describe('undecided pairs', () => {
    const BY_SOURCE = { namespace: NAMESPACE, package: 'src', role: 'source' } as const;
    const BY_NAME = { namespace: NAMESPACE, package: 'a' } as const;

    it.each<[string, readonly Parameters<typeof advisory>[1][], readonly string[]]>([
      ['are found for the package', [{ ...BY_NAME, status: 'undetermined' }], ['CVE-1 undetermined']],
      ['are found for its source', [{ ...BY_SOURCE, status: 'under-investigation' }], ['CVE-1 under-investigation']],
      [
        'are found once for both',
        [
          { ...BY_NAME, status: 'undetermined' },
          { ...BY_SOURCE, status: 'undetermined' },
        ],
        ['CVE-1 undetermined'],
      ],
      [
        'are not found if the source package is affected',
        [
          { ...BY_NAME, status: 'undetermined' },
          { ...BY_SOURCE, status: 'open' },
        ],
        [],
      ],
      [
        'are found if the source package is fixed',
        [
          { ...BY_NAME, status: 'undetermined' },
          { ...BY_SOURCE, fixed: '2-1' },
        ],
        ['CVE-1 undetermined'],
      ],
      ['are not found for another architecture', [{ ...BY_NAME, status: 'undetermined', archs: ['s390x'] }], []],
      ['are not found for an older version', [{ ...BY_NAME, status: 'undetermined', fixed: '1-0' }], []],
      ['are not found if the package is affected', [{ ...BY_NAME }], []],
    ])('%s', async (_name, said, expected) => {
      await update(advisory('CVE-1', ...said));
      const of = rpm('1-1', { source: SOURCE });
      const changes = [{ feature: of, path: '', namespace: NAMESPACE, originDepth: 0, change: 1 } as const];
      const { id } = await store.layers.insert(newLayer('layer', null, changes));
      const undecided = await store.matches.undecided(id);
      expect(undecided.map(({ vulnerability, status }) => `${vulnerability} ${status}`)).toEqual(expected);
      for (const { status: _status, ...each } of undecided) {
        expect(each).toEqual({
          feed: 's',
          vulnerability: 'CVE-1',
          namespace: NAMESPACE,
          feature: of,
          originDepth: 0,
        });
      }
    });
  });

  it('of later versions are the ranges above the installed version, for affected packages of the wanted types', async () => {
    await update(
      affected({ fixed: '2-1' }),
      advisory(
        'CVE-2',
        { namespace: NAMESPACE, package: 'a', introduced: '2-1', fixed: '3-1', severity: 'Low' },
        { namespace: NAMESPACE, package: 'a', introduced: '4-1' },
        { namespace: NAMESPACE, package: 'a', introduced: '5-1', status: 'undetermined' },
        { namespace: NAMESPACE, package: 'b', introduced: '2-1' },
        { namespace: NAMESPACE, package: 'unaffected', introduced: '2-1' },
      ),
    );
    const changes = [rpm('1-1'), rpm('1-1', { name: 'unaffected' })].map(
      (feature) => ({ feature, path: '', namespace: NAMESPACE, originDepth: 0, change: 1 }) as const,
    );
    const { id } = await store.layers.insert(newLayer('later', null, changes));
    const later = await store.matches.later(id, ['npm', 'rpm']);
    expect(later.map(({ range: { introduced }, fixed }) => `${introduced} to ${fixed}`).toSorted()).toEqual([
      '2-1 to 3-1',
      '4-1 to null',
    ]);
    expect(later[0]).toMatchObject({
      vulnerability: { name: 'CVE-2', aliases: [], link: '', description: '' },
      feature: { name: 'a', version: '1-1' },
    });
    expect(await store.matches.later(id, ['npm'])).toEqual([]);
  });

  it('keep intervals of different modules, architectures and products apart', async () => {
    const same = { namespace: NAMESPACE, package: 'a', fixed: '2-1' } as const;
    const cpes = [{ cpe: 'cpe:/a:p:p:4' }, { cpe: 'cpe:/a:p:p:5' }];
    const several = [{}, ...cpes, { module: 'm:1' }, { module: 'm:2' }, { archs: ['s390x'], module: 'm:2' }];
    await update(advisory('CVE-1', ...several.map((each) => ({ ...same, ...each }))));
    const [record] = await store.vulnerabilities.find('CVE-1');
    expect(record?.affected).toHaveLength(6);
    expect(record?.affected.map(({ cpe }) => cpe).filter((cpe) => cpe !== undefined)).toEqual([
      'cpe:/a:p:p:4',
      'cpe:/a:p:p:5',
    ]);
  });

  it('are complete if a package has thousands', async () => {
    await update(
      ...Array.from({ length: 80 }, (_, at) =>
        advisory(`CVE-${100 + at}`, { namespace: NAMESPACE, package: 's', role: 'source' }),
      ),
    );
    const changes = Array.from({ length: 70 }, (_, at) => ({
      feature: rpm('1-1', { name: `p${at}`, source: { name: 's', version: '1-1' } }),
      path: '',
      namespace: NAMESPACE,
      originDepth: 0,
      change: 1 as const,
    }));
    const { id } = await store.layers.insert(newLayer('many', null, changes));
    const found = await store.matches.ofLayer(id);
    expect(found).toHaveLength(5600);
    expect(new Set(found.map(({ vulnerability, feature }) => `${vulnerability.name} ${feature.name}`)).size).toBe(5600);
  });

  it('keep all texts unchanged, and the aliases in order', async () => {
    const hostile = `"'\\ {}[], \u001f\n \u2028 \u{1f600} \u0000 end`;
    const other = advisory('CVE-4', { namespace: NAMESPACE, package: 'a' });
    await update({ ...affected({}), description: hostile, aliases: ['CVE-3', 'CVE-2'] }, other);
    const changes = [{ feature: rpm('1-1'), path: '', namespace: NAMESPACE, originDepth: 0, change: 1 } as const];
    const { id } = await store.layers.insert(newLayer('layer', null, changes));
    const found = await store.matches.ofLayer(id);
    // PostgreSQL cannot store U+0000.
    const kept = engine === 'postgres' ? hostile.replace('\0', '\uFFFD') : hostile;
    expect(found.map(({ vulnerability }) => vulnerability)).toEqual([
      { feed: 's', name: 'CVE-1', link: affected({}).link, description: kept, aliases: ['CVE-2', 'CVE-3'] },
      { feed: 's', name: 'CVE-4', link: other.link, description: other.description, aliases: [] },
    ]);
  });

  it('keep all names and versions unchanged', async () => {
    const hostile = `"'\\ {}[], ],[ \u001f\n \u2028 \u{1f600} end`;
    repositories = new Map([['base', [hostile]]]);
    contentSets = ['base'];
    const range = { package: hostile, introduced: '1-1', lastAffected: '1-1.1', cpe: hostile } as const;
    await update({ ...affected(range), id: hostile, aliases: [hostile, 'CVE-2'] });
    const feature = rpm('1-1', { name: hostile, arch: hostile, source: { name: hostile, version: hostile } });
    const changes = [{ feature, path: '', namespace: NAMESPACE, originDepth: 0, change: 1 } as const];
    const { id } = await store.layers.insert({ ...newLayer('layer', null, changes), contentSets });
    expect(await store.matches.ofLayer(id)).toMatchObject([
      {
        vulnerability: { name: hostile, aliases: [hostile, 'CVE-2'] },
        range: { name: hostile, introduced: '1-1', lastAffected: '1-1.1' },
        fixed: null,
        feature,
      },
    ]);
  });

  it('keep the source of the severity and the aliases of the advisory', async () => {
    const told = { ...affected({ severityFrom: 'cvss', archs: ['x86_64'] }), aliases: ['CVE-3', 'CVE-2'] };
    await update(told);
    expect(await store.vulnerabilities.find('CVE-1')).toMatchObject([
      { aliases: ['CVE-2', 'CVE-3'], affected: [{ severityFrom: 'cvss', archs: ['x86_64'] }] },
    ]);
    await update({ ...told, aliases: ['CVE-2'] });
    expect(await store.vulnerabilities.find('CVE-1')).toMatchObject([{ aliases: ['CVE-2'] }]);
    expect((await store.changeLog.read({ after: 1, limit: 9 }))[0]?.before).toMatchObject({
      aliases: ['CVE-2', 'CVE-3'],
    });
  });
});
