import { quayBody } from './quay-schemas.ts';
import type { Transport } from './transport.ts';

/** The notification that Quay sends to the users of a repository (`vulnerability_found`). */
export type QuayEvent = {
  readonly manifest: string;
  readonly id: string;
  readonly priority: string;
  readonly description: string;
  readonly link: string;
  readonly hasFix: boolean;
};

type Page = {
  readonly page: { readonly size: number; readonly next?: string };
  readonly notifications: readonly {
    readonly manifest: string;
    readonly reason: string;
    readonly vulnerability: Readonly<
      Record<'name' | 'description' | 'links' | 'normalized_severity' | 'fixed_in_version', string>
    > & { readonly package: { readonly name: string } };
  }[];
};

const PATH = '/notifier/api/v1/notification';

/** The Quay levels, the lowest first. */
const LEVELS = ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical'];

/** More pages than a notification of a test has. */
const MAX_PAGES = 1000;

/**
 * Processes a notification as Quay's worker does: reads its pages, reports added vulnerabilities of at least a level,
 * and deletes it (clair-v4-api.md, sections 2, 6 and 8).
 *
 * @param known the Quay manifests
 * @param level the level of the repositories
 * @param affected the Quay manifests whose users must be notified
 * @throws Error where the worker fails or gives up, or where its users would receive no or wrong notifications
 */
export async function quayNotified(
  send: Transport,
  id: string,
  {
    known,
    level = 'Low',
    affected = new Set(),
  }: { readonly known: ReadonlySet<string>; readonly level?: string; readonly affected?: ReadonlySet<string> },
): Promise<readonly QuayEvent[]> {
  const events: QuayEvent[] = [];
  const seen = new Set<string>();
  let next: string | undefined;
  do {
    if (seen.size > MAX_PAGES || seen.has(next ?? '')) throw new Error(`the page ${next} was read before`);
    seen.add(next ?? '');
    // Quay inserts the text of `next` into the URL unchanged.
    const answer = await send('GET', `${PATH}/${id}${next === undefined ? '' : `?next=${next}`}`);
    if (answer.status === 404) throw new Error('fatal: the notification is unknown');
    if (answer.status < 200 || answer.status > 299) throw new Error(`will retry: ${answer.status}`);
    const { page, notifications } = quayBody('PagedNotifications', answer.text) as Page;
    for (const { manifest, reason, vulnerability } of notifications) {
      // Quay drops every reason other than "added"; the contract defines one other reason, "removed".
      if (reason === 'removed') continue;
      if (reason !== 'added') throw new Error(`nobody is told of ${reason}`);
      if (!known.has(manifest)) throw new Error(`Quay has no manifest ${manifest}`);
      if (vulnerability.package.name === '') throw new Error('the vulnerability is in no package');
      events.push(...told(manifest, vulnerability, level));
    }
    next = page.next;
  } while (next !== undefined);
  for (let attempt = 1; ; attempt += 1) {
    const deleted = await send('DELETE', `${PATH}/${id}`);
    if ((deleted.status >= 200 && deleted.status <= 299) || deleted.status === 404) break;
    if (attempt === 5) throw new Error(`deletion: ${deleted.status}`);
  }
  if ((await send('GET', `${PATH}/${id}`)).status !== 404)
    throw new Error('the notification is there after its deletion');
  const unseen = [...affected].find((manifest) => !events.some((event) => event.manifest === manifest));
  if (unseen !== undefined) throw new Error(`nobody is told of ${unseen}`);
  if (new Set(events.map((event) => JSON.stringify(event))).size < events.length) throw new Error('an event twice');
  return events;
}

function told(
  manifest: string,
  of: Page['notifications'][number]['vulnerability'],
  level: string,
): readonly QuayEvent[] {
  // Quay treats an unknown word as the lowest level, so that no user is notified.
  const rank = LEVELS.indexOf(of.normalized_severity);
  if (rank < 0) throw new Error(`nobody is told of ${of.normalized_severity}`);
  if (rank < LEVELS.indexOf(level)) return [];
  const fixedBy = new URLSearchParams(of.fixed_in_version).get('fixed') ?? of.fixed_in_version;
  return [
    {
      manifest,
      id: of.name,
      priority: of.normalized_severity,
      description: of.description,
      link: of.links,
      hasFix: fixedBy !== '' && fixedBy !== '0',
    },
  ];
}
