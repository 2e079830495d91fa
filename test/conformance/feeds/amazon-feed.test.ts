import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import type { Advisory } from '../../../src/model/advisories/advisory.ts';
import { amazon } from '../../../src/updater/fetchers/amazon/fetcher.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';
import { AMAZON_FIXES } from './expected/amazon.ts';

const ARCHIVES = [
  'feeds/clair-history/clair-history-vulnsrc-testdata.tar.zst',
  'feeds/misc/vuln-list-update-testdata.tar.zst',
  'feeds/misc/vuls-data-update-fixtures.tar.zst',
] as const;

const ORIGINAL = 'ext/vulnsrc/amzn/testdata';
const VULN_LIST = 'amazon/testdata/fixtures';
const VULS = 'pkg/fetch/amazon/testdata/fixtures';

/** The files whose advisories are compared one by one; the other files contain parts of these files. */
const LOOKED_AT = [
  `${ORIGINAL}/amazon_linux_1_updateinfo.xml`,
  `${ORIGINAL}/amazon_linux_2_updateinfo.xml`,
  `${VULN_LIST}/updateinfo_2_items.xml.gz`,
  `${VULN_LIST}/updateinfo_AL2022.xml.gz`,
  `${VULN_LIST}/updateinfo_AL2023.xml.gz`,
  `${VULS}/updateinfo_2_kernel-5.15.xml.gz`,
  `${VULS}/updateinfo_2023_kernel-livepatch.xml.gz`,
  `${VULS}/updateinfo_2023_nvidia.xml.gz`,
];

const OTHERS = [
  `${VULN_LIST}/updateinfo_1_item.xml.gz`,
  `${VULS}/updateinfo_1.xml.gz`,
  `${VULS}/updateinfo_2.xml.gz`,
  `${VULS}/updateinfo_2022.xml.gz`,
  `${VULS}/updateinfo_2023.xml.gz`,
  // Plain XML despite its name: Clair detects the format from the content.
  `${VULS}/updateinfo_invalid_gzip.xml.gz`,
];

const BROKEN: readonly (readonly [string, string])[] = [
  [`${VULN_LIST}/updateinfo_invalid.xml.gz`, 'feed/invalid'],
  [`${VULS}/updateinfo_invalid_xml.xml.gz`, 'feed/empty'],
];

describeShared('the Amazon Linux updateinfo.xml', ARCHIVES, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-amazon-feed-'));
  let clair: Clair;

  beforeAll(async () => {
    const unpack = 'zstd -dc --long=27 "$1" | tar -x -C "$2"';
    for (const archive of ARCHIVES) execFileSync('sh', ['-c', unpack, 'sh', sharedPath(archive), folder]);
    const chosen = join(folder, 'chosen');
    mkdirSync(chosen);
    for (const path of LOOKED_AT) execFileSync('cp', [join(folder, path), join(chosen, basename(path))]);
    clair = await composeClair(newDatabase());
    await clair.updater.update('amazon', { from: chosen });
  }, 60_000);

  afterAll(async () => {
    await clair.close();
    rmSync(folder, { recursive: true });
  });

  it.each([...LOOKED_AT, ...OTHERS])('%s is imported completely', async (path) => {
    const text = textOf(join(folder, path));
    const { advisories, diagnostics } = await read(join(folder, path));
    expect(diagnostics).toBe(0);
    expect(advisories.map(({ id }) => id)).toEqual([...text.matchAll(/<id>([^<]*)<\/id>/g)].map(([, id]) => id));
    const packages = text.split('</update>').flatMap((update) => {
      const all = [...update.matchAll(/<package [^>]*>/g)].map(([tag]) => tag);
      return [
        ...new Set(all.map((tag) => ['name', 'epoch', 'version', 'release'].map((key) => attribute(tag, key)).join())),
      ];
    });
    expect(advisories.flatMap(({ affected }) => affected)).toHaveLength(packages.length);
    expect(packages.length).toBeGreaterThan(0);
  });

  it.each(BROKEN)('%s is rejected: %s', async (path, code) => {
    await expect(read(join(folder, path))).rejects.toMatchObject({ code });
  });

  it.each(AMAZON_FIXES.map((expected) => ({ expected })))('$expected', async ({ expected }) => {
    const [id, name, namespace, severity, fixed, archs, introduced] = expected;
    const [record] = await clair.store.vulnerabilities.find(id);
    const found = record?.affected.filter((each) => each.package === name);
    const limits = { ...(archs && { archs }), ...(introduced !== undefined && { introduced }) };
    expect(found).toEqual([
      expect.objectContaining({ namespace, package: name, severity, fixed, status: 'fixed', ...limits }),
    ]);
    expect(found?.[0]?.archs ?? undefined).toEqual(archs);
    expect(found?.[0]?.introduced ?? undefined).toEqual(introduced);
  });

  it.each([
    ['ALAS-2011-1', 'ALAS-2011-1.html', ['CVE-2011-3192']],
    ['ALAS2-2018-939', 'AL2/ALAS-2018-939.html', ['CVE-2017-5715', 'CVE-2017-5754']],
    [
      'ALAS2022-2021-001',
      'AL2022/ALAS-2021-001.html',
      ['CVE-2021-3778', 'CVE-2021-3796', 'CVE-2021-3872', 'CVE-2021-3875'],
    ],
    ['ALAS2023-2023-001', 'AL2023/ALAS-2023-001.html', ['CVE-2014-3634', 'CVE-2022-24903']],
    ['ALAS2023LIVEPATCH-2023-001', 'AL2023/ALASLIVEPATCH-2023-001.html', ['CVE-2023-26545']],
  ])('%s has its link and its CVEs', async (id, page, aliases) => {
    const [record] = await clair.store.vulnerabilities.find(id);
    expect(record?.link).toBe(`https://alas.aws.amazon.com/${page}`);
    expect([...(record?.aliases ?? [])].toSorted()).toEqual(aliases);
  });
});

async function read(path: string): Promise<{ readonly advisories: readonly Advisory[]; readonly diagnostics: number }> {
  const outcome = await amazon.fetch({ http: { get: noNetwork }, from: path });
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  const advisories: Advisory[] = [];
  for await (const advisory of outcome.advisories) advisories.push(advisory);
  return { advisories, diagnostics: outcome.recordDiagnostics.count };
}

function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
}

function attribute(tag: string, name: string): string {
  return new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
}

function noNetwork(): never {
  throw new Error('this test sends no HTTP requests');
}
