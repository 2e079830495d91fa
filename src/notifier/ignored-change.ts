import type { ResolvedChange } from '../database/contracts/change-log.ts';
import { typeOfNamespace } from '../ecosystems/index.ts';
import type { AffectedPackage } from '../model/advisories/advisory.ts';
import type { SuppressionRule } from '../suppression/suppression-rule.ts';

type Change = Pick<ResolvedChange, 'before' | 'after'>;

/**
 * Creates the function that returns whether ignore rules suppress a changed vulnerability in all images and layers, in
 * every package that its advisory affects, before or after the change. Rules for specific images and rules with a
 * package URL do not count, because they may leave some findings unsuppressed. Rules with a package name count only for
 * package types whose findings use the name in the advisory. As in reports, a change to an advisory about several CVEs
 * is ignored if rules name the advisory itself or all of its CVEs.
 *
 * @param today the current day in UTC, in the form `YYYY-MM-DD`
 */
export function ignoredChanges(rules: readonly SuppressionRule[], today: string): (change: Change) => boolean {
  const ignored = ignoredPackages(rules, today);
  const isIgnored = (name: string, affected: readonly string[]): boolean =>
    [name, ANY].some((id) => affected.some((each) => ignored.get(id)?.has(each)));
  return ({ before, after }) => {
    const advisory = after ?? before;
    const affected = [...(before?.affected ?? []), ...(after?.affected ?? [])];
    if (ignored.size === 0 || advisory === null || affected.length === 0) return false;
    const names = [advisory.id, ...(advisory.aliases ?? [])].map((name) => name.toUpperCase());
    const cves = [...new Set(names.filter((name) => name.startsWith('CVE-')))];
    const own = cves.length <= 1 ? names : names.filter((name, index) => index === 0 || !cves.includes(name));
    return affected
      .map(namesInFindings)
      .every(
        (each) =>
          own.some((name) => isIgnored(name, each)) || (cves.length > 0 && cves.every((name) => isIgnored(name, each))),
      );
  };
}

/**
 * The package types for which findings use the name in the advisory for the package or the source package. In other
 * types, the names differ, because NuGet and PyPI normalise names, and a Maven artifact may have several candidates.
 */
const TYPES_WITH_SAME_NAMES: ReadonlySet<string> = new Set([
  'apk',
  'cargo',
  'conda',
  'deb',
  'gem',
  'golang',
  'npm',
  'rpm',
]);

/** Returns the names by which rules match all findings of an affected package. */
function namesInFindings({ namespace, package: name }: AffectedPackage): readonly string[] {
  return TYPES_WITH_SAME_NAMES.has(typeOfNamespace(namespace)) ? [name, ANY] : [ANY];
}

/** The key for all IDs or for all packages; no ID or package has this name. */
const ANY = '*';

/** Returns the packages that rules ignore in all images and layers, by ID in upper case. */
function ignoredPackages(rules: readonly SuppressionRule[], today: string): ReadonlyMap<string, ReadonlySet<string>> {
  const ignored = new Map<string, Set<string>>();
  for (const { ids, scopes, effect, expires } of rules) {
    if (effect !== 'suppress' || (expires !== null && expires < today)) continue;
    for (const { images, layer, release, packages } of scopes) {
      if (images.length > 0 || layer !== undefined || release !== undefined) continue;
      const [pattern, ...others] = packages;
      const name = pattern === undefined ? ANY : 'name' in pattern ? pattern.name : undefined;
      if (name === undefined || others.length > 0) continue;
      for (const id of ids ?? [ANY]) {
        const key = id.toUpperCase();
        const known = ignored.get(key) ?? new Set();
        ignored.set(key, known.add(name));
      }
    }
  }
  return ignored;
}
