import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../database/contracts/store.ts';
import { openStore } from '../../../database/open-store.ts';
import { advisory } from '../../../database/testing/packages.ts';
import { publish } from '../../../database/testing/store-content.ts';
import { ENGINES, newLayer } from '../../../database/testing/stores.ts';
import { DIAGNOSTICS } from '../../../model/report/diagnostic.ts';
import type { StoredDiagnostic } from '../../../model/report/owned-diagnostics.ts';
import { layerDiagnostics } from '../layer-diagnostics.ts';

const MESSAGE = '"app.jar" does not state the version of "app", so the library was not matched';

describe.each(ENGINES)('a Java library without a version on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(() => store.close());

  async function covered(): Promise<void> {
    const names = ['org.example:core', 'com.github.other:tool', 'com.examples:x', 'log4j:log4j', 'org.example2:a'];
    const affected = names.map((name) => ({ package: name, namespace: 'maven' }));
    await publish(store, [advisory('CVE-1', ...affected), advisory('CVE-2', { package: 'io.debian:a' })]);
  }

  /** Returns the diagnostics of a layer with a library that has these candidate coordinates. */
  async function diagnostics(
    candidates: readonly string[] | undefined,
    more: Partial<StoredDiagnostic> = {},
  ): Promise<readonly StoredDiagnostic[]> {
    const feature = {
      type: 'maven',
      name: 'app',
      version: '',
      ...(candidates !== undefined && { candidates }),
    } as const;
    const at = { path: 'app.jar', namespace: 'maven', originDepth: 0, change: 1 } as const;
    const stored: StoredDiagnostic = {
      code: 'library-version-unknown',
      message: MESSAGE,
      where: 'app.jar',
      ...(candidates !== undefined && { candidates }),
      ...more,
    };
    const layer = { ...newLayer('layer', null, [{ feature, ...at }]), diagnostics: [stored], distribution: null };
    return await layerDiagnostics(store, await store.layers.insert(layer), 1);
  }

  it.each<[string, readonly string[], string]>([
    ['of a domain that no advisory names', ['com.example.app:app', 'com.example:app'], 'com.example'],
    ['of a user of a host', ['com.github.own:app'], 'com.github.own'],
    ['of two domains', ['com.example:app', 'net.example:app'], 'com.example or net.example'],
  ])('%s leaves the report complete', async (_what, candidates, domains) => {
    await covered();
    expect(await diagnostics(candidates)).toEqual([
      {
        code: 'library-without-advisories',
        message: `${MESSAGE}; no advisory names a library whose group ID starts with ${domains}`,
        where: 'app.jar',
      },
    ]);
    expect(DIAGNOSTICS['library-without-advisories'].incomplete).toBe(false);
  });

  it.each<[string, readonly string[] | undefined, Partial<StoredDiagnostic>]>([
    ['that an advisory names', ['org.example:core'], {}],
    ['with another artifact of a group with advisories', ['org.example:app'], {}],
    ['with another group of a domain with advisories', ['org.example.deep.down:app'], {}],
    ['with one candidate in a domain with advisories', ['com.example:app', 'org.example:app'], {}],
    ['with a group of one label', ['log4j:app'], {}],
    ['that nothing identifies', undefined, {}],
    ['that a class identifies', undefined, { message: 'a class' }],
  ])('%s makes the report incomplete', async (_what, candidates, more) => {
    await covered();
    const found = await diagnostics(candidates, more);
    expect(found).toEqual([{ code: 'library-version-unknown', message: MESSAGE, where: 'app.jar', ...more }]);
  });

  it('makes the report incomplete without data for Maven', async () => {
    await publish(store, [advisory('CVE-1', { package: 'a' })]);
    expect((await diagnostics(['com.example:app'])).map(({ code }) => code)).toContain('library-version-unknown');
  });

  it('makes the report incomplete if its domain has more libraries than are examined', async () => {
    await covered();
    const changes = Array.from({ length: 1000 }, (_each, at) => {
      const feature = { type: 'maven', name: `com.example:lib${at}`, version: '1' } as const;
      return { feature, path: `${at}.jar`, namespace: 'maven', originDepth: 0, change: 1 as const };
    });
    await store.layers.insert(newLayer('many', null, changes));
    expect((await diagnostics(['com.example:app'])).map(({ code }) => code)).toEqual(['library-version-unknown']);
    expect(await store.feeds.namedDomains('maven', ['com.example', 'net.example'])).toEqual(new Set(['com.example']));
  });
});
