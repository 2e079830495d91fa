import { ClairError } from '../../errors.ts';
import type { NotifierSettings } from '../notifier-settings.ts';
import { openAmqp } from './amqp.ts';
import type { Channel } from './channel.ts';
import { openWebhook } from './webhook.ts';

/**
 * Opens the configured channels.
 *
 * @param version the version of Clair
 * @throws ClairError `config/invalid` for invalid settings; in this case, no channel remains open
 */
export async function openChannels({ http, amqp }: NotifierSettings, version: string): Promise<readonly Channel[]> {
  const opening = [
    ...(http === undefined ? [] : [openWebhook(http, version)]),
    ...(amqp === undefined ? [] : [openAmqp(amqp)]),
  ];
  const outcomes = await Promise.allSettled(opening);
  const channels = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return channels;
  await closeChannels(channels);
  throw failed.reason instanceof Error ? failed.reason : new ClairError('config/invalid', String(failed.reason));
}

/** Closes all channels in parallel. */
export async function closeChannels(channels: readonly Channel[]): Promise<void> {
  await Promise.all(channels.map(async (channel) => await channel.close()));
}
