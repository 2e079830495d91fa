import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import type { UpdateResult } from '../../../src/updater/update-result.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';
import { EXPECTED_IN_JSON, EXPECTED_IN_YAML, type ExpectedFix } from './expected/alpine.ts';

type Form = {
  readonly feed: string;
  readonly files: number;
  readonly packages: number;
  readonly expected: readonly ExpectedFix[];
};

const FORMS: readonly Form[] = [
  { feed: 'feeds/alpine/alpine-secdb-yaml.tar.zst', files: 18, packages: 1652, expected: EXPECTED_IN_YAML },
  { feed: 'feeds/alpine/alpine-secdb-json-regenerated.tar.zst', files: 26, packages: 3823, expected: EXPECTED_IN_JSON },
];

type Package = { readonly name: string; readonly secfixes: Readonly<Record<string, readonly string[] | null>> };
type Secdb = { readonly distroversion: string; readonly packages: readonly { readonly pkg: Package }[] | null };

type Entry = { readonly branch: string; readonly name: string; readonly version: string; readonly text: string };

function secdbsBelow(folder: string): readonly Secdb[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(json|yaml)$/.test(name),
  );
  return names.map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return name.endsWith('.json') ? JSON.parse(text) : parseYaml(text);
  });
}

function entriesOf(secdbs: readonly Secdb[]): readonly Entry[] {
  return secdbs.flatMap(({ distroversion: branch, packages }) =>
    (packages ?? []).flatMap(({ pkg: { name, secfixes } }) =>
      Object.entries(secfixes).flatMap(([version, texts]) =>
        (texts ?? []).map((text) => ({ branch, name, version: version.trim(), text })),
      ),
    ),
  );
}

/**
 * Returns the identifiers of an entry by simple parsing: every CVE outside remarks or, without a CVE, the first word
 * with digits.
 */
function namedIn(text: string): readonly string[] {
  const bare = text.replaceAll(/\(.*?\)/g, '');
  const cves = Array.from(bare.matchAll(/CVE[-_ ](\d{4}-\d{4,})/gi), ([, number]) => `CVE-${number}`);
  if (cves.length > 0) return cves;
  return bare
    .split(/[ ,]+/)
    .filter((word) => (/\d/.test(word) || word.startsWith('GHSA')) && !word.includes('?'))
    .slice(0, 1);
}

/** Matches the versions that apk 3 accepts, and versions with a number after the letter, which apk 2 accepts. */
const APK_VERSION = /^\d+(\.\d+)*([a-z]\d*)?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*(~[0-9a-f]+)?(-r\d+)?$/;

function intervalsFor(branch: string, name: string, fixed: string): readonly object[] {
  const base = { namespace: `alpine:${branch}`, package: name, severity: 'Unknown' };
  if (fixed === '0') return [];
  // `A ? B` stands for a typo: versions below A are affected, versions from B on are not affected, and versions in
  // between are undetermined.
  const [start = '', end] = fixed.split(' ? ');
  const diagnostic = end === undefined ? [] : [{ ...base, introduced: start, fixed: end, status: 'unknown' }];
  return [{ ...base, fixed: start, status: 'fixed' }, ...diagnostic];
}

describe.each(FORMS)('$feed', ({ feed, files, packages, expected }) => {
  describeShared('the real Alpine secdb', [feed], () => {
    let clair: Clair;
    let folder: string;
    let result: UpdateResult;
    let secdbs: readonly Secdb[];
    let entries: readonly Entry[];

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'clair-alpine-'));
      execFileSync('tar', ['-xf', sharedPath(feed), '-C', folder, '-I', 'zstd -d --long=27']);
      secdbs = secdbsBelow(folder);
      entries = entriesOf(secdbs);
      clair = await composeClair(newDatabase());
      result = await clair.updater.update('alpine', { from: sharedPath(feed) });
    }, 120_000);

    afterAll(async () => {
      await clair.close();
      rmSync(folder, { recursive: true });
    });

    it('imports every identifier and reports every invalid version', () => {
      expect([secdbs.length, secdbs.flatMap((secdb) => secdb.packages ?? []).length]).toEqual([files, packages]);
      expect(entries.filter(({ text }) => namedIn(text).length === 0)).toEqual([]);
      const odd = entries.filter(({ version }) => !APK_VERSION.test(version));
      const oddVersions = new Set(odd.map(({ branch, name, version }) => `${branch} ${name} ${version}`));
      expect(oddVersions.size).toBeGreaterThan(20);
      const ids = new Set(entries.flatMap(({ text }) => namedIn(text)));
      expect(result).toMatchObject({
        counts: { added: ids.size, changed: 0, withdrawn: 0, unchanged: 0 },
        recordDiagnostics: { count: oddVersions.size },
      });
    });

    it('has an interval for each affected package of each branch', async () => {
      const named = entries.flatMap((entry) => namedIn(entry.text).map((id) => ({ ...entry, id })));
      const keyOf = ({ id, branch, name }: (typeof named)[number]): string => `${id} alpine:${branch} ${name}`;
      const never = new Set(named.filter(({ version }) => version === '0').map(keyOf));
      const wanted = new Set(named.map(keyOf).filter((key) => !never.has(key)));
      const stored = new Set<string>();
      for (const id of new Set(named.map((each) => each.id))) {
        const [record] = await clair.store.vulnerabilities.find(id);
        for (const { namespace, package: name } of record?.affected ?? []) stored.add(`${id} ${namespace} ${name}`);
      }
      expect([...stored].toSorted()).toEqual([...wanted].toSorted());
    });

    it.each(expected)('%s in %s of %s is fixed in %s', async (id, branch, name, fixed) => {
      const [record] = await clair.store.vulnerabilities.find(id);
      expect(record).toMatchObject({ feed: 'alpine', link: `https://security.alpinelinux.org/vuln/${id}` });
      const found = record?.affected.filter((each) => each.namespace === `alpine:${branch}` && each.package === name);
      expect(found).toEqual(intervalsFor(branch, name, fixed));
    });

    it('keeps aliases', async () => {
      expect((await clair.store.vulnerabilities.find('CVE-2019-11091'))[0]?.aliases).toContain('XSA-297');
    });
  });
});
