import { firstBytes } from '../../config/bounded-file.ts';
import { unknownKey } from '../../config/file-values.ts';
import { type LineFault, readYaml, type YamlPath } from '../../config/yaml-file.ts';
import { generic } from '../../ecosystems/programs/generic.ts';
import { asClairError, ClairError } from '../../errors.ts';
import { printable } from '../../model/printable.ts';
import {
  type Classifier,
  PROGRAM_FORMATS,
  type ProgramFormat,
} from '../../worker/detectors/libraries/programs/classifier.ts';
import { parseExpression } from '../../worker/detectors/libraries/programs/expression.ts';

/** The maximum size of a file: about ten times the size of a file with 200 ordinary classifiers. */
export const MAX_CLASSIFIER_BYTES: number = 1024 * 1024;

export const MAX_CLASSIFIERS = 200;

/**
 * The maximum number of file patterns, and of expressions, per classifier. The limit is needed because each expression
 * is searched for in the whole program.
 */
export const MAX_PATTERNS = 20;

/** The maximum length of a file pattern, and of an invalid value in an error message, in characters. */
const MAX_TEXT = 256;

/** The maximum number of wildcards in a file pattern. */
const MAX_WILDCARDS = 8;

/** The maximum number of faults that an error message lists; further faults are only counted. */
const MAX_FAULTS = 20;

/**
 * Reads the classifiers of a user (classifiers.example.yaml).
 *
 * @throws ClairError `classifiers/invalid` for a file that is unreadable, too large or invalid
 */
export async function readClassifiers(file: string): Promise<readonly Classifier[]> {
  let bytes: Buffer;
  try {
    bytes = await firstBytes(file, MAX_CLASSIFIER_BYTES + 1);
  } catch (error) {
    throw asClairError(error, 'classifiers/invalid', `${file} is not readable`);
  }
  if (bytes.length > MAX_CLASSIFIER_BYTES)
    throw new ClairError('classifiers/invalid', `${file} is larger than ${MAX_CLASSIFIER_BYTES} bytes`);
  return parseClassifiers(bytes.toString('utf8'), file);
}

/**
 * Parses a classifier file.
 *
 * @throws ClairError `classifiers/invalid`; the message lists up to 20 faults, each on a separate line
 */
export function parseClassifiers(text: string, file: string): readonly Classifier[] {
  const yaml = readYaml(text);
  if (yaml.kind === 'unreadable') throw invalid(file, yaml.diagnostics);
  const faults: LineFault[] = [];
  const tell: Tell = (at, what) => faults.push({ line: yaml.lineOf(at), what });
  const classifiers = entriesOf(yaml.value, tell).flatMap((entry, index) => classifierOf(entry, [index], tell) ?? []);
  if (faults.length > 0) throw invalid(file, faults);
  return classifiers;
}

type Tell = (at: YamlPath, what: string) => void;

function invalid(file: string, faults: readonly LineFault[]): ClairError {
  const told = faults.slice(0, MAX_FAULTS).map(({ line, what }) => {
    return `\n  ${line === undefined ? '' : `line ${line}: `}${printable(what)}`;
  });
  const more = faults.length > MAX_FAULTS ? `\n  and ${faults.length - MAX_FAULTS} more` : '';
  return new ClairError('classifiers/invalid', `${file} is not a valid classifier file:${told.join('')}${more}`);
}

function entriesOf(value: unknown, tell: Tell): readonly unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) tell([], 'the file must be a list of classifiers, each starting with a dash');
  else if (value.length > MAX_CLASSIFIERS)
    tell([MAX_CLASSIFIERS], `the file has more than ${MAX_CLASSIFIERS} classifiers`);
  else return value;
  return [];
}

const KEYS = ['name', 'files', 'formats', 'expressions', 'advisories'] as const;

