import { type TEnum, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { parseHeaderLines } from './header-lines.ts';
import {
  type Duration,
  durationKey,
  fileKey,
  isUrl,
  positiveDurationKey,
  secretFileKey,
  secretKey,
  textKey,
} from '../key-forms.ts';

/** The receivers of notifications, and the schedule of deliveries. */
export type NotifierConfig = {
  readonly attempts: number;
  readonly renotifyinterval: Duration;
  /** The webhook; it is off without an endpoint. */
  readonly http: CertificateConfig & {
    readonly endpoint?: string;
    readonly servername?: string;
    readonly proxy?: string;
    readonly payload: PayloadForm;
    readonly secret?: string;
    readonly timeout: Duration;
  };
  /** Delivery to an AMQP broker; off without a URL. */
  readonly amqp: CertificateConfig & {
    readonly url?: string;
    readonly exchange: string;
    readonly routingkey: string;
    readonly payload: PayloadForm;
  };
  /** The Clair v4 webhook; it is off without a target. */
  readonly v4: CertificateConfig & {
    readonly target?: string;
    readonly callback: string;
    readonly headers?: string;
    readonly signed: boolean;
    readonly summary: boolean;
    readonly interval: Duration;
    readonly timeout: Duration;
  };
};

/** The content of a notification: only the name, or the whole change. */
export type PayloadForm = 'reference' | 'full';

type CertificateConfig = { readonly cafile?: string; readonly certfile?: string; readonly keyfile?: string };

const KEYS = mapOf({
  attempts: Type.Integer({
    minimum: 1,
    maximum: 1000,
    // The pauses are at most 15 minutes, minus up to a quarter of jitter, so 150 attempts take more than a day.
    default: 150,
    title: 'an integer from 1 to 1000',
    description: 'Maximum number of attempts to deliver a notification to `http` and `amqp`',
  }),
  renotifyinterval: durationKey(
    '2h',
    '2h',
    'Time after which an unread notification is sent again; 0 sends no reminders and marks each delivered notification as read',
  ),
  http: mapOf({
    endpoint: secretKey('an http: or https: URL', 'URL of the webhook', {
      accepts: (text) => isUrl(text, ['http:', 'https:']),
      without: 'off',
    }),
    endpointfile: secretFileKey('endpoint'),
    servername: textKey('a host name', 'Name that the certificate of the receiver must match', 'the host of the URL'),
    ...certificateKeys('the receiver'),
    proxy: secretKey('an http: or https: URL', 'HTTP proxy for requests to the receiver', {
      accepts: (text) => isUrl(text, ['http:', 'https:']),
      without: 'the proxy in the environment',
    }),
    proxyfile: secretFileKey('proxy'),
    payload: payloadKey(),
    secret: secretKey('text of at least 16 characters', 'Key that signs the request body (HMAC-SHA256)', {
      accepts: (text) => text.length >= 16,
      without: 'no signature',
    }),
    secretfile: secretFileKey('secret'),
    timeout: positiveDurationKey('5s', '5s', 'Time limit of a request to the receiver'),
  }),
  amqp: mapOf({
    url: secretKey('an amqp: or amqps: URL', 'URL of the AMQP 0-9-1 broker, such as RabbitMQ', {
      accepts: (text) => isUrl(text, ['amqp:', 'amqps:']),
      without: 'off',
    }),
    urlfile: secretFileKey('url'),
    exchange: Type.String({
      default: '',
      title: 'the name of an exchange',
      description: 'Exchange to publish to; the empty name is the default exchange',
    }),
    routingkey: Type.String({
      default: 'clair',
      title: 'a routing key',
      description: 'Routing key to publish with; for the default exchange, the name of the queue',
    }),
    payload: payloadKey(),
    ...certificateKeys('the broker'),
  }),
  v4: mapOf({
    target: secretKey('an http: or https: URL', 'URL of the webhook for Clair v4 clients, such as Quay', {
      accepts: (text) => isUrl(text, ['http:', 'https:']),
      without: 'off',
    }),
    targetfile: secretFileKey('target'),
    callback: Type.String({
      default: '/notifier/api/v1/notification/',
      minLength: 1,
      title: 'a URL or a path',
      description:
        'URL at which the receiver reaches the notifier API; Quay uses its setting `SECURITY_SCANNER_V4_ENDPOINT` instead',
    }),
    headers: secretKey(
      'at most 32 lines of the form `Name: value` (8 KiB in all), without headers such as `Host` that Clair sets',
      'Additional headers for each request, one per line',
      {
        accepts: (text) => parseHeaderLines(text) !== undefined,
      },
    ),
    headersfile: secretFileKey('headers'),
    signed: Type.Boolean({
      default: false,
      title: 'true or false',
      description: 'Whether requests contain a token that is signed with `api.auth.psk.key`',
    }),
    summary: Type.Boolean({
      default: true,
      title: 'true or false',
      description:
        'Whether a notification contains only the most severe added and the most severe removed vulnerability of each image',
    }),
    interval: positiveDurationKey('1h', '1h', 'Longest time between two attempts to deliver a notification'),
    timeout: positiveDurationKey('10s', '10s', 'Time limit of a request to the receiver'),
    ...certificateKeys('the receiver'),
  }),
});

/** The section `notifier`. */
export const NOTIFIER: ConfigSection<NotifierConfig> = {
  name: 'notifier',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};

function certificateKeys(whom: string): Record<'cafile' | 'certfile' | 'keyfile', ReturnType<typeof fileKey>> {
  return {
    cafile: fileKey(`CA certificates (PEM) for ${whom}, instead of the built-in certificates`),
    certfile: fileKey(`Client certificate for ${whom} (PEM); requires \`keyfile\``),
    keyfile: fileKey('Private key of the client certificate (PEM)'),
  };
}

function payloadKey(): TEnum<['reference', 'full']> {
  return Type.Enum(['reference', 'full'], {
    default: 'reference',
    title: 'reference or full',
    description: 'Send only the name of the notification (`reference`) or the whole change (`full`)',
  });
}
