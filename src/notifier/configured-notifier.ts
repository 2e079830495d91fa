import type { Channel } from './channels/channel.ts';
import { closeChannels, openChannels } from './channels/index.ts';
import { type Notifier, type NotifierOptions, startNotifier } from './notifier.ts';
import type { NotifierSettings } from './notifier-settings.ts';
import { openUpdateWebhook, type UpdateWebhook } from './update-webhook.ts';

/**
 * A notifier that delivers nothing until it is started. The caller must call `stop` even if the notifier was never
 * started; `stop` is idempotent.
 */
export type ConfiguredNotifier = Notifier & {
  readonly hasChannels: boolean;
  /** Starts delivery. Further calls, and calls after `stop`, have no effect. */
  readonly start: () => void;
};

/**
 * Opens the configured channels for a notifier that is started later.
 *
 * @param version the version of Clair
 * @throws ClairError `config/invalid` for invalid settings of a channel
 */
export async function configureNotifier({
  settings,
  version,
  ...options
}: Omit<NotifierOptions, 'channels' | 'webhook' | 'settings'> & {
  readonly settings: NotifierSettings;
  readonly version: string;
}): Promise<ConfiguredNotifier> {
  const { webhook, channels } = await openReceivers(settings, version, options.now);
  let started: Notifier | undefined;
  let stopped: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => void (await Promise.all([closeChannels(channels), webhook?.close()]));
  return {
    hasChannels: channels.length > 0 || webhook !== undefined,
    start() {
      if (stopped === undefined) started ??= startNotifier({ ...options, channels, webhook, settings });
    },
    wake: () => started?.wake(),
    stop: async () => await (stopped ??= started?.stop() ?? closeAll()),
  };
}

type Receivers = { readonly channels: readonly Channel[]; readonly webhook: UpdateWebhook | undefined };

async function openReceivers(settings: NotifierSettings, version: string, now: () => number): Promise<Receivers> {
  const channels = await openChannels(settings, version);
  try {
    return { channels, webhook: settings.v4 && (await openUpdateWebhook(settings.v4, version, now)) };
  } catch (error) {
    await closeChannels(channels);
    throw error;
  }
}
