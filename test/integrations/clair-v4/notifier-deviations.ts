import { changed, removed, status } from './answer-changes.ts';
import type { Received } from './quay-receiver.ts';
import type { Answer, Deviation } from './transport.ts';

const PAGE = 'GET /notifier/api/v1/notification/';
const DELETION = 'DELETE /notifier/api/v1/notification/';
const ONE = 'notifications.0';
const OF = `${ONE}.vulnerability`;

type Row = readonly [name: string, at: string, change: Deviation['change']];

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
  ['an entry comes twice', PAGE, duplicated],
  ['the deletion of a notification is 500', DELETION, status(500)],
  ['the deletion of a notification is 400', DELETION, status(400)],
];

/** Single changes to the pages and to the deletion of a notification, each of which Quay's worker must notice. */
export const NOTIFIER_DEVIATIONS: readonly Deviation[] = ROWS.map(([name, at, change]) => ({ name, at, change }));

function duplicated(answer: Answer): Answer {
  const body = JSON.parse(answer.text);
  body.notifications.push(body.notifications[0]);
  return { ...answer, text: JSON.stringify(body) };
}

/** A change of the token: sets claims, or removes them with undefined, and signs again with the key if there is one. */
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
const withBody =
  (change: (body: Record<string, unknown>) => unknown) =>
  (received: Received): Received => ({
    ...received,
    text: JSON.stringify(change(JSON.parse(received.text))),
  });

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
  ['the webhook has no token', without('authorization')],
  [
    'the scheme of the token is in lower case',
    (received) => ({
      ...received,
      headers: {
        ...received.headers,
        authorization: String(received.headers['authorization']).replace('Bearer', 'bearer'),
      },
    }),
  ],
  [
    'the token has padding',
    (received) => ({
      ...received,
      headers: { ...received.headers, authorization: `${String(received.headers['authorization'])}=` },
    }),
  ],
  ['the token is signed with another key', { isSigned: false }],
  ['the token has another algorithm', { header: { alg: 'HS512' } }],
  ['the token has another issuer', { claims: { iss: 'quay' } }],
  ['the token has no issuer', { claims: { iss: undefined } }],
  ['the token has no iat', { claims: { iat: undefined } }],
  ['the token has no nbf', { claims: { nbf: undefined } }],
  ['the token has no exp', { claims: { exp: undefined } }],
  ['the token was issued in the future', { claims: { iat: 1 } }],
  ['the token is not valid yet', { claims: { nbf: 1 } }],
  ['the token has expired', { claims: { exp: -1 } }],
];
