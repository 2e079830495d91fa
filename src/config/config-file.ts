import { open } from 'node:fs/promises';
import { asClairError, ClairError } from '../errors.ts';
import { nearestKey } from './nearest-key.ts';
import { type Config, type ConfigKey, configKeys, configOf } from './schema.ts';
import { type LineProblem, readYaml, type YamlPath } from './yaml-file.ts';

/** A file with every key and a thousand paths has some hundred kilobytes. */
const MAX_BYTES = 1024 * 1024;

/** How many problems are told at once; the rest is counted. */
const MAX_PROBLEMS = 20;

/** How much of a key that is none is repeated. */
const MAX_SHOWN_LENGTH = 100;

/** What the stable generation of the original has all sections under. */
const TOP = 'clair';

/** The configuration when no file is named. */
export function defaultConfig(): Config {
  return configOf(new Map());
}

/**
 * Reads a configuration file: YAML with the sections and keys of the schema, at the top or under `clair`.
 *
 * @throws ClairError `config/invalid` for a file that cannot be read, has more than 1 MiB or is no valid configuration;
 * the message names every problem with its line, at most 20 of them.
 */
export async function loadConfig(path: string): Promise<Config> {
  return parseConfig(await textOf(path), path);
}

/**
 * The same for the text of a file. One that holds nothing but comments says nothing.
 *
 * @param where what the text is called in messages
 * @throws ClairError `config/invalid`
 */
export function parseConfig(text: string, where: string): Config {
  const file = readYaml(text);
  if (file.kind === 'unreadable') throw invalid(where, file.problems);
  const problems: LineProblem[] = [];
  const values = valuesOf(file.value, (at, what) => problems.push({ line: file.lineOf(at), what }));
  if (problems.length > 0) throw invalid(where, problems);
  return configOf(values);
}

/** Notes what is wrong at a place of the file. */
type Tell = (at: YamlPath, what: string) => void;

/** The values of the keys that are there, by the path of the key. */
function valuesOf(file: unknown, tell: Tell): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  const keys = configKeys();
  const paths = keys.map(({ path }) => path);
  const sections = [...new Set(keys.map(({ section }) => section))];
  const { top, members } = sectionsOf(file, tell);
  for (const [section, content] of members) {
    const at = [...top, section];
    if (!sections.includes(section)) tell(at, unknownKey(section, [...sections, ...paths]));
    else if (!isMap(content)) tell(at, `${section} must be a map of keys`);
    else {
      for (const [name, value] of Object.entries(content)) {
        const key = keys.find(({ path }) => path === `${section}.${name}`);
        if (key === undefined) tell([...at, name], unknownKey(`${section}.${name}`, paths));
        else if (isAccepted(key, value, [...at, name], tell)) values.set(key.path, value);
      }
    }
  }
  if (values.has('database.path') && values.get('database.type') === 'memory') {
    tell([...top, 'database', 'path'], 'database.path has no effect where database.type is memory: leave one out');
  }
  return values;
}

/** The members of the file that should be sections, and what they stand under. */
function sectionsOf(
  file: unknown,
  tell: Tell,
): { readonly top: YamlPath; readonly members: readonly (readonly [string, unknown])[] } {
  if (file === null) return { top: [], members: [] };
  if (!isMap(file)) {
    tell([], 'it must be a map of sections');
    return { top: [], members: [] };
  }
  if (!Object.hasOwn(file, TOP)) return { top: [], members: Object.entries(file) };
  for (const name of Object.keys(file).filter((each) => each !== TOP)) {
    tell([name], `${shown(name)} must stand under ${TOP}, as all sections do where there is that key`);
  }
  const inner: unknown = Reflect.get(file, TOP);
  if (isMap(inner)) return { top: [TOP], members: Object.entries(inner) };
  tell([TOP], `${TOP} must be a map of sections`);
  return { top: [TOP], members: [] };
}

function isAccepted({ path, value: whole, item }: ConfigKey, value: unknown, at: YamlPath, tell: Tell): boolean {
  if (whole.accepts(value)) return true;
  const wrong =
    item !== undefined && Array.isArray(value) ? [...value.keys()].filter((i) => !item.accepts(value[i])) : [];
  for (const index of wrong) tell([...at, index], `${path}[${index}] must be ${item?.title}`);
  if (wrong.length === 0) tell(at, `${path} must be ${whole.title}`);
  return false;
}

function unknownKey(path: string, keys: readonly string[]): string {
  const meant = nearestKey(path, keys);
  return `${shown(path)} is no key${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

/** A file may have been written by anything. */
function shown(key: string): string {
  const text = JSON.stringify(key).slice(1, -1);
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(where: string, problems: readonly LineProblem[]): ClairError {
  const told = problems
    .toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0))
    .slice(0, MAX_PROBLEMS)
    .map(({ line, what }) => (line === undefined ? `\n  ${what}` : `\n  line ${line}: ${what}`));
  const more = problems.length > MAX_PROBLEMS ? `\n  and ${problems.length - MAX_PROBLEMS} more` : '';
  return new ClairError('config/invalid', `${where} is no valid configuration:${told.join('')}${more}`);
}

async function textOf(path: string): Promise<string> {
  const bytes = await firstBytes(path).catch((error: unknown) => {
    throw asClairError(error, 'config/invalid', `cannot read ${path}`);
  });
  if (bytes.length > MAX_BYTES) throw new ClairError('config/invalid', `${path} has more than ${MAX_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ClairError('config/invalid', `${path} is no text in UTF-8`, { cause: error });
  }
}

/** One byte more than there may be tells that there are too many; whatever the path names need not end. */
async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  const chunks: Buffer[] = [];
  for await (const chunk of file.createReadStream({ end: MAX_BYTES })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
