import type { ResolvedChange } from '../database/contracts/change-log.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { AffectedPackage } from '../model/advisories/advisory.ts';
import type { Notification } from '../model/notification.ts';
import { jsonBytes } from './json-bound.ts';

/** All that a full message says. */
export type MessageFacts = {
  readonly notification: Notification;
  readonly change: ResolvedChange;
  /** The layers that bring the vulnerability in by now, and did not before. */
  readonly introducing: LayerNames;
  /** Those that brought it in before, and do not any more. */
  readonly former: LayerNames;
};

/** Names of layers, in order of their ids. */
export type LayerNames = { readonly names: readonly string[] /** Whether there are more. */; readonly isCut: boolean };

/** How many bytes the names of one list may have as JSON: each has up to 1024 characters. */
const MAX_NAMES_BYTES = 192 * 1024;

const LAYERS_PER_PAGE = 1000;

/** Reads what a notification is about, as it was when the vulnerability changed, and the layers as they are now. */
export async function readMessageFacts(
  { changeLog, matches }: Pick<Store, 'changeLog' | 'matches'>,
  notification: Notification,
): Promise<MessageFacts> {
  const change = await changeLog.find(notification.change);
  if (change === undefined) throw new ClairError('internal', `${notification.name} is about a change that is gone`);
  const [before, after] = [change.before?.affected ?? [], change.after?.affected ?? []];
  // Who already had a vulnerability that became worse must hear of it, too.
  const except = notification.kind === 'severity-increased' ? [] : before;
  const introducing = await layerNames(matches, after, except);
  return { notification, change, introducing, former: await layerNames(matches, before, after) };
}

async function layerNames(
  matches: Store['matches'],
  affected: readonly AffectedPackage[],
  except: readonly AffectedPackage[],
): Promise<LayerNames> {
  const names: string[] = [];
  let bytes = 0;
  for (let after = 0; ; ) {
    const page = await matches.affectedLayers({ affected, except }, { after, limit: LAYERS_PER_PAGE });
    for (const { id, name } of page) {
      bytes += jsonBytes(name) + 1;
      if (bytes > MAX_NAMES_BYTES) return { names, isCut: true };
      names.push(name);
      after = id;
    }
    if (page.length < LAYERS_PER_PAGE) return { names, isCut: false };
  }
}
