import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClairServer } from '../../src/api/testing/clair-server.ts';
import type { ImageCounts } from '../../src/database/contracts/image-counts.ts';
import { type Digest, isDigest } from '../../src/model/digest.ts';
import type { FoundName } from '../../src/database/contracts/found-names.ts';
import { SEVERITIES, type Severity } from '../../src/model/severity.ts';
import { buildLayer, writeOciLayout } from '../../src/worker/testing/image-builder.ts';
import { knowImage } from '../../src/worker/testing/indexed-image.ts';

/** The urgencies of the findings, as in Debian's tracker. */
const URGENCIES = ['high', 'medium', 'low', 'unimportant', 'not yet assigned'] as const;

const CVES_PER_PACKAGE = 4;

const OS_RELEASE =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';

/**
 * Fills a server with an image that has `findings` findings, and with further indexed images that have stored counts.
 * Returns the digest of the image.
 */
export async function fillServer(
  { clair, folder }: ClairServer,
  { images, findings }: { readonly images: number; readonly findings: number },
): Promise<Digest> {
  const names = Array.from({ length: Math.ceil(findings / CVES_PER_PACKAGE) }, (_, number) => `package-${number}`);
  const feed = join(folder, 'tracker.json');
  writeFileSync(feed, JSON.stringify(Object.fromEntries(names.map((name, at) => [name, advisories(at, findings)]))));
  await clair.updater.update('debian', { from: feed });
  const layout = join(folder, 'layout');
  const status = names.map(
    (name) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n`,
  );
  const tar = await buildLayer({
    'etc/debian_version': '12.5\n',
    'etc/os-release': OS_RELEASE,
    'var/lib/dpkg/status': status.join(''),
  });
  writeOciLayout(layout, [{ createdBy: 'COPY rootfs /', tar }], 'large:1');
  const { image } = await knowImage(clair.worker, `oci:${layout}`);
  if (!isDigest(image.digest)) throw new Error('the image has no digest');
  await indexImages(clair.store, image.digest, images - 1);
  return image.digest;
}

/** Records images that share the topmost layer of an image, with stored counts. */
async function indexImages(store: ClairServer['clair']['store'], like: Digest, count: number): Promise<void> {
  const known = await store.images.whole(like);
  if (known === undefined) throw new Error('the image was not indexed');
  const revision = (await store.counts.revisions()).data;
  for (let number = 0; number < count; number += 1) {
    const digest = `sha256:${number.toString(16).padStart(64, '0')}` as const;
    const reference = `registry.example.org/team-${number % 40}/service-${number}:1.${number % 90}`;
    await store.images.record({ ...known, digest, reference, scannedAt: known.scannedAt - number * 60_000 });
    const found = await store.counts.find(digest);
    if (found === undefined) throw new Error(`${digest} was not recorded`);
    const mark = { countedAt: known.scannedAt, revision, images: null, basis: 'bench', validUntil: null };
    await store.counts.write([{ ...found, counts: countsOf(number), names: namesOf(number), rules: 0, mark }]);
  }
}

/**
 * Returns names that are distributed as in common images: each image has some of the vulnerabilities of the large
 * image.
 */
function namesOf(number: number): readonly FoundName[] {
  return Array.from({ length: 20 }, (_, at) => ({
    kind: 'vulnerability',
    name: `CVE-2024-${10_000 + ((number * 7 + at * at) % 1000)}`,
    isOpen: true,
    isId: true,
    isExploited: number % 20 === 0 && at === 0,
    severity: SEVERITIES[at % SEVERITIES.length] ?? 'Unknown',
  }));
}

/** Returns counts that are distributed as in common images: few critical findings, many findings of low severity. */
function countsOf(number: number): ImageCounts {
  const severities: Record<Severity, number> = {
    Unknown: number % 7,
    Negligible: (number * 7) % 90,
    Low: (number * 13) % 300,
    Medium: (number * 11) % 160,
    High: (number * 5) % 60,
    Critical: number % 9,
    Defcon1: 0,
  };
  const fixable = (number * 3) % 50;
  return {
    packages: 80 + (number % 400),
    severities,
    suppressed: number % 4,
    fixable,
    fixableHigh: Math.min(fixable, severities.High),
    kev: number % 20 === 0 ? 1 : 0,
    isIncomplete: number % 30 === 0,
    hasStaleFeed: number % 30 === 0,
    hasMissingFeed: false,
    diagnostics: number % 30 === 0 ? 1 : 0,
  };
}

/** Returns the advisories of a package, in the format of Debian's tracker. */
function advisories(at: number, findings: number): object {
  const count = Math.min(CVES_PER_PACKAGE, findings - at * CVES_PER_PACKAGE);
  return Object.fromEntries(
    Array.from({ length: count }, (_, number) => {
      const id = `CVE-2024-${10_000 + at * CVES_PER_PACKAGE + number}`;
      const urgency = URGENCIES[(at + number) % URGENCIES.length];
      const bookworm =
        number % 2 === 0
          ? { status: 'resolved', fixed_version: `1.${number + 1}-1`, urgency }
          : { status: 'open', urgency };
      const description = `A crafted message makes the parser of package-${at} read behind the end of its buffer.`;
      return [id, { description, scope: 'remote', releases: { bookworm } }];
    }),
  );
}
