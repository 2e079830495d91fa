import { asClairError, ClairError } from '../errors.ts';
import { firstBytes } from './bounded-file.ts';
import { type Environment, environmentValues, variableOf } from './environment.ts';
import { fileValues } from './file-values.ts';
import { checkKeyRules } from './key-rules.ts';
import { type Config, configKeys, configOf } from './schema.ts';
import { withSecretFiles } from './secret-files.ts';
import { type LineFault, readYaml } from './yaml-file.ts';

/** A file with every key and a thousand paths has some hundred kilobytes. */
const MAX_BYTES = 1024 * 1024;

/** How many diagnostics are told at once; the rest is counted. */
const MAX_DIAGNOSTICS = 20;

/** A configuration, and what should be known of it: a line of text each. */
export type LoadedConfig = { readonly config: Config; readonly notices: readonly string[] };

export type ConfigSources = {
  /** The path of a configuration file; without one the defaults hold. */
  readonly file?: string;
  /** Its variables win over the file. */
  readonly environment: Environment;
};

/** The configuration when nothing is configured. */
export function defaultConfig(): Config {
  return configOf(new Map());
}

/**
 * Reads the configuration: a file in YAML with the sections and keys of the schema, at the top or under `clair`, what the
 * environment says instead, and the files that hold secrets.
 *
 * @throws ClairError `config/invalid` for a file that cannot be read, has more than 1 MiB or is no valid configuration, and
 * for variables that are none; the message names every diagnostic with its line, at most 20 of them.
 */
export async function loadConfig({ file, environment }: ConfigSources): Promise<LoadedConfig> {
  const where = file ?? 'the environment';
  const { values, notices, placeOf } = readValues(file === undefined ? '' : await textOf(file), where, environment);
  const diagnostics: LineFault[] = [];
  const all = await withSecretFiles(values, configKeys(), (path, what) => diagnostics.push(placeOf(path, what)));
  if (diagnostics.length > 0) throw invalid(where, diagnostics);
  return { config: configOf(all), notices };
}

/**
 * The same for the text of a file, without the secrets that other files hold. One that holds nothing but comments says
 * nothing.
 *
 * @param where what the text is called in messages
 * @throws ClairError `config/invalid`
 */
export function parseConfig(text: string, where: string, environment: Environment = {}): LoadedConfig {
  const { values, notices } = readValues(text, where, environment);
  return { config: configOf(values), notices };
}

/** What file and environment say, by the path of the keys. */
type Values = {
  readonly values: ReadonlyMap<string, unknown>;
  readonly notices: readonly string[];
  /** What is wrong with the value of a key, at where it was said. */
  readonly placeOf: (path: string, what: string) => LineFault;
};

function readValues(text: string, where: string, environment: Environment): Values {
  const file = readYaml(text);
  if (file.kind === 'unreadable') throw invalid(where, file.diagnostics);
  const diagnostics: LineFault[] = [];
  const notices: string[] = [];
  const keys = configKeys();
  const said = fileValues(file.value, keys, {
    diagnostic: (at, what) => diagnostics.push({ line: file.lineOf(at), what }),
    notice: (at, what) => notices.push(`line ${file.lineOf(at)}: ${what}`),
  });
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
  const told = diagnostics
    .toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0))
    .slice(0, MAX_DIAGNOSTICS)
    .map(({ line, what }) => (line === undefined ? `\n  ${what}` : `\n  line ${line}: ${what}`));
  const more = diagnostics.length > MAX_DIAGNOSTICS ? `\n  and ${diagnostics.length - MAX_DIAGNOSTICS} more` : '';
  return new ClairError('config/invalid', `${where} is no valid configuration:${told.join('')}${more}`);
}

async function textOf(path: string): Promise<string> {
  // One byte more than there may be tells that there are too many.
  const bytes = await firstBytes(path, MAX_BYTES + 1).catch((error: unknown) => {
    throw asClairError(error, 'config/invalid', `cannot read ${path}`);
  });
  if (bytes.length > MAX_BYTES) throw new ClairError('config/invalid', `${path} has more than ${MAX_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ClairError('config/invalid', `${path} is no text in UTF-8`, { cause: error });
  }
}
