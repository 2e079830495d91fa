import { closeChannels, openChannels } from './channels/index.ts';
import { type Notifier, type NotifierOptions, startNotifier } from './notifier.ts';
import type { NotifierSettings } from './notifier-settings.ts';

/** A notifier that delivers nothing until it is started. Stop it even if it was never started; more than once is no harm. */
export type ConfiguredNotifier = Notifier & {
  /** Whether there is a channel to deliver to. */
  readonly hasChannels: boolean;
  /** Begins to deliver; only the first call does something, and none after a stop. */
  readonly start: () => void;
};

/**
 * Opens the channels of the settings for a notifier that is started later.
 *
 * @param version that of Clair
 * @throws ClairError `config/invalid` for settings of a channel that cannot be used.
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
