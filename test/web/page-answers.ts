import { DIGEST, OLDER } from './page-image-answers.ts';
import type { PageAnswers } from './page-server.ts';
import { DEBIAN } from '../../src/report/testing/report-builder.ts';

const DISTRIBUTION = { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian GNU/Linux 12' };

/** Returns the state of a server with healthy or failing feeds. */
export function feedsAnswer(isWell: boolean): PageAnswers {
  const stale = { ...DEBIAN, name: 'alpine', isStale: true, ageSeconds: 9 * 86_400, skippedRecords: 2 };
  const failed = {
    ...DEBIAN,
    name: 'ubuntu',
    error: 'tracker.example: the connection was refused (bytes/unreachable)',
  };
  const rows = [DEBIAN, ...(isWell ? [] : [stale, failed])];
  return {
    'GET status': { body: { version: '0.1.0', database: 'sqlite', queue: { queued: 2, reading: 1 }, feeds: {} } },
    'GET submissions': { body: { submissions: isWell ? [] : SUBMISSIONS, nextPage: null } },
    'GET feeds': {
      body: { feeds: rows.map((row) => ({ ...row, state: stateOf(row), holds: 'vulnerabilities' })) },
    },
  };
}

const SUBMISSION = { platform: null, layers: { total: 4, done: 2, known: 1 }, images: [], error: null };

const SUBMISSIONS = [
  { ...SUBMISSION, id: 's1', target: 'debian:12', state: 'reading', createdAt: '2026-01-02T03:00:00.000Z' },
  { ...SUBMISSION, id: 's2', target: 'app:1', state: 'done', images: [DIGEST], createdAt: '2026-01-02T02:00:00.000Z' },
  {
    ...SUBMISSION,
    id: 's3',
    target: 'none.example/app:1',
    state: 'failed',
    error: { code: 'registry/unreachable', message: 'none.example does not answer.', remedy: 'Check the name.' },
    createdAt: '2026-01-02T01:00:00.000Z',
  },
];

function stateOf({ error, isStale }: typeof DEBIAN): string {
  if (error !== null) return 'failed';
  return isStale ? 'stale' : 'fresh';
}

/** Changes of the data, one of each kind. */
export const CHANGES_ANSWER: PageAnswers = {
  'GET changes': {
    body: {
      changes: [
        { kind: 'added', before: null, after: 'Critical', isInitial: false },
        { kind: 'changed', before: 'Low', after: 'High', isInitial: false },
        { kind: 'withdrawn', before: 'Medium', after: null, isInitial: false },
        { kind: 'added', before: null, after: 'Negligible', isInitial: true },
      ].map((change, number) => {
        const at = `2026-01-02T0${number}:00:00.000Z`;
        return { feed: 'debian', vulnerability: `CVE-2024-200${number}`, at, ...change };
      }),
      nextPage: 'more',
      isCurrent: true,
      firstImports: [{ feed: 'debian', at: '2026-01-01T00:00:00.000Z', changes: 2000, isWhole: true }],
    },
    headers: { 'x-total-count': '1514' },
  },
};

/** Returns an exploited vulnerability in two feeds with many ranges, and its affected images. */
export function vulnerabilityAnswer(id: string): PageAnswers {
  const ranges = Array.from({ length: 120 }, (_, number) => ({
    namespace: `debian:${number % 4 === 0 ? 'unstable' : 10 + (number % 4)}`,
    package: `linux-${number}`,
    introduced: number % 2 === 0 ? null : '5.10',
    fixedIn: number % 3 === 0 ? null : `6.1.${number}-1`,
    lastAffected: null,
    status: number % 3 === 0 ? 'open' : 'fixed',
    severity: 'High',
    severityFrom: number % 2 === 0 ? 'nvd' : 'feed',
  }));
  const description = 'A use after free in the parser of routes lets a local user become root.';
  const words = { link: `https://example.org/${id}`, description, severity: 'High', aliases: [] };
  const cvss = [
    {
      version: '3.1',
      vector: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',
      score: 7.8,
      source: 'nvd',
      type: 'primary',
      accessVector: 'local',
      complexity: 'low',
    },
  ];
  const kev = { added: '2024-05-30', action: 'Apply updates.', ransomware: true };
  return {
    [`GET vulnerabilities/${id}`]: {
      body: {
        id,
        title: 'A use after free lets a local user become root',
        description: words.description,
        severity: 'High',
        images: 2,
        isCurrent: true,
        aliases: ['DSA-5681-1'],
        cves: [{ id, cvss, epss: { score: 0.861 }, kev }],
        feeds: [
          { feed: 'debian', ...words, affected: ranges },
          { feed: 'manual', ...words, description: '', affected: [] },
        ],
      },
    },
    ...affectedImagesAnswer(id),
  };
}

/**
 * Returns an empty page, then a page with two images that a vulnerability affects: through many packages, and through a
 * suppressed package; then no more images.
 */
function affectedImagesAnswer(id: string): PageAnswers {
  const path = `GET vulnerabilities/${id}/images`;
  const finding = {
    package: 'linux-image-amd64',
    version: '6.1.76-1',
    type: 'deb',
    arch: 'amd64',
    paths: [],
    namespace: 'debian:12',
    severity: 'High',
    status: 'fixed',
    fixedIn: '6.1.82-1',
    layer: 2,
    createdBy: 'RUN /bin/sh -c apt-get install -y linux-image-amd64 linux-headers-amd64 # buildkit',
    isSuppressed: false,
  };
  const many = Array.from({ length: 20 }, (_, number) => ({
    ...finding,
    package: `linux-image-6.1.0-${number}-amd64`,
  }));
  const suppressed = { ...finding, status: 'open', fixedIn: null, layer: 0, createdBy: '', isSuppressed: true };
  const images = [
    { ...OLDER, digest: DIGEST, reference: 'registry.example.org/team/router:2.1', findings: [finding, suppressed] },
    { ...OLDER, reference: 'registry.example.org/team/builder-of-kernels:2025-12', findings: many },
  ];
  return {
    [`${path}?limit=25`]: { body: { images: [], nextPage: 'second' } },
    [`${path}?limit=25&page=second`]: { body: { images, nextPage: 'third' } },
    [`${path}?limit=25&page=third`]: { body: { images: [], nextPage: null } },
  };
}

/** A page of the vulnerabilities whose IDs start with CVE-2024-1. */
export const VULNERABILITIES_ANSWER: PageAnswers = {
  'GET vulnerabilities': {
    body: {
      vulnerabilities: ['High', 'Critical', 'Medium', 'Low', 'Unknown'].map((severity, number) => ({
        id: `CVE-2024-108${number}`,
        severity,
        images: 17 - number,
        feeds: number % 2 === 0 ? ['debian', 'ubuntu', 'alpine'] : ['debian'],
        description:
          number === 4
            ? ''
            : 'A use after free in the parser of routes lets a local user become root. '.repeat(number * 3 + 1),
      })),
      nextPage: 'more',
    },
    headers: { 'x-total-count': '1514' },
  },
};

/** Returns notifications in each state, for a token with this access. */
export function notificationsAnswer(access: 'full' | 'read-only' = 'full'): PageAnswers {
  const queue = { queued: 0, reading: 0 };
  return { ...NOTIFICATIONS, 'GET status': { body: { version: '0.1.0', access, queue, feeds: {} } } };
}

const NOTIFICATIONS: PageAnswers = Object.fromEntries(
  [
    {
      state: 'waiting',
      notifiedAt: null,
      attempts: 2,
      error: 'hook.example answers with 502',
      dueAt: '2026-01-02T05:00:00.000Z',
    },
    {
      state: 'delivered',
      notifiedAt: '2026-01-02T04:00:00.000Z',
      attempts: 0,
      error: null,
      dueAt: '2026-01-02T06:00:00.000Z',
      channels: ['webhook', 'amqp'],
      deliveries: 2,
      totalAttempts: 5,
      lastFailure: { at: '2026-01-02T03:30:00.000Z', reason: 'webhook: hook.example answers with 502' },
    },
    { state: 'dead', notifiedAt: null, attempts: 50, error: 'hook.example: the connection was refused', dueAt: null },
  ].map(({ state, ...delivery }) => [
    `GET notifications?limit=50&state=${state}`,
    {
      body: {
        notifications: ['new', 'severity-increased', 'packages-changed', 'withdrawn'].map((kind, number) => ({
          name: `ec45ec87-bfc8-4129-a1c3-d2b82622175${number}`,
          kind,
          feed: 'debian',
          vulnerability: `CVE-2024-300${number}`,
          createdAt: `2026-01-02T03:0${number}:00.000Z`,
          readAt: null,
          channels: [],
          deliveries: 0,
          totalAttempts: delivery.attempts,
          lastFailure: null,
          ...delivery,
          // A full message is complete on delivery; a reference was marked read later.
          ...(state === 'delivered' && number === 1 && { dueAt: null, readAt: delivery.notifiedAt, deliveries: 1 }),
          ...(state === 'delivered' && number === 2 && { dueAt: null, readAt: '2026-01-02T05:00:00.000Z' }),
        })),
        nextPage: state === 'waiting' ? 'more' : null,
      },
      ...(state === 'waiting' && { headers: { 'x-total-count': '120' } }),
    },
  ]),
);

const RULE = {
  id: ['CVE-2024-1086'],
  package: 'linux',
  layer: null,
  image: null,
  reason: 'The container has no capabilities.',
  author: null,
  expires: '2026-04-01',
  createdAt: '2026-01-02T03:00:00.000Z',
  createdBy: null,
  endedAt: null,
  endedBy: null,
  state: 'active',
};

/** Returns ignore rules in each state, for a token with this access. */
export function ignoreRulesAnswer(access: 'full' | 'read-only' = 'full'): PageAnswers {
  const many = Array.from({ length: 30 }, (_, number) => `CVE-2025-20${number + 10}`);
  const active = [
    { ...RULE, name: 'r1', author: 'jane@example.org', createdBy: 'ci' },
    { ...RULE, name: 'r2', id: null, package: 'pkg:deb/debian/linux-libc-dev', layer: 'base', expires: null },
    { ...RULE, name: 'r3', id: many, package: null, image: 'registry.example.org/team/builder-of-kernels' },
  ];
  const expired = [{ ...RULE, name: 'r4', expires: '2025-12-31', state: 'expired' }];
  const ended = [
    { ...RULE, name: 'r5', createdBy: 'jane', endedAt: '2026-01-03T03:00:00.000Z', endedBy: 'joe', state: 'ended' },
  ];
  return {
    'GET status': { body: { version: '0.1.0', access, queue: { queued: 0, reading: 0 }, feeds: {} } },
    'GET ignore-rules?limit=50&state=active': {
      body: { ignoreRules: active, nextPage: 'more' },
      headers: { 'x-total-count': '120' },
    },
    'GET ignore-rules?limit=50&state=expired': { body: { ignoreRules: expired, nextPage: null } },
    'GET ignore-rules?limit=50&state=ended': { body: { ignoreRules: ended, nextPage: null } },
    'GET ignore-rules?limit=50&state=active&search=none': { body: { ignoreRules: [], nextPage: null } },
  };
}

/** Returns some images, the first of them incomplete. */
export function imagesAnswer(count: number, other: object = {}): PageAnswers {
  const images = Array.from({ length: count }, (_, number) => ({
    digest: number === 0 ? DIGEST : `sha256:${String(number).padStart(64, '0')}`,
    reference: `registry.example.org/team/service-${number}:1.${number}`,
    platform: 'linux/amd64',
    distribution: number === 2 ? null : DISTRIBUTION,
    suppressed: 0,
    scannedAt: new Date(Date.UTC(2026, 0, 1) + number * 3_600_000).toISOString(),
    layers: 4 + number,
    countState: 'counted',
    isCurrent: true,
    packages: 88 * (1 + number),
    severities: number === 2 ? {} : { Critical: number % 3, High: 4 + number, Medium: 12, Low: 30, Negligible: 5 },
    fixable: number * 2,
    kev: number % 2,
    isIncomplete: number === 0,
    diagnostics: number === 0 ? 2 : 0,
    ...(number === 1 && other),
  }));
  return {
    'GET feeds': feedsAnswer(true)['GET feeds']!,
    'GET images': { body: { images, nextPage: null, isCurrent: Object.keys(other).length === 0 } },
  };
}

function enrichments(state: string, ageSeconds: number | null): readonly object[] {
  return ['epss', 'kev', 'nvd'].map((name) => ({ name, state, ageSeconds }));
}

/** Returns the overview of images, feeds and changes, or of a new server. */
export function overviewAnswer(isNew = false): PageAnswers {
  const { images } = (imagesAnswer(5)['GET images'] as { readonly body: { readonly images: readonly object[] } }).body;
  const week = { since: '2025-12-26T03:00:00.000Z', isWhole: true };
  const none = { total: 0, exploited: 0, fixableHigh: 0, incomplete: 0, waiting: 0 };
  const body = isNew
    ? {
        images: none,
        isCurrent: true,
        worst: [],
        endOfLife: [],
        feeds: { fresh: 0, failing: [], neverUpdated: 24, enrichments: enrichments('never updated', null) },
        week: { ...week, scanned: 0, advisories: { added: 0, changed: 0, withdrawn: 0 } },
      }
    : {
        images: { total: 10_024, exploited: 17, fixableHigh: 412, incomplete: 31, waiting: 2 },
        isCurrent: false,
        worst: images,
        endOfLife: [
          { namespace: 'debian:9', endedOn: '2022-06-30', images: 12 },
          { namespace: 'alpine:v3.10', endedOn: '2021-05-01', images: 1 },
        ],
        feeds: {
          fresh: 8,
          failing: [{ name: 'alpine', state: 'stale', ageSeconds: 9 * 86_400 }],
          neverUpdated: 15,
          enrichments: enrichments('fresh', 60),
        },
        week: { ...week, scanned: 230, advisories: { added: 1204, changed: 310, withdrawn: 4 }, isWhole: false },
      };
  return { 'GET overview': { body } };
}
