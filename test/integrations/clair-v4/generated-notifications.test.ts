import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notificationPage } from '../../../src/api/v4/notifier/notification-body.ts';
import type { EntryPage, EntryPosition, UpdateEntry } from '../../../src/database/contracts/update-notifications.ts';
import { SEVERITIES } from '../../../src/model/severity.ts';
import { goNotifications } from './go-decoding.ts';
import { quayBody } from './quay-schemas.ts';

const RUNS = 1000;

const text = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }));
const reason = fc.constantFrom('added' as const, 'removed' as const);
const id = fc.integer({ min: 0, max: 2 ** 40 - 2 });

const entry = fc.record<UpdateEntry>({
  image: fc.constantFrom('a', 'b').map((digit) => `sha256:${digit.repeat(64)}`),
  reason,
  change: id,
  severity: fc.constantFrom(...SEVERITIES),
  namespace: fc.oneof(fc.constantFrom('debian:12', 'rhel:9', 'npm', 'golang', 'x', 'a:b:c', ''), text),
  package: text,
  fixed: text,
  name: text,
  description: text,
  links: text,
});

const next = fc.record<EntryPosition>({
  layer: id,
  image: id,
  entry: fc.option(fc.record({ change: id, reason }), { nil: undefined }),
});

const page = fc.record<EntryPage>({
  entries: fc.uniqueArray(entry, { maxLength: 6, selector: (of) => `${of.image} ${of.reason} ${of.change}` }),
  next: fc.option(next, { nil: undefined }),
});

type Sent = {
  readonly notifications: readonly {
    readonly id: string;
    readonly manifest: string;
    readonly vulnerability: {
      readonly severity: string;
      readonly normalized_severity: string;
      readonly package: { readonly name: string };
    };
  }[];
};

describe('every page of a notification', () => {
  it('is valid for Quay and Go, and follows the rules that no schema states', () => {
    const property = fc.property(fc.uuid(), fc.nat(), page, (name, size, given) => {
      const sent = JSON.stringify(notificationPage(name, size, given));
      goNotifications(sent);
      const { notifications } = quayBody('PagedNotifications', sent) as Sent;
      expect(nullsIn(JSON.parse(sent))).toBe(0);
      expect(notifications.map(({ manifest }) => manifest)).toEqual(given.entries.map(({ image }) => image));
      expect(new Set(notifications.map((each) => each.id)).size).toBe(notifications.length);
      for (const [at, { vulnerability }] of notifications.entries()) {
        expect(vulnerability.normalized_severity).toBe(vulnerability.severity);
        expect(vulnerability.package.name).toBe(given.entries[at]?.package);
      }
      // A second read returns the same page.
      expect(JSON.stringify(notificationPage(name, size, given))).toBe(sent);
    });
    fc.assert(property, { numRuns: RUNS });
  });
});

/** Counts the null values, because Quay fails on null. */
function nullsIn(value: unknown): number {
  if (value === null) return 1;
  if (typeof value !== 'object') return 0;
  return Object.values(value).reduce<number>((sum, each) => sum + nullsIn(each), 0);
}
