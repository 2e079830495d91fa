import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { STATUSES } from '../../../model/advisories/status.ts';
import type { Component } from './component.ts';
import { affectedRanges, type Fix, type Open } from './fix-ranges.ts';
import type { Platform } from './platform.ts';
import { worseOf } from './rating.ts';

/** Collects and merges the statements of a document about the packages of each release. */
export type PackageStates = {
  readonly addFix: (platform: Platform, component: Component & { readonly version: string }, fix: Fix) => void;
  readonly addOpen: (platform: Platform, component: Component, open: Open) => void;
  readonly affected: () => readonly AffectedPackage[];
};

/** Creates an empty collection for one document. */
export function createPackageStates(): PackageStates {
  const packages = new Map<string, PackageState>();
  /** The fixes in binary packages, without the package names, in the form `rhel:9 PRODUCT MODULE 3.0.7-27.el9`. */
  const listed = new Set<string>();

  function stateOf({ namespace, product: cpe }: Place, { name, role, module }: Component): PackageState {
    const key = [namespace, cpe ?? '', name, role ?? '', module ?? ''].join('\n');
    const known = packages.get(key);
    if (known !== undefined) return known;
    const made: PackageState = {
      of: {
        namespace,
        package: name,
        ...(role !== undefined && { role }),
        ...(module !== undefined && { module }),
        ...(cpe !== undefined && { cpe }),
      },
      fixes: new Map(),
      hasMain: false,
    };
    packages.set(key, made);
    return made;
  }

  return {
    addFix(platform, component, fix) {
      const { line } = platform;
      const state = stateOf(platform, component);
      const { arch = '', role, module } = component;
      const fixes = state.fixes.get(arch) ?? new Map<string, Fix>();
      state.fixes.set(arch, fixes);
      const known = fixes.get(fix.version);
      if (known === undefined || line === 'main') fixes.set(fix.version, fix);
      if (line === 'main') state.hasMain = true;
      if (role === undefined) listed.add(buildName(platform, module, fix.version));
    },
    addOpen(platform, component, open) {
      const { line } = platform;
      // A statement that an older minor release has no fix applies only to the packages of that release, whose versions
      // are below every fix.
      if (line === 'extended') return;
      const state = stateOf(platform, component);
      if (line === 'last') state.openLast = surerOf(open, state.openLast);
      else state.open = surerOf(open, state.open);
    },
    affected: () => [...packages.values()].flatMap((state) => affectedOf(state, listed)),
  };
}

/**
 * A release, or a product on a release. Statements about a release or product do not apply to other releases or
 * products.
 */
type Place = Pick<Platform, 'namespace' | 'product'>;

type PackageState = {
  readonly of: Pick<AffectedPackage, 'namespace' | 'package' | 'role' | 'module' | 'cpe'>;
  /** The fixes by architecture (empty for all) and version. */
  readonly fixes: Map<string, Map<string, Fix>>;
  /** Whether there is a fix with standard support. */
  hasMain: boolean;
  open?: Open;
  /**
   * The open statement with the support `last`, which is used if there is no statement with standard support, because
   * standard support ended earlier.
   */
  openLast?: Open;
};

function affectedOf(state: PackageState, listed: ReadonlySet<string>): readonly AffectedPackage[] {
  const open = state.open ?? (state.hasMain ? undefined : state.openLast);
  if (open === undefined && isListed(state, listed)) return [];
  const { fixes } = state;
  // An open statement applies to all architectures.
  if (open !== undefined || fixes.has('')) {
    const all = [...fixes.values()].flatMap((each) => [...each.values()]);
    return rangesOf(state, all, open, undefined);
  }
  const archsOfFixes = new Map<string, { readonly archs: string[]; readonly fixes: readonly Fix[] }>();
  for (const arch of [...fixes.keys()].toSorted()) {
    const ofArch = [...(fixes.get(arch)?.values() ?? [])].toSorted((a, b) => (a.version < b.version ? -1 : 1));
    const key = JSON.stringify(ofArch);
    const same = archsOfFixes.get(key);
    if (same === undefined) archsOfFixes.set(key, { archs: [arch], fixes: ofArch });
    else same.archs.push(arch);
  }
  return [...archsOfFixes.values()].flatMap((each) => rangesOf(state, each.fixes, undefined, each.archs));
}

/** Returns whether a source package is redundant, because the document lists the binary packages built from it. */
function isListed({ of, fixes }: PackageState, listed: ReadonlySet<string>): boolean {
  if (of.role !== 'source') return false;
  const place = { namespace: of.namespace, ...(of.cpe !== undefined && { product: of.cpe }) };
  const versions = [...fixes.values()].flatMap((each) => [...each.keys()]);
  return versions.every((version) => listed.has(buildName(place, of.module, version)));
}

function rangesOf(
  { of }: PackageState,
  fixes: readonly Fix[],
  open: Open | undefined,
  archs: readonly string[] | undefined,
): readonly AffectedPackage[] {
  return affectedRanges(fixes, open).map(({ rating, ...range }) => ({
    ...of,
    ...range,
    ...rating,
    ...(archs !== undefined && { archs }),
  }));
}

function buildName({ namespace, product = '' }: Place, module: string = '', version: string): string {
  return `${namespace} ${product} ${module} ${version.replace(/^\d+:/, '')}`;
}

function surerOf(a: Open, b: Open | undefined): Open {
  if (b === undefined) return a;
  const rating = worseOf(a.rating, b.rating);
  return { status: STATUSES.indexOf(a.status) < STATUSES.indexOf(b.status) ? a.status : b.status, rating };
}
