import { type TEnum, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { type Duration, durationKey, fileKey, isUrl, secretFileKey, secretKey, textKey } from '../key-forms.ts';

/** Whom to tell of new and changed vulnerabilities, and how often. */
export type NotifierConfig = {
  readonly attempts: number;
  readonly renotifyinterval: Duration;
  /** Off without an endpoint. */
  readonly http: CertificateConfig & {
    readonly endpoint?: string;
    readonly servername?: string;
    readonly proxy?: string;
    readonly payload: PayloadForm;
    readonly secret?: string;
    readonly timeout: Duration;
  };
  /** Off without a URL. */
  readonly amqp: CertificateConfig & {
    readonly url?: string;
    readonly exchange: string;
    readonly routingkey: string;
    readonly payload: PayloadForm;
  };
};

/** What a notification holds: its name, to be asked for, or everything. */
export type PayloadForm = 'reference' | 'full';

type CertificateConfig = { readonly cafile?: string; readonly certfile?: string; readonly keyfile?: string };

const KEYS = mapOf({
  attempts: Type.Integer({
    minimum: 1,
    maximum: 1000,
    // With pauses of up to 15 minutes, a quarter shorter by chance, these take more than a day.
    default: 150,
    title: 'an integer from 1 to 1000',
    description: 'times that a notification is tried before it is given up',
  }),
  renotifyinterval: durationKey('2h', '2h', 'time after which a notification that nobody has read is sent again'),
  http: mapOf({
    endpoint: secretKey('an http: or https: address', 'where notifications are posted to', {
      accepts: (text) => isUrl(text, ['http:', 'https:']),
      without: 'off',
    }),
    endpointfile: secretFileKey('endpoint'),
    servername: textKey('a name', 'name that the certificate of the receiver must have', 'that of the endpoint'),
    ...certificateKeys('the receiver'),
    proxy: secretKey('an http: or https: address', 'proxy that the receiver is reached through', {
      accepts: (text) => isUrl(text, ['http:', 'https:']),
      without: 'that of the environment',
    }),
    proxyfile: secretFileKey('proxy'),
    payload: payloadKey(),
    secret: secretKey('a text of at least 16 characters', 'key that the body is signed with (HMAC-SHA256)', {
      accepts: (text) => text.length >= 16,
      without: 'no signature',
    }),
    secretfile: secretFileKey('secret'),
    timeout: durationKey('5s', '5s', 'time that the receiver has to answer'),
  }),
  amqp: mapOf({
    url: secretKey('an amqp: or amqps: address', 'broker (AMQP 0-9-1) that notifications are published to', {
      accepts: (text) => isUrl(text, ['amqp:', 'amqps:']),
      without: 'off',
    }),
    urlfile: secretFileKey('url'),
    exchange: Type.String({
      default: '',
      title: 'the name of an exchange',
      description: 'exchange to publish to; the empty name is that of the default one',
    }),
    routingkey: Type.String({
      default: 'clair',
      title: 'a routing key',
      description: 'routing key to publish with; of the default exchange the name of a queue',
    }),
    payload: payloadKey(),
    ...certificateKeys('the broker'),
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
    cafile: fileKey(`authorities that ${whom} is judged by (PEM) instead of the usual ones`),
    certfile: fileKey(`certificate that is shown to ${whom} (PEM); needs \`keyfile\``),
    keyfile: fileKey('private key of that certificate (PEM)'),
  };
}

function payloadKey(): TEnum<['reference', 'full']> {
  return Type.Enum(['reference', 'full'], {
    default: 'reference',
    title: 'reference or full',
    description: 'whether a notification is a name to ask for, or holds everything',
  });
}
