import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allBytes } from '../../../src/bytes/all-bytes.ts';
import { orderedAdvisories } from '../../../src/database/queries/vulnerabilities/advisory-order.ts';
import { openStore } from '../../../src/database/open-store.ts';
import type { Store } from '../../../src/database/contracts/store.ts';
import type { AffectedPackage } from '../../../src/model/advisories/advisory.ts';
import { type SystemPackage } from '../../../src/model/feature.ts';
import { localDocuments } from '../../../src/updater/feed/local-documents.ts';
import type { HttpAnswer, HttpClient } from '../../../src/bytes/http/client.ts';
import { ClairError } from '../../../src/errors.ts';
import type { FetchOutcome } from '../../../src/updater/feed/fetcher.ts';
import { redhat } from '../../../src/updater/fetchers/redhat/fetcher.ts';
import { readVex, type VexReading } from '../../../src/updater/fetchers/redhat/parse-vex.ts';
import { newDatabase, newLayer } from '../../../src/database/testing/stores.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { ARCHIVED_SAMPLES, VEX_SAMPLES } from './expected/redhat-vex.ts';
import { messagesOf } from '../../../src/updater/testing/record-messages.ts';

const CLAIRCORE = 'feeds/redhat/vex-claircore-testdata.tar.zst';
const VUNNEL = 'feeds/redhat/csaf-oval-vunnel-fixtures.tar.zst';

type Document = { readonly name: string; readonly bytes: Buffer; readonly reading: VexReading };

let store: Store;
beforeAll(async () => {
  store = await openStore(newDatabase());
});
afterAll(() => store.close());

