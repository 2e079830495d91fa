import { describe, expect, it } from 'vitest';
import { introducingLayersPage } from './introducing-layers.ts';
import { createPageTokens } from './page-tokens.ts';

const LAYERS = [3, 5, 9].map((id) => ({ id, name: `layer-${id}` }));

const services = {
  pages: createPageTokens({ now: () => 0 }),
  store: {
    matches: {
      introducingLayers: async (_names: readonly string[], { after, limit }: { after: number; limit: number }) =>
        LAYERS.filter(({ id }) => id > after).slice(0, limit),
    },
  },
};

describe('a page of introducing layers', () => {
  it('leads to the next page until the last page', async () => {
    const request = { id: 'CVE-1', names: ['CVE-1'], limit: 2 };
    const first = await introducingLayersPage(services, { ...request, page: undefined });
    expect(first).toEqual({ layers: ['layer-3', 'layer-5'], nextPage: expect.any(String) });
    const last = await introducingLayersPage(services, { ...request, page: first.nextPage });
    expect(last).toEqual({ layers: ['layer-9'], nextPage: undefined });
  });

  it('rejects the token of another vulnerability', async () => {
    const request = { names: ['CVE-1'], limit: 1 };
    const { nextPage } = await introducingLayersPage(services, { ...request, id: 'CVE-1', page: undefined });
    await expect(introducingLayersPage(services, { ...request, id: 'CVE-2', page: nextPage })).rejects.toMatchObject({
      code: 'request/page-invalid',
      message: 'the page token belongs to the list for CVE-1, not for CVE-2',
    });
  });
});
