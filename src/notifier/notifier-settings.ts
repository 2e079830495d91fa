import type { CertificateFiles } from '../bytes/certificate-files.ts';

/** The receivers and the timing of notifications. Times are in milliseconds. */
export type NotifierSettings = {
  /** The number of failed attempts after which a notification fails for good. */
  readonly attempts: number;
  /** The time after a delivery until an unread notification is sent again; 0 turns this off. */
  readonly renotifyInterval: number;
  /**
   * The settings of the channels; absent channels are off. Without a channel and without `v4`, the notifier creates and
   * sends nothing.
   */
  readonly http?: WebhookSettings;
  readonly amqp?: AmqpSettings;
  /** The Clair v4 webhook, which sends one notification per update. */
  readonly v4?: UpdateWebhookSettings;
};

/**
 * The content of a message. With `reference`, a message contains the name of the notification, which the receiver must
 * fetch and mark as read; with `full`, a message contains the whole change.
 */
export type PayloadForm = 'reference' | 'full';

export type WebhookSettings = CertificateFiles & {
  readonly endpoint: string;
  /** The name that the certificate of the receiver must match; by default, the host of the endpoint. */
  readonly servername?: string;
  /** The proxy for requests to the receiver; by default, the proxies from the environment. */
  readonly proxy?: string;
  readonly payload: PayloadForm;
  /** The key that signs the body; without a key, the body is unsigned. */
  readonly secret?: string;
  /** The maximum time from the start of a request to the status of its response. */
  readonly timeout: number;
};

export type UpdateWebhookSettings = CertificateFiles & {
  readonly target: string;
  /** The URL below which the receiver can read notifications. */
  readonly callback: string;
  /** Additional headers of each request, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The key that signs a bearer token (HS256) for each request; without a key, requests have no token. */
  readonly key?: Uint8Array;
  /** Whether a notification contains only the most severe change for each image and reason. */
  readonly isSummary: boolean;
  /** The maximum pause between two attempts. */
  readonly interval: number;
  /** The maximum time from the start of a request to the status of its response. */
  readonly timeout: number;
};

export type AmqpSettings = CertificateFiles & {
  /** The URL with the scheme `amqp:` or `amqps:`, the credentials and the virtual host. */
  readonly url: string;
  /** The exchange; empty for the default exchange, whose routing keys are queue names. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly payload: PayloadForm;
};
