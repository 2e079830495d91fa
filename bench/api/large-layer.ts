import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Clair } from '../../src/compose/clair.ts';
import { sharedPath } from '../../test/fixtures/shared-data.ts';
import { tarOf } from '../../src/bytes/testing/tar-builder.ts';
import { sized } from '../size.ts';

/** The name of the measured layer. */
export const LARGE_LAYER = 'layer-of-400-packages';

const LARGE_LAYER_FILES: readonly string[] = [
  'images/dpkg/texlive.status',
  'images/original/ext/featurefmt/dpkg/testdata/valid',
];

const PACKAGES = sized(400, 20);

const NAMESPACE = 'ubuntu:18.04';

const OS_RELEASE = 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="18.04"\nPRETTY_NAME="Ubuntu 18.04 LTS"\n';

/** Returns the paths of the package databases of the layer; an empty list for a tiny layer. */
export function largeLayerFiles(): readonly string[] {
  return sized(LARGE_LAYER_FILES.map(sharedPath), []);
}

/**
 * Analyses an Ubuntu 18.04 layer with 400 packages: the packages of real databases, plus packages for which the Ubuntu
 * feed lists fixed versions, each at the fixed version of its last advisory. The feed must be imported first.
 */
export async function analyseLargeLayer({ worker, store }: Clair): Promise<void> {
  const entries = new Map<string, string>();
  for (const file of largeLayerFiles()) {
    for (const entry of readFileSync(file, 'utf8').trim().split(/\n\n+/)) {
      const [, name] = /^Package: (.*)$/m.exec(entry) ?? [];
      if (name !== undefined && entry.includes('install ok installed') && !entries.has(name)) entries.set(name, entry);
    }
  }
  const repaired = new Map<string, string>();
  await store.feedSnapshot(async ({ advisories }) => {
    for await (const { advisory } of advisories('ubuntu')) {
      for (const { namespace, package: name, fixed } of advisory.affected) {
        if (namespace === NAMESPACE && fixed !== undefined && !entries.has(name)) repaired.set(name, fixed);
      }
    }
  });
  for (const [name, version] of repaired) {
    entries.set(name, `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: amd64`);
  }
  const others = sized(0, PACKAGES);
  for (let at = 0; at < others; at += 1)
    entries.set(`p${at}`, `Package: p${at}\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64`);
  if (entries.size < PACKAGES) throw new Error(`found only ${entries.size} packages of ${NAMESPACE}`);
  const status = [...entries.values()].slice(0, PACKAGES).join('\n\n');
  const archive = tarOf(
    { name: 'etc/os-release', content: OS_RELEASE },
    { name: 'var/lib/dpkg/status', content: `${status}\n\n` },
  );
  const source = { where: LARGE_LAYER, open: async () => Readable.from([archive]) };
  await worker.analyzeLayer({ name: LARGE_LAYER, parent: null, source });
}