describeShared('the Red Hat VEX documents', [CLAIRCORE, VUNNEL], () => {
  let documents: readonly Document[];
  let archived: readonly Document[];
  let advisories: readonly Document[];
  beforeAll(async () => {
    documents = await documentsOf(CLAIRCORE, (name) => name.endsWith('.json'));
    archived = await documentsInside(CLAIRCORE, 'csaf_vex_2023-10-31.tar');
    advisories = await documentsOf(VUNNEL, (name) => /\/rhsa-[^/]*\.json$/.test(name));
  });

  it('are all explained', () => {
    const outcomes = documents.map(({ name, reading }) => [name.split('/').at(-1), outcomeOf(reading)]);
    expect(Object.fromEntries(outcomes)).toEqual({
      'cve-2022-38752.json': 'CVE-2022-38752',
      'cve-2023-38545.json': 'CVE-2023-38545',
      'cve-2023-4154.json': 'CVE-2023-4154',
      'cve-2023-42670.json': 'CVE-2023-42670',
      'cve-2024-24786-bad-rpmmod.json': 'CVE-2024-24786',
      'cve-2024-24786-illegal-module.json': 'CVE-2024-24786',
      'cve-2024-24786-simple.json': 'CVE-2024-24786',
      'delete_CVE-2023-0030.json': 'CVE-2023-0030 is deleted',
      'delete_CVE-2023-0031.json': 'CVE-2023-0031 is deleted',
      'cve-2024-0727-openssl.json': 'CVE-2024-0727',
      'cve-2025-40907-perl.json': 'CVE-2025-40907',
      'cve-2025-6176.json': 'CVE-2025-6176',
      'cve-2026-0968.json': 'CVE-2026-0968',
      'cve-2026-123.json': 'CVE-2026-123',
      'cve-2026-2297.json': 'CVE-2026-2297',
      'cve-2026-2673.json': 'CVE-2026-2673',
      'cve-2026-27142-go.json': 'CVE-2026-27142',
      'cve-2026-27142.json': 'CVE-2026-27142',
      'cve-2026-456-python.json': 'CVE-2026-456',
    });
    expect(archived.map(({ reading }) => outcomeOf(reading))).toEqual([
      'CVE-2023-0051',
      'CVE-2023-0049',
      'CVE-2023-0045',
      'CVE-2023-0044',
      'CVE-2023-0030',
    ]);
  });

  it('are parsed completely except one module without a stream', () => {
    expect([...documents, ...archived].flatMap(({ reading }) => messagesOf(reading.diagnostics))).toEqual([
      'CVE-2024-24786: AppStream-10:firefox-flatpak-0:128.0-1.el10.src treated as affected: invalid module rhel10, expected name:stream',
    ]);
  });

  it('are reported and skipped when they are advisories', () => {
    expect(advisories).toHaveLength(8);
    for (const { reading } of advisories) {
      expect(reading.advisories).toEqual([]);
      expect(messagesOf(reading.diagnostics)).toEqual([
        expect.stringMatching(/skipped: category "csaf_security_advisory" instead of csaf_vex$/),
      ]);
    }
  });

  it('contain exactly the fixed and affected packages of RHEL and of products on RHEL', () => {
    for (const { name, bytes, reading } of [...documents, ...archived]) {
      const found = new Set(reading.advisories.flatMap(({ affected }) => affected.map(nameOf)));
      const told = packagesIn(JSON.parse(bytes.toString('utf8')));
      expect([name, ...[...found].toSorted()]).toEqual([name, ...[...told].toSorted()]);
    }
  });

  it.each([...VEX_SAMPLES, ...ARCHIVED_SAMPLES.filter(([file]) => /cve-2023-00/.test(file))])(
    '%s has the expected ranges of %s',
    async (file, of, ...ranges) => {
      const document = [...documents, ...archived].find(({ name }) => name.endsWith(file));
      expect((await storedRanges(document, of)).toSorted()).toEqual(ranges.toSorted());
    },
  );

  it('return the vulnerabilities of an image', async () => {
    await storeDocuments(
      'all',
      documents.filter(({ name }) => !/24786|27142/.test(name)),
    );
    const installed = [
      // The package is fixed in the branch of its minor release, despite a later fix in the newer branch.
      rpm('curl', '7.76.1-23.el9_2.4', 'curl'),
      rpm('libcurl', '7.76.1-26.el9', 'curl'),
      rpm('openssl-libs', '1:3.0.7-25.el9_3', 'openssl'),
      // The advisory names python3-idle and its source package, but python3-other only by the source package.
      rpm('python3-idle', '3.9.18-1.el9', 'python3.9'),
      rpm('python3-other', '3.9.18-1.el9', 'python3.9'),
      rpm('libssh-config', '0.10.4-11.el9', 'libssh'),
      rpm('perl-FCGI', '1:0.78-11.module+el8.5.0+1+ab', 'perl-FCGI'),
    ];
    const changes = installed.map(
      (of) => ({ feature: of, path: '', namespace: 'rhel:9', originDepth: 0, change: 1 }) as const,
    );
    const { id } = await store.layers.insert(newLayer('rhel', null, changes));
    const found = (await store.matches.ofLayer(id)).filter(({ vulnerability: { feed } }) => feed === 'all');
    expect(
      found.map((match) => `${match.feature.name} ${match.vulnerability.name} ${match.status}`).toSorted(),
    ).toEqual([
      'libcurl CVE-2023-38545 fixed',
      'libssh-config CVE-2026-0968 open',
      'openssl-libs CVE-2024-0727 fixed',
      'openssl-libs CVE-2026-2673 postponed',
      'python3-idle CVE-2026-2297 postponed',
      'python3-other CVE-2026-2297 postponed',
    ]);
  });

  it('return the same from an archive as from a mirror', async () => {
    const http: HttpClient = {
      get: () => Promise.reject(new Error('this test sends no HTTP requests')),
      close: async () => {},
    };
    const outcome = await redhat.fetch({ http, from: sharedPath(CLAIRCORE) });
    expect(await idsOf(outcome)).toHaveLength(17);
    expect(outcome).toMatchObject({ recordDiagnostics: { count: 1 } });
    await expect(redhat.fetch({ http, from: sharedPath(VUNNEL) }).then(idsOf)).rejects.toMatchObject({
      code: 'feed/invalid',
    });
  });

  it('are read from the site: the archive and the later changes', async () => {
    const site = await siteOf(CLAIRCORE);
    const outcome = await redhat.fetch({ http: site, url: 'https://site.test' });
    // 0030 is in the list of changes, but no longer on the site. The copy lacks the list of repositories, so
    // the fetcher reports the missing list.
    expect(await idsOf(outcome)).toEqual([
      'CVE-2023-0051',
      'CVE-2023-0049',
      'CVE-2023-0045',
      'CVE-2023-0044',
      'CVE-2023-0118',
    ]);
    expect(outcome).toMatchObject({
      scope: 'all',
      recordDiagnostics: {
        count: 1,
        examples: [{ message: expect.stringMatching(/repository-to-cpe\.json not found/) }],
      },
    });
  });

  it('have the link of the CVE and a description', () => {
    const found = [...documents, ...archived].flatMap(({ reading }) => reading.advisories);
    expect(found).toHaveLength(22);
    for (const { id, link, description } of found) {
      expect(link).toBe(`https://access.redhat.com/security/cve/${id}`);
      expect(description).not.toBe('');
    }
    expect(found.find(({ id }) => id === 'CVE-2023-4154')?.description).toMatch(/^A design flaw was found in Samba/);
  });
});

const FIXTURES = 'feeds/misc/vuls-data-update-fixtures.tar.zst';

