import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OUTPUT = { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 } as const;

/** A version of a package that the archive offers. */
export type OfferedPackage = { readonly name: string; readonly version: string };

/** Packages of several Debian releases. */
export type DebianArchive = {
  /** Returns the versions that the releases offer, each once. */
  readonly offered: (names: readonly string[]) => readonly OfferedPackage[];
  readonly download: (packages: readonly OfferedPackage[], directory: string) => void;
};

/**
 * Prepares apt for Debian releases, with the mirror of this machine's own apt, but without changing the state of that
 * apt. Returns undefined without apt, or if apt has no Debian mirror.
 *
 * @param folder an empty directory for apt's state
 * @param suites the releases, such as `oldstable` and `oldstable-security`
 */
export function debianArchive(folder: string, suites: readonly string[]): DebianArchive | undefined {
  const sites = mirrors();
  const [main, security] = [sites.get('stable'), sites.get('stable-security')];
  if (main === undefined || security === undefined) return undefined;
  const configured = ['Etc::sourcelist', 'Etc::sourceparts', 'Etc::preferencesparts', 'State::lists', 'Cache'];
  const options = configured.flatMap((key) => ['-o', `Dir::${key}=${join(folder, key)}`]);
  const apt = (...args: readonly string[]): readonly string[] => [...options, '-o', 'APT::Sandbox::User=root', ...args];
  for (const name of ['State::lists/partial', 'Cache', 'Etc::sourceparts', 'Etc::preferencesparts']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  const lines = suites.map((suite) => {
    const { site, key } = suite.endsWith('-security') ? security : main;
    return `deb [signed-by=${key}] ${site} ${suite} main\n`;
  });
  writeFileSync(join(folder, 'Etc::sourcelist'), lines.join(''));
  const { stderr } = spawnSync('apt-get', apt('update', '-qq'), OUTPUT);
  if (stderr !== '') console.warn(`debian archive: some releases are not available: ${stderr.trim()}`);
  return {
    offered(names) {
      const { stdout } = spawnSync('apt-cache', apt('madison', ...names), OUTPUT);
      const found = new Map<string, OfferedPackage>();
      for (const line of stdout.split('\n').slice(0, -1)) {
        const [name = '', version = ''] = line.split('|').map((field) => field.trim());
        found.set(`${name}=${version}`, { name, version });
      }
      return [...found.values()];
    },
    download(packages, directory) {
      const names = packages.map(({ name, version }) => `${name}=${version}`);
      execFileSync('apt-get', apt('download', '-qq', ...names), { cwd: directory, stdio: 'pipe' });
    },
  };
}

type Mirror = { readonly site: string; readonly key: string };

/** Returns the mirrors of this machine, by suite. */
function mirrors(): ReadonlyMap<string, Mirror> {
  const args = ['indextargets', '--format', '$(SUITE) $(SITE) $(SIGNED_BY)', 'Created-By: Packages'];
  // Null if the program is missing.
  const printed: string | null = spawnSync('apt-get', args, OUTPUT).stdout;
  const sites = (printed ?? '').split('\n').map((line) => line.split(' '));
  return new Map(sites.map(([suite = '', site = '', key = '']) => [suite, { site, key }]));
}
