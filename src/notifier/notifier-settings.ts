import type { CertificateFiles } from '../bytes/certificate-files.ts';

/** Whom to tell of changes, and how often. Times are in milliseconds. */
export type NotifierSettings = {
  /** How many attempts in a row may fail before a notification is dead. */
  readonly attempts: number;
  /** How long after a delivery a notification that nobody has read is told again. */
  readonly renotifyInterval: number;
  /** Absent: off, as is `amqp`; without any channel nothing is made and nothing is sent. */
  readonly http?: WebhookSettings;
  readonly amqp?: AmqpSettings;
};

/** What a message holds: the name of a notification, which is to be asked for and marked read, or all that it says. */
export type PayloadForm = 'reference' | 'full';

export type WebhookSettings = CertificateFiles & {
  readonly endpoint: string;
  /** The name that the certificate of the receiver must have; that of the endpoint when absent. */
  readonly servername?: string;
  /** The proxy that the receiver is reached through; those of the environment when absent. */
  readonly proxy?: string;
  readonly payload: PayloadForm;
  /** What the body is signed with; it is not signed when absent. */
  readonly secret?: string;
  /** From the start of a request to the status of its answer. */
  readonly timeout: number;
};

export type AmqpSettings = CertificateFiles & {
  /** `amqp:` or `amqps:`, with credentials and virtual host. */
  readonly url: string;
  /** Empty for the default one, whose routing keys are names of queues. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly payload: PayloadForm;
};
