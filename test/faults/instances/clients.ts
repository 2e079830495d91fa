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
  /** Over how many milliseconds the images are spread; the clients ask for reports until then. */
  readonly duration: number;
  readonly feed: FeedProgress;
  readonly tally: Tally;
  /** Told what was answered wrongly. */
  readonly wrong: (what: string) => void;
};

/** Which versions of the feed are out, and which the database is known to have. */
export type FeedProgress = { published: number; applied: number };

const CLIENTS = 16;

/** The longest pause of a client that has nothing to submit yet, in milliseconds. */
const PAUSE_MS = 600;

/** Submits layers, base first, until each was acknowledged. */
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

/** Submits all images from 16 clients at once, and asks for reports in between, which must be right. */
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
      // All clients begin at once, so that they meet at the layers that their images share.
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
    if (!markers.has(version)) throw new Error(`${path} does not know version ${version} of the feed, which is there`);
  }
  const early = Math.max(0, ...markers) > feed.published;
  if (early) throw new Error(`${path} knows what is not out yet`);
}

/** The vulnerabilities of a report; its packages must be those of the layer. */
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
