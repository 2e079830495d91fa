import { execFileSync } from 'node:child_process';
import { sourceOf } from '../../../src/model/feature.ts';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text as textOfStream } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decompress } from 'zstd-napi';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import type { AffectedPackage } from '../../../src/model/advisories/advisory.ts';
import type { UpdateResult } from '../../../src/updater/update-result.ts';
import { openImage, parseTarget } from '../../../src/worker/sources/target.ts';
import { buildDockerArchive, buildLayer } from '../../../src/worker/testing/image-builder.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';
import { UBUNTU_STATES } from './expected/ubuntu.ts';
import { works } from '../program.ts';

const FEED = 'feeds/ubuntu/ubuntu-cve-tracker-2020-04.tar.zst';
const DPKG_STATUS = 'images/original/ext/featurefmt/dpkg/testdata/valid';

type RawLine = { readonly place: string; readonly name: string; readonly state: string; readonly note: string };

/** A file of the tracker. */
type RawFile = { readonly isRejected: boolean; readonly lines: readonly RawLine[] };

describeShared('the Ubuntu CVE tracker, as of 2020-04', [FEED, DPKG_STATUS], () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-ubuntu-feed-'));
  let clair: Clair;
  let result: UpdateResult;
  const files = new Map<string, RawFile>();
  const others: string[] = [];
  const statusesOf = new Map<string, Record<string, number>>();

  beforeAll(async () => {
    for await (const entry of Readable.from([decompress(readFileSync(sharedPath(FEED)))]).pipe(extract())) {
      const text = await textOfStream(entry);
      if (entry.header.type !== 'file') continue;
      const [, name] = /(?:active|retired|ignored)\/(CVE-[^/]+)$/.exec(entry.header.name) ?? [];
      if (name === undefined) others.push(entry.header.name);
      else files.set(name, { isRejected: isRejected(text), lines: rawLines(text) });
    }
    clair = await composeClair(newDatabase());
    result = await clair.updater.update('ubuntu', { from: sharedPath(FEED) });
    await clair.store.feedSnapshot(async ({ advisories }) => {
      for await (const { advisory } of advisories('ubuntu')) {
        for (const { namespace, status } of advisory.affected) {
          const statuses = statusesOf.get(namespace) ?? {};
          statuses[status] = (statuses[status] ?? 0) + 1;
          statusesOf.set(namespace, statuses);
        }
      }
    });
  }, 300_000);

  afterAll(async () => {
    await clair.close();
    rmSync(folder, { recursive: true });
  });

  it('is imported to the last file', () => {
    const templates = others.filter((path) => /(^|\/)(\d\d[a-z]+(\.[^/]+)?|Makefile|README|[a-z-]+\.txt)$/.test(path));
    const rejected = [...files.values()].filter((file) => file.isRejected);
    expect([others.length, templates.length, files.size, rejected.length]).toEqual([89, 89, 33_126, 213]);
    expect(others.length + files.size).toBe(33_215);
    expect(result).toMatchObject({ kind: 'updated', counts: { added: files.size - rejected.length } });
  });

  it('is valid except for fixes without a version: 99 without any, and ten with other text', () => {
    const lines = [...files.values()].flatMap((file) => file.lines.filter(({ place }) => isRelease(place)));
    const notes = lines
      .filter(({ state }) => state === 'released')
      .map(({ note }) => note.replaceAll(/^[[( ]+|[\]) ]+$/g, ''));
    const words = notes.filter((note) => note !== '' && !/^[0-9][A-Za-z0-9.+~:-]*$/.test(note));
    expect([notes.filter((note) => note === '').length, words.length]).toEqual([99, 10]);
    expect(result).toMatchObject({ recordDiagnostics: { count: 109 } });
  });

  it.each([
    ['xenial', 'ubuntu:16.04'],
    ['bionic', 'ubuntu:18.04'],
    ['eoan', 'ubuntu:19.10'],
  ])('has a state for each affected line of %s', (codename, namespace) => {
    const states = statusesOf.get(namespace) ?? {};
    const raw: Record<string, number> = {};
    for (const { lines } of [...files.values()].filter((file) => !file.isRejected)) {
      for (const { state } of lines.filter(({ place }) => place === codename)) raw[state] = (raw[state] ?? 0) + 1;
    }
    const sum = (counts: Record<string, number>, names: readonly string[]): number =>
      names.reduce((total, name) => total + (counts[name] ?? 0), 0);
    const classes: readonly [readonly string[], readonly string[]][] = [
      [['fixed', 'unknown'], ['released']],
      [['pending'], ['pending']],
      [
        ['open', 'postponed', 'ignored', 'end-of-life', 'under-investigation'],
        ['needed', 'deferred', 'ignored', 'needs-triage', 'active'],
      ],
    ];
    for (const [statuses, words] of classes) expect(sum(states, statuses)).toBe(sum(raw, words));
    const counted = new Set(classes.flatMap(([statuses]) => statuses));
    expect(Object.keys(states).filter((status) => !counted.has(status))).toEqual([]);
    expect(sum(raw, ['released'])).toBeGreaterThan(1000);
  });

  describe('a manually copied state is stored', () => {
    it.each(UBUNTU_STATES.map((expected) => ({ expected })))('$expected', async ({ expected: state }) => {
      const [cve, name, release, status, severity, fixed] = state;
      const [record] = await clair.store.vulnerabilities.find(cve);
      const namespace = `ubuntu:${release}`;
      const found = record?.affected.filter((each) => each.package === name && each.namespace === namespace);
      const expected = { namespace, package: name, severity, status, ...(fixed !== undefined && { fixed }) };
      expect(found?.map(withoutDefaults)).toEqual(status === undefined ? [] : [expected]);
      expect(record?.link).toBe(`https://ubuntu.com/security/${cve}`);
    });

    it('has no states of a rejected CVE', async () => {
      expect(files.get('CVE-2007-2841')?.lines).toContainEqual(
        expect.objectContaining({ state: 'released', note: '(1.4.18-1ubuntu1)' }),
      );
      expect(await clair.store.vulnerabilities.find('CVE-2007-2841')).toEqual([]);
    });
  });

  const hasDpkg = works('dpkg', ['--version']);
  if (!hasDpkg) console.warn('SKIPPED "finds in a bionic image …": dpkg is not installed');
  it.skipIf(!hasDpkg)('finds the same in a bionic image as dpkg does in the raw files', async () => {
    const status = readFileSync(sharedPath(DPKG_STATUS), 'utf8');
    const release = 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="18.04"\n';
    const tar = await buildLayer({ 'etc/os-release': release, 'var/lib/dpkg/status': status });
    const archive = join(folder, 'image.tar');
    writeFileSync(archive, await buildDockerArchive([{ tar, createdBy: 'x' }], 'bionic:test'));
    const image = await openImage(parseTarget(`docker-archive:${archive}`));
    const [layer] = await clair.worker.analyzeImage(image);
    await image.close();
    const matches = await clair.store.matches.ofLayer(layer?.id ?? -1);

    const found = matches.map(
      (each) => `${each.vulnerability.name} ${sourceOf(each.feature).name} ${each.fixed ?? '-'}`,
    );
    const expected = oracle(status, files);
    expect([...new Set(found)].toSorted()).toEqual([...expected].toSorted());
    expect(expected.size).toBeGreaterThan(50);
  });
});

