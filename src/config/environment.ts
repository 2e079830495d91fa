import { parse } from 'yaml';
import { isNestedTooDeeply } from '../bytes/documents/yaml-depth.ts';
import type { ConfigKey } from './config-key.ts';
import { isAccepted } from './file-values.ts';
import { nearestKey } from './nearest-key.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Matches the variables that Kubernetes sets for each service, because the variables for a service named clair-api
 * start with `CLAIR_API_` but are not settings of Clair.
 */
const SERVICE_LINK = /_SERVICE_(?:HOST|PORT)(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?$/;
const SERVICE_LINK_VALUE = /^(?:tcp|udp|sctp):\/\//;

/** Returns the environment variable of a key, such as `CLAIR_NOTIFIER_HTTP_ENDPOINT`. */
export function variableOf({ path }: Pick<ConfigKey, 'path'>): string {
  return `CLAIR_${path.replaceAll('.', '_').toUpperCase()}`;
}

/**
 * Returns the values of environment variables by key path. Values of text keys are used verbatim. Values of all other
 * keys are parsed as YAML (`[a, b]`). An empty variable counts as absent.
 *
 * @param diagnostic receives invalid values, and variables that start with `CLAIR_SECTION_` but match no key
 */
export function environmentValues(
  environment: Environment,
  keys: readonly ConfigKey[],
  diagnostic: (what: string) => void,
): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  const byVariable = new Map(keys.map((key) => [variableOf(key), key]));
  const sections = [...new Set(keys.map(({ maps: [section = ''] }) => `CLAIR_${section.toUpperCase()}_`))];
  for (const [name, text = ''] of Object.entries(environment)) {
    const isOfSection = sections.some((section) => name.startsWith(section));
    if (text === '' || !isOfSection || SERVICE_LINK.test(name) || SERVICE_LINK_VALUE.test(text)) continue;
    const key = byVariable.get(name);
    if (key === undefined) {
      const meant = nearestKey(name, [...byVariable.keys()]);
      diagnostic(`unknown variable ${name}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
      continue;
    }
    const value = key.isText ? text : valueOf(text);
    if (isAccepted(key, value, (_, what) => diagnostic(`${name}: ${what}`))) values.set(key.path, value);
  }
  return values;
}

/** Parses YAML. Invalid YAML remains a text, so that the key rejects the value. */
function valueOf(text: string): unknown {
  if (isNestedTooDeeply(text)) return text;
  try {
    const value: unknown = parse(text, { logLevel: 'silent' });
    return value;
  } catch {
    return text;
  }
}
