import { UBUNTU_RELEASES, ubuntuNamespace } from '../../../model/releases/ubuntu-releases.ts';

/**
 * Whose packages a line of the tracker speaks of: those of everybody's archive of a release, those that subscribers to
 * Extended Security Maintenance get in their place, or others that no package of a release is matched with.
 */
export type Pocket =
  | { readonly kind: 'archive' | 'esm'; readonly codename: string; readonly namespace: string }
  /** Builds of their own (FIPS, real-time, ROS, devices), snaps, upstream, and `devel`. */
  | { readonly kind: 'other' };

/**
 * Reads what stands before the `_` in a line of the tracker: `CODENAME` or `PRODUCT/CODENAME`, of the oldest pockets
 * `CODENAME/PRODUCT` (`cve_lib.py` of the tracker, "New CVE file format"). Gives undefined for what is none of them.
 */
export function readPocket(words: string): Pocket | undefined {
  const pocket = POCKETS.get(words);
  if (pocket !== undefined) return pocket;
  const parts = words.split('/');
  const isOther = OTHER_PRODUCTS.has(parts[0] ?? '') || (parts.length > 1 && parts.some(isCodename));
  return isOther ? { kind: 'other' } : undefined;
}

/** The pockets of Extended Security Maintenance: `esm` is what the first one was called. */
const ESM_PRODUCTS = ['esm', 'esm-infra', 'esm-apps', 'esm-infra-legacy', 'esm-apps-legacy'];

/**
 * What is no pocket of a release. `devel` is the release that was in development when the line was written. Lines have no
 * date, and are no longer changed once the file is retired: which release it was would be a guess.
 */
const OTHER_PRODUCTS: ReadonlySet<string> = new Set([
  'upstream',
  'devel',
  'snap',
  'git',
  'product',
  'fips',
  'fips-updates',
  'fips-preview',
  'realtime',
  'bluefield',
  'ros-esm',
]);

const POCKETS: ReadonlyMap<string, Pocket> = new Map(UBUNTU_RELEASES.flatMap(({ codename }) => pocketsOf(codename)));

function pocketsOf(codename: string): readonly (readonly [string, Pocket])[] {
  const namespace = ubuntuNamespace(codename);
  if (namespace === undefined) return [];
  const archive: Pocket = { kind: 'archive', codename, namespace };
  const esm: Pocket = { kind: 'esm', codename, namespace };
  return [
    [codename, archive],
    [`ubuntu/${codename}`, archive],
    [`${codename}/esm`, esm],
    ...ESM_PRODUCTS.map((product) => [`${product}/${codename}`, esm] as const),
  ];
}

function isCodename(word: string): boolean {
  return ubuntuNamespace(word) !== undefined;
}
