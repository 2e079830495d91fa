import type { Command } from 'commander';

/**
 * Returns Commander's message for an unknown command or option. If Trivy or Grype has a command or option with this
 * name, the message names Clair's equivalent instead of the most similar spelling.
 *
 * @param command the command that received the arguments
 */
export function hintedError(text: string, command: Command): string {
  const [message = '', kind, name = ''] = /^error: unknown (command|option) '([^'=]*)[^']*'/.exec(text) ?? [];
  const hint = kind === 'command' ? COMMANDS.get(name) : takesImage(command) ? OPTIONS.get(name) : undefined;
  return hint === undefined ? text : `${message}\n(${hint})\n`;
}

/**
 * Returns whether a command has an image argument. The option hints apply only to these commands, because options with
 * the same names have other meanings in other commands.
 */
function takesImage({ registeredArguments }: Command): boolean {
  return registeredArguments.some((argument) => argument.name() === 'image' || argument.name() === 'before');
}

const SCAN_FOLDER = 'to scan a directory, use clair scan ./DIRECTORY';
const SCAN_ROOTFS = 'to scan a root file system, use clair scan rootfs:DIRECTORY';
const PACKAGES_ONLY = 'Clair reports only vulnerabilities, not secrets or misconfigurations; omit the option';
const TYPE = 'to show findings in one kind of package, use --type os or --type library';
const PROGRESS = 'outside a terminal, Clair prints at most one line of progress every 30 seconds, on standard error';
const UPDATE = 'a scan updates feeds only with --update or updater.database; omit the option';

/** Maps Trivy commands to Clair's equivalents. */
const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['image', 'to scan an image, use clair scan IMAGE'],
  ['i', 'to scan an image, use clair scan IMAGE'],
  ['filesystem', SCAN_FOLDER],
  ['fs', SCAN_FOLDER],
  ['rootfs', SCAN_ROOTFS],
  ['server', 'to run a server, use clair serve'],
  ['client', 'to scan with a server, use clair submit IMAGE --server URL'],
  ['sbom', 'to scan an SBOM, use clair scan sbom:FILE'],
  ['convert', 'to write several formats in one scan, use clair scan IMAGE --format table,json=FILE'],
  ['clean', 'to compact the database, use clair db vacuum'],
]);

/** Maps Trivy and Grype options to Clair's equivalents. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  [
    '--exit-code',
    'to fail a build, use --fail-on, for example --fail-on high: the command then exits 4 on findings of this severity or higher',
  ],
  [
    '--exit-on-eol',
    'a scan exits 3 if the release of the image is past its end of life; --allow-eol accepts the release',
  ],
  ['--ignorefile', 'to suppress findings, use --ignore FILE with a YAML list of rules'],
  ['--ignore-policy', 'to suppress findings, use --ignore FILE with a YAML list of rules'],
  ['--input', 'to scan an archive, write its path as the image, for example clair scan app.tar'],
  ['-i', 'to scan an archive, write its path as the image, for example clair scan app.tar'],
  ['--skip-db-update', UPDATE],
  ['--skip-update', UPDATE],
  ['--download-db-only', 'to download the feeds, use clair update'],
  [
    '--offline-scan',
    'without --update and updater.database, a scan uses the network only to read images and attestations',
  ],
  ['--cache-dir', 'to choose the database, use --db FILE'],
  [
    '--db-repository',
    'to pull the feeds from a registry, set updater.database in the configuration, or use clair db pull',
  ],
  ['--list-all-pkgs', 'to list all packages, use --format cyclonedx or --format spdx'],
  ['--show-suppressed', 'every format lists suppressed findings (gitlab only some of them); omit the option'],
  ['--scanners', PACKAGES_ONLY],
  ['--security-checks', PACKAGES_ONLY],
  ['--vuln-type', TYPE],
  ['--pkg-types', TYPE],
  [
    '--include-dev-deps',
    'Clair always reports development packages; the JSON report marks these packages with the flag dev',
  ],
  ['--no-progress', PROGRESS],
  ['--quiet', PROGRESS],
  ['-q', PROGRESS],
  ['--username', 'to log in to a registry, use docker login'],
  ['--password', 'to log in to a registry, use docker login'],
  ['--insecure', 'for a registry without TLS, use --insecure-registry HOST; for a private CA, use --registry-ca FILE'],
]);
