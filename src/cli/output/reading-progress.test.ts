import { afterEach, expect, it, vi } from 'vitest';
import type { Digest } from '../../model/digest.ts';
import type { ImageSource, TargetKind } from '../../worker/sources/image-source.ts';
import { layersText, showingProgress } from './reading-progress.ts';

afterEach(() => void vi.useRealTimers());

it('counts the layers of an image, even of an image with one layer', () => {
  expect(layersText({ total: 4, done: 2, known: 1 })).toBe('2 of 4 layers (1 cached)');
  expect(layersText({ total: 1, done: 0, known: 0 })).toBe('0 of 1 layer');
});

it.each<[TargetKind, string]>([
  ['registry', 'app: 0 of 1 layer, 2.0 MB downloaded'],
  ['rootfs', 'app: 0 of 1 layer'],
])('shows downloaded bytes only for a registry: %s', async (kind, expected) => {
  vi.useFakeTimers();
  const shown: string[] = [];
  await showingProgress({ err: (text) => void shown.push(text), columns: 80 }, imageOf(kind), async ({ layers }) => {
    for await (const _ of (await layers[0]?.source.open()) ?? []) vi.advanceTimersByTime(1000);
    vi.advanceTimersByTime(1000);
  });
  expect(shown.findLast((text) => text.includes('layer'))).toContain(expected);
  expect(shown.some((text) => text.includes('downloaded'))).toBe(kind === 'registry');
});

function imageOf(kind: TargetKind): ImageSource {
  const digest: Digest = `sha256:${'a'.repeat(64)}`;
  const source = {
    where: 'layer',
    digest,
    diffId: digest,
    async open() {
      return (async function* bytes() {
        yield new Uint8Array(2_000_000);
      })();
    },
  };
  const layers = [{ source, digest, diffId: digest, createdBy: '' }];
  return {
    kind,
    reference: 'app',
    target: 'app',
    digest,
    platform: 'linux/amd64',
    layers,
    close: async () => undefined,
  };
}
