import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { ClairError } from '../errors.ts';
import { printable } from '../model/printable.ts';
import { isDigest } from '../model/digest.ts';
import { imageOfPurl, parseImagePattern } from './image-pattern.ts';
import { parsePurl } from './package-pattern.ts';
import type { RuleScope, SuppressionRule } from './suppression-rule.ts';

/** Returns whether a JSON document claims to be OpenVEX of any version. */
export function isOpenVex(value: unknown): boolean {
  return Value.Check(Type.Object({ '@context': Type.String({ pattern: '^https://openvex\\.dev/ns' }) }), value);
}

/**
 * Reads an OpenVEX 0.2.0 document (github.com/openvex/spec, OPENVEX-SPEC.md). The statuses `not_affected` and `fixed`
 * suppress findings; the other two statuses keep findings. A product is an image if it has a package URL of type `oci`
 * or a digest; otherwise it is a package. If the product has subcomponents, the statement is about these parts of the
 * product. Statements without a recognisable product match nothing.
 *
 * @param value the parsed JSON
 * @param file the name of the document in messages and reports
 * @throws ClairError `suppression/invalid` for a violation of the specification; the message names the place
 */
export function parseOpenVex(value: unknown, file: string): readonly SuppressionRule[] {
  if (!Value.Check(DOCUMENT, value)) {
    const [error] = Value.Errors(DOCUMENT, value);
    throw invalid(file, `${error?.instancePath || 'the document'} ${error?.message ?? 'has an unexpected structure'}`);
  }
  return value.statements.map((statement, index) => ruleOf(statement, `statement ${index + 1}`, value, file));
}

function invalid(file: string, what: string): ClairError {
  return new ClairError('suppression/invalid', `${file} is not a valid OpenVEX 0.2.0 document: ${printable(what)}`);
}

const JUSTIFICATIONS = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;

const TEXT = Type.String({ maxLength: 10_000 });
const NAMES = {
  '@id': Type.Optional(TEXT),
  identifiers: Type.Optional(Type.Object({ purl: Type.Optional(TEXT) })),
  hashes: Type.Optional(Type.Record(Type.String(), TEXT)),
};
const PART = Type.Object(NAMES);
const PRODUCT = Type.Object({ ...NAMES, subcomponents: Type.Optional(Type.Array(PART, { maxItems: 10_000 })) });
const STATEMENT = Type.Object({
  vulnerability: Type.Object({
    name: Type.String({ minLength: 1, maxLength: 1000 }),
    aliases: Type.Optional(Type.Array(TEXT, { maxItems: 1000 })),
  }),
  timestamp: Type.Optional(TEXT),
  products: Type.Optional(Type.Array(PRODUCT, { maxItems: 10_000 })),
  status: Type.Enum(['not_affected', 'affected', 'fixed', 'under_investigation']),
  status_notes: Type.Optional(TEXT),
  justification: Type.Optional(Type.Enum([...JUSTIFICATIONS])),
  impact_statement: Type.Optional(TEXT),
});
const DOCUMENT = Type.Object({
  '@context': Type.String({ pattern: '^https://openvex\\.dev/ns/v0\\.2\\.\\d+$' }),
  author: TEXT,
  timestamp: TEXT,
  statements: Type.Array(STATEMENT, { maxItems: 100_000 }),
});

type Document = Static<typeof DOCUMENT>;
type Statement = Static<typeof STATEMENT>;

function ruleOf(statement: Statement, place: string, { author, timestamp }: Document, file: string): SuppressionRule {
  const { vulnerability, status, justification, impact_statement: impact, status_notes: notes } = statement;
  if (status === 'not_affected' && justification === undefined && impact === undefined) {
    throw invalid(file, `${place} is not_affected without a justification or impact_statement`);
  }
  const time = Date.parse(statement.timestamp ?? timestamp);
  if (Number.isNaN(time)) {
    const owner = statement.timestamp === undefined ? 'the document' : place;
    throw invalid(file, `the timestamp of ${owner} must be a time such as 2026-12-31T12:00:00Z`);
  }
  return {
    by: 'openvex',
    file,
    place,
    where: `${file}, ${place}`,
    ids: [vulnerability.name, ...(vulnerability.aliases ?? [])],
    scopes: (statement.products ?? []).flatMap((product) => scopesOf(product, place, file)),
    effect: status === 'not_affected' || status === 'fixed' ? 'suppress' : 'keep',
    timestamp: time,
    justification: justification ?? null,
    reason: impact ?? notes ?? (status === 'fixed' ? 'fixed' : ''),
    author: author === '' ? null : author,
    expires: null,
  };
}

/** Returns the scopes of a product: its names, combined with each name of each subcomponent. */
function scopesOf(product: Static<typeof PRODUCT>, place: string, file: string): readonly RuleScope[] {
  const whole = namedScopes(product, place, file);
  const { subcomponents = [] } = product;
  if (subcomponents.length === 0) return whole;
  const parts = subcomponents.flatMap((part) => namedScopes(part, place, file));
  return whole.flatMap(({ images, packages }) =>
    parts.map((part) => ({ images: [...images, ...part.images], packages: [...packages, ...part.packages] })),
  );
}

/** Returns a scope for each name of a component, any of which may match. */
function namedScopes(component: Static<typeof PART>, place: string, file: string): readonly RuleScope[] {
  const { '@id': id, identifiers, hashes } = component;
  const digests = ['256', '512'].flatMap((bits) => {
    const hex = hashes?.[`sha-${bits}`];
    return hex === undefined ? [] : [`sha${bits}:${hex.toLowerCase()}`];
  });
  return [...new Set([id, identifiers?.purl, ...digests])].flatMap((name): readonly RuleScope[] => {
    if (name === undefined) return [];
    if (name.startsWith('pkg:')) {
      const purl = parsePurl(name);
      if (purl === undefined) throw invalid(file, `${place} has the invalid package URL "${name.slice(0, 200)}"`);
      if (purl.type !== 'oci') return [{ images: [], packages: [{ purl }] }];
      const image = imageOfPurl(purl);
      return image === undefined ? [] : [{ images: [image], packages: [] }];
    }
    // Identifiers other than digests are arbitrary IRIs, which do not identify images.
    const image = isDigest(name) ? parseImagePattern(name) : undefined;
    return image === undefined ? [] : [{ images: [image], packages: [] }];
  });
}
