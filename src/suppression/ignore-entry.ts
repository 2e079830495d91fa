import { unknownKey } from '../config/file-values.ts';
import { nearestKey } from '../config/nearest-key.ts';
import type { YamlPath } from '../config/yaml-file.ts';
import { ClairError } from '../errors.ts';
import { isDay } from '../model/time/day.ts';
import { isDigest } from '../model/digest.ts';
import { printable } from '../model/printable.ts';
import { MAX_IGNORE_IDS, MAX_IGNORE_TEXT_LENGTH } from '../model/report/ignore-rule.ts';
import { parseImagePattern } from './image-pattern.ts';
import { parsePurl } from './package-pattern.ts';
import type { RuleScope, SuppressionRule } from './suppression-rule.ts';

/**
 * Reads an entry that does not come from a file. The caller must set the file and the place of the rule.
 *
 * @throws ClairError `ignore-rule/invalid`, whose message lists all faults of the entry
 */
export function parseIgnoreEntry(entry: unknown): SuppressionRule {
  const faults: string[] = [];
  const rule = readIgnoreEntry(entry, [], '', 0, (_at, what) => faults.push(what));
  if (rule !== undefined && faults.length === 0) return rule;
  throw new ClairError('ignore-rule/invalid', faults.map(printable).join('; '));
}

/** Records a fault at a place in the file. */
export type Tell = (at: YamlPath, what: string) => void;

const KEYS = ['id', 'package', 'layer', 'image', 'reason', 'author', 'expires'] as const;

type Key = (typeof KEYS)[number];

function isKey(name: string): name is Key {
  return KEYS.some((key) => key === name);
}

/**
 * Reads an entry of a file. Returns undefined for an entry that is not a map; passes faults to `tell`.
 *
 * @param at the place of the entry in the file
 * @param line the line of the entry, from 1
 */
export function readIgnoreEntry(
  entry: unknown,
  at: YamlPath,
  file: string,
  line: number,
  tell: Tell,
): SuppressionRule | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    tell(at, `an entry must be a map; the possible keys are ${KEYS.join(', ')}`);
    return undefined;
  }
  const given = new Map<Key, unknown>();
  for (const [name, value] of Object.entries(entry)) {
    if (isKey(name)) given.set(name, value);
    else tell([...at, name], unknownKeyText(name));
  }
  const text = (key: Key): string | undefined => textOf(given, key, at, tell);
  const ids = given.has('id') ? namesOf(given.get('id'), [...at, 'id'], tell) : null;
  const named = text('package');
  const layer = text('layer');
  const image = text('image');
  const reason = text('reason');
  const expires = text('expires') ?? null;
  if (ids === null && !given.has('package')) tell(at, 'an entry must have an id or a package');
  if (!given.has('reason')) tell(at, 'an entry must have a reason');
  const purl = named?.startsWith('pkg:') ? parsePurl(named) : undefined;
  if (named?.startsWith('pkg:') && purl === undefined)
    tell([...at, 'package'], 'package must be a name or a package URL, such as pkg:deb/debian/openssl');
  if (layer !== undefined && !ORIGINS.includes(layer) && !isDigest(layer)) {
    tell([...at, 'layer'], `layer must be ${ORIGINS.join(' or ')}, or a digest (sha256:… or sha512:…)`);
  }
  const pattern = image === undefined ? undefined : parseImagePattern(image);
  if (image !== undefined && pattern === undefined) {
    tell([...at, 'image'], 'image must be a digest (sha256:… or sha512:…) or a name with an optional tag');
  }
  if (expires !== null && !isDay(expires)) tell([...at, 'expires'], 'expires must be a date such as 2026-12-31');
  const scope: RuleScope = {
    images: pattern === undefined ? [] : [pattern],
    packages: named === undefined ? [] : [purl === undefined ? { name: named } : { purl }],
    ...(layer !== undefined && { layer }),
  };
  const place = `line ${line}`;
  return {
    by: 'ignore',
    file,
    place,
    where: `${file}, ${place}`,
    ids,
    scopes: [scope],
    effect: 'suppress',
    timestamp: 0,
    justification: null,
    reason: reason ?? '',
    author: text('author') ?? null,
    expires,
  };
}

/** Returns the message about an unknown key, which suggests a similar key or, if no key is similar, lists all keys. */
function unknownKeyText(name: string): string {
  const text = unknownKey(name, KEYS);
  return nearestKey(name, KEYS) === undefined ? `${text} (keys: ${KEYS.join(', ')})` : text;
}

const ORIGINS: readonly string[] = ['base', 'own'];

function textOf(given: ReadonlyMap<Key, unknown>, key: Key, at: YamlPath, tell: Tell): string | undefined {
  if (!given.has(key)) return undefined;
  const value = given.get(key);
  if (isText(value)) return value;
  tell([...at, key], `${key} must be text of 1 to ${MAX_IGNORE_TEXT_LENGTH} characters`);
  return undefined;
}

/** Reads an identifier or a list of identifiers. */
function namesOf(value: unknown, at: YamlPath, tell: Tell): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (all.length > 0 && all.length <= MAX_IGNORE_IDS && all.every((each) => isText(each))) return all;
  tell(at, `id must be a vulnerability ID or a list of 1 to ${MAX_IGNORE_IDS} IDs`);
  return [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_IGNORE_TEXT_LENGTH;
}
