import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ManualEdit, StoredEdit } from '../../../database/contracts/manual-vulnerabilities.ts';
import type { VulnerabilityRecord } from '../../../database/contracts/vulnerabilities.ts';
import { ClairError } from '../../../errors.ts';
import type { Enrichments } from '../../../model/enrichment.ts';
import type { ManualVulnerability } from '../../../model/advisories/manual-vulnerability.ts';
import { parseSeverity, SEVERITIES, type Severity, worstSeverity } from '../../../model/severity.ts';
import type { RouteOptions } from '../../api-options.ts';
import { checkedName, emptyVulnerability, refuseRemoval, withPackages, withSeverity } from '../manual-edits.ts';
import { FLAG, NAMESPACE_NAME, VULNERABILITY_NAME } from '../shapes.ts';
import { metadataText } from './metadata-text.ts';
import { affectedOf, formatsOf, POSTED_FIX } from './posted-fix.ts';
import { schemeOfKnown } from './namespaces.ts';
import { VULNERABILITY, type VulnerabilityJson } from './answer-shapes.ts';
import { fixesIn, vulnerabilityJson } from './vulnerability-json.ts';

const IN_NAMESPACE = Type.Object({ namespace: NAMESPACE_NAME });
const ONE = Type.Object({ namespace: NAMESPACE_NAME, name: VULNERABILITY_NAME });
const QUERY = Type.Object({ fixedIn: FLAG });

const WORDS = {
  Description: Type.Optional(Type.String()),
  Link: Type.Optional(Type.String({ maxLength: 2048 })),
  Severity: Type.String({ maxLength: 32, description: `severity: ${SEVERITIES.join(', ')}; case-insensitive` }),
  Metadata: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'any JSON object with at most 32 levels and 65,536 characters',
    }),
  ),
  FixedIn: Type.Optional(Type.Array(POSTED_FIX, { maxItems: 10_000, description: 'at most 10,000 fixes' })),
};

const POSTED = Type.Object({
  Vulnerability: Type.Object({ Name: VULNERABILITY_NAME, ...WORDS }, { title: 'VulnerabilityToMake' }),
});

const PUT = Type.Object({ Vulnerability: Type.Object(WORDS, { title: 'VulnerabilityToChange' }) });

const ENVELOPE = Type.Object({ Vulnerability: VULNERABILITY });

type Posted = Type.Static<typeof PUT>['Vulnerability'];
type OnePath = { Params: Type.Static<typeof ONE> };

/**
 * Registers the routes `/namespaces/:namespace/vulnerabilities` and `/namespaces/:namespace/vulnerabilities/:name`,
 * without the list of vulnerabilities.
 */
