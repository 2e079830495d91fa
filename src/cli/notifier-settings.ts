import { parseDuration } from '../config/duration.ts';
import type { Config } from '../config/schema.ts';
import type { NotifierConfig, PayloadForm } from '../config/sections/notifier.ts';

type CertificateFiles = Pick<NotifierConfig['http'], 'cafile' | 'certfile' | 'keyfile'>;

/** The section `notifier`, with times in milliseconds and without the channels that are off. */
export type NotifierPlan = {
  readonly attempts: number;
  readonly renotifyInterval: number;
  readonly http?: CertificateFiles &
    Pick<NotifierConfig['http'], 'servername' | 'proxy' | 'secret'> & {
      readonly endpoint: string;
      readonly payload: PayloadForm;
      readonly timeout: number;
    };
  readonly amqp?: CertificateFiles & {
    readonly url: string;
    readonly exchange: string;
    readonly routingKey: string;
    readonly payload: PayloadForm;
  };
};

/** Reads the section `notifier`. */
export function notifierPlan({ notifier }: Pick<Config, 'notifier'>): NotifierPlan {
  const { endpoint, timeout, ...http } = notifier.http;
  const { url, routingkey: routingKey, ...amqp } = notifier.amqp;
  return {
    attempts: notifier.attempts,
    renotifyInterval: parseDuration(notifier.renotifyinterval) ?? 0,
    ...(endpoint !== undefined && { http: { ...http, endpoint, timeout: parseDuration(timeout) ?? 0 } }),
    ...(url !== undefined && { amqp: { ...amqp, url, routingKey } }),
  };
}
