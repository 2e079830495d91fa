import type { LocatedFeature } from '../../../model/layer.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import { textOrder } from '../../../model/text-order.ts';

/** The maximum number of owners that the message names. */
const MAX_NAMED = 5;

/**
 * Returns a diagnostic if language packages belong to distribution packages that no feed covers or whose release has
 * reached its end of life. These language packages are matched with the advisories of their ecosystems.
 *
 * @param judges the namespaces whose advisories replace library advisories for files of distribution packages
 *   (`FeedStore.judges`)
 */
export function ownerDiagnostics(
  installed: readonly LocatedFeature[],
  judges: ReadonlySet<string>,
): readonly Diagnostic[] {
  const owners = new Map<string, number>();
  for (const { owner, judgedBy } of installed) {
    if (owner === undefined || (judgedBy !== undefined && judges.has(judgedBy))) continue;
    const { name, version } = owner.feature;
    owners.set(`${name} ${version}`, (owners.get(`${name} ${version}`) ?? 0) + 1);
  }
  if (owners.size === 0) return [];
  const names = [...owners.keys()].toSorted(textOrder);
  const more = names.length - MAX_NAMED;
  const count = [...owners.values()].reduce((sum, each) => sum + each, 0);
  const [what, were] = count === 1 ? ['1 language package', 'was'] : [`${count} language packages`, 'were'];
  const listed = `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const message = `${what} ${were} matched with ecosystem advisories, because no feed covers the distribution packages that own them, or the release is past its end of life; owners: ${listed}`;
  return [{ code: 'owner-not-covered', message, where: 'layers' }];
}
