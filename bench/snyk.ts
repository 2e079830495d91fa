import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Figure, FigureUnavailable, timed } from './figure.ts';
import { analyse, archiveIn, buildClair, writeDockerArchive } from './image-analysis.ts';
import { isTiny, sized } from './size.ts';

/** The newest version whose dependencies are all on npm. */
const PLUGIN = 'snyk-docker-plugin@9.8.0';

const MAX_INSTALL_MILLISECONDS = 300_000;

/** The number of packages in a large Debian image. */
const PACKAGES = sized(500, 20);
const LAYERS = 3;
const LAYER_BYTES = sized(100, 1) * 1024 ** 2;

/** The part of the plugin's interface that this bench uses; see its `lib/types.ts`. */
type Plugin = {
  readonly scan: (options: { readonly path: string }) => Promise<{
    readonly scanResults: readonly { readonly facts: readonly { readonly type: string; readonly data: unknown }[] }[];
  }>;
};

/**
 * Compares Clair with the plugin that lists the packages of an image for Snyk. npm installs the plugin for this figure
 * only.
 */
export const againstSnyk: Figure = {
  title: `packages of a docker-archive of ${(LAYERS * LAYER_BYTES) / 1024 ** 2} MiB with ${PACKAGES} packages of Debian`,
  against: `scan() of ${PLUGIN}`,
  aim: 3,
  async prepare(folder) {
    // Installing the plugin takes longer than any tiny figure, and the figure image-analysis runs the same Clair code.
    if (isTiny()) throw new FigureUnavailable('tiny runs install no other scanner');
    const args = [
      'install',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--prefer-offline',
      '--prefix',
      folder,
      PLUGIN,
    ];
    const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8', timeout: MAX_INSTALL_MILLISECONDS });
    if (status !== 0) throw new FigureUnavailable(`${PLUGIN} could not be installed: ${stderr}`);
    await buildClair();
    await writeDockerArchive(folder, { layers: LAYERS, bytes: LAYER_BYTES, gzip: false, status: statusOf(PACKAGES) });
  },
  subject: (folder) =>
    analyse({ path: archiveIn(folder), bytes: LAYERS * LAYER_BYTES, threads: availableParallelism() }),
  async reference(folder) {
    const plugin = createRequire(join(folder, 'package.json'))('snyk-docker-plugin') as Plugin;
    return await timed(async () => {
      const { scanResults } = await plugin.scan({ path: `docker-archive:${archiveIn(folder)}` });
      const graph = scanResults[0]?.facts.find(({ type }) => type === 'depGraph')?.data;
      return { what: `${countOf(graph)} packages`, amount: { count: LAYERS * LAYER_BYTES, unit: 'bytes' } };
    });
  },
};

/** Counts the packages of a Snyk graph, except for the image, which the graph also lists as a package. */
function countOf(graph: unknown): number {
  const { pkgs } = JSON.parse(JSON.stringify(graph)) as { readonly pkgs: readonly unknown[] };
  return pkgs.length - 1;
}

function statusOf(packages: number): string {
  return Array.from({ length: packages }, (_, index) => {
    const description = ` It does something that takes ${index} words to say.\n`.repeat(12);
    return (
      `Package: package-${index}\nStatus: install ok installed\nPriority: optional\nSection: libs\n` +
      `Installed-Size: ${index * 7}\nMaintainer: Somebody <somebody@example.org>\nArchitecture: amd64\n` +
      `Source: source-${index >> 1}\nVersion: 1.${index}-2+deb12u1\nDepends: package-${(index * 31) % packages}\n` +
      `Description: package number ${index}\n${description}Homepage: https://example.org/${index}\n\n`
    );
  }).join('');
}
