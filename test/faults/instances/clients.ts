import { setTimeout } from 'node:timers/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Random, randomOf } from '../fuzz/random.ts';
import { markersIn } from './feed-versions.ts';
import type { FileServer } from './file-server.ts';
import type { ImageWork, WorkLayer } from './image-work.ts';
import { createRetryingClient, type RetryingClient, type Tally } from './retrying-client.ts';

export type ClientsOptions = {
  readonly url: string;
  readonly work: ImageWork;
  readonly files: Pick<FileServer, 'urlOf'>;
  readonly seed: number;
  /** The time in milliseconds over which the submissions are spread; clients also request reports during this time. */
  readonly duration: number;
  readonly feed: FeedProgress;
  readonly tally: Tally;
  readonly wrong: (what: string) => void;
};

/** The latest published version of the feed, and the latest version that is known to be imported. */
export type FeedProgress = { published: number; applied: number };

const CLIENTS = 16;

const PAUSE_MS = 600;

/** Submits layers, base first, each until it succeeds. */
export async function submitLayers(
  layers: readonly WorkLayer[],
  client: RetryingClient,
  { files, tally, inEnvelopes }: Pick<ClientsOptions, 'files' | 'tally'> & { readonly inEnvelopes: boolean },
): Promise<void> {
  for (const { name, parent, file } of layers) {
    const path = files.urlOf(file);
    const body = inEnvelopes
      ? { Layer: { Name: name, Path: path, ParentName: parent, Format: 'Docker' } }
      : { ID: name, Path: path, ParentID: parent };
    await client.request('POST', '/v1/layers', { body, expected: [201] });
    tally.count('layers acknowledged');
  }
}

/** Submits all images from 16 concurrent clients, and checks reports in between. */
export async function runClients(options: ClientsOptions): Promise<void> {
  const { url, work, seed, duration, tally, wrong } = options;
  const start = Date.now();
  const known: WorkLayer[] = [...work.bases];
  let next = 0;

  async function run(number: number): Promise<void> {
    const random = randomOf(seed, 100 + number);
    const client = createRetryingClient(url, random, tally);
    for (; next < work.images.length; ) {
      const at = next;
      next += 1;
      // All clients start together, so that they submit shared layers concurrently.
      const due = start + ((at - (at % CLIENTS)) / work.images.length) * duration;
      while (Date.now() < due) {
        await ask(random, client);
        await setTimeout(Math.min(due - Date.now(), random.below(PAUSE_MS)));
      }
      const image = work.images[at] ?? [];
      await withoutWrong(async () => {
        await submitLayers(image, client, { ...options, inEnvelopes: number % 2 === 0 });
        known.push(...image);
      });
      await ask(random, client);
    }
  }

  async function ask(random: Random, client: RetryingClient): Promise<void> {
    await withoutWrong(() => askForReport(random.pick(known), client, { ...options, isFull: random.below(2) === 0 }));
  }

  async function withoutWrong(task: () => Promise<void>): Promise<void> {
    await task().catch((error: unknown) => wrong(error instanceof Error ? error.message : String(error)));
  }

  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => run(number)));
}

async function askForReport(
  layer: WorkLayer,
  client: RetryingClient,
  { feed, tally, isFull }: Pick<ClientsOptions, 'feed' | 'tally'> & { readonly isFull: boolean },
): Promise<void> {
  const applied = feed.applied;
  const path = isFull
    ? `/v1/layers/${layer.name}?features&vulnerabilities`
    : `/v1/layers/${layer.name}/vulnerabilities?minimumPriority=Unknown`;
  const { body } = await client.request('GET', path, { expected: [200] });
  tally.count('reports');
  const markers = markersIn(isFull ? vulnerabilitiesAt(layer, body) : idsIn(body));
  for (let version = 1; version <= applied; version += 1) {
    if (!markers.has(version)) throw new Error(`${path} lacks version ${version} of the feed, which is imported`);
  }
  const early = Math.max(0, ...markers) > feed.published;
  if (early) throw new Error(`${path} has an unpublished version of the feed`);
}

function vulnerabilitiesAt({ name, packages }: WorkLayer, body: unknown): readonly string[] {
  const { Features = [] } = Value.Parse(REPORT, body).Layer;
  const told = Features.map((feature) => `${feature.Name} ${feature.Version}`).toSorted();
  const expected = [...packages].map(([each, version]) => `${each} ${version}`).toSorted();
  if (told.join() !== expected.join()) throw new Error(`the report of ${name} has other packages than the layer`);
  return Features.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities.map(({ Name }) => Name));
}

function idsIn(body: unknown): readonly string[] {
  return Value.Parse(LIST, body).Vulnerabilities.map(({ ID }) => ID);
}

const REPORT = Type.Object({
  Layer: Type.Object({
    Features: Type.Optional(
      Type.Array(
        Type.Object({
          Name: Type.String(),
          Version: Type.String(),
          Vulnerabilities: Type.Optional(Type.Array(Type.Object({ Name: Type.String() }))),
        }),
      ),
    ),
  }),
});

const LIST = Type.Object({ Vulnerabilities: Type.Array(Type.Object({ ID: Type.String() })) });
