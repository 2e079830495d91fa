import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHttpClient, type HttpFormClient } from '../../../bytes/http/client.ts';
import type { Digest } from '../../../model/digest.ts';
import { parseImageReference } from '../../../model/image-reference.ts';
import type { LayerParts } from '../../parts/read-parts.ts';
import { buildLayer } from '../../testing/image-builder.ts';
import { OCI_INDEX, OCI_MANIFEST, type RegistryServer, startRegistryServer } from '../../testing/registry-server.ts';
import { openRegistryImage } from '../registry/registry.ts';
import type { ImagePlace, ReadManifest } from './image-manifest.ts';
import { parsePlatform } from './platform.ts';
import { findSociParts } from './soci-index.ts';

const LAYERS = [{ tar: await buildLayer({ 'etc/os-release': 'ID=debian\n' }), createdBy: 'ADD base' }];
const SOCI_1 = 'application/vnd.amazon.soci.index.v1+json';
const ATTACHED = {
  format: 'unusable',
  reason: 'the SOCI index that is attached to the image cannot be used to verify parts of the layers',
};

let registry: RegistryServer;
let http: HttpFormClient;

beforeEach(async () => {
  vi.stubEnv('no_proxy', '*');
  registry = await startRegistryServer();
  http = createHttpClient({ version: '1' });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await http.close();
  await registry.close();
});

/** Opens the image, and looks for parts of the base layer; returns the requests for the parts. */
async function found(isWanted = true): Promise<{ readonly parts?: LayerParts; readonly requests: readonly string[] }> {
  const platform = parsePlatform('linux/amd64')!;
  const image = await openRegistryImage(
    parseImageReference(`${registry.domain}/app:1`)!,
    { platform, required: false },
    {
      http,
      insecureRegistries: [],
      mirrors: [],
      pause: async () => {},
      partialFetch: isWanted ? [{ of: registry.domain, scope: 'any' }] : [],
    },
  );
  const before = registry.requests.length;
  const { source } = image.layers[0]!;
  const parts = source.parts ?? (await source.findParts?.());
  return { ...(parts && { parts }), requests: registry.requests.slice(before) };
}

const listed = (...types: readonly string[]): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: types.map((artifactType) => ({
      mediaType: OCI_MANIFEST,
      digest: `sha256:${'1'.repeat(64)}`,
      size: 500,
      artifactType,
    })),
  });

function answerReferrers(status: number, body = '', headers: Readonly<Record<string, string>> = {}): void {
  registry.intercept = ({ url = '' }, response) => {
    if (!url.includes('/referrers/')) return false;
    response.writeHead(status, headers).end(body);
    return true;
  };
}

describe('a SOCI index of version 1', () => {
  it('is found in the list of referrers, with one request', async () => {
    const { digest } = registry.image(LAYERS, { tag: '1' });
    answerReferrers(200, listed('application/spdx+json', SOCI_1));
    const { parts, requests } = await found();
    expect([parts?.anchor, requests]).toEqual([
      ATTACHED,
      [`app/referrers/${digest}?artifactType=application%2Fvnd.amazon.soci.index.v1%2Bjson`],
    ]);
  });

  it('is found under the fallback tag of a registry without lists of referrers', async () => {
    const { digest } = registry.image(LAYERS, { tag: '1' });
    registry.manifest(listed(SOCI_1), OCI_INDEX, digest.replace(':', '-'));
    const { parts, requests } = await found();
    expect([parts?.anchor, requests.length]).toEqual([ATTACHED, 2]);
  });

  it.each<[string, () => void]>([
    ['the image has other referrers', () => answerReferrers(200, listed('application/spdx+json', `${SOCI_1}x`))],
    ['the image has no referrers', () => answerReferrers(200, listed())],
    ['the registry has no lists', () => answerReferrers(404)],
    ['the registry refuses', () => answerReferrers(403)],
    ['the registry fails', () => answerReferrers(500)],
    ['the list is no JSON', () => answerReferrers(200, '<html>')],
    ['the list is too large', () => answerReferrers(200, `${' '.repeat(4 * 1024 * 1024)}${listed(SOCI_1)}`)],
    [
      'the index is not on the first page',
      () => answerReferrers(200, listed(), { link: `</v2/app/referrers/sha256:${'0'.repeat(64)}?n=2>; rel="next"` }),
    ],
  ])('is not found if %s', async (_, prepare) => {
    registry.image(LAYERS, { tag: '1' });
    prepare();
    const { parts, requests } = await found();
    expect(parts).toBeUndefined();
    expect(requests.length).toBeGreaterThan(0);
    expect(new Set(requests.map((each) => each.replace(/sha256.*/, ''))).size).toBeLessThanOrEqual(2);
  });

  it('is not requested without partial fetches, or if the image names an index of version 2', async () => {
    registry.image(LAYERS, { tag: '1' });
    answerReferrers(200, listed(SOCI_1));
    expect(await found(false)).toEqual({ requests: [] });
    registry.image(LAYERS, { tag: '1', manifest: { annotations: { 'com.amazon.soci.index-digest': 'sha256:1' } } });
    const { parts, requests } = await found();
    expect([parts?.anchor.format, requests]).toEqual(['unusable', []]);
    expect(parts?.anchor).not.toEqual(ATTACHED);
  });
});

describe('a registry that does not answer', () => {
  const hanging = {
    listReferrers: async (_digest: Digest, _wish: unknown, signal: AbortSignal) =>
      await new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  } as unknown as ImagePlace;
  const manifest = { digest: `sha256:${'0'.repeat(64)}` } as unknown as ReadManifest;

  it('delays a scan only for a short time', async () => {
    expect(await findSociParts(hanging, manifest, { digest: '' }, 20)!()).toBeUndefined();
  });

  it('does not delay the end of a scan', async () => {
    const reason = new Error('stop');
    const stop = new AbortController();
    const looking = findSociParts(hanging, manifest, { digest: '' })!(stop.signal);
    stop.abort(reason);
    await expect(looking).rejects.toBe(reason);
  });
});
