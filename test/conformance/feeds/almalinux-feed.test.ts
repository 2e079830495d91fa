import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import type { AffectedPackage } from '../../../src/model/advisories/advisory.ts';
import { SCHEMES } from '../../../src/versions/index.ts';
import type { UpdateResult } from '../../../src/updater/update-result.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';
import { EXPECTED_ERRATA } from './expected/almalinux.ts';

const FEED = 'feeds/almalinux/almalinux-osv.tar.zst';
const DOCUMENTS = 5680;

const WITHOUT_STREAM = 7;

type Record = {
  readonly id: string;
  readonly related: readonly string[];
  readonly affected: readonly {
    readonly package: { readonly ecosystem: string; readonly name: string };
    readonly ranges: readonly { readonly events: readonly [{ introduced: string }, { fixed: string }] }[];
  }[];
};

function buildsOf(records: readonly Record[]): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Map<string, Set<string>>>();
  for (const { id, affected } of records) {
    const ofErratum = found.get(id) ?? new Map<string, Set<string>>();
    found.set(id, ofErratum);
    for (const { package: of, ranges } of affected) {
      const line = `${of.ecosystem.toLowerCase()} ${of.name}`;
      const builds = ofErratum.get(line) ?? new Set<string>();
      ofErratum.set(line, builds);
      for (const { events } of ranges) builds.add(events[1].fixed);
    }
  }
  return found;
}

describeShared('the real AlmaLinux errata', [FEED], () => {
  let clair: Clair;
  let folder: string;
  let result: UpdateResult;
  let records: readonly Record[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clair-almalinux-'));
    execFileSync('tar', ['-xf', sharedPath(FEED), '-C', folder, '-I', 'zstd -d --long=27']);
    records = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
    clair = await composeClair(newDatabase());
    result = await clair.updater.update('almalinux', { from: sharedPath(FEED) });
  }, 120_000);

  afterAll(async () => {
    await clair.close();
    rmSync(folder, { recursive: true });
  });

  async function affectedBy(id: string): Promise<readonly AffectedPackage[]> {
    return (await clair.store.vulnerabilities.find(id))[0]?.affected ?? [];
  }

  it('are all imported except bug fixes without a CVE', () => {
    expect(records).toHaveLength(DOCUMENTS);
    const withCve = new Set(records.filter(({ related }) => related.some((name) => name.startsWith('CVE-'))));
    const bugFixes = records.filter(({ id }) => /^AL[BE]A-/.test(id));
    const left = bugFixes.filter((record) => !withCve.has(record));
    expect([bugFixes.length, left.length]).toEqual([978 + 222, 1197]);
    // Some errata are published for several releases, with one document each.
    const isLeft = new Set(left);
    const ids = new Set(records.filter((record) => !isLeft.has(record)).map(({ id }) => id));
    expect(result).toMatchObject({
      kind: 'updated',
      counts: { added: ids.size, changed: 0, withdrawn: 0, unchanged: 0 },
      recordDiagnostics: { count: WITHOUT_STREAM },
    });
    expect(ids.size).toBe(4440);
  });

  it('do not affect the builds that they list as fixed', async () => {
    const key = SCHEMES.rpm.key;
    let [errata, builds] = [0, 0];
    for (const [id, listed] of buildsOf(records)) {
      if ([...listed.values()].every((fixes) => fixes.size === 1)) continue;
      errata += 1;
      const affected = await affectedBy(id);
      for (const [line, fixes] of listed) {
        const ranges = affected.filter(({ namespace, package: name }) => `${namespace} ${name}` === line);
        const ends = ranges.map(({ introduced, fixed = '' }) => [key(introduced ?? '0-0'), key(fixed)] as const);
        for (const build of fixes) {
          const holding = ends.filter(
            ([lo, hi]) => Buffer.compare(lo, key(build)) <= 0 && Buffer.compare(key(build), hi) < 0,
          );
          expect(holding, `${id} ${line} ${build}`).toEqual([]);
          if (fixes.size > 1) builds += 1;
        }
      }
    }
    expect([errata, builds]).toEqual([413, 8671]);
  });

  it('keep every package with its fixed versions', async () => {
    const names = (list: Iterable<string>): readonly string[] => [...new Set(list)].toSorted();
    let packages = 0;
    for (const id of names(records.map((record) => record.id)).filter((_, index) => index % 20 === 0)) {
      const affected = await affectedBy(id);
      if (affected.length === 0) continue;
      const raw = records.filter((record) => record.id === id).flatMap((record) => record.affected);
      const keyOf = ({ package: { ecosystem, name } }: Record['affected'][number]): string =>
        `${ecosystem.toLowerCase()} ${name}`;
      expect(names(affected.map(({ namespace, package: name }) => `${namespace} ${name}`))).toEqual(
        names(raw.map(keyOf)),
      );
      const versions = new Set(raw.map((each) => `${keyOf(each)} ${each.ranges[0]?.events[1].fixed}`));
      for (const { namespace, package: name, fixed, introduced, lastAffected } of affected) {
        expect(versions).toContain(`${namespace} ${name} ${fixed}`);
        expect(lastAffected).toBeUndefined();
        const [start = fixed] = [introduced?.replace(/\^$/, '')];
        expect(versions).toContain(`${namespace} ${name} ${start}`);
        packages += 1;
      }
    }
    expect(packages).toBeGreaterThan(2000);
  });

  it('are in a module exactly when their release field contains `.module_el`', async () => {
    for (const { id } of records.filter((_, index) => index % 10 === 0)) {
      for (const { fixed, module } of await affectedBy(id)) {
        expect(module !== undefined, `${id} ${fixed}`).toBe(/\.module_el/.test(fixed ?? ''));
        expect(module ?? 'a:b').toMatch(/^[^:?]+:[^:?]+$/);
      }
    }
  });

  describe.each(EXPECTED_ERRATA.map((erratum) => [erratum[0], erratum] as const))('%s', (id, erratum) => {
    it('is stored as its record has it', async () => {
      const [, release, severity, cves, cve, ...packages] = erratum;
      const [record, ...others] = await clair.store.vulnerabilities.find(id);
      expect(others).toEqual([]);
      expect(record).toMatchObject({ feed: 'almalinux', name: id });
      expect(record?.link).toBe(`https://errata.almalinux.org/${release}/${id.replace(':', '-')}.html`);
      expect(record?.aliases).toHaveLength(cves);
      expect(record?.aliases).toContain(cve);
      const stored = (record?.affected ?? []).map(({ package: name, fixed, module = '' }) =>
        `${name} ${fixed} ${module}`.trim(),
      );
      expect(stored).toEqual(expect.arrayContaining(packages));
      for (const each of record?.affected ?? []) {
        expect(each).toMatchObject({ namespace: `almalinux:${release}`, severity, status: 'fixed' });
      }
    });
  });

  it('without a stream in the title get the stream that other advisories name for the package', async () => {
    const varnish = (await affectedBy('ALSA-2023:5989')).filter(({ package: name }) => name === 'varnish');
    const fixed = '6.0.8-3.module_el8.8.0+3665+0b8dabc5.1.alma.1';
    expect(varnish).toMatchObject([{ module: 'varnish:6', fixed, severity: 'High', status: 'unknown' }]);
    const ruby = (await affectedBy('ALSA-2024:4499')).filter(({ package: name }) => name === 'ruby');
    expect(ruby.map(({ module }) => module)).toEqual([
      'ruby:2.5',
      'ruby:2.6',
      'ruby:2.7',
      'ruby:3.0',
      'ruby:3.1',
      'ruby:3.3',
    ]);
  });
});
