import type { ByteStream } from '../../bytes/byte-stream.ts';
import { jsonMembers } from '../../bytes/documents/json-members.ts';
import { ClairError } from '../../errors.ts';
import { readCyclonedxXml } from './formats/cyclonedx-xml.ts';
import { createSbomCollector, ITEMS, type SbomCollector, unsupported } from './sbom-collector.ts';
import type { SbomDocument } from './sbom-document.ts';
import { SBOM_ERRORS } from './sbom-errors.ts';
import { SBOM_LIMITS, type SbomLimits } from './sbom-limits.ts';
import { readTagValue } from './formats/spdx-tag-value.ts';

export type ReadSbomOptions = {
  /** The name of the document in messages. */
  readonly where: string;
  readonly limits?: Partial<SbomLimits>;
};

/**
 * Reads a software bill of materials of any format: CycloneDX in JSON and XML, SPDX 2 in JSON and tag-value, SPDX 3 in
 * JSON-LD, and Syft JSON. The document may be inside an in-toto statement, an envelope (DSSE, Sigstore) or a GitHub
 * dependency graph. The content determines the format. Keeps the components and one member of the document in memory.
 *
 * @param bytes the document in UTF-8, or in UTF-16 with a byte order mark
 * @throws ClairError `sbom/invalid` for malformed content; `sbom/unsupported` for another format or version;
 * `sbom/limit-exceeded`; the errors of `bytes`
 */
export async function readSbom(bytes: ByteStream, options: ReadSbomOptions): Promise<SbomDocument> {
  const { where } = options;
  const limits = { ...SBOM_LIMITS, ...options.limits };
  const { head, stream } = await begun(bounded(inUtf8(bytes, where), where, limits));
  const start = head
    .toString('utf8')
    .replace(/^\u{FEFF}/u, '')
    .trimStart();
  const collector = createSbomCollector(where, limits);
  if (start.startsWith('{')) await readJson(stream, collector, where, limits);
  else if (start.startsWith('<')) await readXml(stream, start, collector, { where, limits });
  else if (/^(?:#.*\s+)*SPDXVersion:/.test(start)) await readTagValue(stream, collector, { where, limits });
  else if (start === '') throw new ClairError('sbom/invalid', `${where} is empty`);
  else throw unsupported(where, 'it is not a JSON object, XML or SPDX tag-value');
  return collector.end();
}

async function readJson(
  stream: ByteStream,
  collector: SbomCollector,
  where: string,
  { maxMemberBytes, maxDepth }: SbomLimits,
): Promise<void> {
  const options = { where, itemsOf: ITEMS, maxMemberBytes, maxDepth, errors: SBOM_ERRORS };
  for await (const { key, value } of jsonMembers(stream, options)) collector.add(key, value);
}

async function readXml(
  stream: ByteStream,
  start: string,
  collector: SbomCollector,
  options: { readonly where: string; readonly limits: SbomLimits },
): Promise<void> {
  const { where } = options;
  if (/<rdf:RDF\b/.test(start))
    throw unsupported(where, 'it is RDF: convert SPDX to JSON, for example with pyspdxtools');
  if (/<(?:\w+:)?SoftwareIdentity\b/.test(start)) throw unsupported(where, 'it is a SWID tag');
  const [, version] = /["']https?:\/\/cyclonedx\.org\/schema\/bom\/(\d+\.\d+)["']/.exec(start) ?? [];
  if (version === undefined) throw unsupported(where, 'it is XML, but not CycloneDX');
  await readCyclonedxXml(stream, version, collector, options);
}

/** The first bytes, which must reveal the format; XML namespaces may follow a long comment. */
const HEAD_BYTES = 64 * 1024;

async function begun(bytes: ByteStream): Promise<{ readonly head: Buffer; readonly stream: ByteStream }> {
  const chunks = bytes[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  for (let size = 0; size < HEAD_BYTES; ) {
    const next = await chunks.next();
    if (next.done === true) break;
    first.push(next.value);
    size += next.value.length;
  }
  return { head: Buffer.concat(first).subarray(0, HEAD_BYTES), stream: resumed(first, chunks) };
}

async function* resumed(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* bounded(bytes: ByteStream, where: string, { maxBytes }: SbomLimits): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > maxBytes) throw new ClairError('sbom/limit-exceeded', `${where} is larger than ${maxBytes} bytes`);
    yield chunk;
  }
}

/** Converts UTF-16 with a byte order mark, which PowerShell writes; other bytes are unchanged. */
async function* inUtf8(bytes: ByteStream, where: string): AsyncGenerator<Uint8Array> {
  let decoder: InstanceType<typeof TextDecoder> | null | undefined;
  let start = Buffer.alloc(0);
  for await (const chunk of bytes) {
    if (decoder === undefined) {
      start = Buffer.concat([start, chunk]);
      if (start.length < 2) continue;
      const mark = start.toString('latin1', 0, 2);
      decoder = MARKS.has(mark) ? new TextDecoder(MARKS.get(mark), { fatal: true }) : null;
      yield decoder === null ? start : utf8(decoder, start, where);
    } else yield decoder === null ? chunk : utf8(decoder, chunk, where);
  }
  if (decoder === undefined) yield start;
}

const MARKS: ReadonlyMap<string, string> = new Map([
  ['\u{FF}\u{FE}', 'utf-16le'],
  ['\u{FE}\u{FF}', 'utf-16be'],
]);

function utf8(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array, where: string): Uint8Array {
  try {
    return Buffer.from(decoder.decode(chunk, { stream: true }));
  } catch (error) {
    throw new ClairError('sbom/invalid', `${where} is not valid UTF-16`, { cause: error });
  }
}
