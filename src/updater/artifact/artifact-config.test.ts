import { describe, expect, it } from 'vitest';
import { EXPORT_FORMAT } from '../exchange/export-record.ts';
import { layersOf, MAX_LAYER_BYTES, parseArtifactConfig } from './artifact-config.ts';

const HASH = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

const LAYER = {
  digest: `sha256:${HASH}`,
  size: 10,
  records: 1,
  repositories: 0,
  fetchedAt: '2026-01-01T00:00:00.000Z',
  fingerprint: HASH,
};

const STATE = {
  kind: 'feed',
  feed: 'debian',
  scheme: 'dpkg',
  fetcherVersion: 1,
  fetchedAt: '2026-01-01T00:00:00.000Z',
  etag: null,
  lastModified: null,
  recordDiagnostics: { count: 0, examples: [] },
};

const FEED = { state: STATE, namespaces: ['debian:12'], records: 1, fingerprint: HASH, complete: LAYER, deltas: [] };

const CONFIG = {
  format: 1,
  records: 5,
  clair: '1.2.3',
  publishedAt: '2026-01-01T00:00:00.000Z',
  feeds: [FEED],
  base: { digest: `sha256:${OTHER}`, size: 5, bytes: 50, schema: 107, feeds: { debian: HASH } },
};

describe('the configuration of a published database', () => {
  it('lists the layers of feeds and the SQLite file', () => {
    const config = parseArtifactConfig(JSON.stringify(CONFIG), 'x');
    expect(layersOf(config).map(({ digest }) => digest)).toEqual([`sha256:${HASH}`, `sha256:${OTHER}`]);
  });

  it('may have unknown keys, which a later release can add', () => {
    expect(parseArtifactConfig(JSON.stringify({ ...CONFIG, later: 1 }), 'x').clair).toBe('1.2.3');
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '7'],
    ['a wrong digest', { ...CONFIG, feeds: [{ ...FEED, complete: { ...LAYER, digest: 'sha256:../x' } }] }],
    ['a huge layer', { ...CONFIG, feeds: [{ ...FEED, complete: { ...LAYER, size: MAX_LAYER_BYTES + 1 } }] }],
    ['too many feeds', { ...CONFIG, feeds: Array.from({ length: 201 }, () => FEED) }],
    ['a malformed state', { ...CONFIG, feeds: [{ ...FEED, state: { ...STATE, scheme: 'none' } }] }],
    ['a state of another kind', { ...CONFIG, feeds: [{ ...FEED, state: { kind: 'gone', names: [] } }] }],
    ['no layer that leads to the content', { ...CONFIG, feeds: [{ ...FEED, fingerprint: OTHER }] }],
    [
      'a gap between deltas',
      {
        ...CONFIG,
        feeds: [
          {
            ...FEED,
            deltas: [
              { ...LAYER, from: HASH },
              { ...LAYER, from: OTHER },
            ],
          },
        ],
      },
    ],
  ])('with %s is rejected', (_what, value) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    expect(() => parseArtifactConfig(text, 'x')).toThrow(expect.objectContaining({ code: 'artifact/invalid' }));
  });

  it.each([
    ['of the artifact', { ...CONFIG, format: 2, feeds: 'unknown' }],
    ['of the records', { ...CONFIG, records: EXPORT_FORMAT + 1 }],
  ])('with a later format %s is refused as such', (_what, value) => {
    expect(() => parseArtifactConfig(JSON.stringify(value), 'x')).toThrow(
      expect.objectContaining({ code: 'artifact/unsupported' }),
    );
  });
});
