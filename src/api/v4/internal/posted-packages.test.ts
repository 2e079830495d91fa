import { describe, expect, it } from 'vitest';
import { advisory } from '../../../database/testing/packages.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import { postedPackages } from './posted-packages.ts';
import { readPosted } from './posted-vulnerabilities.ts';

const DEBIAN = { did: 'debian', version_id: '12' };
const RHEL = { did: 'rhel', name: 'Red Hat Enterprise Linux', version_id: '8.10' };
const PYPI = { name: 'pypi' };

/** The former states of CVE-1 in the feed `debian`, newest state first. */
const FORMER: readonly (Advisory | null)[] = [
  null,
  advisory('CVE-1', { package: 'old', fixed: '2' }),
  advisory('CVE-1', { package: 'old', fixed: '1' }),
];

async function packagesOf(vulnerability: object, ...stored: readonly Advisory[]): Promise<unknown> {
  const [posted] = readPosted([{ name: 'CVE-1', updater: 'debian', ...vulnerability }]);
  const changeLog = {
    previous: async ({ feed }: { readonly feed: string }, below: number) => {
      const at = Math.min(below, FORMER.length) - 1;
      const before = FORMER[FORMER.length - 1 - at];
      return feed === 'debian' && before !== undefined ? { id: at, before } : undefined;
    },
  };
  const advisories = stored.map(({ affected }) => ({ feed: 'debian', affected }));
  const found = await postedPackages(changeLog, posted!, advisories);
  if ('unknown' in found) return found.unknown;
  return found.affected.map(({ namespace, package: name, introduced, fixed, lastAffected, ...rest }) =>
    [
      `${namespace} ${name} [${introduced ?? ''}, ${fixed ?? lastAffected ?? ''}${lastAffected ? ']' : ')'}`,
      rest.role,
      rest.module,
      rest.archs?.join('+'),
    ]
      .filter((part) => part !== undefined)
      .join(' '),
  );
}

