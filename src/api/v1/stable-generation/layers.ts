import { featuresOnce } from '../../../model/features-once.ts';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Store } from '../../../database/contracts/store.ts';
import { FILES } from '../../../model/advisories/file-rule.ts';
import type { Layer } from '../../../model/layer.ts';
import type { Match } from '../../../model/report/match.ts';
import { archOf, featureIdentity, sourceOf } from '../../../model/feature.ts';
import { ecosystemOf } from '../../../ecosystems/index.ts';
import { worstSeverity } from '../../../model/severity.ts';
import { MANUAL_FEED } from '../../../model/feed.ts';
import type { ReadingOptions } from '../../api-options.ts';
import { layerNotFound, tellDiagnostics } from '../layer-analysis.ts';
import { FLAG, LAYER_NAME } from '../shapes.ts';
import type { Feature, FeatureVulnerability } from './answer-shapes.ts';
import { type LayerPackages, type LayerVulnerabilities, readLayerFacts } from './layer-facts.ts';
import { LAYER_ENVELOPE } from './layer-envelope.ts';
import { vulnerabilityJson } from './vulnerability-json.ts';

const PARAMS = Type.Object({ name: LAYER_NAME });
const QUERY = Type.Object({ features: FLAG, vulnerabilities: FLAG });

/** Registers `GET /layers/:name`. */
export function layerRoutes(server: FastifyInstance, options: ReadingOptions): void {
  server.get<{ Params: Type.Static<typeof PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/layers/:name',
    {
      schema: { params: PARAMS, querystring: QUERY },
      config: {
        isCached: true,
        isLong: true,
        described: {
          summary: 'Return a layer, optionally with its installed packages and their vulnerabilities.',
          answers: { 200: LAYER_ENVELOPE },
          errors: [400, 404],
        },
      },
    },
    async ({ params, query }, reply) => {
      const { store, worker, noteUse } = options;
      const withVulnerabilities = 'vulnerabilities' in query;
      const withPackages = withVulnerabilities || 'features' in query;
      const wanted = { name: params.name, engineVersion: worker.engineVersion };
      const lists = { packages: withPackages, vulnerabilities: withVulnerabilities };
      const facts = await readLayerFacts(store, wanted, lists);
      if (facts === undefined) throw layerNotFound(params.name);
      const { layer, packages } = facts;
      noteUse(layer);
      const diagnostics = await tellDiagnostics(options, layer, reply, facts.known);
      return {
        Layer: {
          ...layerJson(layer, packages ? packages.chain.at(-2) : await parentOf(store, layer)),
          ...(packages && { Features: await featuresOf(store, packages, facts.vulnerabilities) }),
        },
        ...(diagnostics.length > 0 && { Problems: diagnostics }),
      };
    },
  );
}

async function parentOf(store: Store, { parent }: Layer): Promise<Layer | undefined> {
  return parent === null ? undefined : await store.layers.get(parent);
}

function layerJson({ name, distribution, engineVersion }: Layer, below: Layer | undefined): object {
  return {
    Name: name,
    ...(distribution !== null && { NamespaceName: distribution.namespace }),
    ...(below !== undefined && { ParentName: below.name }),
    IndexedByVersion: engineVersion,
  };
}

async function featuresOf(
  store: Store,
  { chain, installed, judges }: LayerPackages,
  listed: LayerVulnerabilities | undefined,
): Promise<readonly Feature[]> {
  const matches = listed?.verdicts.matches ?? [];
  const vulnerabilities = listed === undefined ? new Map<string, never>() : await vulnerabilitiesOf(store, listed);
  const files = matches.some(({ feature }) => feature.type === FILES)
    ? await store.layers.files(chain.at(-1)?.id ?? 0)
    : [];
  // Only files with a vulnerability are listed as features of the layer.
  const affected = files.filter(({ feature }) => vulnerabilities.has(featureIdentity(feature)));
  // If a package of the distribution owns a copy of a library, the copy lists no vulnerabilities, because the
  // distribution's advisories for the owning package apply instead. A copy without an owner lists its vulnerabilities.
  return featuresOnce([...installed, ...affected]).map(({ feature: of, namespace, judgedBy, originDepth }) => {
    const isOwned = judgedBy !== undefined && judges.has(judgedBy);
    const found = isOwned ? [] : (vulnerabilities.get(featureIdentity(of)) ?? []);
    const addedBy = chain[originDepth]?.name;
    return {
      Name: of.name,
      ...(namespace !== '' && { NamespaceName: namespace }),
      VersionFormat: ecosystemOf(of).scheme,
      Version: of.version,
      Arch: archOf(of),
      SourceName: sourceOf(of).name,
      SourceVersion: sourceOf(of).version,
      ...(found.length > 0 && { Vulnerabilities: found }),
      ...(addedBy !== undefined && { AddedBy: addedBy }),
    };
  });
}

/** Returns the vulnerabilities by package. A vulnerability that several feeds contain is listed once. */
async function vulnerabilitiesOf(
  store: Store,
  { verdicts: { matches }, enrichments }: LayerVulnerabilities,
): Promise<ReadonlyMap<string, readonly FeatureVulnerability[]>> {
  const metadata = await keptMetadata(store, matches);
  const found = new Map<string, readonly FeatureVulnerability[]>();
  for (const [identity, ofPackage] of grouped(matches, (match) => featureIdentity(match.feature))) {
    const byName = grouped(ofPackage, ({ vulnerability }) => vulnerability.name);
    const list = [...byName].map(([name, same]) => {
      const records = same.toSorted((a, b) => rankOf(a) - rankOf(b));
      const fixedBy = records.find(({ fixed }) => fixed !== null)?.fixed ?? undefined;
      return {
        ...vulnerabilityJson({
          namespace: same[0]?.namespace ?? '',
          records: records.map(({ vulnerability: of }) => ({
            ...of,
            metadata: of.feed === MANUAL_FEED ? metadata.get(of.name) : undefined,
          })),
          severity: worstSeverity(same),
          enrichments: enrichments.get(name),
        }),
        ...(fixedBy !== undefined && { FixedBy: fixedBy }),
      };
    });
    found.set(identity, list);
  }
  return found;
}

/** Returns the metadata of manual vulnerabilities by name. */
async function keptMetadata(store: Store, matches: readonly Match[]): Promise<ReadonlyMap<string, string>> {
  const manual = matches.filter(({ vulnerability }) => vulnerability.feed === MANUAL_FEED);
  const kept = new Map<string, string>();
  for (const name of new Set(manual.map(({ vulnerability }) => vulnerability.name))) {
    const records = await store.vulnerabilities.find(name);
    const metadata = records.find(({ feed }) => feed === MANUAL_FEED)?.metadata;
    if (metadata !== undefined) kept.set(name, metadata);
  }
  return kept;
}

/** Returns the sort rank of a match; manual vulnerabilities come first. */
function rankOf({ vulnerability }: Match): number {
  return vulnerability.feed === MANUAL_FEED ? 0 : 1;
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