export function vulnerabilityRoutes(server: FastifyInstance, { store }: RouteOptions): void {
  server.post<{ Params: Type.Static<typeof IN_NAMESPACE>; Body: Type.Static<typeof POSTED> }>(
    '/namespaces/:namespace/vulnerabilities',
    {
      schema: { params: IN_NAMESPACE, body: POSTED },
      config: {
        described: {
          summary: 'Create or replace a manual vulnerability in a namespace.',
          answers: { 201: ENVELOPE },
          errors: [400, 404, 413],
        },
      },
    },
    async ({ params: { namespace }, body: { Vulnerability: posted } }, reply) => {
      const name = checkedName(posted.Name);
      const fixes = (posted.FixedIn ?? []).map((fix) => affectedOf(fix, namespace, severityOf(posted)));
      const edit = { name, formats: formatsOf(namespace, posted.FixedIn) };
      const { only } = await write(edit, (present = emptyVulnerability(name)) => {
        const elsewhere = present.affected.filter((each) => each.namespace !== namespace);
        return withPackages(changed({ ...present, affected: elsewhere }, namespace, posted), fixes);
      });
      const answer =
        only === undefined
          ? await read(namespace, name, true)
          : vulnerabilityIn(namespace, { records: [only.record], format: only.schemeOf(namespace) });
      return await reply.status(201).send({ Vulnerability: answer });
    },
  );

  server.get<OnePath & { Querystring: Type.Static<typeof QUERY> }>(
    '/namespaces/:namespace/vulnerabilities/:name',
    {
      schema: { params: ONE, querystring: QUERY },
      config: {
        described: {
          summary: 'Return a vulnerability in a namespace, optionally with its fixes.',
          answers: { 200: ENVELOPE },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { namespace, name }, query }) => ({
      Vulnerability: await read(namespace, name, 'fixedIn' in query),
    }),
  );

  server.put<OnePath & { Body: Type.Static<typeof PUT> }>(
    '/namespaces/:namespace/vulnerabilities/:name',
    {
      schema: { params: ONE, body: PUT },
      config: {
        described: {
          summary: 'Change or create a manual vulnerability. Fixes have their own routes.',
          answers: { 200: ENVELOPE },
          errors: [400, 404, 413],
        },
      },
    },
    async ({ params: { namespace, name }, body: { Vulnerability: posted } }) => {
      if (posted.FixedIn !== undefined && posted.FixedIn.length > 0) {
        throw new ClairError(
          'request/invalid',
          'body.Vulnerability.FixedIn must be empty: PUT each fix to /v1/namespaces/{namespace}/vulnerabilities/{name}/fixes/{feature}',
        );
      }
      await write({ name: checkedName(name) }, (present = emptyVulnerability(name)) =>
        changed(present, namespace, posted),
      );
      return { Vulnerability: await read(namespace, name, false) };
    },
  );

  server.delete<OnePath>(
    '/namespaces/:namespace/vulnerabilities/:name',
    {
      schema: { params: ONE },
      config: {
        described: {
          summary: 'Delete a manual vulnerability from a namespace.',
          answers: { 200: null },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { namespace, name } }, reply) => {
      await schemeOfKnown(store, namespace);
      const records = await recordsIn(namespace, name);
      await write({ name }, (present) => {
        const inNamespace = present?.affected.filter((each) => each.namespace === namespace) ?? [];
        if (present === undefined || inNamespace.length === 0) refuseRemoval(`${name} in ${namespace}`, records);
        const rest = present.affected.filter((each) => each.namespace !== namespace);
        return rest.length === 0 ? undefined : { ...present, affected: rest };
      });
      return await reply.send();
    },
  );

  async function write(edit: Pick<ManualEdit, 'name' | 'formats'>, change: ManualEdit['change']): Promise<StoredEdit> {
    return await store.manual.edit({ ...edit, at: store.now(), change });
  }

  async function recordsIn(namespace: string, name: string): Promise<readonly VulnerabilityRecord[]> {
    const records = await store.vulnerabilities.find(name);
    return records.filter(({ affected }) => affected.some((each) => each.namespace === namespace));
  }

  async function read(namespace: string, name: string, withFixes: boolean): Promise<VulnerabilityJson> {
    const [format, records, enrichments] = await Promise.all([
      schemeOfKnown(store, namespace),
      recordsIn(namespace, name),
      store.enrichments.ofCves([name]),
    ]);
    if (records.length === 0) {
      throw new ClairError('vulnerability/not-found', `vulnerability ${name} in ${namespace} not found`);
    }
    return vulnerabilityIn(namespace, {
      records,
      format: withFixes ? format : undefined,
      enrichments: enrichments.get(name),
    });
  }
}

/** The advisories of one vulnerability, from all feeds. */
type FoundVulnerability = {
  readonly records: readonly VulnerabilityRecord[];
  /** The version scheme of the namespace; undefined for an answer without fixes. */
  readonly format: string | undefined;
  readonly enrichments?: Enrichments | undefined;
};

function vulnerabilityIn(namespace: string, { records, format, enrichments }: FoundVulnerability): VulnerabilityJson {
  const affected = records.flatMap((record) => record.affected).filter((each) => each.namespace === namespace);
  return vulnerabilityJson({
    namespace,
    records,
    severity: worstSeverity(affected),
    enrichments,
    fixes: format === undefined ? [] : fixesIn(namespace, format, affected),
  });
}

/**
 * Applies the changes. The severity applies to the namespace; the link, description and metadata apply to all
 * namespaces.
 */
function changed(of: ManualVulnerability, namespace: string, posted: Posted): ManualVulnerability {
  const { Link: link = '', Description: description = '', Metadata: metadata } = posted;
  return withSeverity(
    {
      ...of,
      ...(link !== '' && { link }),
      ...(description !== '' && { description }),
      ...(metadata !== undefined && { metadata: metadataText(metadata) }),
    },
    severityOf(posted),
    namespace,
  );
}

function severityOf({ Severity: word }: Posted): Severity {
  const severity = parseSeverity(word);
  if (severity !== undefined) return severity;
  throw new ClairError('severity/invalid', `invalid severity "${word}"; use one of ${SEVERITIES.join(', ')}`);
}
