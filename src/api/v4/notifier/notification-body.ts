import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import type { EntryPage, UpdateEntry } from '../../../database/contracts/update-notifications.ts';
import { WIDELY_KNOWN_SEVERITIES, widelyKnownSeverity } from '../../../model/severity.ts';
import { originBody } from '../origin-body.ts';
import { DISTRIBUTION, type DistributionBody, REPOSITORY, type RepositoryBody } from '../report-shapes.ts';
import { tokenOfPosition } from './position-tokens.ts';

const TEXT: Type.TString = Type.String();

const SUMMARY: Type.TObject = Type.Object(
  {
    name: TEXT,
    description: TEXT,
    package: Type.Object({ id: TEXT, name: TEXT, version: TEXT, kind: TEXT, normalized_version: TEXT, cpe: TEXT }),
    distribution: Type.Optional(DISTRIBUTION),
    repo: Type.Optional(REPOSITORY),
    repository: Type.Optional(REPOSITORY),
    severity: TEXT,
    normalized_severity: Type.Enum([...WIDELY_KNOWN_SEVERITIES]),
    fixed_in_version: Type.String({ description: 'an empty string if no version fixes the vulnerability' }),
    links: Type.String({ description: 'URLs, separated by spaces' }),
  },
  { title: 'VulnerabilitySummary' },
);

const NOTIFICATION: Type.TObject = Type.Object(
  {
    id: Type.String({ description: 'UUID, the same in every response' }),
    manifest: Type.String({ description: 'digest of the image' }),
    reason: Type.Union([Type.Literal('added'), Type.Literal('removed')]),
    vulnerability: SUMMARY,
  },
  { title: 'Notification' },
);

export const NOTIFICATION_PAGE: Type.TObject = Type.Object(
  {
    page: Type.Object({
      size: Type.Integer({ description: 'the requested or default page size; a page may be shorter' }),
      next: Type.Optional(
        Type.String({ description: 'UUID to send as `next` to request the next page; absent on the last page' }),
      ),
    }),
    notifications: Type.Array(NOTIFICATION),
  },
  { title: 'NotificationPage' },
);

/** Returns the body of a page of a notification. @param size the requested or default page size */
export function notificationPage(name: string, size: number, { entries, next }: EntryPage): object {
  return {
    page: { size, ...(next !== undefined && { next: tokenOfPosition(next) }) },
    notifications: entries.map((entry) => notificationBody(name, entry)),
  };
}

/** Quay reads `normalized_severity` and Clair v4 sends `severity`, so an entry has both. */
function notificationBody(notification: string, entry: UpdateEntry): object {
  const { image, reason, change, name, description, links, fixed } = entry;
  const severity = widelyKnownSeverity(entry.severity);
  return {
    id: entryId(notification, [image, reason, String(change)]),
    manifest: image,
    reason,
    vulnerability: {
      name,
      description,
      // The package that the advisory names, not the installed package.
      package: { id: '', name: entry.package, version: '', kind: 'source', normalized_version: '', cpe: '' },
      ...summaryOrigin(entry.namespace),
      severity,
      normalized_severity: severity,
      fixed_in_version: fixed,
      links,
    },
  };
}

type OriginBody = {
  readonly distribution?: DistributionBody;
  readonly repo?: RepositoryBody;
  readonly repository?: RepositoryBody;
};

/**
 * Returns the origin with the repository under two member names: `repository` and, as in summaries of Clair v4, `repo`.
 */
function summaryOrigin(namespace: string): OriginBody {
  const origin = originBody(namespace);
  return { ...origin, ...(origin.repository !== undefined && { repo: origin.repository }) };
}

/** Returns a UUID of version 5 (RFC 9562 section 5.5) whose namespace is the UUID of the notification. */
function entryId(notification: string, parts: readonly string[]): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(notification.replaceAll('-', ''), 'hex'))
    .update(parts.join('\n'))
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
