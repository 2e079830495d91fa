import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../../testing/packages.ts';
import { ENGINES } from '../../testing/stores.ts';
import type { RepositoryCpes } from '../../../model/repository-cpes.ts';
import { orderedAdvisories } from '../vulnerabilities/advisory-order.ts';
import type { OrderedAdvisory } from '../../contracts/vulnerabilities.ts';
import { openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';

const EAP = 'cpe:/a:redhat:jboss_enterprise_application_platform:7.4';
const RHEL = 'cpe:/o:redhat:enterprise_linux:9';
const OPENSHIFT = 'cpe:/a:redhat:openshift:4.16';

describe.each(ENGINES)('the repositories in a store on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(() => store.close());

  const state = { scheme: 'rpm', fetcherVersion: 1, etag: null, lastModified: null, at: 1 } as const;
  const recordDiagnostics = { count: 0, examples: [] };

  async function update(
    repositories: RepositoryCpes | undefined,
    { feed = 'redhat', advisories = [] }: { feed?: string; advisories?: Iterable<OrderedAdvisory> } = {},
  ): Promise<void> {
    const listed = repositories === undefined ? {} : { repositories };
    await store.vulnerabilities.update({ ...state, feed, advisories, recordDiagnostics, ...listed });
  }

  const known = async (...names: readonly string[]): Promise<Record<string, readonly string[]>> =>
    Object.fromEntries(await store.repositories.cpesOf(names));

  it('return the products of the requested repositories from any feed', async () => {
    await update(
      new Map([
        ['base', [RHEL]],
        ['both', [RHEL, OPENSHIFT]],
        ['other', [EAP]],
      ]),
    );
    await update(new Map([['base', [RHEL, EAP]]]), { feed: 'another' });
    expect(await known('both', 'base', 'both', 'unknown')).toEqual({ base: [EAP, RHEL], both: [OPENSHIFT, RHEL] });
  });

  it('are replaced by the last update; the repositories of other feeds stay', async () => {
    await update(new Map([['theirs', [EAP]]]), { feed: 'another' });
    await update(
      new Map([
        ['gone', [RHEL]],
        ['moved', [RHEL, EAP]],
        ['stays', [RHEL]],
      ]),
    );
    const listed = new Map([
      ['moved', [EAP, OPENSHIFT]],
      ['new', [RHEL]],
      ['stays', [RHEL]],
    ]);
    await update(listed);
    expect(await known('gone', 'moved', 'new', 'stays', 'theirs')).toEqual({
      moved: [EAP, OPENSHIFT],
      new: [RHEL],
      stays: [RHEL],
      theirs: [EAP],
    });
    const read = await store.feedSnapshot(async ({ repositories }) => await repositories('redhat'));
    expect([...read]).toEqual([...listed]);
  });

  it.each([
    ['lists no repositories', new Map()],
    ['does not read the list', undefined],
  ])('stay when an update %s', async (_name, repositories) => {
    await update(new Map([['base', [RHEL]]]));
    await update(repositories);
    expect(await known('base')).toEqual({ base: [RHEL] });
  });

  it('are stored as completed by the iteration, and not at all when it fails', async () => {
    const listed = new Map([['base', [EAP]]]);
    await update(listed, {
      advisories: (function* () {
        yield* orderedAdvisories([advisory('CVE-1', { package: 'a' })]);
        listed.set('late', [RHEL]);
      })(),
    });
    const broken = update(new Map([['base', [RHEL]]]), {
      advisories: (function* (): Generator<OrderedAdvisory> {
        yield* orderedAdvisories([advisory('CVE-1', { package: 'a' })]);
        throw new Error('it breaks off');
      })(),
    });
    await expect(broken).rejects.toThrow('it breaks off');
    expect(await known('base', 'late')).toEqual({ base: [EAP], late: [RHEL] });
  });
});
