import { ClairError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { isOpenVex, parseOpenVex } from '../../suppression/openvex.ts';
import type { SuppressionRule } from '../../suppression/suppression-rule.ts';
import { type JsonObject, objectOf, objectsOf, textOf } from '../../model/json-values.ts';
import { readSbom } from '../../worker/sboms/read-sbom.ts';
import type { SbomDocument } from '../../worker/sboms/sbom-document.ts';
import { statedDigests } from '../../worker/sboms/sbom-subject.ts';
import { isEnvelope, kindOfPredicate } from './media-types.ts';

/** The content of a document, and the digests of the images that the document is about. */
export type AttachedContent = {
  readonly subjects: readonly Digest[];
  /** Whether the document names images only by digests other than SHA-256 and SHA-512. */
  readonly hasUnknownSubjects: boolean;
  readonly isSigned: boolean;
} & (
  | { readonly kind: 'sbom'; readonly sbom: SbomDocument }
  | { readonly kind: 'vex'; readonly rules: readonly SuppressionRule[] }
);

/** A statement that is neither an SBOM nor a VEX document, such as the provenance of the image. */
export type OtherStatement = { readonly kind: 'other'; readonly predicate: string };

/**
 * Reads an SBOM or OpenVEX document. The document can be bare, in an in-toto statement, or in an envelope. Does not
 * check the signature of an envelope.
 *
 * @param where names the document in messages and reports
 * @throws ClairError `sbom/…`, `suppression/invalid`
 */
export async function readAttached(
  bytes: Buffer,
  mediaType: string,
  where: string,
): Promise<AttachedContent | OtherStatement> {
  const isVex = OPENVEX.test(bytes.toString('latin1', 0, HEAD_BYTES));
  if (!isEnvelope(mediaType) && !isVex) {
    const sbom = await readSbom(once(bytes), { where });
    return { kind: 'sbom', sbom, subjects: sbom.subjects, hasUnknownSubjects: false, isSigned: sbom.isSigned === true };
  }
  const value = objectOf(parsed(bytes, where));
  if (isOpenVex(value))
    return { kind: 'vex', rules: vexRules(value, where), subjects: [], hasUnknownSubjects: false, isSigned: false };
  const { statement, isSigned } = statementIn(value, where);
  const predicate = textOf(statement['predicateType']);
  const kind = kindOfPredicate(predicate);
  if (kind === undefined) return { kind: 'other', predicate };
  const stated = objectsOf(statement['subject']);
  const subjects = stated.flatMap(({ digest }) => statedDigests(digest));
  const head = { subjects, hasUnknownSubjects: stated.length > 0 && subjects.length === 0, isSigned };
  if (kind === 'vex') return { kind, rules: vexRules(statement['predicate'], where), ...head };
  return { kind, sbom: await readSbom(once(bytes), { where }), ...head };
}

/**
 * Matches the start of an OpenVEX document. Parsing every document to detect the format would need a second copy in
 * memory.
 */
const OPENVEX = /"@context"\s*:\s*"https:\/\/openvex\.dev\/ns/;
const HEAD_BYTES = 4096;

/**
 * Parses the statements of an OpenVEX document as rules. Documents that the user chose take precedence over these
 * rules.
 */
function vexRules(value: unknown, where: string): readonly SuppressionRule[] {
  return parseOpenVex(value, where).map((rule) => ({ ...rule, by: 'attestation' }));
}

function statementIn(value: JsonObject, where: string): { readonly statement: JsonObject; readonly isSigned: boolean } {
  const envelope = objectOf(value['dsseEnvelope'] ?? value);
  if (envelope['payload'] === undefined) return { statement: value, isSigned: false };
  const payload = Buffer.from(textOf(envelope['payload']), 'base64');
  return { statement: objectOf(parsed(payload, where)), isSigned: true };
}

function parsed(bytes: Buffer, where: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new ClairError('sbom/invalid', `${where} is not JSON`, { cause: error });
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
