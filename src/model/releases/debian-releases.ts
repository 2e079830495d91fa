import { namespaceName } from './namespace.ts';

/** A Debian release, with its code name in the archive and security tracker, and its number. */
export type DebianRelease = {
  readonly codename: string;
  /** The part of the namespace after `debian:`, either the version number from os-release or `unstable`. */
  readonly version: string;
};

/**
 * The releases, oldest first (https://www.debian.org/releases/ and the Debian GNU/Linux FAQ, "Debian releases").
 * From etch on, the first number alone identifies the release, so `7.11` equals `7`.
 */
export const DEBIAN_RELEASES: readonly DebianRelease[] = [
  { codename: 'buzz', version: '1.1' },
  { codename: 'rex', version: '1.2' },
  { codename: 'bo', version: '1.3' },
  { codename: 'hamm', version: '2.0' },
  { codename: 'slink', version: '2.1' },
  { codename: 'potato', version: '2.2' },
  { codename: 'woody', version: '3.0' },
  { codename: 'sarge', version: '3.1' },
  { codename: 'etch', version: '4' },
  { codename: 'lenny', version: '5' },
  { codename: 'squeeze', version: '6' },
  { codename: 'wheezy', version: '7' },
  { codename: 'jessie', version: '8' },
  { codename: 'stretch', version: '9' },
  { codename: 'buster', version: '10' },
  { codename: 'bullseye', version: '11' },
  { codename: 'bookworm', version: '12' },
  { codename: 'trixie', version: '13' },
  { codename: 'forky', version: '14' },
  { codename: 'duke', version: '15' },
  { codename: 'sid', version: 'unstable' },
];

const NAMESPACES: ReadonlyMap<string, string> = new Map([
  ...DEBIAN_RELEASES.map(({ codename, version }) => [codename, namespaceName('debian', version)] as const),
  ['unstable', namespaceName('debian', 'unstable')],
]);

/**
 * Returns the namespace of a release by its code name, or by the suite name `unstable` of sid. For example, `bookworm`
 * is `debian:12`. Returns undefined for other words.
 */
export function debianNamespace(codename: string): string | undefined {
  return NAMESPACES.get(codename);
}
