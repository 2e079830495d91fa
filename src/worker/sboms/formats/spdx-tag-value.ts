import type { ByteStream } from '../../../bytes/byte-stream.ts';
import { ClairError } from '../../../errors.ts';
import { textOf } from '../../../model/json-values.ts';
import type { SbomCollector } from '../sbom-collector.ts';
import type { SbomLimits } from '../sbom-limits.ts';

/**
 * Reads SPDX 2 in tag-value form: blocks of `Tag: value` lines, where `PackageName` starts a package, and the next
 * `PackageName`, `FileName` or `SnippetSPDXID` ends the package. Adds the members in the form of the JSON schema.
 *
 * @throws ClairError `sbom/invalid` for text that is not UTF-8, `sbom/limit-exceeded` for a line that is too long; the
 * errors of the stream
 */
export async function readTagValue(
  text: ByteStream,
  collector: SbomCollector,
  { where, limits }: { readonly where: string; readonly limits: SbomLimits },
): Promise<void> {
  let current: Package | undefined;
  /** The tag and lines of an open multi-line value, between `<text>` and `</text>`. */
  let open: { readonly tag: string; text: string } | undefined;

  const finish = (): void => {
    if (current !== undefined) collector.add('packages', { ...current.fields, ...current.lists });
    current = undefined;
  };
  const addTag = (tag: string, value: string): void => {
    if (tag === 'SPDXVersion') collector.add('spdxVersion', value);
    else if (tag === 'Relationship') collector.add('relationships', relationshipOf(value));
    else if (tag === 'PackageName') {
      finish();
      current = {
        fields: { name: value },
        lists: { externalRefs: [], attributionTexts: [], checksums: [], annotations: [] },
      };
    } else if (tag === 'FileName' || tag === 'SnippetSPDXID') finish();
    else if (current !== undefined) addToPackage(current, tag, value);
  };

  for await (const line of linesOf(text, where, limits)) {
    if (open !== undefined) {
      const end = line.indexOf('</text>');
      open.text += `\n${end < 0 ? line : line.slice(0, end)}`;
      if (open.text.length > limits.maxLineCharacters) throw beyond(where, limits);
      if (end < 0) continue;
      addTag(open.tag, open.text);
      open = undefined;
      continue;
    }
    const [, tag, value] = /^([A-Za-z]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (tag === undefined || value === undefined) continue;
    const [, inside] = /^<text>(.*)$/s.exec(value) ?? [];
    if (inside === undefined) addTag(tag, value);
    else if (inside.includes('</text>')) addTag(tag, inside.slice(0, inside.indexOf('</text>')));
    else open = { tag, text: inside };
  }
  finish();
}

type Package = {
  readonly fields: Record<string, string>;
  readonly lists: {
    readonly externalRefs: object[];
    readonly attributionTexts: string[];
    readonly checksums: object[];
    readonly annotations: object[];
  };
};

const FIELDS: ReadonlyMap<string, string> = new Map([
  ['SPDXID', 'SPDXID'],
  ['PackageVersion', 'versionInfo'],
  ['PackageSourceInfo', 'sourceInfo'],
  ['PackageSupplier', 'supplier'],
  ['PrimaryPackagePurpose', 'primaryPackagePurpose'],
]);

/** A package has a few references, checksums and attribution texts; values beyond this number are dropped. */
const MAX_LIST = 1000;

function addToPackage({ fields, lists }: Package, tag: string, value: string): void {
  const field = FIELDS.get(tag);
  if (field !== undefined) fields[field] ??= value;
  const [, category, type, locator] = (tag === 'ExternalRef' && /^(\S+)\s+(\S+)\s+(\S+)$/.exec(value)) || [];
  if (locator !== undefined && lists.externalRefs.length < MAX_LIST) {
    lists.externalRefs.push({ referenceCategory: category, referenceType: type, referenceLocator: locator });
  }
  const [, algorithm, checksumValue] = (tag === 'PackageChecksum' && /^(\w+):\s*(\w+)$/.exec(value)) || [];
  if (algorithm !== undefined && lists.checksums.length < MAX_LIST) lists.checksums.push({ algorithm, checksumValue });
  if (tag === 'PackageAttributionText' && lists.attributionTexts.length < MAX_LIST) lists.attributionTexts.push(value);
}

function relationshipOf(value: string): object {
  const [from, type, to] = value.split(/\s+/);
  return { spdxElementId: textOf(from), relationshipType: textOf(type), relatedSpdxElement: textOf(to) };
}

async function* linesOf(text: ByteStream, where: string, limits: SbomLimits): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  const decoded = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (error) {
      throw new ClairError('sbom/invalid', `${where} is not UTF-8`, { cause: error });
    }
  };
  for await (const chunk of text) {
    const lines = `${rest}${decoded(chunk)}`.split(/\r?\n/);
    rest = lines.pop() ?? '';
    if (rest.length > limits.maxLineCharacters) throw beyond(where, limits);
    yield* lines;
  }
  yield `${rest}${decoded()}`;
}

function beyond(where: string, { maxLineCharacters }: SbomLimits): ClairError {
  return new ClairError('sbom/limit-exceeded', `${where} has a value of more than ${maxLineCharacters} characters`);
}
