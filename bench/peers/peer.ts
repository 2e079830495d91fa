import { existsSync } from 'node:fs';

/** A scanner, how to run it, and how to read its output. */
export type Peer = {
  readonly name: string;
  /** The name of the program on the PATH, or the path of the program. */
  readonly program?: string;
  readonly args: (image: string) => readonly string[];
  /** Variables that keep the program from downloading data or news during the measurement. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The exit statuses after which standard output contains the result. */
  readonly accepted: readonly number[];
  /** Counts the packages and findings in the JSON output; null for a count that the program does not provide. */
  readonly count: (json: unknown) => Counts;
};

export type Counts = { readonly packages: number | null; readonly findings: number | null };

/** The other scanners, each with its own data, which must be downloaded beforehand. */
export const PEERS: readonly Peer[] = [
  {
    name: 'Trivy',
    program: 'trivy',
    args: (image) => [
      'image',
      '--quiet',
      '--scanners=vuln',
      '--format=json',
      '--list-all-pkgs',
      '--skip-db-update',
      '--skip-java-db-update',
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
    args: (image) => [image, '--output=json', '--quiet'],
    environment: { GRYPE_DB_AUTO_UPDATE: 'false', GRYPE_CHECK_FOR_APP_UPDATE: 'false' },
    accepted: [0],
    count: (json) => ({ packages: null, findings: listOf(json, 'matches').length }),
  },
  {
    name: 'Syft',
    program: 'syft',
    args: (image) => ['scan', image, '--output=json', '--quiet'],
    environment: { SYFT_CHECK_FOR_APP_UPDATE: 'false' },
    accepted: [0],
    count: (json) => ({ packages: listOf(json, 'artifacts').length, findings: null }),
  },
];

/** Returns Clair as a scanner that runs the built program. */
export function clairPeer(program: string, database: string | undefined): Peer {
  return {
    name: 'Clair',
    program: process.execPath,
    args: (image) => [program, 'scan', image, '--format=json', ...(database === undefined ? [] : ['--db', database])],
    // 3 means that the report is incomplete; 4 means that findings match --fail-on.
    accepted: [0, 3, 4],
    count: (json) => ({ packages: listOf(json, 'packages').length, findings: listOf(json, 'findings').length }),
  };
}

/** Returns a list in a JSON object; an empty list if the member is absent or null, as in the output of Go programs. */
function listOf(json: unknown, key: string): readonly unknown[] {
  const list: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, key) : undefined;
  return Array.isArray(list) ? list : [];
}