/** Clair stores untriaged packages, but they are not findings. */
const NO_FINDINGS: ReadonlySet<string> = new Set(['DNE', 'not-affected', 'needs-triage']);

/** Matches the installed source packages with dpkg's own comparison, in as little code as possible. */
function oracle(status: string, files: ReadonlyMap<string, RawFile>): ReadonlySet<string> {
  const installed = new Map<string, Set<string>>();
  for (const stanza of status.split('\n\n')) {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
    if (!field('Status').endsWith(' installed')) continue;
    const [, source = '', version = ''] = /^(\S*)(?: \((.*)\))?$/.exec(field('Source')) ?? [];
    const name = source === '' ? field('Package') : source;
    installed.set(name, (installed.get(name) ?? new Set()).add(version === '' ? field('Version') : version));
  }
  const states = [...files].flatMap(([cve, { isRejected: isLeftOut, lines }]) =>
    lines
      .filter(({ place, state }) => place === 'bionic' && !isLeftOut && !NO_FINDINGS.has(state))
      .flatMap(({ name, state, note }) => {
        const fixed = note.replaceAll(/[()]/g, '');
        const hasFix = state === 'released' || (state === 'pending' && fixed !== '');
        const found = `${cve} ${name} ${hasFix ? fixed : '-'}`;
        return [...(installed.get(name) ?? [])].map((version) => ({ found, version, ...(hasFix && { fixed }) }));
      }),
  );
  const earlier = earlierVersions(
    states.flatMap(({ version, fixed }) => (fixed === undefined ? [] : [[version, fixed]])),
  );
  const isAffected = ({ version, fixed }: { readonly version: string; readonly fixed?: string }): boolean =>
    fixed === undefined || earlier.has(`${version} ${fixed}`);
  return new Set(states.filter(isAffected).map(({ found }) => found));
}

/** Returns the pairs, as `VERSION FIXED`, whose version is earlier than the fixed version. */
function earlierVersions(pairs: readonly (readonly string[])[]): ReadonlySet<string> {
  // One shell for all pairs, because starting a program takes longer than its comparison.
  const script = 'while read -r a b; do dpkg --compare-versions "$a" lt "$b" && echo "$a $b"; done; true';
  const input = pairs.map((pair) => `${pair.join(' ')}\n`).join('');
  return new Set(execFileSync('sh', ['-c', script], { input, encoding: 'utf8' }).split('\n'));
}

function isRejected(text: string): boolean {
  return /^Description:\s*\*\* REJECT/m.test(text);
}

function isRelease(place: string): boolean {
  return !['upstream', 'devel', 'product', 'snap', 'vivid/ubuntu-core', 'vivid/stable-phone-overlay'].includes(place);
}

function rawLines(text: string): readonly RawLine[] {
  return [...text.matchAll(/^([a-z/-]+)_(\S+?) *: *(\S*) *(.*)$/gm)].map(
    ([, place = '', name = '', state = '', note = '']) => ({ place, name, state, note: note.trim() }),
  );
}

/** Drops the defaults that the store adds to an advisory. */
function withoutDefaults({ namespace, package: name, fixed, severity, status }: AffectedPackage): object {
  return { namespace, package: name, severity, status, ...(fixed !== undefined && { fixed }) };
}
