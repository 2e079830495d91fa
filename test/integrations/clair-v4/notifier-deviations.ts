import { changed, emptied, removed, status } from './answer-changes.ts';
import type { Received } from './quay-receiver.ts';
import type { Answer, Deviation } from './transport.ts';

const PAGE = 'GET /notifier/api/v1/notification/';
const DELETION = 'DELETE /notifier/api/v1/notification/';
const ONE = 'notifications.0';
const OF = `${ONE}.vulnerability`;

/** A deviation, and the error of the worker. */
export type NotifierDeviation = Deviation & { readonly because: RegExp };

type Row = readonly [name: string, at: string, change: Deviation['change'], because?: RegExp];

const REQUIRED = ['name', 'description', 'links', 'normalized_severity', 'fixed_in_version', 'package'];

const ROWS: readonly Row[] = [
  ['a page is 404', PAGE, status(404)],
  ['a page is 500', PAGE, status(500)],
  ['a page is 202 without a body', PAGE, status(202, '')],
  [
    'a page is a list',
    PAGE,
    (answer): Answer => ({ ...answer, text: JSON.stringify(JSON.parse(answer.text).notifications ?? '') }),
  ],
  ['a page has no notifications', PAGE, removed('notifications')],
  ['the notifications are null', PAGE, changed('notifications', null)],
  ['a page has no page', PAGE, removed('page')],
  ['the size of a page is a text', PAGE, changed('page.size', '500')],
  ['the next page is a number', PAGE, changed('page.next', 2)],
  ['the next page is null', PAGE, changed('page.next', null)],
  ['the last page leads to the first', PAGE, changed('page.next', '00000000-0000-0000-0000-000000000000')],
  ['the last page leads to -1, as a copy of the OpenAPI says', PAGE, changed('page.next', '-1')],
  ['an entry has no manifest', PAGE, removed(`${ONE}.manifest`)],
  ['an entry has another manifest', PAGE, changed(`${ONE}.manifest`, `sha256:${'0'.repeat(64)}`)],
  ['an entry has no reason', PAGE, removed(`${ONE}.reason`)],
  ['the reason is "changed"', PAGE, changed(`${ONE}.reason`, 'changed')],
  ['the reason is in capitals', PAGE, changed(`${ONE}.reason`, 'Added')],
  ['an entry has no vulnerability', PAGE, removed(OF)],
  ['the vulnerability is its ID', PAGE, changed(OF, '1')],
  ...REQUIRED.map(
    (member): Row => [`the vulnerability of an entry has no ${member}`, PAGE, removed(`${OF}.${member}`)],
  ),
  ['the fixed version of an entry is null', PAGE, changed(`${OF}.fixed_in_version`, null)],
  ['the package of an entry is null', PAGE, changed(`${OF}.package`, null)],
  ['the package of an entry has no name', PAGE, removed(`${OF}.package.name`)],
  ['the links of an entry are a list', PAGE, changed(`${OF}.links`, [])],
  ['the severity of an entry is Defcon1', PAGE, changed(`${OF}.normalized_severity`, 'Defcon1')],
  ['the severity of an entry is in lower case', PAGE, changed(`${OF}.normalized_severity`, 'high')],
  ['an entry comes twice', PAGE, duplicated, /an event twice/],
  ['a page is HTML', PAGE, status(200, '<html></html>'), /not valid JSON/],
  ['the page is null', PAGE, changed('page', null), /PagedNotifications: \/page must be object/],
  ['a page has no size', PAGE, removed('page.size'), /PagedNotifications: \/page .*size/],
  ['the notifications are a map', PAGE, mapped, /\/notifications must be array/],
  ['an entry is null', PAGE, changed(ONE, null), /\/notifications\/0 must be object/],
  ['an entry has no ID', PAGE, removed(`${ONE}.id`), /\/notifications\/0 .*id/],
  ['the ID of an entry is a number', PAGE, changed(`${ONE}.id`, 7), /\/0\/id must be string/],
  ['the description of an entry is null', PAGE, changed(`${OF}.description`, null), /description must be string/],
  ['the name of an entry is a number', PAGE, changed(`${OF}.name`, 20_991_001), /name must be string/],
  ['the package of an entry has no ID', PAGE, removed(`${OF}.package.id`), /\/package .*id/],
  ['the package of an entry has no version', PAGE, removed(`${OF}.package.version`), /\/package .*version/],
  ['the source of a package is null', PAGE, changed(`${OF}.package.source`, null), /source must be object/],
  ['the distribution of an entry is null', PAGE, changed(`${OF}.distribution`, null), /distribution must be object/],
  ['the repository of an entry is null', PAGE, changed(`${OF}.repository`, null), /repository must be object/],
  // Clair v4 has the next two deviations (section 6), in a mixed summary and in the empty page of an unknown
  // notification.
  [
    'an added vulnerability is reported as removed',
    PAGE,
    changed(`${ONE}.reason`, 'removed'),
    /nobody is told of sha256:/,
  ],
  ['a page has no entries', PAGE, emptied('notifications'), /nobody is told of sha256:/],
  ['the deletion of a notification is 500', DELETION, status(500)],
  ['the deletion of a notification is 400', DELETION, status(400)],
];

/** Single changes to the pages and to the deletion of a notification, each of which Quay's worker must detect. */
export const NOTIFIER_DEVIATIONS: readonly NotifierDeviation[] = [
  // An error of the change itself is not an error of the worker.
  ...ROWS.map(([name, at, change, because = /^(?!there is no |Cannot read)/]) => ({
    name,
    at,
    change: ofSuccess(change),
    because,
  })),
  {
    name: 'a deleted notification is an empty page',
    at: PAGE,
    change: emptyWhenGone,
    because: /there after its deletion/,
  },
];

