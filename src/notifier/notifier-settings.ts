import type { CertificateFiles } from '../bytes/certificate-files.ts';

/** Receivers and timing of notifications. Times are in milliseconds. */
export type NotifierSettings = {
  /** The number of failed attempts after which a notification is dead. */
  readonly attempts: number;
  /** The time after a delivery until an unread notification is sent again. */
  readonly renotifyInterval: number;
  /** Absent channels are off. Without any channel the notifier creates and sends nothing. */
  readonly http?: WebhookSettings;
  readonly amqp?: AmqpSettings;
  /** The Clair v4 webhook, with one notification per update. */
  readonly v4?: UpdateWebhookSettings;
};

/** Content of a message: the name of the notification, to be fetched and marked read, or the whole change. */
export type PayloadForm = 'reference' | 'full';

export type WebhookSettings = CertificateFiles & {
  readonly endpoint: string;
  /** The name that the certificate of the receiver must match; defaults to the host of the endpoint. */
  readonly servername?: string;
  /** The proxy for requests to the receiver; defaults to the proxies of the environment. */
  readonly proxy?: string;
  readonly payload: PayloadForm;
  /** Signs the body; without it the body is unsigned. */
  readonly secret?: string;
  /** The maximum time from the start of a request to the status of its response. */
  readonly timeout: number;
};

export type UpdateWebhookSettings = CertificateFiles & {
  readonly target: string;
  /** The URL below which the receiver can read notifications. */
  readonly callback: string;
  /** Further headers of each request, by names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Signs a bearer token (HS256) for each request; absent for none. */
  readonly key?: Uint8Array;
  /** Whether a notification contains only the most severe change for each image and reason. */
  readonly isSummary: boolean;
  /** The maximum pause between two attempts. */
  readonly interval: number;
  /** The maximum time from the start of a request to the status of its response. */
  readonly timeout: number;
};

export type AmqpSettings = CertificateFiles & {
  /** `amqp:` or `amqps:`, with credentials and virtual host. */
  readonly url: string;
  /** The exchange; empty for the default exchange, whose routing keys are queue names. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly payload: PayloadForm;
};
