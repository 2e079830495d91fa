import { readTlsFiles, type TlsFiles } from '../api/access/tls-files.ts';
import { closeChannels, openChannels } from '../notifier/channels/index.ts';
import { openUpdateWebhook } from '../notifier/update-webhook.ts';
import type { NotifierSettings } from '../notifier/notifier-settings.ts';
import { clairVersion } from '../version.ts';
import { openRegistryLogins, type RegistryLogin } from '../worker/sources/registry/registry-logins.ts';

/**
 * Reads the certificate files of a server without starting the server.
 *
 * @throws ClairError `config/invalid`
 */
export async function checkTlsFiles(files: TlsFiles): Promise<void> {
  await readTlsFiles(files);
}

/**
 * Checks the registry credentials and reads their files. Sends no request to a registry.
 *
 * @throws ClairError `config/invalid`
 */
export async function checkRegistries(registries: readonly RegistryLogin[]): Promise<void> {
  await openRegistryLogins(registries);
}

/**
 * Checks the settings of the notifier and reads its certificate files. Sends nothing.
 *
 * @throws ClairError `config/invalid`
 */
export async function checkNotifier(settings: NotifierSettings): Promise<void> {
  await closeChannels(await openChannels(settings, clairVersion()));
  if (settings.v4 !== undefined) await (await openUpdateWebhook(settings.v4, clairVersion(), Date.now)).close();
}