describe('the packages of a posted vulnerability', () => {
  const module = { package: 'perl', namespace: 'rhel:8', fixed: '1-2.module+el8', module: 'perl:5.30' };
  const modular = advisory('CVE-1', module, { ...module, module: 'perl:5.32' });
  const python = advisory('CVE-1', { package: 'jaraco-context', namespace: 'pypi', fixed: '6.1.0' });

  it.each<[string, object, readonly Advisory[], readonly string[]]>([
    [
      'of one module',
      { package: { name: 'perl', module: 'perl:5.32' }, fixed_in_version: '1-2.module+el8', distribution: RHEL },
      [modular],
      ['rhel:8 perl [, 1-2.module+el8) perl:5.32'],
    ],
    [
      'of all modules',
      { package: { name: 'perl' }, fixed_in_version: '1-2.module+el8', distribution: RHEL },
      [modular],
      ['rhel:8 perl [, 1-2.module+el8) perl:5.30', 'rhel:8 perl [, 1-2.module+el8) perl:5.32'],
    ],
    [
      'with a name in another form',
      { package: { name: 'Jaraco.Context' }, fixed_in_version: '6.1.0', repository: PYPI },
      [python],
      ['pypi jaraco-context [, 6.1.0)'],
    ],
    [
      'of one distribution, without a package',
      { distribution: RHEL },
      [advisory('CVE-1', { package: 'a' }, module)],
      ['rhel:8 perl [, 1-2.module+el8) perl:5.30'],
    ],
    [
      'of a distribution that the advisory does not name',
      { distribution: { did: 'ubuntu', version_id: '24.04' } },
      [modular],
      [],
    ],
    [
      'of a product',
      { package: { name: 'a' }, repository: { name: 'redhat', cpe: 'cpe:/a:redhat:b' }, distribution: RHEL },
      [
        advisory(
          'CVE-1',
          { package: 'a', namespace: 'rhel:8', cpe: 'cpe:/a:redhat:a' },
          { package: 'a', namespace: 'rhel:8', cpe: 'cpe:/a:redhat:b', introduced: '3' },
        ),
      ],
      ['rhel:8 a [3, )'],
    ],
    [
      'before the last change',
      { package: { name: 'old' }, fixed_in_version: '2', distribution: DEBIAN },
      [],
      ['debian:12 old [, 2)'],
    ],
    [
      'before an earlier change, of several feeds',
      { updater: 'osv+debian', package: { name: 'old' }, fixed_in_version: '1' },
      [modular],
      ['debian:12 old [, 1)'],
    ],
  ])('%s are those of the stored advisory', async (_what, vulnerability, stored, expected) => {
    expect(await packagesOf(vulnerability, ...stored)).toEqual(expected);
  });

  it.each<[string, object, readonly string[]]>([
    [
      'a source package',
      { package: { name: 'a' }, fixed_in_version: '2', distribution: DEBIAN },
      ['debian:12 a [, 2)'],
    ],
    ['a package that is never affected', { package: { name: 'a' }, fixed_in_version: '0', distribution: DEBIAN }, []],
    [
      'an rpm package',
      { package: { name: 'a', kind: 'binary' }, fixed_in_version: '2-1', distribution: RHEL },
      ['rhel:8 a [, 2-1)', 'rhel:8.10 a [, 2-1)'],
    ],
    [
      'a module',
      { package: { name: 'a', kind: 'binary', module: 'm:1' }, distribution: { did: 'rhel', version_id: '8' } },
      ['rhel:8 a [, ) m:1'],
    ],
    [
      'an rpm source package',
      { package: { name: 'a' }, distribution: { did: 'rhel', version_id: '8' } },
      ['rhel:8 a [, )', 'rhel:8 a [, ) source'],
    ],
    [
      'architectures',
      {
        package: { name: 'a', kind: 'binary', arch: 'x86_64|aarch64' },
        arch_op: 'pattern match',
        distribution: { did: 'rhel', version_id: '8' },
      },
      ['rhel:8 a [, ) x86_64+aarch64'],
    ],
    [
      'a Python package',
      { package: { name: 'Zope_Page' }, fixed_in_version: 'fixed=2.0&introduced=1.0', repository: PYPI },
      ['pypi zope-page [1.0, 2.0)'],
    ],
    [
      'a NuGet package',
      {
        package: { name: 'Newtonsoft.Json' },
        fixed_in_version: 'introduced=0&lastAffected=12.0.1',
        repository: { name: 'nuget' },
      },
      ['nuget newtonsoft.json [, 12.0.1]'],
    ],
    ['a Hex package', { package: { name: 'Samly' }, repository: { name: 'hex' } }, ['hex samly [, )']],
    [
      'a Go module',
      { package: { name: 'golang.org/x/net' }, repository: { name: 'go' } },
      ['golang golang.org/x/net [, )'],
    ],
  ])('for an unknown advisory are those of the request: %s', async (_what, vulnerability, expected) => {
    expect(await packagesOf({ name: 'X', updater: 'x', ...vulnerability })).toEqual(expected);
  });

  it.each<[string, object, readonly Advisory[], string]>([
    [
      'a binary package of Debian',
      { package: { name: 'libssl3', kind: 'binary' }, distribution: DEBIAN },
      [],
      'send the source package',
    ],
    [
      'a binary package of Debian in a stored advisory',
      { package: { name: 'libssl3', kind: 'binary' } },
      [advisory('CVE-1', { package: 'openssl' })],
      'send the source package',
    ],
    [
      'a binary package of Alpine',
      { package: { name: 'libssl3', kind: 'binary' }, distribution: { did: 'alpine', version_id: '3.20.3' } },
      [],
      'send the source package',
    ],
    ['no package', { distribution: DEBIAN }, [], 'names no package'],
    ['no distribution', { package: { name: 'a' } }, [], 'no known release or repository'],
    [
      'only empty members',
      { package: { name: 'a' }, distribution: {}, repository: { cpe: '' } },
      [],
      'no known release or repository',
    ],
    [
      'a distribution without a version',
      { package: { name: 'a' }, distribution: { did: 'debian', name: 'Debian GNU/Linux' } },
      [],
      'no known release or repository',
    ],
    [
      'an unknown distribution',
      { package: { name: 'a' }, distribution: { did: 'mine', version_id: '1' } },
      [],
      'no known release or repository',
    ],
    [
      'an unknown distribution in a stored advisory',
      { distribution: { did: 'mine' } },
      [modular],
      'no stored advisory matches CVE-1, and the request names no package: name the package',
    ],
    [
      'a product',
      { package: { name: 'a' }, distribution: RHEL, repository: { cpe: 'cpe:/o:redhat:enterprise_linux:8' } },
      [],
      'the product in repository.cpe',
    ],
    [
      'a fixed version of another form',
      { package: { name: 'a' }, fixed_in_version: 'a b', distribution: DEBIAN },
      [],
      'is not a valid version in debian:12',
    ],
    [
      'a module without a name',
      { package: { name: 'a' }, fixed_in_version: '1-2.module+el8', distribution: RHEL },
      [],
      'the request names no module: send package.module',
    ],
    [
      'an operation on architectures',
      { package: { name: 'a', arch: 'i686' }, arch_op: 'not equals', distribution: DEBIAN },
      [],
      'architectures in an unknown form',
    ],
  ])('are unknown, not none, for %s', async (_what, vulnerability, stored, reason) => {
    const name = stored.length > 0 ? {} : { name: 'X', updater: 'x' };
    expect(await packagesOf({ ...name, ...vulnerability }, ...stored)).toContain(reason);
  });
});

describe('the release of a posted vulnerability', () => {
  it.each<[object, string]>([
    [{ did: 'debian', version: '12 (bookworm)' }, 'debian:12'],
    [{ did: 'Debian', version_code_name: 'bookworm' }, 'debian:12'],
    [{ did: 'debian', version_id: '12.5' }, 'debian:12'],
    [{ did: 'ubuntu', version: '22.04.1 LTS (Jammy Jellyfish)' }, 'ubuntu:22.04'],
    [{ did: 'alpine', version: 'v3.20' }, 'alpine:v3.20'],
    [{ did: 'wolfi' }, 'wolfi'],
    [{ did: 'ol', version_id: '9.3' }, 'oracle:9'],
  ])('%j is %s', async (distribution, namespace) => {
    const found = await packagesOf({ name: 'X', updater: 'x', package: { name: 'a' }, distribution });
    expect(found).toContainEqual(expect.stringMatching(`^${namespace} a `));
  });
});
