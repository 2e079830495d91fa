import { constants, copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';

/** A scanner, how to run it, and how to read its output. */
export type Peer = {
  readonly name: string;
  /** The name of the program on the PATH, or the path of the program. */
  readonly program?: string;
  readonly args: (scan: Scan) => readonly string[];
  /** Variables that keep the program from downloading data or news during the measurement. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The exit statuses after which standard output contains the result. */
  readonly accepted: readonly number[];
  /** Counts the packages and findings in the JSON output; null for a count that the program does not provide. */
  readonly count: (json: unknown) => Counts;
};

export type Scan = {
  readonly image: string;
  /** A folder for temporary files if the scan must not use stored results; undefined if it may use them. */
  readonly firstIn: string | undefined;
};

export type Counts = { readonly packages: number | null; readonly findings: number | null };

/** The other scanners, each with its own data, which must be downloaded beforehand. */
export const PEERS: readonly Peer[] = [
  {
    name: 'Trivy',
    program: 'trivy',
    args: ({ image, firstIn }) => [
      'image',
      '--quiet',
      '--scanners=vuln',
      '--format=json',
      '--list-all-pkgs',
      '--skip-db-update',
      '--skip-java-db-update',
      ...(firstIn === undefined ? [] : ['--cache-backend=memory']),
      ...(existsSync(image) ? [`--input=${image}`] : [image]),
    ],
    accepted: [0],
    count(json) {
      const results = listOf(json, 'Results');
      const sum = (key: string): number => results.reduce<number>((total, each) => total + listOf(each, key).length, 0);
      return { packages: sum('Packages'), findings: sum('Vulnerabilities') };
    },
  },
  {
    name: 'Grype',
    program: 'grype',
    args: ({ image }) => [image, '--output=json', '--quiet'],
    environment: { GRYPE_DB_AUTO_UPDATE: 'false', GRYPE_CHECK_FOR_APP_UPDATE: 'false' },
    accepted: [0],
    count: (json) => ({ packages: null, findings: listOf(json, 'matches').length }),
  },
  {
    name: 'Syft',
    program: 'syft',
    args: ({ image }) => ['scan', image, '--output=json', '--quiet'],
    environment: { SYFT_CHECK_FOR_APP_UPDATE: 'false' },
    accepted: [0],
    count: (json) => ({ packages: listOf(json, 'artifacts').length, findings: null }),
  },
];

/**
 * Returns Clair as a scanner. First scans use a copy of the database.
 *
 * @param program the built program (`.js`) or an executable
 * @param database the SQLite file with the feeds
 */
export function clairPeer(program: string, database: string): Peer {
  const isScript = /\.m?js$/.test(program);
  return {
    name: 'Clair',
    program: isScript ? execPath : program,
    args({ image, firstIn }) {
      const used = firstIn === undefined ? database : copyOf(database, join(firstIn, 'clair.db'));
      return [...(isScript ? [program] : []), 'scan', image, '--format=json', `--db=${used}`];
    },
    // 3 means that the report is incomplete; 4 means that findings match --fail-on.
    accepted: [0, 3, 4],
    count: (json) => ({ packages: listOf(json, 'packages').length, findings: listOf(json, 'findings').length }),
  };
}

/** Copies an SQLite database, with the transactions that are only in the write-ahead log, over an earlier copy. */
function copyOf(database: string, copy: string): string {
  for (const suffix of ['', '-wal']) {
    rmSync(`${copy}${suffix}`, { force: true });
    if (existsSync(`${database}${suffix}`)) {
      copyFileSync(`${database}${suffix}`, `${copy}${suffix}`, constants.COPYFILE_FICLONE);
    }
  }
  rmSync(`${copy}-shm`, { force: true });
  return copy;
}

/** Returns a list in a JSON object; an empty list if the member is absent or null, as in the output of Go programs. */
function listOf(json: unknown, key: string): readonly unknown[] {
  const list: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, key) : undefined;
  return Array.isArray(list) ? list : [];
}
