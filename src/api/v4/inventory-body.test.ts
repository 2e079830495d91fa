import { describe, expect, it } from 'vitest';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { ReportPackage } from '../../model/report/report.ts';
import type { ImageInventory } from '../../report/inventory/image-inventory.ts';
import { distributionBody, inventoryBody } from './inventory-body.ts';

const DEBIAN = { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian GNU/Linux 12 (bookworm)' };

function packageOf(type: string, given: Partial<ReportPackage> = {}): ReportPackage {
  const facts = { name: 'a', version: '1', arch: '', source: { name: 'a', version: '1' }, purl: `pkg:${type}/a@1` };
  const rest = { namespace: null, paths: [], flags: [], candidates: [], owner: null, layer: 0 };
  return { type, ...facts, ...rest, ...given };
}

function bodyOf(
  packages: readonly ReportPackage[],
  given: Partial<ImageInventory> = {},
  products: RepositoryCpes = new Map(),
) {
  const layers = [{ digest: 'sha256:base' }, { digest: 'sha256:top' }];
  const rest = { distribution: DEBIAN, contentSets: [], coverage: [], diagnostics: [], layers };
  return inventoryBody({ packages, ...rest, ...given }, products);
}

describe('a package of a distribution', () => {
  it('has its source, its database, its layer, and the distribution', () => {
    const source = { name: 'openssl', version: '3' };
    const body = bodyOf([packageOf('deb', { name: 'libssl3', version: '3', arch: 'amd64', source, layer: 1 })]);
    const rest = { normalized_version: '', cpe: '' };
    expect(body.packages).toEqual({
      '1': {
        id: '1',
        name: 'libssl3',
        version: '3',
        kind: 'binary',
        source: { id: '1-source', ...source, kind: 'source', ...rest },
        arch: 'amd64',
        ...rest,
      },
    });
    const place = { package_db: 'var/lib/dpkg/status', introduced_in: 'sha256:top', distribution_id: '1' };
    expect(body.environments).toEqual({ '1': [{ ...place, repository_ids: [] }] });
  });

  it('has the repositories of the image if it is an rpm package, each once', () => {
    const body = bodyOf([packageOf('rpm'), packageOf('rpm')], { contentSets: ['rhel-9', 'rhel-9-debug'] });
    expect(Object.values(body.repository).map(({ id, name, key }) => [id, name, key])).toEqual([
      ['1', 'rhel-9', 'rhel-cpe-repository'],
      ['2', 'rhel-9-debug', 'rhel-cpe-repository'],
    ]);
    expect(body.environments['2']?.[0]?.repository_ids).toEqual(['1', '2']);
  });

  it.each([
    ['the only product', ['cpe:/a:redhat:openshift:4.16'], 'cpe:/a:redhat:openshift:4.16'],
    [
      'the most specific product',
      ['cpe:/o:redhat:enterprise_linux:9', 'cpe:/o:redhat:enterprise_linux:9::baseos', 'cpe:/a:redhat:z'],
      'cpe:/o:redhat:enterprise_linux:9::baseos',
    ],
    ['the first of two', ['cpe:/a:redhat:b:9', 'cpe:/a:redhat:a:9'], 'cpe:/a:redhat:a:9'],
    ['no product that clairctl cannot decode', ['redhat', 'cpe:/x:a', 'cpe:/a:b c', 'cpe:2.3:a'], ''],
    ['no product of a repository that no feed lists', [], ''],
  ])('has %s of its repository', (_, cpes, expected) => {
    const body = bodyOf([packageOf('rpm')], { contentSets: ['rhel-9'] }, new Map([['rhel-9', cpes]]));
    expect(body.repository['1']?.cpe).toBe(expected);
  });

  it('has no distribution without an operating system, and still an environment', () => {
    const body = bodyOf([packageOf('apk')], { distribution: null });
    expect(body.distributions).toEqual({});
    expect(body.environments['1']).toMatchObject([{ package_db: 'lib/apk/db/installed', distribution_id: '' }]);
  });
});

describe('a library', () => {
  it.each([
    ['pypi', 'python'],
    ['golang', 'go'],
    ['npm', 'nodejs'],
    ['gem', 'ruby'],
    ['maven', 'maven'],
    ['cargo', 'cargo'],
  ])('of %s has an environment for each path, with the prefix %s', (type, prefix) => {
    const body = bodyOf([packageOf(type, { paths: ['srv/x', 'srv/y'] })]);
    expect(body.environments['1']?.map((each) => each.package_db)).toEqual([`${prefix}:srv/x`, `${prefix}:srv/y`]);
    expect(body.repository).toEqual({ '1': { id: '1', name: type, key: '', uri: '', cpe: '' } });
    expect(body.packages['1']).not.toHaveProperty('source');
  });
});

describe('a distribution', () => {
  it.each([
    ['Debian GNU/Linux 12 (bookworm)', '12', ['Debian GNU/Linux', '12 (bookworm)', 'bookworm']],
    ['Alpine Linux v3.19', '3.19', ['Alpine Linux', '3.19', '']],
    ['Red Hat Enterprise Linux 9.3 (Plow)', '9.3', ['Red Hat Enterprise Linux', '9.3 (Plow)', 'Plow']],
    ['Ubuntu 22.04.3 LTS', '22.04', ['Ubuntu', '22.04', '']],
    ['Wolfi', '', ['Wolfi', '', '']],
    ['', '', ['', '', '']],
  ])('%s has only texts', (prettyName, version, expected) => {
    const body = distributionBody({ id: 'x', version, namespace: 'x', prettyName });
    expect([body.name, body.version, body.version_code_name]).toEqual(expected);
    expect(Object.values(body).every((value) => typeof value === 'string')).toBe(true);
    expect(Object.keys(body)).toHaveLength(9);
  });
});
