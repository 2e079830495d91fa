import { parseDuration } from '../../config/duration.ts';
import type { Config } from '../../config/schema.ts';
import type { NotifierSettings } from '../../notifier/notifier-settings.ts';

/** Returns the settings of the section `notifier`: times in milliseconds, and only configured channels. */
export function notifierSettings({ notifier }: Pick<Config, 'notifier'>): NotifierSettings {
  const { endpoint, timeout, ...http } = notifier.http;
  const { url, routingkey: routingKey, ...amqp } = notifier.amqp;
  return {
    attempts: notifier.attempts,
    renotifyInterval: parseDuration(notifier.renotifyinterval) ?? 0,
    ...(endpoint !== undefined && { http: { ...http, endpoint, timeout: parseDuration(timeout) ?? 0 } }),
    ...(url !== undefined && { amqp: { ...amqp, url, routingKey } }),
  };
}
