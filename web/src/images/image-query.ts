import { DEFAULT_SINCE, type Since, sinceOf } from '../changes/since.ts';
import { EVERY_PACKAGE, type PackageFilter, packageFilter, packageParameters } from '../packages/package-filter.ts';
import { type FindingQuery, EVERY_FINDING_QUERY, findingParameters, findingQuery } from '../findings/finding-query.ts';

/** The tabs of an image page; the first tab is the default. */
export const IMAGE_TABS = ['findings', 'upgrades', 'layers', 'packages', 'changes', 'raw'] as const;

export type ImageTab = (typeof IMAGE_TABS)[number];

/** The part of the state of an image page that is stored in the address. */
export type ImageQuery = {
  readonly tab: ImageTab;
  /** The index of the layer to open in the tab of the layers. */
  readonly layer: number | null;
  /** The name of the package that the opened layer shows; null for all packages. */
  readonly package: string | null;
  readonly findings: FindingQuery;
  readonly packages: PackageFilter;
  /** The start of the period in the tab of the changes. */
  readonly since: Since;
};

export const FIRST_IMAGE_QUERY: ImageQuery = {
  tab: 'findings',
  layer: null,
  package: null,
  findings: EVERY_FINDING_QUERY,
  packages: EVERY_PACKAGE,
  since: DEFAULT_SINCE,
};

/**
 * Reads the state from an address. Invalid values are ignored. An address with a layer and without a tab selects the
 * tab of the layers.
 */
export function imageQuery(parameters: URLSearchParams): ImageQuery {
  const layer = indexOf(parameters.get('layer'));
  const named = IMAGE_TABS.find((each) => each === parameters.get('tab'));
  const tab = named ?? (layer === null ? 'findings' : 'layers');
  return {
    tab,
    layer,
    package: layer === null ? null : parameters.get('package'),
    findings: tab === 'findings' ? findingQuery(parameters) : EVERY_FINDING_QUERY,
    packages: tab === 'packages' ? packageFilter(parameters) : EVERY_PACKAGE,
    since: tab === 'changes' ? startedSince(parameters.get('since')) : DEFAULT_SINCE,
  };
}

/** Returns the parameters of a state, without default values and without the state of other tabs. */
export function imageParameters(query: ImageQuery): Readonly<Record<string, string>> {
  const { tab, layer } = query;
  if (tab === 'findings') return findingParameters(query.findings);
  if (tab === 'packages') return { tab, ...packageParameters(query.packages) };
  if (tab === 'changes') return { tab, ...(query.since !== DEFAULT_SINCE && { since: query.since }) };
  if (tab !== 'layers' || layer === null) return { tab };
  return { tab, layer: String(layer), ...(query.package !== null && { package: query.package }) };
}

/** Reads the index of a layer; returns null for other texts. */
export function indexOf(text: string | null): number | null {
  return text !== null && /^\d{1,4}$/.test(text) ? Number(text) : null;
}

/** The changes of an image always have a start. */
function startedSince(text: string | null): Since {
  return text === 'all' ? DEFAULT_SINCE : sinceOf(text);
}
