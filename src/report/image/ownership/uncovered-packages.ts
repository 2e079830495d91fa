import { flagsOf, isSystemPackage } from '../../../model/feature.ts';
import type { LocatedFeature } from '../../../model/layer.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import { textOrder } from '../../../model/text-order.ts';

/** The maximum number of packages that the message names. */
const MAX_NAMED = 5;

/**
 * Returns a diagnostic if the image has packages of a kind that no feed covers. Examples are Conda packages and some
 * programs without a package manager. The diagnostic does not include vendored copies, nor packages whose files a
 * distribution package owns, because the findings or diagnostics of the owner cover these packages.
 */
export function uncoveredDiagnostics(installed: readonly LocatedFeature[]): readonly Diagnostic[] {
  const uncovered = new Map<string, string>();
  for (const { feature, namespace, owner, judgedBy } of installed) {
    if (namespace !== '' || isSystemPackage(feature) || owner !== undefined || judgedBy !== undefined) continue;
    if (flagsOf(feature).includes('vendored')) continue;
    const name = [feature.name, feature.version].filter((part) => part !== '').join(' ');
    uncovered.set(`${feature.type} ${name}`, name);
  }
  if (uncovered.size === 0) return [];
  const names = [...uncovered.values()].toSorted(textOrder);
  const more = names.length - MAX_NAMED;
  const listed = `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const [what, were] = names.length === 1 ? ['1 package', 'it was'] : [`${names.length} packages`, 'they were'];
  const message = `No feed has advisories for ${what}, so ${were} not checked: ${listed}`;
  return [{ code: 'package-not-covered', message, where: 'layers' }];
}
