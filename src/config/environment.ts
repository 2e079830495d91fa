import { parse } from 'yaml';
import type { ConfigKey } from './config-key.ts';
import { isAccepted } from './file-values.ts';
import { nearestKey } from './nearest-key.ts';

/** The variables of a process, by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What Kubernetes tells every container of the services beside it; one that is called clair-api is no setting of Clair. */
const SERVICE_LINK = /_SERVICE_(?:HOST|PORT)(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?$/;
const SERVICE_LINK_VALUE = /^(?:tcp|udp|sctp):\/\//;

/** The variable of a key: `CLAIR_NOTIFIER_HTTP_ENDPOINT`. */
export function variableOf({ path }: Pick<ConfigKey, 'path'>): string {
  return `CLAIR_${path.replaceAll('.', '_').toUpperCase()}`;
}

/**
 * Gives the values that the environment has for keys, by their path. A text is taken as it is; numbers, lists and maps are
 * read as YAML (`[a, b]`). A variable that is empty is as if it were not there.
 *
 * @param diagnostic told of a value that is none, and of a variable of a section that is no key
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
      diagnostic(`${name} is no variable of Clair${meant === undefined ? '' : `; did you mean ${meant}?`}`);
      continue;
    }
    const value = key.isText ? text : valueOf(text);
    if (isAccepted(key, value, (_, what) => diagnostic(`${name}: ${what}`))) values.set(key.path, value);
  }
  return values;
}

/** What is no YAML is told as a value that the key does not accept. */
function valueOf(text: string): unknown {
  try {
    const value: unknown = parse(text, { logLevel: 'silent' });
    return value;
  } catch {
    return text;
  }
}