describeShared('an archive of VEX documents of 2024', [FIXTURES], () => {
  let archived: readonly Document[];
  beforeAll(async () => {
    archived = await documentsInside(FIXTURES, 'csaf_vex_2024-08-04.tar');
  });

  it('is explained', () => {
    expect(archived.map(({ reading }) => outcomeOf(reading)).toSorted()).toEqual(
      ['6212', '6228', '6237', '6238', '6240'].map((number) => `CVE-2023-${number}`),
    );
    expect(archived.flatMap(({ reading }) => reading.diagnostics)).toEqual([]);
    for (const { name, bytes, reading } of archived) {
      const found = new Set(reading.advisories.flatMap(({ affected }) => affected.map(nameOf)));
      const told = packagesIn(JSON.parse(bytes.toString('utf8')));
      expect([name, ...[...found].toSorted()]).toEqual([name, ...[...told].toSorted()]);
    }
  });

  it.each(ARCHIVED_SAMPLES.filter(([file]) => /cve-2023-6/.test(file)))(
    '%s has the expected ranges of %s',
    async (file, of, ...ranges) => {
      const document = archived.find(({ name }) => name.endsWith(file));
      expect((await storedRanges(document, of)).toSorted()).toEqual(ranges.toSorted());
    },
  );
});

async function idsOf(outcome: FetchOutcome): Promise<readonly string[]> {
  const ids: string[] = [];
  if (outcome.kind === 'advisories') for await (const { id } of outcome.advisories) ids.push(id);
  return ids;
}

/** Returns a client for a copy of Red Hat's site: a file with all text files, each after a line with its name. */
async function siteOf(archive: string): Promise<HttpClient> {
  const files = new Map<string, Buffer>();
  const wants = (name: string): boolean => /vex\/testdata\/server(\.txtar|\/[^/]+\.tar)$/.test(name);
  for await (const { name, stream } of localDocuments(sharedPath(archive), { wants })) {
    const bytes = (await allBytes(stream, Number.MAX_SAFE_INTEGER))!;
    if (name.endsWith('.tar')) files.set(`/${name.split('/').at(-1)}.zst`, bytes);
    for (const part of name.endsWith('.tar') ? [] : bytes.toString('utf8').split(/^-- (?=\/)/m)) {
      const [, path, content] = /^(\S+)[^\n]*--\n(.*)$/s.exec(part) ?? [];
      if (path !== undefined && content !== undefined) files.set(path, Buffer.from(content));
    }
  }
  return {
    async get(url): Promise<HttpAnswer> {
      const file = files.get(new URL(url).pathname);
      if (file === undefined) throw new ClairError('bytes/not-found', url);
      const body = (async function* (): AsyncGenerator<Uint8Array> {
        yield file;
      })();
      return { status: 200, headers: {}, body };
    },
    close: async () => {},
  };
}

async function documentsOf(archive: string, wants: (name: string) => boolean): Promise<readonly Document[]> {
  return await documentsAt(sharedPath(archive), wants);
}

async function documentsAt(
  path: string,
  wants = (name: string) => name.endsWith('.json'),
): Promise<readonly Document[]> {
  const documents: Document[] = [];
  for await (const { name, stream } of localDocuments(path, { wants })) {
    const bytes = await allBytes(stream, Number.MAX_SAFE_INTEGER);
    documents.push({ name, bytes: bytes!, reading: readVex(name, bytes) });
  }
  return documents;
}