/** Leaves the 404 after the deletion as it is, and puts an added vulnerability first, because Quay skips the others. */
function ofSuccess(change: Deviation['change']): Deviation['change'] {
  return (answer) => {
    if (answer.status !== 200) return answer;
    if (answer.text === '') return change(answer);
    const { page, notifications } = JSON.parse(answer.text);
    const sorted = notifications.toSorted((a: { reason: string }, b: { reason: string }) =>
      a.reason.localeCompare(b.reason),
    );
    return change({ ...answer, text: JSON.stringify({ page, notifications: sorted }) });
  };
}

function duplicated(answer: Answer): Answer {
  const body = JSON.parse(answer.text);
  body.notifications.push(body.notifications[0]);
  return { ...answer, text: JSON.stringify(body) };
}

function mapped(answer: Answer): Answer {
  const body = JSON.parse(answer.text);
  return { ...answer, text: JSON.stringify({ ...body, notifications: { ...body.notifications } }) };
}

function emptyWhenGone(answer: Answer): Answer {
  return answer.status === 404
    ? { ...answer, status: 200, text: '{"page": {"size": 500}, "notifications": []}' }
    : answer;
}

/** A change of the token: the members to set (undefined removes a claim), and whether the key signs the token again. */
export type TokenChange = {
  readonly header?: object;
  readonly claims?: Readonly<Record<string, string | number | undefined>>;
  readonly isSigned?: boolean;
};

type WebhookRow = readonly [name: string, change: ((received: Received) => Received) | TokenChange];

const without =
  (name: string) =>
  (received: Received): Received => ({
    ...received,
    headers: { ...received.headers, [name]: undefined },
  });
const withHeader =
  (name: string, value: string) =>
  (received: Received): Received => ({
    ...received,
    headers: { ...received.headers, [name]: value },
  });
const withText =
  (text: string) =>
  (received: Received): Received => ({
    ...received,
    text,
    headers: { ...received.headers, 'content-length': String(Buffer.byteLength(text)) },
  });
const withBody =
  (change: (body: Record<string, unknown>) => unknown) =>
  (received: Received): Received =>
    withText(JSON.stringify(change(JSON.parse(received.text))))(received);
const withAuthorization =
  (change: (before: string) => string) =>
  (received: Received): Received =>
    withHeader('authorization', change(String(received.headers['authorization'])))(received);

/** Single changes to a webhook request, each of which Quay must refuse; claims are in seconds from now. */
export const WEBHOOK_DEVIATIONS: readonly WebhookRow[] = [
  ['the webhook is a PUT', (received) => ({ ...received, method: 'PUT' })],
  ['the webhook has no length', without('content-length')],
  ['the webhook is chunked', withHeader('transfer-encoding', 'chunked')],
  ['the webhook has no type', without('content-type')],
  ['the webhook is a form', withHeader('content-type', 'application/x-www-form-urlencoded')],
  ['the webhook has no notification', withBody(({ callback }) => ({ callback }))],
  ['the webhook has no callback', withBody(({ notification_id: id }) => ({ notification_id: id }))],
  ['the callback is empty', withBody((body) => ({ ...body, callback: '' }))],
  ['the notification is a number', withBody((body) => ({ ...body, notification_id: 7 }))],
  ['the webhook is a list', withBody((body) => [body])],
  ['the body is not JSON', withText('notification_id=7')],
  ['the body is null', withText('null')],
  ['the webhook has no body', withText('')],
  ['the body is longer than the length', withHeader('content-length', '10')],
  ['the notification is empty', withBody((body) => ({ ...body, notification_id: '' }))],
  ['the notification is null', withBody((body) => ({ ...body, notification_id: null }))],
  ['the callback is a number', withBody((body) => ({ ...body, callback: 7 }))],
  ['the webhook has no token', without('authorization')],
  ['the scheme of the token is in lower case', withAuthorization((before) => before.replace('Bearer', 'bearer'))],
  ['the token has no scheme', withAuthorization((before) => before.replace('Bearer ', ''))],
  ['the token has padding', withAuthorization((before) => `${before}=`)],
  ['the login is basic', withHeader('authorization', `Basic ${btoa('clair:secret')}`)],
  ['the token has no signature', withAuthorization((before) => before.split('.').slice(0, 2).join('.'))],
  ['the signature is cut', withAuthorization((before) => before.slice(0, -4))],
  ['a word follows the token', withAuthorization((before) => `${before} x`)],
  ['the claims are of another token', withAuthorization(withOtherClaims)],
  ['the token is signed with another key', { isSigned: false }],
  ['the token has another algorithm', { header: { alg: 'HS512' } }],
  ['the token has no algorithm', { header: {} }],
  ['the token has another issuer', { claims: { iss: 'quay' } }],
  ['the token has no issuer', { claims: { iss: undefined } }],
  ['the token has no iat', { claims: { iat: undefined } }],
  ['the token has no nbf', { claims: { nbf: undefined } }],
  ['the token has no exp', { claims: { exp: undefined } }],
  ['the token was issued in the future', { claims: { iat: 1 } }],
  ['the token is not valid yet', { claims: { nbf: 1 } }],
  ['the token has expired', { claims: { exp: -1 } }],
  ['the iat is a date', { claims: { iat: '2026-01-02T15:04:05Z' } }],
  ['the nbf is a date', { claims: { nbf: '2026-01-02T15:04:05Z' } }],
  ['the exp is a date', { claims: { exp: '2099-01-02T15:04:05Z' } }],
];

function withOtherClaims(authorization: string): string {
  const [header, claims = '', signature] = authorization.split('.');
  const other = { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), exp: 4_000_000_000 };
  return [header, Buffer.from(JSON.stringify(other)).toString('base64url'), signature].join('.');
}
