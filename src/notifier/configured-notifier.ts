import { closeChannels, openChannels } from './channels/index.ts';
import { type Notifier, type NotifierOptions, startNotifier } from './notifier.ts';
import type { NotifierSettings } from './notifier-settings.ts';

/**
 * A notifier that delivers nothing until it is started. Call `stop` even if the notifier was never started; `stop` is
 * idempotent.
 */
export type ConfiguredNotifier = Notifier & {
  /** Whether a channel is configured. */
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
}: Omit<NotifierOptions, 'channels' | 'settings'> & {
  readonly settings: NotifierSettings;
  readonly version: string;
}): Promise<ConfiguredNotifier> {
  const channels = await openChannels(settings, version);
  let started: Notifier | undefined;
  let stopped: Promise<void> | undefined;
  return {
    hasChannels: channels.length > 0,
    start() {
      if (stopped === undefined) started ??= startNotifier({ ...options, channels, settings });
    },
    wake: () => started?.wake(),
    stop: async () => await (stopped ??= started?.stop() ?? closeChannels(channels)),
  };
}