async function documentsInside(archive: string, inner: string): Promise<readonly Document[]> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-vex-'));
  try {
    for await (const { name, stream } of localDocuments(sharedPath(archive), {
      wants: (each) => each.endsWith(inner),
    })) {
      if (!name.endsWith(inner) || name.includes('vex/v2/')) continue;
      const path = join(folder, 'inner.tar');
      writeFileSync(path, (await allBytes(stream, Number.MAX_SAFE_INTEGER))!);
      return await documentsAt(path);
    }
    throw new Error(`${archive} does not contain ${inner}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function outcomeOf({ advisories, deletedId }: VexReading): string {
  return deletedId === undefined ? advisories.map(({ id }) => id).join(' ') : `${deletedId} is deleted`;
}

function nameOf({ namespace, package: name, role, module, cpe }: AffectedPackage): string {
  return [namespace, name, role, module, cpe].filter((word) => word !== undefined).join(' ');
}

async function storedRanges(document: Document | undefined, of: string): Promise<string[]> {
  const [advisory] = document?.reading.advisories ?? [];
  if (document === undefined || advisory === undefined) throw new Error('document not found');
  await storeDocuments(document.name, [document]);
  const records = await store.vulnerabilities.find(advisory.id);
  const record = records.find(({ feed }) => feed === document.name);
  return (record?.affected ?? [])
    .filter((each) => nameOf(each) === of)
    .map(({ introduced = '0', fixed = '∞', status, severity, archs }) => {
      return `${introduced} ${fixed} ${status} ${severity} ${archs?.join(',') ?? '*'}`;
    });
}

async function storeDocuments(feed: string, documents: readonly Document[]): Promise<void> {
  const advisories = documents.flatMap(({ reading }) => reading.advisories);
  await store.vulnerabilities.update({
    feed,
    scheme: 'rpm',
    fetcherVersion: 1,
    advisories: orderedAdvisories(advisories.toSorted((a, b) => (a.id < b.id ? -1 : 1))),
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, examples: [] },
    at: 1,
  });
}

function rpm(name: string, version: string, source: string): SystemPackage {
  return { type: 'rpm', name, version, arch: 'x86_64', source: { name: source, version: version.replace(/^1:/, '') } };
}

type Helper = { readonly cpe?: string; readonly purl?: string };
type RawProduct = { readonly product_id: string; readonly product_identification_helper?: Helper };
type RawBranch = { readonly product?: RawProduct; readonly branches?: readonly RawBranch[] };
type RawDocument = {
  readonly product_tree?: {
    readonly branches: readonly RawBranch[];
    readonly relationships?: readonly {
      readonly full_product_name: RawProduct;
      readonly product_reference: string;
      readonly relates_to_product_reference: string;
    }[];
  };
  readonly vulnerabilities?: readonly { readonly product_status: Readonly<Record<string, readonly string[]>> }[];
};

/** Returns the fixed and affected packages of a document by a simple reading that is independent of Clair's parser. */
function packagesIn({ product_tree: tree, vulnerabilities = [] }: RawDocument): ReadonlySet<string> {
  const helpers = new Map<string, Helper>();
  const visit = ({ product, branches = [] }: RawBranch): void => {
    if (product !== undefined) helpers.set(product.product_id, product.product_identification_helper ?? {});
    branches.forEach(visit);
  };
  tree?.branches.forEach(visit);
  const packages = new Set<string>();
  const builds = new Set<string>();
  const sources: [name: string, build: string][] = [];
  for (const { product_status: states } of vulnerabilities) {
    for (const state of ['fixed', 'known_affected']) {
      for (const id of states[state] ?? []) {
        const relationship = tree?.relationships?.find(({ full_product_name: made }) => made.product_id === id);
        if (relationship === undefined) continue;
        const { product_reference: component, relates_to_product_reference: platform } = relationship;
        const { cpe = '' } = helpers.get(platform) ?? {};
        const [, line, major = ''] =
          /redhat:(enterprise_linux|enterprise_linux_eus|rhel_(?:eus|aus|tus|e4s|els|eus_long_life)):(\d+)/.exec(cpe) ??
          [];
        if (state === 'known_affected' && line !== undefined && line !== 'enterprise_linux') continue;
        // A component without a package URL is the name of a source package, but not in a layered product.
        const bare = line === undefined ? '' : `pkg:rpm/redhat/${component}?arch=src`;
        const { purl = bare } = helpers.get(component) ?? {};
        const [, name, version = ''] = /^pkg:rpm\/redhat\/([^@?]+)(?:@([^?]+))?/.exec(purl) ?? [];
        if (name === undefined) continue;
        const [, module = ''] = /rpmmod=([^:&]+:[^:&]+)/.exec(purl) ?? [];
        const isSource = purl.includes('arch=src');
        const product = line === undefined ? cpe.split(':').slice(0, 5).join(':') : '';
        for (const release of line === undefined ? releasesOf(cpe, module, version) : [major]) {
          const words = [`rhel:${release}`, name, isSource ? 'source' : '', module, product];
          const told = words.filter((word) => word !== '').join(' ');
          const build = `rhel:${release} ${module} ${product} ${version}`;
          if (state === 'fixed' && isSource) sources.push([told, build]);
          else packages.add(told);
          if (state === 'fixed' && !isSource) builds.add(build);
        }
      }
    }
  }
  // A source package is used when the document names none of its builds.
  for (const [name, build] of sources) if (!builds.has(build)) packages.add(name);
  return packages;
}

/**
 * Returns the releases to which a package of a layered product belongs: the release that its CPE, version or module
 * names, or otherwise all releases that have images. A package with a version but without a release belongs to no
 * release.
 */
function releasesOf(cpe: string, module: string, version: string): readonly string[] {
  const [, told] = /::el(\d+)$/.exec(cpe) ?? /\.el(\d+)/.exec(version) ?? /:el(\d+)$/.exec(module) ?? [];
  if (told !== undefined) return [told];
  return version === '' ? ['7', '8', '9', '10'] : [];
}
