import { orderedAdvisories } from '../queries/vulnerabilities/advisory-order.ts';
import type { FeedUpdate } from '../contracts/vulnerabilities.ts';
import type { Store } from '../contracts/store.ts';
import { advisory, digestOf } from './packages.ts';
import { IMAGE_OPERATIONS } from './planned-image-operations.ts';
import { FILE_RULE } from './planned-rule.ts';

const LOG_PAGE = { before: Number.MAX_SAFE_INTEGER, limit: 99, maxLooked: 200 };
const LATER = { since: 1000, isLater: true } as const;

/**
 * The store calls whose plans are checked on the data of `plans.engines.test.ts`, by function name and variant.
 */
export const PLANNED_OPERATIONS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  ...IMAGE_OPERATIONS,
  'namespaces.all': ({ namespaces }) => namespaces.all(),
  'namespaces.scheme': ({ namespaces }) => namespaces.scheme('debian:12'),
  'vulnerabilities.find': ({ vulnerabilities }) => vulnerabilities.find('CVE-77'),
  'vulnerabilities.findAll': ({ vulnerabilities }) => vulnerabilities.findAll(['CVE-77', 'CVE-78']),
  'vulnerabilities.about': ({ vulnerabilities }) => vulnerabilities.about('CVE-A-77', 100),
  'vulnerabilities.sharing': ({ vulnerabilities }) =>
    vulnerabilities.sharing(['CVE-A-77', 'CVE-78'], ['debian:12', 'debian:78'], 100),
  'vulnerabilities.named': ({ vulnerabilities }) => vulnerabilities.named('CVE-7', { after: '', limit: 100 }),
  'vulnerabilities.named next': ({ vulnerabilities }) =>
    vulnerabilities.named('CVE-7', { after: 'CVE-7000', limit: 100 }),
  'vulnerabilities.inNamespace': ({ vulnerabilities }) =>
    vulnerabilities.inNamespace('alpine:1', { after: '', limit: 100 }),
  'vulnerabilities.inNamespace next': ({ vulnerabilities }) =>
    vulnerabilities.inNamespace('alpine:1', { after: 'ALPINE-300', limit: 100 }),
  'vulnerabilities.update': ({ vulnerabilities }) =>
    vulnerabilities.update(
      updateOf('small', {
        advisories: orderedAdvisories([
          advisory('SMALL-1', { package: 'line-1', fixed: '1' }, { package: 'new', fixed: '1' }),
          { ...advisory('SMALL-2', { package: 'line-1', fixed: '1' }), aliases: ['CVE-1'] },
          advisory('SMALL-new', { package: 'line-2', fixed: '1' }),
        ]),
      }),
    ),
  'vulnerabilities.update of what changed': ({ vulnerabilities }) =>
    vulnerabilities.update(
      updateOf('debian', {
        scope: 'changed',
        advisories: orderedAdvisories([advisory('CVE-1', { package: 'line-1', fixed: '1' }), advisory('CVE-new')]),
        gone: ['CVE-2'],
        repositories: new Map([['repository-new', ['cpe:/a:1']]]),
      }),
    ),
  'manual.edit': ({ manual }) =>
    manual.edit({ name: 'HAND-1', at: AT, change: () => advisory('HAND-1', { package: 'line-1', fixed: '1' }) }),
  'manual.edit of what is there': ({ manual }) =>
    manual.edit({ name: 'HAND-2', at: AT, change: () => ({ ...advisory('HAND-2'), metadata: '{}' }) }),
  'manual.edit to nothing': ({ manual }) => manual.edit({ name: 'HAND-2', at: AT, change: () => undefined }),
  'fileRules.add': ({ fileRules }) => fileRules.add({ ...FILE_RULE, id: 'NEW-1' }, AT),
  'fileRules.find': ({ fileRules }) => fileRules.find('RULE-7'),
  'fileRules.list': ({ fileRules }) => fileRules.list({ after: 'RULE-7', limit: 100 }),
  'fileRules.remove': ({ fileRules }) => fileRules.remove('RULE-7', AT),
  'fileRules.countPending': ({ fileRules }) => fileRules.countPending(),
  'fileRules.progress': ({ fileRules }) => fileRules.progress('RULE-7'),
  'fileRules.watched': ({ fileRules }) => fileRules.watched(),
  'fileRules.hasWork': ({ fileRules }) => fileRules.hasWork(),
  'fileRules.search': ({ fileRules }) => fileRules.search(),
  'fileRules.advance': ({ fileRules }) => {
    const feature = { type: 'file', name: 'file-307', version: 'present' };
    const change = { feature, namespace: 'file', path: 'file-307', originDepth: 3, change: 1 } as const;
    return fileRules.advance({
      files: [7],
      from: 0,
      position: 804,
      layers: [{ id: 804, createdAt: 0, changes: [change] }],
    });
  },
  'fileRules.finish': ({ fileRules }) => fileRules.finish(AT),
  'fileRules.removeUnused': ({ fileRules }) => fileRules.removeUnused(),
  'ignoreRules.add': ({ ignoreRules }) =>
    ignoreRules.add({ name: 'new', entry: { package: 'a', reason: 'r' }, at: AT, by: null }),
  'ignoreRules.find': ({ ignoreRules }) => ignoreRules.find('rule-7'),
  'ignoreRules.list': ({ ignoreRules }) =>
    ignoreRules.list({ state: 'active', today: '2026-01-01' }, { before: 900, limit: 100 }),
  'ignoreRules.list ended': ({ ignoreRules }) =>
    ignoreRules.list({ state: 'ended', today: '2026-01-01', search: 'cve' }, { before: undefined, limit: 100 }),
  'ignoreRules.count': ({ ignoreRules }) => ignoreRules.count({ state: 'expired', today: '2026-01-01', search: 'cve' }),
  'ignoreRules.end': ({ ignoreRules }) => ignoreRules.end('rule-7', AT, 'jane'),
  'ignoreRules.revision': ({ ignoreRules }) => ignoreRules.revision(),
  'ignoreRules.all': ({ ignoreRules }) => ignoreRules.all(),
  'enrichments.ofCves': ({ enrichments }) => enrichments.ofCves(['CVE-1', 'CVE-2', 'CVE-none']),
  'enrichments.textsOf': ({ enrichments }) => enrichments.textsOf(['CVE-1', 'CVE-2', 'CVE-none']),
  'enrichments.update': ({ enrichments }) =>
    enrichments.update({
      ...updateOf('epss', { scope: 'changed' }),
      kind: 'epss',
      enrichments: [
        { cve: 'CVE-1', value: '{"score":1}' },
        { cve: 'CVE-2', value: null },
        { cve: 'CVE-2-new', value: '{"score":1}' },
      ],
    }),
  'enrichments.update of scores': ({ enrichments }) =>
    enrichments.update({
      ...updateOf('nvd', { scope: 'changed' }),
      kind: 'cvss',
      // The feed does not rate this CVE.
      enrichments: [{ cve: 'CVE-6', value: '[{"version":"3.1","type":"primary","score":9.8}]' }],
    }),
  'repositories.cpesOf': ({ repositories }) => repositories.cpesOf(['repository-1', 'repository-none']),
  'changeLog.read': ({ changeLog }) => changeLog.read({ after: 100, limit: 100 }),
  'changeLog.latest': ({ changeLog }) => changeLog.latest({ before: Number.MAX_SAFE_INTEGER, limit: 100 }),
  'changeLog.list': ({ changeLog }) => changeLog.list({ ...LOG_PAGE, filters: {} }),
  'changeLog.list of images': ({ changeLog }) => changeLog.list({ ...LOG_PAGE, filters: { inImages: true } }),
  'changeLog.list without first imports': ({ changeLog }) => changeLog.list({ ...LOG_PAGE, filters: LATER }),
  'changeLog.total': ({ changeLog }) => changeLog.total(LATER, 5000),
  'changeLog.firstImports': ({ changeLog }) => changeLog.firstImports(0),
  'changeLog.recent': ({ changeLog }) => changeLog.recent(1000),
  'changeLog.find': ({ changeLog }) => changeLog.find(100),
  'changeLog.wholeSince': ({ changeLog }) => changeLog.wholeSince(),
  'changeLog.former': ({ changeLog }) =>
    changeLog.former({ after: 1000, below: undefined, namespaces: ['debian:12'], limit: 100 }),
  'changeLog.former next': ({ changeLog }) =>
    changeLog.former({ after: 1000, below: { at: 2000, id: 2000 }, namespaces: ['debian:12'], limit: 100 }),
  'changeLog.histories': ({ changeLog }) =>
    changeLog.histories({ names: ['CVE-1', 'CVE-2'].map((name) => ({ feed: 'debian', name })), after: 1000 }),
  'changeLog.previous': ({ changeLog }) => changeLog.previous({ feed: 'debian', name: 'CVE-1' }, 4000),
  'updateHistory.latest': ({ updateHistory }) => updateHistory.latest(10),
  'updateHistory.completeAfter': ({ updateHistory }) => updateHistory.completeAfter('debian'),
  'updateHistory.find': ({ updateHistory }) => updateHistory.find(100),
  'updateHistory.between': ({ updateHistory }) =>
    updateHistory.between({ feed: 'debian', after: 100, upTo: 4000, limit: 100 }),
  'updateHistory.changes': ({ updateHistory }) => updateHistory.changes(100, { after: 0, limit: 100 }),
  'updateHistory.markDeleted': ({ updateHistory }) => updateHistory.markDeleted(100, AT),
  'notifications.cursor': ({ notifications }) => notifications.cursor(),
  'notifications.advance': async ({ notifications }) => {
    const from = await notifications.cursor();
    const made = { name: 'new', change: 20_000, kind: 'new', createdAt: AT } as const;
    return await notifications.advance({ from, to: from + 1, notifications: [made] });
  },
  'notifications.claim': ({ notifications }) => notifications.claim(CLAIM),
  'notifications.claim failed first': ({ notifications }) => notifications.claim({ ...CLAIM, failedFirst: true }),
  'notifications.recordDelivery': ({ notifications }) =>
    notifications.recordDelivery(3, { at: AT, dueAt: null, channels: ['webhook'] }),
  'notifications.recordFailure': ({ notifications }) =>
    notifications.recordFailure(3, { owner: 'me', at: AT, error: 'e', dueAt: AT }),
  'notifications.release': ({ notifications }) => notifications.release(3, { owner: 'me', at: AT }),
  'notifications.nextDue': ({ notifications }) => notifications.nextDue(),
  'notifications.find': ({ notifications }) => notifications.find('name-3'),
  'notifications.markRead': ({ notifications }) => notifications.markRead('name-3', AT),
  'notifications.list waiting': ({ notifications }) => notifications.list('waiting', { after: 100, limit: 100 }),
  'notifications.history': ({ notifications }) =>
    notifications.history({ before: { notifiedAt: 5000, id: 5000 }, limit: 100 }),
  'notifications.list dead': ({ notifications }) => notifications.list('dead', { after: 100, limit: 100 }),
  'notifications.count': ({ notifications }) => notifications.count(),
  'notifications.retry': ({ notifications }) => notifications.retry('all', AT),
  'notifications.retry of one': ({ notifications }) => notifications.retry(['name-5'], AT),
  'notifications.advance updates': async ({ notifications }) => {
    const from = await notifications.cursor();
    const effects = [{ name: 'new', feed: 'debian', update: 9_000_000, createdAt: AT, changes: [], features: EFFECTS }];
    return await notifications.advance({ from, to: from, notifications: [], updates: { effects, isSummary: true } });
  },
  'updateNotifications.read': ({ updateNotifications }) => updateNotifications.read(),
  'updateNotifications.hasEntries': ({ updateNotifications }) =>
    updateNotifications.hasEntries(3, new AbortController().signal),
  'updateNotifications.listWaiting': ({ updateNotifications }) => updateNotifications.listWaiting(100),
  'updateNotifications.waiting': ({ updateNotifications }) => updateNotifications.waiting(),
  'updateNotifications.page': ({ updateNotifications }) =>
    updateNotifications.page(3, { after: undefined, limit: 100 }),
  'updateNotifications.complete': ({ updateNotifications }) => updateNotifications.complete(1001, AT),
  'updateNotifications.discard': ({ updateNotifications }) => updateNotifications.discard(1501),
  'updateNotifications.find': ({ updateNotifications }) => updateNotifications.find('name-3'),
  'updateNotifications.remove': ({ updateNotifications }) => updateNotifications.remove('name-3', AT),
  'updateNotifications.claim': ({ updateNotifications }) => updateNotifications.claim(CLAIM),
  'updateNotifications.nextDue': ({ updateNotifications }) => updateNotifications.nextDue(),
  'updateNotifications.recordDelivery': ({ updateNotifications }) => updateNotifications.recordDelivery(3, AT),
  'updateNotifications.recordFailure': ({ updateNotifications }) =>
    updateNotifications.recordFailure(3, { owner: 'me', error: 'e', dueAt: AT }),
  'updateNotifications.release': ({ updateNotifications }) => updateNotifications.release(3, { owner: 'me', at: AT }),
  'submissions.add': ({ submissions }) =>
    submissions.add({ name: 'new', target: 'r', platform: null, isUpload: false, createdAt: WEEK_MS + 100 }),
  'submissions.add of an SBOM': ({ submissions }) => {
    const document = { digest: digestOf('a'), distribution: null, appliesVex: false, parts: [Uint8Array.of(1)] };
    return submissions.add({ name: 'new', target: 's', platform: null, isUpload: false, document, createdAt: AT });
  },
  'submissions.part': ({ submissions }) => submissions.part('name-7', 0),
  'submissions.find': ({ submissions }) => submissions.find('name-7'),
  'submissions.list': ({ submissions }) => submissions.list({ before: Number.MAX_SAFE_INTEGER, limit: 25 }),
  'submissions.unfinished': ({ submissions }) => submissions.unfinished(25),
  'submissions.count': ({ submissions }) => submissions.count(),
  'submissions.begin': ({ submissions }) => submissions.begin('name-50'),
  'submissions.release': ({ submissions }) => submissions.release('name-50'),
  'submissions.noteProgress': ({ submissions }) => submissions.noteProgress('name-50', { total: 2, done: 1, known: 0 }),
  'submissions.finish': ({ submissions }) => submissions.finish('name-50', { at: AT, images: [], error: null }),
  'feeds.all': ({ feeds }) => feeds.all(),
  'feeds.find': ({ feeds }) => feeds.find('debian'),
  'feeds.recordUnchanged': ({ feeds }) => feeds.recordUnchanged('debian', AT),
  'feeds.recordFailure': ({ feeds }) => feeds.recordFailure('debian', AT, 'e'),
  'feeds.setStaleAfter': ({ feeds }) => feeds.setStaleAfter('debian', 1),
  'feeds.covering': ({ feeds }) => feeds.covering('debian:12'),
  'feeds.namedDomains': ({ feeds }) => feeds.namedDomains('debian:12', ['org.example', 'a']),
  'feeds.judges': ({ feeds }) => feeds.judges(),
  'locks.acquire': ({ locks }) => locks.acquire('one', 'me', 1000),
  'locks.renew': ({ locks }) => locks.renew({ name: 'one', owner: 'me' }, 1000),
  'locks.removeExpired': ({ locks }) => locks.removeExpired(),
  'locks.release': ({ locks }) => locks.release('one', 'me'),
  'flags.get': ({ flags }) => flags.get('one'),
  'flags.set': ({ flags }) => flags.set('one', '1'),
  'retention.plan': ({ retention }) => retention.plan(BOUNDS),
  'retention.list': async ({ retention }) => {
    for await (const { name } of retention.list({ bounds: BOUNDS, ...OBSOLETE })) if (name === '') return name;
    return undefined;
  },
  'retention.apply': ({ retention }) => retention.apply({ bounds: BOUNDS, ...OBSOLETE }),
  snapshot: ({ snapshot }) => snapshot(async ({ feeds }) => await feeds.all()),
  feedSnapshot: ({ feedSnapshot }) =>
    feedSnapshot(async ({ advisories, repositories, enrichments }) => {
      for await (const { advisory: each } of advisories('small')) if (each.id === '') return;
      for await (const { cve } of enrichments('kev')) if (cve === '') return;
      await repositories('small');
    }),
  check: ({ check }) => check(),
};

