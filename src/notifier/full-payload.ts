import type { Advisory, AffectedPackage } from '../model/advisories/advisory.ts';
import { isNamespaceEntry } from '../model/advisories/manual-vulnerability.ts';
import type { NotificationKind } from '../model/notification.ts';
import { worstSeverity } from '../model/severity.ts';
import { fittingItems, fittingText } from './json-bound.ts';
import type { MessageFacts } from './message-facts.ts';
import { severityIncrease } from './severity-increase.ts';

/**
 * The size limits of each list of packages and of a description, as JSON. With these limits, a message is smaller than
 * 1 MiB even with its layers and images.
 */
const MAX_PACKAGES_BYTES = 128 * 1024;
const MAX_DESCRIPTION_BYTES = 128 * 1024;

/** The type names of Clair v1, and names in the same style for the kinds that Clair v1 did not have. */
const TYPES: Readonly<Record<NotificationKind, string>> = {
  new: 'NewVulnerabilityNotification',
  'severity-increased': 'VulnerabilityPriorityIncreasedNotification',
  'packages-changed': 'VulnerabilityPackageChangedNotification',
  withdrawn: 'VulnerabilityWithdrawnNotification',
};

/**
 * Returns the message in the shape of Clair v1, `{Name, Type, Content}` (docs/reference/api-v1.md), with the affected
 * images. The size of the message is at most 1 MiB; `Truncated` names the fields that were cut.
 */
export function fullPayload(facts: MessageFacts): object {
  const { notification, change, images } = facts;
  const cut = new Set<string>();
  const Content = contentOf(facts, cut);
  if (images.isCut) cut.add('Images');
  return {
    Name: notification.vulnerability,
    Type: TYPES[notification.kind],
    Content,
    NotificationName: notification.name,
    Source: change.feed,
    Images: images.items.map(({ reference, digest }) => ({ Reference: reference, Digest: digest })),
    ...(cut.size > 0 && { Truncated: [...cut] }),
  };
}

function contentOf({ notification, change, introducing, former }: MessageFacts, cut: Set<string>): object {
  const { before, after } = change;
  const said = after ?? before ?? { id: notification.vulnerability, link: '', description: '', affected: [] };
  const Vulnerability = vulnerabilityBody(said, cut);
  const layers = (field: string, { names, isCut }: MessageFacts['former']): Record<string, readonly string[]> => {
    if (isCut) cut.add(field);
    return { [field]: names };
  };
  switch (notification.kind) {
    case 'new':
      return { Vulnerability, ...layers('IntroducingLayersIDs', introducing) };
    case 'severity-increased': {
      const increase = before !== null && after !== null ? severityIncrease(before, after) : undefined;
      const priorities = { OldPriority: increase?.from ?? 'Unknown', NewPriority: increase?.to ?? 'Unknown' };
      return { Vulnerability, ...priorities, ...layers('IntroducingLayersIDs', introducing) };
    }
    case 'packages-changed':
      return {
        Vulnerability,
        ...packages('AddedAffectedPackages', saidOnlyBy(after, before), cut),
        ...packages('RemovedAffectedPackages', saidOnlyBy(before, after), cut),
        ...layers('NewIntroducingLayersIDs', introducing),
        // In Clair v1, this field is named without the "s" in the name of the other field.
        ...layers('FormerIntroducingLayerIDs', former),
      };
    case 'withdrawn':
      return { Vulnerability, ...layers('FormerIntroducingLayerIDs', former) };
  }
}

function vulnerabilityBody({ id, link, description, affected }: Advisory, cut: Set<string>): object {
  const Description = fittingText(description, MAX_DESCRIPTION_BYTES);
  if (Description !== description) cut.add('Description');
  return {
    ID: id,
    Link: link,
    Priority: worstSeverity(affected),
    Description,
    ...packages('AffectedPackages', affected, cut),
  };
}

function packages(field: string, affected: readonly AffectedPackage[], cut: Set<string>): Record<string, object> {
  const { items, isCut } = fittingItems(
    affected.filter((of) => !isNamespaceEntry(of)).map(packageBody),
    MAX_PACKAGES_BYTES,
  );
  if (isCut) cut.add(field);
  return { [field]: items };
}

function packageBody(of: AffectedPackage): object {
  return {
    OS: of.namespace,
    Name: of.package,
    AllVersions: of.fixed === undefined,
    BeforeVersion: of.fixed ?? '',
    Status: of.status,
    Priority: of.severity,
  };
}

/**
 * Returns the affected packages that only the first advisory contains. A package with a changed severity does not count
 * as new.
 */
function saidOnlyBy(one: Advisory | null, other: Advisory | null): readonly AffectedPackage[] {
  const known = new Set(other?.affected.map(words));
  return (one?.affected ?? []).filter((of) => !known.has(words(of)));
}

function words({ severity: _severity, severityFrom: _from, ...rest }: AffectedPackage): string {
  return JSON.stringify(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
