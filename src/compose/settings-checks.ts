import { readTlsFiles, type TlsFiles } from '../api/access/tls-files.ts';
import { closeChannels, openChannels } from '../notifier/channels/index.ts';
import type { NotifierSettings } from '../notifier/notifier-settings.ts';
import { clairVersion } from '../version.ts';
import { openRegistryLogins, type RegistryLogin } from '../worker/sources/registry/registry-logins.ts';

/**
 * Reads the certificate files of a server without starting one.
 *
 * @throws ClairError `config/invalid`
 */
export async function checkTlsFiles(files: TlsFiles): Promise<void> {
  await readTlsFiles(files);
}

/**
 * Checks how registries are to be asked, and reads the files for it, without asking one.
 *
 * @throws ClairError `config/invalid`
 */
export async function checkRegistries(registries: readonly RegistryLogin[]): Promise<void> {
  await openRegistryLogins(registries);
}

/**
 * Checks the settings of the notifier, and reads its certificate files, without telling anything.
 *
 * @throws ClairError `config/invalid`
 */
export async function checkNotifier(settings: NotifierSettings): Promise<void> {
  await closeChannels(await openChannels(settings, clairVersion()));
}
