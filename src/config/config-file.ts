import { asClairError, ClairError } from '../errors.ts';
import { firstBytes } from './bounded-file.ts';
import { type Environment, environmentValues, variableOf } from './environment.ts';
import { clairV4Values, isClairV4File } from './clair-v4/file.ts';
import { fileValues, type Listener } from './file-values.ts';
import { keyNotices } from './key-notices.ts';
import { checkKeyRules } from './key-rules.ts';
import { type Config, configKeys, configOf } from './schema.ts';
import { withSecretFiles } from './secret-files.ts';
import { type LineFault, readYaml } from './yaml-file.ts';

/** The maximum size of a file. A file with every key and a thousand paths is about 100 kB. */
const MAX_BYTES = 1024 * 1024;

/** The maximum number of faults to list in the error message. The message counts the other faults. */
const MAX_DIAGNOSTICS = 20;

/** A configuration, and notices for the operator. Each notice is a line of text. */
export type LoadedConfig = { readonly config: Config; readonly notices: readonly string[] };

export type ConfigSources = {
  /** The path of the configuration file; if absent, only the environment and the defaults apply. */
  readonly file?: string;
  /** The environment variables, which override the file. */
  readonly environment: Environment;
  /**
   * The secrets to read from their files; other secrets in files remain unset. Defaults to all secrets. A command that
   * needs only the database must not fail because of the key of another service.
   */
  readonly secrets?: 'all' | 'database' | 'none';
};

/** Returns the configuration without a file and without environment variables. */
export function defaultConfig(): Config {
  return configOf(new Map());
}

/**
 * Reads the configuration from a YAML file, from the environment variables that override the file, and from the files
 * with secrets. The sections are at the top level of the file or under `clair`.
 *
 * @throws ClairError `config/invalid` for a file that cannot be read, exceeds 1 MiB or is not a valid configuration,
 * and for invalid environment variables and files with secrets; the message lists up to 20 faults with their lines.
 */
export async function loadConfig({ file, environment, secrets = 'all' }: ConfigSources): Promise<LoadedConfig> {
  const where = file ?? 'the environment';
  const { values, notices, placeOf } = readValues(file === undefined ? '' : await textOf(file), where, environment);
  if (secrets === 'none') return loaded(values, notices);
  const diagnostics: LineFault[] = [];
  const keys = configKeys().filter(({ path }) => secrets === 'all' || path.startsWith('database.'));
  const all = await withSecretFiles(values, keys, (path, what) => diagnostics.push(placeOf(path, what)));
  if (diagnostics.length > 0) throw invalid(where, diagnostics);
  return loaded(all, notices);
}

/**
 * Parses the text of a configuration file. Does not read the files with secrets. An empty text means that all defaults
 * apply.
 *
 * @param where names the text in messages
 * @throws ClairError `config/invalid`
 */
export function parseConfig(text: string, where: string, environment: Environment = {}): LoadedConfig {
  const { values, notices } = readValues(text, where, environment);
  return loaded(values, notices);
}

function loaded(values: ReadonlyMap<string, unknown>, notices: readonly string[]): LoadedConfig {
  const config = configOf(values);
  return { config, notices: [...notices, ...keyNotices(config)] };
}

/** The values from the file and the environment, by key path. */
type Values = {
  readonly values: ReadonlyMap<string, unknown>;
  readonly notices: readonly string[];
  /** Returns a fault in the value of a key; the fault names the line or the variable that sets the value. */
  readonly placeOf: (path: string, what: string) => LineFault;
};

function readValues(text: string, where: string, environment: Environment): Values {
  const file = readYaml(text);
  if (file.kind === 'unreadable') throw invalid(where, file.diagnostics);
  const diagnostics: LineFault[] = [];
  const notices: string[] = [];
  const keys = configKeys();
  const listener: Listener = {
    diagnostic: (at, what) => diagnostics.push({ line: file.lineOf(at), what }),
    notice: (at, what) => notices.push(`line ${file.lineOf(at)}: ${what}`),
  };
  const said = isClairV4File(file.value)
    ? clairV4Values(file.value, keys, listener)
    : fileValues(file.value, keys, listener);
  const instead = environmentValues(environment, keys, (what) => diagnostics.push({ what }));
  const values = new Map([...said.values, ...instead]);
  const placeOf = (path: string, what: string): LineFault => {
    const place = said.places.get(path);
    if (instead.has(path)) return { what: `${variableOf({ path })}: ${what}` };
    return place === undefined ? { what } : { line: file.lineOf(place), what };
  };
  if (diagnostics.length === 0) checkKeyRules(values, (path, what) => diagnostics.push(placeOf(path, what)));
  if (diagnostics.length > 0) throw invalid(where, diagnostics);
  return { values, notices, placeOf };
}

function invalid(where: string, diagnostics: readonly LineFault[]): ClairError {
  const listed = diagnostics
    .toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0))
    .slice(0, MAX_DIAGNOSTICS)
    .map(({ line, what }) => (line === undefined ? `\n  ${what}` : `\n  line ${line}: ${what}`));
  const more = diagnostics.length > MAX_DIAGNOSTICS ? `\n  and ${diagnostics.length - MAX_DIAGNOSTICS} more` : '';
  return new ClairError('config/invalid', `${where} is not a valid configuration:${listed.join('')}${more}`);
}

async function textOf(path: string): Promise<string> {
  // The additional byte shows whether the file exceeds `MAX_BYTES`.
  const bytes = await firstBytes(path, MAX_BYTES + 1).catch((error: unknown) => {
    throw asClairError(error, 'config/invalid', `cannot read ${path}`);
  });
  if (bytes.length > MAX_BYTES) throw new ClairError('config/invalid', `${path} exceeds ${MAX_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ClairError('config/invalid', `${path} is not valid UTF-8: save the file as UTF-8`, { cause: error });
  }
}
