import type { ReportFinding } from '../../model/report/report.ts';

/** The parts of a finding that an upgrade command depends on. */
export type UpgradedPackage = Pick<ReportFinding, 'type' | 'namespace' | 'package'>;

/**
 * Returns the shell command that upgrades installed packages. The command is for a Dockerfile or, for a library, for
 * the source code of the application. Returns null if Clair knows no command for the type of the packages. Also returns
 * null if a name or version could have another meaning in a shell, because images and feeds contain arbitrary text.
 *
 * The command upgrades system packages to the newest version in the release, because repositories remove superseded
 * versions.
 *
 * @param packages the packages of an upgrade, which share their type and namespace
 * @param version the lowest version that fixes all findings
 */
export function upgradeCommand(packages: readonly UpgradedPackage[], version: string): string | null {
  const [first] = packages;
  const names = [...new Set(packages.map((each) => each.package))].toSorted();
  if (first === undefined || !names.every((name) => PLAIN_WORD.test(name))) return null;
  const { type, namespace } = first;
  const ofSystem = SYSTEM_COMMANDS[type]?.(namespace);
  if (ofSystem !== undefined) return `${ofSystem} ${names.join(' ')}`;
  return PLAIN_WORD.test(version) ? (LIBRARY_COMMANDS[type]?.(names, version) ?? null) : null;
}

/**
 * Matches a word that has no special meaning in POSIX shells and is not an option. npm names can start with a scope.
 */
const PLAIN_WORD = /^(?:@[a-z0-9][\w.-]*\/)?[A-Za-z0-9][\w.+:/-]*$/;

/** The commands that upgrade installed system packages, without the names of the packages. */
const SYSTEM_COMMANDS: Readonly<Record<string, (namespace: string) => string>> = {
  // apt-get(8), --only-upgrade
  deb: () => 'apt-get update && apt-get install -y --only-upgrade',
  // apk-add(8), --upgrade
  apk: () => 'apk add --no-cache --upgrade',
  rpm: (namespace) => RPM_COMMANDS.find(([namespaces]) => namespaces.test(namespace))?.[1] ?? 'dnf upgrade -y',
};

/** The commands for rpm distributions without dnf. */
const RPM_COMMANDS: readonly (readonly [namespaces: RegExp, command: string])[] = [
  [/^(?:sles|sle-micro|sl-micro|opensuse)/, 'zypper --non-interactive update'],
  [/^(?:photon|azurelinux|mariner)/, 'tdnf upgrade -y'],
  [/^(?:amzn:[12]|(?:centos|rhel|oracle):[5-7])$/, 'yum update -y'],
];

const LIBRARY_COMMANDS: Readonly<Record<string, (names: readonly string[], version: string) => string | null>> = {
  npm: (names, version) => `npm install ${names.map((name) => `"${name}@${version}"`).join(' ')}`,
  pypi: (names, version) => `pip install --upgrade ${names.map((name) => `"${name}>=${version}"`).join(' ')}`,
  // The standard library is part of the Go toolchain.
  golang: (names, version) =>
    names.includes('stdlib')
      ? null
      : `go get ${names.map((name) => `${name}@v${version.replace(/^v/, '')}`).join(' ')}`,
  cargo: (names, version) => names.map((name) => `cargo update ${name} --precise ${version}`).join(' && '),
  gem: (names) => `bundle update --conservative ${names.join(' ')}`,
  composer: (names) => `composer update --with-dependencies ${names.join(' ')}`,
  nuget: (names, version) => names.map((name) => `dotnet add package ${name} --version ${version}`).join(' && '),
};
