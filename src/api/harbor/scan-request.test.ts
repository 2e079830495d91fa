import { describe, expect, it } from 'vitest';
import { DOCUMENT_TYPES } from './media-types.ts';
import { parseStoredScan, requestedScan, type ScanRequest } from './scan-request.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const REGISTRY = { url: 'https://harbor.example', authorization: `Basic ${btoa('robot$library+clair:a:b')}` };
const ARTIFACT = { repository: 'library/debian', digest: DIGEST, tag: '12' };
const VULNERABILITY = { type: 'vulnerability', produces_mime_types: [DOCUMENT_TYPES.generic] };
const SBOM = {
  type: 'sbom',
  produces_mime_types: [DOCUMENT_TYPES.sbom],
  parameters: { sbom_media_types: ['application/spdx+json'] },
};

const scanOf = (request: ScanRequest, sbom = true): ReturnType<typeof requestedScan> =>
  requestedScan({ registry: REGISTRY, artifact: ARTIFACT, ...request }, { sbom });

describe('the target of a scan', () => {
  it.each([
    ['https://harbor.example', `harbor.example/library/debian:12@${DIGEST}`],
    ['https://harbor.example/', `harbor.example/library/debian:12@${DIGEST}`],
    ['https://harbor.example:8443', `harbor.example:8443/library/debian:12@${DIGEST}`],
    ['http://core:8080', `core:8080/library/debian:12@${DIGEST}`],
    ['http://core', `core:80/library/debian:12@${DIGEST}`],
    ['https://harbor-core', `harbor-core:443/library/debian:12@${DIGEST}`],
  ])('at %s is %s', (url, target) => {
    expect(scanOf({ registry: { ...REGISTRY, url } }).target).toBe(target);
  });

  it('omits a tag that is empty or that no registry has', () => {
    for (const tag of ['', 'not a tag']) {
      expect(scanOf({ artifact: { ...ARTIFACT, tag } }).target).toBe(`harbor.example/library/debian@${DIGEST}`);
    }
  });
});

describe('the access of a scan', () => {
  it('has the credentials of the request, and no TLS for http:', () => {
    expect(scanOf({}).access).toEqual({ authorization: REGISTRY.authorization, isPlain: false });
    expect(scanOf({ registry: { url: 'http://core:8080' } }).access).toEqual({ authorization: '', isPlain: true });
  });
});

describe('the capability of a scan', () => {
  it.each<[string, ScanRequest['enabled_capabilities'], string]>([
    ['none', undefined, 'vulnerability'],
    ['an empty list', [], 'vulnerability'],
    ['vulnerabilities', [VULNERABILITY], 'vulnerability'],
    ['an SBOM', [SBOM], 'sbom'],
    ['both', [SBOM, VULNERABILITY], 'vulnerability'],
  ])('for %s', (_, capabilities, capability) => {
    const { stored } = scanOf({ ...(capabilities && { enabled_capabilities: capabilities }) });
    expect(stored).toEqual({ family: 'harbor', artifact: ARTIFACT, capability });
    expect(parseStoredScan(JSON.stringify(stored))).toEqual(stored);
  });
});

it('is not in the submission of another API', () => {
  expect(parseStoredScan(null)).toBeUndefined();
  expect(parseStoredScan('{"family":"clair-v4"}')).toBeUndefined();
});

describe('an invalid request', () => {
  it.each<[string, ScanRequest, string]>([
    ['no registry', { registry: {} }, 'invalid registry.url ""'],
    ['a relative URL', { registry: { url: '/x' } }, 'invalid registry.url "/x"'],
    ['another scheme', { registry: { url: 'ftp://x.test' } }, 'invalid registry.url "ftp://x.test"'],
    ['credentials in the URL', { registry: { url: 'https://a:b@x.test' } }, 'it contains credentials'],
    ['a path in the URL', { registry: { url: 'https://x.test/harbor' } }, 'must not have a path'],
    ['no repository', { artifact: { digest: DIGEST } }, 'artifact.repository is missing'],
    ['no digest', { artifact: { repository: 'a' } }, 'artifact.digest "" is not a SHA-256 or SHA-512 digest'],
    ['another digest', { artifact: { repository: 'a', digest: 'sha256:1' } }, 'artifact.digest "sha256:1"'],
    ['another repository', { artifact: { ...ARTIFACT, repository: '../a' } }, 'artifact.repository "../a"'],
    ['a login without a colon', { registry: { ...REGISTRY, authorization: `Basic ${btoa('a')}` } }, 'authorization'],
    ['another scheme of a login', { registry: { ...REGISTRY, authorization: 'Digest x' } }, 'authorization'],
    ['an unknown capability', { enabled_capabilities: [{ type: 'license' }] }, 'the capability "license" is unknown'],
    ['an SBOM without a format', { enabled_capabilities: [{ ...SBOM, parameters: {} }] }, 'sbom_media_types'],
    [
      'an SBOM of another format',
      { enabled_capabilities: [{ ...SBOM, parameters: { sbom_media_types: ['text/plain'] } }] },
      'application/spdx+json or application/vnd.cyclonedx+json',
    ],
  ])('names %s', (_, request, message) => {
    const thrown = expect.objectContaining({
      code: 'harbor/request-invalid',
      message: expect.stringContaining(message),
    });
    expect(() => scanOf(request)).toThrow(thrown);
  });

  it.each<[string, ScanRequest, boolean]>([
    ['an index', { artifact: { ...ARTIFACT, mime_type: 'application/vnd.oci.image.index.v1+json' } }, true],
    ['an unknown report', { enabled_capabilities: [{ type: 'vulnerability', produces_mime_types: ['a/b'] }] }, true],
    ['an SBOM as a vulnerability report', { enabled_capabilities: [{ ...SBOM, type: 'vulnerability' }] }, true],
    ['an SBOM that the settings turn off', { enabled_capabilities: [SBOM] }, false],
  ])('is unsupported for %s', (_, request, sbom) => {
    expect(() => scanOf(request, sbom)).toThrow(expect.objectContaining({ code: 'harbor/type-unsupported' }));
  });
});
