import { namespaceName } from './namespace.ts';

/** An Ubuntu release with the first word of its code name, which the Ubuntu archive and security team use. */
export type UbuntuRelease = {
  readonly codename: string;
  /** The year and month as in os-release, which follow `ubuntu:` in the namespace. */
  readonly version: string;
};

/** The releases, oldest first (https://wiki.ubuntu.com/Releases; `ubuntu.csv` of the package distro-info-data). */
export const UBUNTU_RELEASES: readonly UbuntuRelease[] = [
  { codename: 'warty', version: '4.10' },
  { codename: 'hoary', version: '5.04' },
  { codename: 'breezy', version: '5.10' },
  { codename: 'dapper', version: '6.06' },
  { codename: 'edgy', version: '6.10' },
  { codename: 'feisty', version: '7.04' },
  { codename: 'gutsy', version: '7.10' },
  { codename: 'hardy', version: '8.04' },
  { codename: 'intrepid', version: '8.10' },
  { codename: 'jaunty', version: '9.04' },
  { codename: 'karmic', version: '9.10' },
  { codename: 'lucid', version: '10.04' },
  { codename: 'maverick', version: '10.10' },
  { codename: 'natty', version: '11.04' },
  { codename: 'oneiric', version: '11.10' },
  { codename: 'precise', version: '12.04' },
  { codename: 'quantal', version: '12.10' },
  { codename: 'raring', version: '13.04' },
  { codename: 'saucy', version: '13.10' },
  { codename: 'trusty', version: '14.04' },
  { codename: 'utopic', version: '14.10' },
  { codename: 'vivid', version: '15.04' },
  { codename: 'wily', version: '15.10' },
  { codename: 'xenial', version: '16.04' },
  { codename: 'yakkety', version: '16.10' },
  { codename: 'zesty', version: '17.04' },
  { codename: 'artful', version: '17.10' },
  { codename: 'bionic', version: '18.04' },
  { codename: 'cosmic', version: '18.10' },
  { codename: 'disco', version: '19.04' },
  { codename: 'eoan', version: '19.10' },
  { codename: 'focal', version: '20.04' },
  { codename: 'groovy', version: '20.10' },
  { codename: 'hirsute', version: '21.04' },
  { codename: 'impish', version: '21.10' },
  { codename: 'jammy', version: '22.04' },
  { codename: 'kinetic', version: '22.10' },
  { codename: 'lunar', version: '23.04' },
  { codename: 'mantic', version: '23.10' },
  { codename: 'noble', version: '24.04' },
  { codename: 'oracular', version: '24.10' },
  { codename: 'plucky', version: '25.04' },
  { codename: 'questing', version: '25.10' },
  { codename: 'resolute', version: '26.04' },
  { codename: 'stonking', version: '26.10' },
];

const NAMESPACES: ReadonlyMap<string, string> = new Map(
  UBUNTU_RELEASES.map(({ codename, version }) => [codename, namespaceName('ubuntu', version)]),
);

/**
 * Returns the namespace of a release by its code name, such as `ubuntu:18.04` for `bionic`, or undefined for other
 * words.
 */
export function ubuntuNamespace(codename: string): string | undefined {
  return NAMESPACES.get(codename);
}
