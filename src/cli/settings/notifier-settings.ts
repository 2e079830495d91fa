import { parseDuration } from '../../config/duration.ts';
import type { Config } from '../../config/schema.ts';
import { parseHeaderLines } from '../../config/sections/header-lines.ts';
import type { NotifierSettings, UpdateWebhookSettings } from '../../notifier/notifier-settings.ts';

/** Returns the settings of the section `notifier`, with times in milliseconds and only the configured channels. */
export function notifierSettings({ notifier, api }: Pick<Config, 'notifier' | 'api'>): NotifierSettings {
  const { endpoint, timeout, ...http } = notifier.http;
  const { url, routingkey: routingKey, ...amqp } = notifier.amqp;
  const v4 = updateWebhookSettings(notifier.v4, api.auth.psk.key);
  return {
    attempts: notifier.attempts,
    renotifyInterval: parseDuration(notifier.renotifyinterval) ?? 0,
    ...(endpoint !== undefined && { http: { ...http, endpoint, timeout: parseDuration(timeout) ?? 0 } }),
    ...(url !== undefined && { amqp: { ...amqp, url, routingKey } }),
    ...(v4 && { v4 }),
  };
}

function updateWebhookSettings(
  { target, headers = '', signed, summary, interval, timeout, ...rest }: Config['notifier']['v4'],
  key: string | undefined,
): UpdateWebhookSettings | undefined {
  if (target === undefined) return undefined;
  return {
    ...rest,
    target,
    headers: parseHeaderLines(headers) ?? {},
    isSummary: summary,
    interval: parseDuration(interval) ?? 0,
    timeout: parseDuration(timeout) ?? 0,
    ...(signed && key !== undefined && { key: Buffer.from(key, 'base64') }),
  };
}
