import type { ConfigSources } from '../../config/config-file.ts';
import { DEFAULT_CONFIG } from '../../config/sections/default-config.ts';
import type { Config } from '../../config/schema.ts';

/** Matches the environment variables that may set a key, such as `CLAIR_LOG_LEVEL`, but not `CLAIR_CONFIG`. */
const VARIABLE_OF_KEY = /^CLAIR_[^_]+_/;

/**
 * Returns the configuration of a command. Without a file and without environment variables that may set keys, returns
 * the defaults without loading the schema and the parser of files, because loading their libraries takes longer than
 * most commands.
 *
 * @throws ClairError `config/invalid`, as `loadConfig`
 */
export async function configOfSources(sources: ConfigSources): Promise<Config> {
  const isDefault =
    sources.file === undefined && !Object.keys(sources.environment).some((name) => VARIABLE_OF_KEY.test(name));
  if (isDefault) return DEFAULT_CONFIG;
  const { loadConfig } = await import('../../config/config-file.ts');
  return (await loadConfig(sources)).config;
}
