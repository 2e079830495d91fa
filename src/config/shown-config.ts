import { stringify } from 'yaml';
import { configKeys, type Config } from './schema.ts';

/** The sections of a configuration by name, in a form to print. */
type ShownConfig = Readonly<Record<string, unknown>>;

const MASK = '********';

/** Matches the credentials in a URL; a URL can be in the value of any key. */
const CREDENTIALS = /(\w:\/\/)[^/?#\s]*@/g;

/** Returns a configuration in a form to print, with all defaults. A mask replaces each secret. */
export function shownConfig(config: Config): ShownConfig {
  const secrets = new Set(configKeys().flatMap(({ isSecret, path }) => (isSecret ? [path] : [])));
  return Object.fromEntries(Object.entries(config).map(([name, each]) => [name, shown(each, [name], secrets)]));
}

/** Returns a printable configuration as YAML. */
export function configYaml(config: ShownConfig): string {
  return stringify(config, { lineWidth: 0 });
}

function shown(value: unknown, path: readonly string[], secrets: ReadonlySet<string>): unknown {
  if (secrets.has(path.join('.'))) return MASK;
  if (typeof value === 'string') return value.replaceAll(CREDENTIALS, `$1${MASK}@`);
  if (Array.isArray(value)) return value.map((each) => shown(each, path, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shown(each, [...path, name], secrets)]));
}
