import { Ajv } from 'ajv';
import type { DocumentRules } from './format-rules.ts';

/**
 * Returns the rules of GitLab's `container_scanning` report: the requirements of the schemas 15.0.6 and 15.2.1 for the
 * fields that Clair writes, and the limits of GitLab itself. The schemas permit further fields, but these rules do not,
 * so that a misspelt optional field is an error.
 */
export function gitlabRules(): DocumentRules {
  const validate = new Ajv({ allErrors: true, strict: false }).compile(REPORT);
  return (text) => {
    if (/\p{Cs}|\\u[dD][89a-fA-F]/u.test(text)) return ['the JSON has lone surrogates'];
    const document: unknown = JSON.parse(text);
    if (validate(document)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

type Schema = Readonly<Record<string, unknown>>;

function object(required: Schema, optional: Schema = {}): Schema {
  const properties = { ...required, ...optional };
  return { type: 'object', required: Object.keys(required), properties, additionalProperties: false };
}

const TEXT: Schema = { type: 'string' };
const WORDS: Schema = { type: 'string', minLength: 1 };
const TIME: Schema = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$' };
const ADDRESS: Schema = { type: 'string', pattern: '^(https?|ftp)://.+' };
const PROGRAM = object({ id: WORDS, name: WORDS, version: WORDS, vendor: object({ name: WORDS }) });
const TEXT_ITEM = object({ type: { const: 'text' }, value: TEXT });

/** The metrics of CVSS 2 and 3 and their values, as patterns. */
const METRICS = {
  2: 'AV:[NAL]|AC:[LMH]|Au:[MSN]|[CIA]:[NPC]|E:(U|POC|F|H|ND)|RL:(OF|TF|W|U|ND)|RC:(UC|UR|C|ND)|CDP:(N|L|LM|MH|H|ND)|TD:(N|L|M|H|ND)|[CIA]R:(L|M|H|ND)',
  3: 'AV:[NALP]|AC:[LH]|PR:[NLH]|UI:[NR]|S:[UC]|[CIA]:[NLH]|E:[XUPFH]|RL:[XOTWU]|RC:[XURC]|[CIA]R:[XLMH]|MAV:[XNALP]|MAC:[XLH]|MPR:[XNLH]|MUI:[XNR]|MS:[XUC]|M[CIA]:[XNLH]',
};

function vector(prefix: string, metrics: string, minLength: number): Schema {
  const pattern = `^${prefix}((${metrics})/)*(${metrics})$`;
  return object({ vendor: WORDS, vector: { type: 'string', minLength, maxLength: 128, pattern } });
}

const IDENTIFIER = object({ type: WORDS, name: WORDS, value: WORDS }, { url: ADDRESS });

const VULNERABILITY = object(
  {
    id: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
    // GitLab stores at most 20 identifiers.
    identifiers: { type: 'array', minItems: 1, maxItems: 20, items: IDENTIFIER },
    location: object(
      {
        dependency: object({ package: object({ name: TEXT }), version: TEXT }),
        operating_system: WORDS,
        // GitLab tracks findings by the text before the last colon of the image name.
        image: { type: 'string', pattern: '.:.' },
      },
      { default_branch_image: { type: 'string', maxLength: 255 } },
    ),
  },
  {
    name: { type: 'string', maxLength: 255 },
    description: { type: 'string', maxLength: 1_048_576 },
    severity: { enum: ['Info', 'Unknown', 'Low', 'Medium', 'High', 'Critical'] },
    solution: { type: 'string', maxLength: 7000 },
    links: { type: 'array', items: object({ url: ADDRESS }, { name: TEXT }) },
    cvss_vectors: {
      type: 'array',
      minItems: 1,
      maxItems: 10,
      items: { oneOf: [vector('', METRICS[2], 16), vector('CVSS:3[.][01]/', METRICS[3], 32)] },
    },
    flags: {
      type: 'array',
      items: object({ type: { const: 'flagged-as-likely-false-positive' }, origin: WORDS, description: WORDS }),
    },
    details: {
      type: 'object',
      additionalProperties: {
        oneOf: [
          object({ name: WORDS, type: { const: 'text' }, value: TEXT }),
          object({ name: WORDS, type: { const: 'list' }, items: { type: 'array', items: TEXT_ITEM } }),
        ],
      },
    },
  },
);

const REPORT = object({
  // GitLab rejects unknown schema versions; GitLab has accepted this version since GitLab 15.5.
  version: { const: '15.0.6' },
  scan: object({
    type: { const: 'container_scanning' },
    status: { enum: ['success', 'failure'] },
    start_time: TIME,
    end_time: TIME,
    analyzer: PROGRAM,
    scanner: PROGRAM,
    messages: { type: 'array', items: object({ level: { enum: ['info', 'warn', 'fatal'] }, value: WORDS }) },
  }),
  vulnerabilities: { type: 'array', items: VULNERABILITY },
});