function classifierOf(entry: unknown, at: YamlPath, tell: Tell): Classifier | undefined {
  const given = mapOf(entry, KEYS, 'a classifier', at, tell);
  if (given === undefined) return undefined;
  for (const key of ['name', 'files', 'expressions']) {
    if (!given.has(key)) tell(at, `a classifier must have the key ${key}`);
  }
  const listed = (key: (typeof KEYS)[number], fault: (text: string) => string | undefined): readonly string[] =>
    given.has(key) ? textsOf(given.get(key), key, { at: [...at, key], fault, tell }) : [];
  const name = given.has('name') ? nameOf(given.get('name'), 'name', [...at, 'name'], tell) : '';
  const files = listed('files', fileFault);
  const formats = listed('formats', (text) => {
    return isFormat(text) ? undefined : `is not one of ${PROGRAM_FORMATS.join(', ')}`;
  }).filter(isFormat);
  const expressions = listed('expressions', expressionFault);
  const bitnami = given.has('advisories') ? advisoriesOf(given.get('advisories'), [...at, 'advisories'], tell) : '';
  return {
    name,
    files,
    ...(formats.length > 0 && { formats }),
    expressions,
    ...(bitnami !== '' && { bitnami }),
  };
}

/** Returns the package name under which advisories list the program. */
function advisoriesOf(value: unknown, at: YamlPath, tell: Tell): string {
  const given = mapOf(value, ['namespace', 'package'], 'advisories', at, tell);
  if (given === undefined) return '';
  const namespace = given.get('namespace');
  if (typeof namespace !== 'string' || !generic.namespaces.includes(namespace)) {
    tell([...at, 'namespace'], `namespace must be one of ${generic.namespaces.join(', ')}`);
  }
  return nameOf(given.get('package'), 'package', [...at, 'package'], tell);
}

function mapOf(
  value: unknown,
  keys: readonly string[],
  what: string,
  at: YamlPath,
  tell: Tell,
): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    tell(at, `${what} must be a map with the keys ${keys.join(', ')}`);
    return undefined;
  }
  for (const key of Object.keys(value)) if (!keys.includes(key)) tell([...at, key], unknownKey(key, keys));
  return new Map(Object.entries(value));
}

/** Matches a valid package name; package names become parts of package URLs. */
const NAME = /^[0-9A-Za-z][0-9A-Za-z._+/-]{0,127}$/;

function nameOf(value: unknown, key: string, at: YamlPath, tell: Tell): string {
  if (typeof value === 'string' && NAME.test(value)) return value;
  tell(at, `${key} must be 1 to 128 letters, digits and . _ + - /, starting with a letter or digit`);
  return '';
}

/** Reads a text or a list of texts. */
function textsOf(
  value: unknown,
  key: string,
  {
    at,
    fault,
    tell,
  }: { readonly at: YamlPath; readonly fault: (text: string) => string | undefined; readonly tell: Tell },
): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (all.length === 0 || all.length > MAX_PATTERNS) tell(at, `${key} must have 1 to ${MAX_PATTERNS} items`);
  return all.slice(0, MAX_PATTERNS).flatMap((each, index) => {
    const what = typeof each === 'string' ? fault(each) : 'is not text';
    if (what === undefined) return typeof each === 'string' ? [each] : [];
    tell(Array.isArray(value) ? [...at, index] : at, `${key}: ${JSON.stringify(each).slice(0, MAX_TEXT)} ${what}`);
    return [];
  });
}

function fileFault(text: string): string | undefined {
  if (text === '' || text.length > MAX_TEXT) return `needs 1 to ${MAX_TEXT} characters`;
  if (text.split('*').length - 1 > MAX_WILDCARDS) return `has more than ${MAX_WILDCARDS} wildcards`;
  if (/\p{Cc}/u.test(text)) return 'has control characters';
  return text.replaceAll(/[*/.]/g, '') === '' ? 'matches every file' : undefined;
}

function expressionFault(text: string): string | undefined {
  const parsed = parseExpression(text, '1.0');
  return 'fault' in parsed ? parsed.fault : undefined;
}

function isFormat(text: string): text is ProgramFormat {
  return PROGRAM_FORMATS.some((format) => format === text);
}
