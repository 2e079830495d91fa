import { parse as parseYaml } from 'yaml';
import { isNestedTooDeeply, MAX_YAML_DEPTH } from '../../bytes/documents/yaml-depth.ts';
import { ClairError } from '../../errors.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { DocumentParser } from '../feed/parsed-documents.ts';
import type { FeedDocument } from '../feed/document-intake.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';
import type { RecordDiagnostic } from '../../model/feed.ts';
import { addRecordDiagnostic, at, inexact, skipped } from '../advisories/record-diagnostics.ts';
import { apk } from '../../versions/apk.ts';
import { type Fields, fieldsOf, itemsOf, shown, textOf } from './json-fields.ts';
import { secdbIdentifiers } from './secdb-identifiers.ts';
import { misprintedStart, secdbRanges } from './secdb-ranges.ts';
import { wholeJson, wholeText } from './whole-document.ts';

/** The properties of a secdb that depend on its publisher. */
export type SecdbSource = {
  /** Returns the namespace of a document; `distroversion` is empty if the document does not contain it. */
  readonly namespaceOf: (distroversion: string) => string | undefined;
  readonly linkOf: (id: string) => string;
};

/** The maximum size of a JSON document in bytes; the largest secdb, from Chainguard, is about 20 MB. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;

/**
 * The maximum size of a YAML document in bytes. Real documents are about 0.2 MB; parsing needs 20 times the size in
 * memory.
 */
const MAX_YAML_BYTES = 32 * 1024 * 1024;

/** Returns a parser of a secdb in JSON (see {@link readSecdb}). */
export function secdbJsonParser(source: SecdbSource): DocumentParser {
  return async function* parse(document, recordDiagnostics) {
    yield* readSecdb(await wholeJson(document, MAX_JSON_BYTES), document, source, recordDiagnostics);
  };
}

/** Returns a parser of a secdb in YAML, which Alpine used until 2020 (see {@link readSecdb}). */
export function secdbYamlParser(source: SecdbSource): DocumentParser {
  return async function* parse(document, recordDiagnostics) {
    const text = await wholeText(document, MAX_YAML_BYTES);
    yield* readSecdb(parsedYaml(text, document.where), document, source, recordDiagnostics);
  };
}

/** Parses YAML, and keeps every scalar as text, because the version `1.10` is not a number. */
function parsedYaml(text: string, where: string): unknown {
  if (isNestedTooDeeply(text))
    throw new ClairError('feed/invalid', `the nesting of ${where} exceeds ${MAX_YAML_DEPTH} levels`);
  try {
    return parseYaml(text, { schema: 'failsafe', maxAliasCount: 0 });
  } catch (error) {
    throw new ClairError('feed/invalid', `${where} is not valid YAML`, { cause: error });
  }
}

/**
 * Reads a secdb (`secfixes` of https://gitlab.alpinelinux.org/alpine/infra/docker/secdb), which lists the
 * vulnerabilities that each version of a source package fixed. Yields a part of an advisory for each vulnerability and
 * package. The version `0` means that the package was never affected, and takes precedence; otherwise, the highest
 * version is used. A secdb has no severities.
 *
 * @throws ClairError `feed/invalid` for any other document, because missing entries would withdraw advisories
 */
function* readSecdb(
  value: unknown,
  { where }: FeedDocument,
  source: SecdbSource,
  recordDiagnostics: RecordDiagnostics,
): Generator<Advisory> {
  const fields = fieldsOf(value) ?? {};
  const { packages, distroversion } = fields;
  if (!('packages' in fields) || !isListOrNothing(packages))
    throw new ClairError('feed/invalid', `${where} is not a secdb: it has no list of packages`);
  const namespace = source.namespaceOf(textOf(distroversion));
  if (namespace === undefined) {
    throw new ClairError('feed/invalid', `${where} is for an unknown release: ${shown(distroversion)}`);
  }
  for (const item of itemsOf(packages)) {
    const { name, secfixes } = fieldsOf(fieldsOf(item)?.['pkg']) ?? {};
    if (typeof name !== 'string' || name === '' || fieldsOf(secfixes) === undefined) {
      addRecordDiagnostic(
        recordDiagnostics,
        skipped(`${where}: package skipped: missing name or fixes: ${shown(item)}`),
      );
      continue;
    }
    const { fixes, diagnostics } = fixesOf(fieldsOf(secfixes) ?? {});
    for (const each of diagnostics) addRecordDiagnostic(recordDiagnostics, at(`${namespace} ${name}`, each));
    for (const [id, fix] of fixes) yield advisoryOf(id, fix, namespace, name, source);
  }
}

/**
 * Returns whether a value is a list, or the object that means an empty list. The generator of the secdb, which is
 * written in Lua, writes null or an empty object for an empty list.
 */
function isListOrNothing(packages: unknown): boolean {
  if ((packages ?? '') === '' || Array.isArray(packages)) return true;
  const fields = fieldsOf(packages);
  return fields !== undefined && Object.keys(fields).length === 0;
}

type Fix = { readonly versions: Set<string>; readonly aliases: Set<string> };

/** The version of a package that was never affected. */
const NEVER_AFFECTED = '0';

/** Returns a description of the treatment of a version that apk rejects ({@link secdbRanges}). */
function takenAs(version: string): string {
  const start = misprintedStart(version);
  if (start === undefined) return 'treated as affected in all versions';
  return `treated as affected below ${start.version}, as uncertain from ${start.version} to below ${start.next}, and as fixed from ${start.next}`;
}

function fixesOf(secfixes: Fields): {
  readonly fixes: ReadonlyMap<string, Fix>;
  readonly diagnostics: readonly RecordDiagnostic[];
} {
  const fixes = new Map<string, Fix>();
  const diagnostics: RecordDiagnostic[] = [];
  for (const [key, list] of Object.entries(secfixes)) {
    const version = key.trim();
    for (const entry of entriesOf(list)) {
      const identifiers = typeof entry === 'string' ? secdbIdentifiers(entry) : [];
      if (identifiers.length === 0)
        diagnostics.push(skipped(`fix in ${version} skipped: invalid identifier ${shown(entry)}`));
      for (const { id, aliases } of identifiers) {
        const fix = fixes.get(id) ?? { versions: new Set(), aliases: new Set() };
        fixes.set(id, fix);
        fix.versions.add(version);
        for (const alias of aliases) fix.aliases.add(alias);
      }
    }
    if (version !== NEVER_AFFECTED && apk.keyOf(version) === undefined) {
      diagnostics.push(inexact(`${takenAs(version)}: apk rejects the fixed version ${shown(version)}`));
    }
  }
  return { fixes, diagnostics };
}

/**
 * Returns the entries in a list. Treats another value as a single entry, and null or an empty string in YAML as an
 * empty list.
 */
function entriesOf(list: unknown): readonly unknown[] {
  if ((list ?? '') === '') return [];
  return Array.isArray(list) ? list : [list];
}

function advisoryOf(id: string, fix: Fix, namespace: string, name: string, source: SecdbSource): Advisory {
  const { versions } = fix;
  const aliases = [...fix.aliases].filter((alias) => alias !== id);
  const base = { namespace, package: name, severity: 'Unknown' } as const;
  const isNever = versions.has(NEVER_AFFECTED);
  return {
    id,
    link: source.linkOf(id),
    description: '',
    ...(aliases.length > 0 && { aliases }),
    affected: isNever ? [] : secdbRanges(versions).map((range) => ({ ...base, ...range })),
  };
}
