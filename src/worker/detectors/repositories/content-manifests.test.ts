import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentManifests } from './content-manifests.ts';

const FOLDER = 'root/buildinfo/content_manifests';
const PATH = `${FOLDER}/ubi9-container-9.4-1.json`;
const METADATA = {
  icm_version: 1,
  icm_spec: 'https://raw.test/content_manifest.json',
  image_layer_index: 0,
};
const [BASE_OS, APP_STREAM] = ['rhel-9-for-x86_64-baseos-rpms', 'rhel-9-for-x86_64-appstream-rpms'];

function read(manifest: unknown, path = PATH) {
  return contentManifests.read(path, Buffer.from(typeof manifest === 'string' ? manifest : JSON.stringify(manifest)));
}

describe('a content manifest lists its content sets', () => {
  it.each<[string, object, readonly string[]]>([
    ['sorted', { metadata: METADATA, content_sets: [BASE_OS, APP_STREAM], image_contents: [] }, [APP_STREAM, BASE_OS]],
    ['each once', { metadata: METADATA, content_sets: [BASE_OS, BASE_OS] }, [BASE_OS]],
    ['with a hint at the database of dnf', { content_sets: [BASE_OS], from_dnf_hint: true }, [BASE_OS]],
    ['none in an empty list', { metadata: METADATA, content_sets: [] }, []],
  ])('%s', (_, manifest, contentSets) => {
    expect(read(manifest)).toEqual({ contentSets, diagnostics: [] });
  });

  it('at each path where images have it', () => {
    const text = { metadata: METADATA, content_sets: [BASE_OS] };
    for (const path of ['usr/share/buildinfo/content_manifests/a-1-1.json', 'usr/share/buildinfo/content-sets.json']) {
      expect(read(text, path)).toEqual({ contentSets: [BASE_OS], diagnostics: [] });
    }
  });

  it('or has none', () => {
    expect(read({ metadata: METADATA, image_contents: [{ purl: 'pkg:npm/a@1' }] })).toEqual({ diagnostics: [] });
  });
});

it.each(['usr/share/buildinfo/labels.json', `${FOLDER}/README`, 'usr/share/buildinfo/Dockerfile-ubi9-9.4-1'])(
  'ignores %s',
  (path) => {
    expect(read('rubbish', path)).toEqual({ diagnostics: [] });
  },
);

describe('reports as unreadable', () => {
  it.each<[string, unknown, string]>([
    ['a CycloneDX SBOM', { bomFormat: 'CycloneDX', metadata: {} }, 'it is an SBOM without content sets'],
    ['an SPDX SBOM', { spdxVersion: 'SPDX-2.3' }, 'it is an SBOM without content sets'],
    ['another object', { image_contents: [] }, 'it has no content sets'],
    ['an object with other metadata', { metadata: 'icm_version' }, 'it has no content sets'],
    ['a list', [], 'it has no content sets'],
    ['null', 'null', 'it is not a JSON object'],
    ['a text', '"rhel-9"', 'it is not a JSON object'],
    ['half a manifest', '{"metadata": {"icm_version": 1}, "content_sets": [', 'it is not a JSON object'],
    ['an empty file', '', 'it is not a JSON object'],
    ['content sets that are not a list', { content_sets: BASE_OS }, 'content_sets is not a list'],
  ])('%s', (_, manifest, why) => {
    const message = `${PATH} is not a valid content manifest: ${why}`;
    expect(read(manifest)).toEqual({ diagnostics: [{ code: 'content-manifest-unreadable', message, where: PATH }] });
  });
});

describe('limits', () => {
  it.each([
    ['no text', 7],
    ['nothing', ''],
    ['a blank', 'a b'],
    ['a control character', 'a\u001b[2J'],
    ['257 characters', 'a'.repeat(257)],
  ])('exclude a name with %s and keep the others', (_, name) => {
    expect(read({ content_sets: [BASE_OS, name] })).toMatchObject({
      contentSets: [BASE_OS],
      diagnostics: [{ message: expect.stringMatching(/ 1 of its content_sets has an invalid name$/) }],
    });
  });

  it('allow names of 256 characters', () => {
    const name = 'a'.repeat(256);
    expect(read({ content_sets: [name] })).toEqual({ contentSets: [name], diagnostics: [] });
  });

  it.each([
    [2000, []],
    [2001, [/ has 2001 content_sets; only the first 2000 were used$/]],
  ])('of the number of sets: %i', (count, messages) => {
    const { contentSets, diagnostics } = read({
      content_sets: Array.from({ length: count }, (_, index) => `r-${index}`),
    });
    expect(contentSets).toHaveLength(2000);
    expect(diagnostics).toEqual(
      messages.map((message) => expect.objectContaining({ message: expect.stringMatching(message) })),
    );
  });

  it.each([
    [0, []],
    [1, [/ it is larger than 4194304 bytes$/]],
  ])('of the file size: 4 MiB and %i', (more, messages) => {
    const { diagnostics } = read(JSON.stringify({ content_sets: [] }).padEnd(4 * 1024 * 1024 + more));
    expect(diagnostics).toEqual(
      messages.map((message) => expect.objectContaining({ message: expect.stringMatching(message) })),
    );
  });
});

it('returns content sets or diagnostics for any file', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((json) => `{"content_sets":${json}}`),
      ),
      (text) => {
        const { contentSets, diagnostics } = read(text);
        expect(contentSets !== undefined || diagnostics.length > 0).toBe(true);
        expect(contentSets ?? []).toEqual([...new Set(contentSets)].toSorted());
      },
    ),
  );
});
