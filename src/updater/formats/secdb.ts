import { parse as parseYaml } from 'yaml';
import { ClairError } from '../../errors.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { DocumentParser } from '../feed/parsed-documents.ts';
import type { FeedDocument } from '../feed/document-intake.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';
import { addRecordDiagnostic } from '../advisories/record-diagnostics.ts';
import { apk } from '../../versions/apk.ts';
import { type Fields, fieldsOf, itemsOf, shown, textOf } from './json-fields.ts';
import { secdbIdentifiers } from './secdb-identifiers.ts';
import { misprintedStart, secdbRanges } from './secdb-ranges.ts';
import { wholeJson, wholeText } from './whole-document.ts';

/** What one publisher of a secdb has of its own. */
export type SecdbSource = {
  /** Names the namespace of a document by its `distroversion`, which is empty where there is none. */
  readonly namespaceOf: (distroversion: string) => string | undefined;
  /** The page of a vulnerability. */
  readonly linkOf: (id: string) => string;
};

/** The largest secdb, that of Chainguard, has some 20 MB. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;

/** Those that are published as YAML have some 0.2 MB; it takes 20 times its size of memory. */
const MAX_YAML_BYTES = 32 * 1024 * 1024;

/** Makes the parser of a secdb in JSON; {@link readSecdb} says what it gives. */
export function secdbJsonParser(source: SecdbSource): DocumentParser {
  return async function* parse(document, recordDiagnostics) {
    yield* readSecdb(await wholeJson(document, MAX_JSON_BYTES), document, source, recordDiagnostics);
  };
}

/** Makes the parser of a secdb in YAML, in which Alpine wrote it until 2020; {@link readSecdb} says what it gives. */
export function secdbYamlParser(source: SecdbSource): DocumentParser {
  return async function* parse(document, recordDiagnostics) {
    const text = await wholeText(document, MAX_YAML_BYTES);
    yield* readSecdb(parsedYaml(text, document.where), document, source, recordDiagnostics);
  };
}

/** Every scalar is taken as the text that it is: a version `1.10` is no number. */
function parsedYaml(text: string, where: string): unknown {
  try {
    return parseYaml(text, { schema: 'failsafe', maxAliasCount: 0 });
  } catch (error) {
    throw new ClairError('feed/invalid', `${where} is no whole YAML`, { cause: error });
  }
}

/**
 * Reads a secdb (`secfixes` of https://gitlab.alpinelinux.org/alpine/infra/docker/secdb): for each source package, the
 * versions that fixed something and the list of what they fixed. Gives a part of an advisory for each vulnerability of
 * each package. The version `0` says that the package never was affected, and counts before every other; of several
 * versions the highest counts. A secdb has no severities.
 *
 * @throws ClairError `feed/invalid` for what is no secdb of the source: what is missing in it would be taken for
 * withdrawn
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
    throw new ClairError('feed/invalid', `${where} is no secdb: it has no list of packages`);
  const namespace = source.namespaceOf(textOf(distroversion));
  if (namespace === undefined) {
    throw new ClairError('feed/invalid', `${where} is of an unknown release: ${shown(distroversion)}`);
  }
  for (const item of itemsOf(packages)) {
    const { name, secfixes } = fieldsOf(fieldsOf(item)?.['pkg']) ?? {};
    if (typeof name !== 'string' || name === '' || fieldsOf(secfixes) === undefined) {
      addRecordDiagnostic(
        recordDiagnostics,
        `${where}: a package skipped that has no name or no fixes: ${shown(item)}`,
      );
      continue;
    }
    const { fixes, diagnostics } = fixesOf(fieldsOf(secfixes) ?? {});
    for (const diagnostic of diagnostics) addRecordDiagnostic(recordDiagnostics, `${namespace} ${name} ${diagnostic}`);
    for (const [id, fix] of fixes) yield advisoryOf(id, fix, namespace, name, source);
  }
}

/** A repository without fixes has nothing there, or an empty object: the programs that write it are in Lua. */
function isListOrNothing(packages: unknown): boolean {
  if ((packages ?? '') === '' || Array.isArray(packages)) return true;
  const fields = fieldsOf(packages);
  return fields !== undefined && Object.keys(fields).length === 0;
}

/** What a package says of one vulnerability. */
type Fix = { readonly versions: Set<string>; readonly aliases: Set<string> };

/** That no version of the package was ever affected. */
const NEVER_AFFECTED = '0';

/** What {@link secdbRanges} makes of a version that apk refuses, in words. */
function takenAs(version: string): string {
  const start = misprintedStart(version);
  if (start === undefined) return 'taken as affected in all versions';
  return `taken as affected below ${start.next}, from ${start.version} on with diagnostic`;
}

function fixesOf(secfixes: Fields): {
  readonly fixes: ReadonlyMap<string, Fix>;
  readonly diagnostics: readonly string[];
} {
  const fixes = new Map<string, Fix>();
  const diagnostics: string[] = [];
  for (const [key, list] of Object.entries(secfixes)) {
    const version = key.trim();
    for (const entry of entriesOf(list)) {
      const identifiers = typeof entry === 'string' ? secdbIdentifiers(entry) : [];
      if (identifiers.length === 0)
        diagnostics.push(`skipped what ${version} fixed: it is no identifier: ${shown(entry)}`);
      for (const { id, aliases } of identifiers) {
        const fix = fixes.get(id) ?? { versions: new Set(), aliases: new Set() };
        fixes.set(id, fix);
        fix.versions.add(version);
        for (const alias of aliases) fix.aliases.add(alias);
      }
    }
    if (version !== NEVER_AFFECTED && apk.keyOf(version) === undefined) {
      diagnostics.push(`${takenAs(version)}: apk refuses the version ${shown(version)}, which has a fix`);
    }
  }
  return { fixes, diagnostics };
}

/** What is no list is one entry; nothing, in YAML an empty text, is none. */
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
