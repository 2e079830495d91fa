import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tarOf } from '../../src/bytes/testing/tar-builder.ts';
import type { Report } from '../../src/model/report/report.ts';
import { type BuiltLayer, writeOciLayout } from '../../src/worker/testing/image-builder.ts';
import { startDockerRegistry } from '../../test/fixtures/docker-registry.ts';
import { sharedPath } from '../../test/fixtures/shared-data.ts';
import { CLAIR } from '../api/clair-process.ts';
import { copyFeedDatabase } from '../api/feed-database.ts';
import { type Course, FigureUnavailable } from '../figure.ts';
import { isTiny, sized } from '../size.ts';
import { startLimitedProxy } from './limited-proxy.ts';

const MEGABITS = 100;

/** The aims in seconds, for the first report (with an empty database) and for the second report. */
const AIMS = [10, 1] as const;

/** The size of the files in the image in bytes: about the compressed size of the official Debian image. */
const FILE_BYTES = sized(48, 1) * 1024 ** 2;

/** The exit status of a scan whose report is incomplete. */
const INCOMPLETE = 3;

const execute = promisify(execFile);

const DATABASES = 'images/debian-dbonly/bullseye.layer.tar.xz';

const TINY_BASE = [
  { name: 'etc/os-release', content: 'ID=debian\nVERSION_ID="12"\n' },
  {
    name: 'var/lib/dpkg/status',
    content: 'Package: bash\nStatus: install ok installed\nVersion: 5.2-1\nArchitecture: amd64\n\n',
  },
];

/** The single-file executable, if `npm run package` has built it. */
const EXECUTABLE = fileURLToPath(new URL('../../dist-package/clair', import.meta.url));

/**
 * Scans a Debian image twice on a machine that starts without Clair data; the image and a published database are in a
 * registry.
 */
export const firstReport: Course = {
  title: `first and second report of a Debian image from a registry at ${MEGABITS} Mbit/s, with its published database`,
  async prepare(folder) {
    const missing = ['docker-registry', 'skopeo'].filter((name) => spawnSync(name, ['--version']).status !== 0);
    if (missing.length > 0) throw new FigureUnavailable(`${missing.join(', ')} not found`);
    await copyFeedDatabase('all', join(folder, 'published.db'));
    writeOciLayout(join(folder, 'layout'), debianLayers(), 'app');
  },
  async observe(folder) {
    const registry = await startDockerRegistry(folder, 'registry');
    const proxy = await startLimitedProxy(registry.domain, (MEGABITS * 1e6) / 8);
    try {
      const published = `${registry.domain}/clair-db:1`;
      await clair([execPath, CLAIR], ['db', 'publish', published, '--db', join(folder, 'published.db')]);
      const image = [`oci:${join(folder, 'layout')}:app`, `docker://${registry.domain}/app:1`];
      await execute('skopeo', ['copy', '--dest-tls-verify=false', ...image]);
      const lines: string[] = [];
      for (const [at, aim] of AIMS.entries()) {
        const start = performance.now();
        const report = await scan(folder, proxy.domain);
        const seconds = (performance.now() - start) / 1000;
        const verdict = seconds <= aim ? 'kept  ' : 'MISSED';
        const received = `${(proxy.takeBytes() / 1e6).toFixed(1)} MB received`;
        lines.push(
          `${verdict} ${at === 0 ? 'first' : 'second'} report: ${seconds.toFixed(2)} s (aim: ${aim} s), ${received}, ${report}`,
        );
      }
      return lines;
    } finally {
      await proxy.close();
      await registry.stop();
    }
  },
};

function debianLayers(): readonly BuiltLayer[] {
  const files = tarOf({ name: 'usr/lib/files', content: randomBytes(FILE_BYTES) });
  const base = isTiny() ? tarOf(...TINY_BASE) : realBase();
  return [
    { tar: base, createdBy: 'package databases' },
    { tar: files, createdBy: 'files' },
  ];
}

/** Returns a layer with the package databases of a real image; random bytes replace the other files of the image. */
function realBase(): Buffer {
  const path = sharedPath(DATABASES);
  if (!existsSync(path)) throw new FigureUnavailable(`${path} not found`);
  return execFileSync('xz', ['--decompress', '--stdout', path], { maxBuffer: 2 ** 28 });
}

/**
 * Scans with a home directory that has no Clair data before the first call. Returns the numbers of packages and
 * findings as a text.
 */
async function scan(folder: string, domain: string): Promise<string> {
  const program = existsSync(EXECUTABLE) ? [EXECUTABLE] : [execPath, CLAIR];
  const target = ['scan', `registry:${domain}/app:1`, '--format', 'json'];
  const printed = await clair(program, target, {
    HOME: join(folder, 'home'),
    XDG_CACHE_HOME: join(folder, 'home', 'cache'),
    XDG_DATA_HOME: join(folder, 'home', 'data'),
    CLAIR_UPDATER_DATABASE: `${domain}/clair-db:1`,
  });
  const { counts, packages }: Pick<Report, 'counts' | 'packages'> = JSON.parse(printed);
  return `${packages.length} packages and ${counts.findings} findings`;
}

/**
 * @throws Error when Clair exits with a status other than 0 (complete) or 3 (incomplete, because the copied feeds are
 * stale)
 */
async function clair(
  [program = '', ...first]: readonly string[],
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const options = { env: { ...env, ...variables }, maxBuffer: 2 ** 28 };
  try {
    return (await execute(program, [...first, ...args], options)).stdout;
  } catch (error) {
    const { code, stdout = '' } = error as { readonly code?: number; readonly stdout?: string };
    if (code === INCOMPLETE) return stdout;
    throw error;
  }
}
