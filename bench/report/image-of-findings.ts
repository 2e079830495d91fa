import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tarOf } from '../../src/bytes/testing/tar-builder.ts';
import { composeClair } from '../../src/compose/clair.ts';
import { openImage } from '../../src/worker/sources/target.ts';
import { writeOciLayout } from '../../src/worker/testing/image-builder.ts';
import { sized } from '../size.ts';

/** The number of findings of the image: two packages for each source package, with the CVEs of the source package. */
export const FINDINGS: number = sized(10_000, 80);

const CVES_PER_SOURCE = 20;

const SOURCES = FINDINGS / 2 / CVES_PER_SOURCE;

const VECTORS = [
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8],
  ['CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N', 5.5],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H', 7.5],
] as const;

/**
 * Writes a database with the advisories of Debian 12, scores and probabilities for {@link FINDINGS} findings, and with
 * an image that has these findings. Returns the digest of the image.
 */
export async function writeImageOfFindings(folder: string, database: string): Promise<string> {
  const cves = Array.from({ length: SOURCES * CVES_PER_SOURCE }, (_, at) => `CVE-2099-${10_000 + at}`);
  const feeds = {
    debian: JSON.stringify(tracker(cves)),
    nvd: JSON.stringify(nvd(cves)),
    epss: `cve,epss,percentile\n${cves.map((cve, at) => `${cve},0.${1000 + at},0.${2000 + at}\n`).join('')}`,
  };
  const layout = join(folder, 'layout');
  const digest = writeOciLayout(layout, [{ tar: layer(), createdBy: 'packages' }], 'app');
  const clair = await composeClair({ type: 'sqlite', path: database });
  try {
    for (const [feed, content] of Object.entries(feeds)) {
      const path = join(folder, feed);
      writeFileSync(path, content);
      await clair.updater.update(feed, { from: path });
    }
    const image = await openImage({ kind: 'oci', path: layout, tag: 'app' });
    await clair.worker.analyzeImage(image);
    await image.close();
  } finally {
    await clair.close();
  }
  return digest;
}

/** Returns a feed in the format of Debian's tracker. */
function tracker(cves: readonly string[]): object {
  const feed: Record<string, Record<string, object>> = {};
  for (const [at, cve] of cves.entries()) {
    const description = `A flaw in part ${at} of this program lets remote attackers read data that they must not read.`;
    const status = {
      status: 'resolved',
      repositories: {},
      fixed_version: `2.${at % 31}-1`,
      urgency: 'not yet assigned',
    };
    (feed[`source-${at % SOURCES}`] ??= {})[cve] = { description, releases: { bookworm: status } };
  }
  return feed;
}

/** Returns a data file of the NVD (API 2.0) with a score for each CVE. */
function nvd(cves: readonly string[]): object {
  const entryOf = (id: string, at: number): object => {
    const [vectorString, baseScore] = VECTORS[at % VECTORS.length] ?? VECTORS[0];
    const cvssData = { version: '3.1', vectorString, baseScore };
    return {
      cve: {
        id,
        published: '2099-01-02T00:00:00.000',
        lastModified: '2099-01-02T00:00:00.000',
        vulnStatus: 'Analyzed',
        descriptions: [{ lang: 'en', value: `A flaw in part ${at} of this program.` }],
        metrics: { cvssMetricV31: [{ source: 'nvd@nist.gov', type: 'Primary', cvssData }] },
        weaknesses: [{ source: 'nvd@nist.gov', type: 'Primary', description: [{ lang: 'en', value: 'CWE-200' }] }],
      },
    };
  };
  return { format: 'NVD_CVE', version: '2.0', vulnerabilities: cves.map((cve, at) => entryOf(cve, at)) };
}

function layer(): Buffer {
  const packages = Array.from({ length: SOURCES * 2 }, (_, at) => {
    const source = `source-${at % SOURCES}`;
    const name = at < SOURCES ? source : `${source}-data`;
    return `Package: ${name}\nStatus: install ok installed\nSource: ${source}\nVersion: 1.0-1\nArchitecture: amd64\n\n`;
  });
  return tarOf(
    { name: 'etc/os-release', content: 'ID=debian\nVERSION_ID="12"\n' },
    { name: 'var/lib/dpkg/status', content: packages.join('') },
  );
}