/** The operations that read all rows by design, or no table. */
export const UNPLANNED_OPERATIONS: readonly string[] = [
  'sizes.space',
  'sizes.tables',
  'sizes.compact',
  'version',
  'now',
  'under',
  'schema.from',
  'schema.to',
  'close',
];

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const AT = 1_800_000_000_000;

const EFFECTS = [
  {
    change: 1,
    reason: 'added',
    feature: 1,
    cpe: '',
    unless: [],
    severity: 'High',
    namespace: 'debian:1',
    package: 'p',
    fixed: '',
  },
] as const;
const CLAIM = { owner: 'me', lease: 1000, limit: 10 };

const BOUNDS = { images: 10, layers: 864_000_000, notifications: AT, changeLog: 100 };
/** The rows to remove, by kind. Rows that are in use must stay. */
const OBSOLETE = {
  image: [1, 2],
  layer: [[8, 12], [7]],
  layer_contents: [['sha256:7', 1] as const],
  notification: [1, 2],
  update_notification: [1],
  change_log: [1, 2],
  program: [1, 2],
  feature: [1, 2],
  line: [1, 2],
  namespace: [1, 2],
  undelivered: [],
};

function updateOf(feed: string, update: Partial<FeedUpdate>): FeedUpdate {
  return {
    feed,
    scheme: 'dpkg',
    fetcherVersion: 1,
    advisories: [],
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, skipped: 0, examples: [] },
    at: AT,
    ...update,
  };
}
