import { randomOf } from '../fuzz/random.ts';
import type { ImageWork } from './image-work.ts';
import { createRetryingClient, createTally } from './retrying-client.ts';

/** The complete report of each image by the name of its topmost layer, as sorted text. */
export type FinalReports = ReadonlyMap<string, string>;

const AT_ONCE = 8;

/** Requests the reports of all images from one instance. */
export async function finalReports(url: string, { images }: ImageWork): Promise<FinalReports> {
  const client = createRetryingClient(url, randomOf(0, 0), createTally());
  const reports = new Map<string, string>();
  const names = images.flatMap((layers) => layers.at(-1)?.name ?? []);
  async function ask(): Promise<void> {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const path = `/v1/layers/${name}?features&vulnerabilities`;
      const { body } = await client.request('GET', path, { expected: [200] });
      reports.set(name, JSON.stringify(withoutOrder(body)));
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return reports;
}

function withoutOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => JSON.stringify(withoutOrder(each))).toSorted();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutOrder(each)]));
}
