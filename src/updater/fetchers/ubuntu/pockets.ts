import { UBUNTU_RELEASES, ubuntuNamespace } from '../../../model/releases/ubuntu-releases.ts';

/**
 * The archive of a release, its replacement for subscribers to Extended Security Maintenance, or a pocket that does not
 * apply to the packages of a release.
 */
export type Pocket =
  | { readonly kind: 'archive' | 'esm'; readonly codename: string; readonly namespace: string }
  /** Separate builds (FIPS, real-time, ROS, devices), snaps, upstream, and `devel`. */
  | { readonly kind: 'other' };

/**
 * Parses the text before the `_` in a line of the tracker: `CODENAME`, `PRODUCT/CODENAME`, or `CODENAME/PRODUCT` for
 * the oldest pockets (`cve_lib.py` of the tracker, "New CVE file format"). Returns undefined for any other text.
 */
export function readPocket(words: string): Pocket | undefined {
  const pocket = POCKETS.get(words);
  if (pocket !== undefined) return pocket;
  const parts = words.split('/');
  const isOther = OTHER_PRODUCTS.has(parts[0] ?? '') || (parts.length > 1 && parts.some(isCodename));
  return isOther ? { kind: 'other' } : undefined;
}

/** The pockets of Extended Security Maintenance; `esm` is the oldest name. */
const ESM_PRODUCTS = ['esm', 'esm-infra', 'esm-apps', 'esm-infra-legacy', 'esm-apps-legacy'];

/**
 * Words that are not pockets of a release. `devel` was the release in development when the line was written, so the
 * release is unknown.
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
