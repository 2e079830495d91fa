import { Type } from 'typebox';
import { CWE_ID_PATTERN, type EnrichmentKind, isCveId } from '../../model/enrichment.ts';
import { type CompiledSchema, compiledSchema } from './compiled-schema.ts';
import { schemaFault } from './schema-fault.ts';

/** Returns the fault of an enrichment of this kind; undefined for a valid enrichment. */
export function enrichmentFault(
  { cve, value }: { readonly cve: string; readonly value: unknown },
  kind: EnrichmentKind,
): string | undefined {
  if (!isCveId(cve)) return `invalid CVE identifier ${JSON.stringify(cve)}`;
  const fault = schemaFault(kind === 'cvss' && Array.isArray(value) ? SCORE_VALUES : VALUES[kind], value);
  return fault === undefined ? undefined : `${cve}: ${kind}: ${fault}`;
}

const STRICT = { additionalProperties: false } as const;
const Filled = Type.String({ minLength: 1 });
const Day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' });
const Probability = Type.Number({ minimum: 0, maximum: 1 });

const SCORES = Type.Array(
  Type.Object(
    {
      version: Type.Enum(['2.0', '3.0', '3.1', '4.0']),
      vector: Filled,
      score: Type.Number({ minimum: 0, maximum: 10 }),
      source: Filled,
      type: Type.Enum(['primary', 'secondary']),
      accessVector: Type.Enum(['network', 'adjacent', 'local', 'physical']),
      complexity: Type.Enum(['low', 'medium', 'high']),
      cwes: Type.Optional(Type.Array(Type.String({ pattern: CWE_ID_PATTERN }), { minItems: 1 })),
    },
    STRICT,
  ),
);

/** The values of the kind `cvss` up to format 6, and of CVEs without a text. */
const SCORE_LIST = Type.Array(SCORES.items, { minItems: 1 });

const NVD_ENTRY = Type.Object(
  { scores: SCORES, description: Type.Optional(Filled), published: Type.Optional(Day) },
  STRICT,
);

const EPSS = Type.Object(
  { score: Probability, percentile: Type.Optional(Probability), date: Type.Optional(Day) },
  STRICT,
);

const KEV = Type.Object(
  {
    name: Type.Optional(Filled),
    added: Type.Optional(Day),
    due: Type.Optional(Day),
    action: Type.Optional(Filled),
    ransomware: Type.Optional(Type.Boolean()),
  },
  STRICT,
);

const VALUES: Readonly<Record<EnrichmentKind, CompiledSchema>> = {
  cvss: compiledSchema(NVD_ENTRY),
  epss: compiledSchema(EPSS),
  kev: compiledSchema(KEV),
};

const SCORE_VALUES: CompiledSchema = compiledSchema(SCORE_LIST);
