import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../bytes/http/client.ts';
import type { Report } from '../../model/report/report.ts';
import { parseImageReference } from '../../model/image-reference.ts';
import { DIAGNOSTICS } from '../../model/report/diagnostic.ts';
import { notAffected } from '../../suppression/testing/openvex-document.ts';
import { cyclonedxOf, DEBIAN, withPurl } from '../../worker/sboms/testing/documents.ts';
import { openRegistryImage } from '../../worker/sources/registry/registry.ts';
import { platformWish } from '../../worker/sources/image/platform.ts';
import { type BuiltLayer, buildLayer, type LayerMembers } from '../../worker/testing/image-builder.ts';
import {
  OCI_INDEX,
  OCI_MANIFEST,
  type PushedDescriptor,
  type RegistryServer,
  startRegistryServer,
} from '../../worker/testing/registry-server.ts';
import { attachmentDiagnostics } from './attached-comparison.ts';
import { type Attachments, readAttachments } from './attached-documents.ts';
import type { AttestationLimits } from './attestation-limits.ts';

let registry: RegistryServer;
let image: PushedDescriptor;
/** The pages of the lists of referrers, by digest; if undefined, the registry does not support these lists. */
let lists: Map<string, readonly (readonly object[])[]>;

const layersOf = async (members: LayerMembers): Promise<readonly BuiltLayer[]> => [
  { tar: await buildLayer(members), createdBy: '' },
];

beforeEach(async () => {
  registry = await startRegistryServer();
  image = registry.image(await layersOf({ 'etc/os-release': 'ID=debian' }), { tag: 'app' });
  lists = new Map();
  registry.intercept = (request, response) => {
    const url = new URL(request.url ?? '', 'http://registry');
    const [, digest = ''] = /\/referrers\/(.+)$/.exec(url.pathname) ?? [];
    const pages = lists.get(digest);
    if (pages === undefined) return false;
    const page = Number(url.searchParams.get('page') ?? 0);
    const isLast = page + 1 >= pages.length;
    const next = `<https://elsewhere.example${url.pathname}?page=${page + 1}>; rel="next"`;
    response.writeHead(200, { 'content-type': OCI_INDEX, ...(!isLast && { link: next }) });
    response.end(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: pages[page] }));
    return true;
  };
});
afterEach(async () => await registry.close());

const CYCLONEDX = 'application/vnd.cyclonedx+json';
const DSSE = 'application/vnd.dsse.envelope.v1+json';
const IN_TOTO = 'application/vnd.in-toto+json';
const BASH = 'pkg:deb/debian/bash@5.2-1?arch=amd64&upstream=bash';
const sbomOf = (...purls: readonly string[]): object => cyclonedxOf([DEBIAN, ...purls.map((purl) => withPurl(purl))]);

const VEX = notAffected('CVE-2026-1', BASH);

const statementOf = (predicateType: string, predicate: object, digest = image.digest): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  predicateType,
  predicate,
  subject: [{ name: 'app', digest: { sha256: digest.replace('sha256:', '') } }],
});
const envelopeOf = (statement: object): object => ({
  payloadType: IN_TOTO,
  payload: Buffer.from(JSON.stringify(statement)).toString('base64'),
  signatures: [],
});

type Attached = {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly subject?: PushedDescriptor | null;
  readonly annotations?: object;
  readonly layer?: object;
};

/** Stores a document and its manifest without adding the manifest to a list. */
function pushed(
  document: object | string,
  { mediaType = CYCLONEDX, artifactType = mediaType, subject = image, annotations = {}, layer = {} }: Attached = {},
  tag?: string,
): PushedDescriptor {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: registry.blob('{}', 'application/vnd.oci.empty.v1+json'),
    layers: [{ ...registry.blob(text, mediaType), ...layer }],
    ...(subject !== null && { subject }),
    annotations,
  };
  return registry.manifest(manifest, OCI_MANIFEST, tag);
}

function refer(...descriptors: readonly PushedDescriptor[]): void {
  lists.set(image.digest, [descriptors]);
}

async function read(limits: Partial<AttestationLimits> = {}, tag = 'app'): Promise<Attachments> {
  const http = createHttpClient({ version: 'test' });
  try {
    const reference = parseImageReference(`${registry.domain}/team/app:${tag}`)!;
    const access = { http, insecureRegistries: [], mirrors: [], pause: async () => {} };
    const { attachments } = await openRegistryImage(reference, platformWish(undefined), access);
    return await readAttachments(attachments!, { limits, signal: AbortSignal.timeout(30_000) });
  } finally {
    await http.close();
  }
}

const PACKAGES = [{ type: 'deb', name: 'bash', version: '5.2-1' }] as unknown as Report['packages'];

async function said(appliesVex = false, limits: Partial<AttestationLimits> = {}): Promise<readonly string[]> {
  const attached = await read(limits);
  return attachmentDiagnostics(attached, PACKAGES, appliesVex).map(({ code, message }) => `${code} ${message}`);
}

describe('a document attached to an image', () => {
  it.each<[string, () => void]>([
    ['in the list of referrers', () => refer(pushed(sbomOf(BASH)))],
    [
      'on the second page of the list',
      () => lists.set(image.digest, [[pushed('{}', { mediaType: 'application/x' })], [pushed(sbomOf(BASH))]]),
    ],
    [
      'under the fallback tag',
      () => {
        const manifests = [pushed(sbomOf(BASH))];
        registry.manifest({ schemaVersion: 2, manifests }, OCI_INDEX, image.digest.replace(':', '-'));
      },
    ],
    [
      'of a wrong type in the list',
      () => refer({ ...pushed(sbomOf(BASH)), artifactType: 'application/vnd.oci.empty.v1+json' } as PushedDescriptor),
    ],
    ['under the tag of cosign', () => void pushed(sbomOf(BASH), { subject: null }, tagOf('sbom'))],
    [
      'under the tag of cosign for attestations',
      () => {
        const statement = envelopeOf(statementOf('https://cyclonedx.org/bom/v1.6', sbomOf(BASH)));
        pushed(statement, { mediaType: DSSE, subject: null }, tagOf('att'));
      },
    ],
    [
      'in a statement without an envelope',
      () => refer(pushed(statementOf('https://cyclonedx.org/bom', sbomOf(BASH)), { mediaType: IN_TOTO })),
    ],
    [
      'in a bundle of Sigstore',
      () => {
        const dsseEnvelope = envelopeOf(statementOf('https://cyclonedx.org/bom', sbomOf(BASH)));
        refer(pushed({ mediaType: 'x', dsseEnvelope }, { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }));
      },
    ],
    [
      'of Harbor',
      () =>
        refer(
          pushed(sbomOf(BASH), {
            mediaType: 'application/octet-stream',
            artifactType: 'application/vnd.goharbor.harbor.sbom.v1',
          }),
        ),
    ],
  ])('is found %s', async (_where, push) => {
    push();
    const { documents, failures } = await read();
    expect(failures).toEqual([]);
    expect(documents.map((each) => each.kind === 'sbom' && each.sbom.components.length)).toEqual([2]);
  });

  const tagOf = (suffix: string): string => `${image.digest.replace(':', '-')}.${suffix}`;

  it('is found in the index that BuildKit writes, and only for its platform', async () => {
    const attestation = (purl: string) =>
      pushed(statementOf('https://spdx.dev/Document', sbomOf(purl)), {
        mediaType: IN_TOTO,
        subject: null,
        layer: { annotations: { 'in-toto.io/predicate-type': 'https://spdx.dev/Document' } },
      });
    const listed = (digest: string, of: PushedDescriptor) => ({
      ...of,
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: {
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': digest,
      },
    });
    const other = registry.image(await layersOf({ a: 'b' }));
    const manifests = [
      { ...image, platform: { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch } },
      listed(image.digest, attestation(BASH)),
      listed(other.digest, attestation('pkg:npm/a@1')),
    ];
    registry.manifest({ schemaVersion: 2, manifests }, OCI_INDEX, 'index');
    const { documents } = await read({}, 'index');
    expect(documents.map(({ isOfIndex }) => isOfIndex)).toEqual([false]);
  });

  it.each<[string, () => void, string]>([
    ['an image with an SBOM of the same packages', () => refer(pushed(sbomOf(BASH))), 'attestation-read'],
    ['other packages', () => refer(pushed(sbomOf(BASH, 'pkg:npm/a@1'))), 'attestation-differs'],
    ['fewer packages', () => refer(pushed(sbomOf('pkg:npm/a@1'))), 'attestation-differs'],
    ['nothing', () => refer(), 'attestation-read'],
    [
      'a signature',
      () => refer(pushed('x', { mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json' })),
      'attestation-read',
    ],
    [
      'the provenance of the image',
      () => refer(pushed(statementOf('https://slsa.dev/provenance/v1', {}), { mediaType: IN_TOTO })),
      'attestation-read',
    ],
    ['malformed JSON', () => refer(pushed('{"bomFormat":')), 'attestation-unreadable'],
    [
      'a statement about another image',
      () =>
        refer(
          pushed(statementOf('https://cyclonedx.org/bom', sbomOf(BASH), `sha256:${'0'.repeat(64)}`), {
            mediaType: IN_TOTO,
          }),
        ),
      'attestation-unreadable',
    ],
    ...[{ sha512: '0'.repeat(128) }, { sha384: '0'.repeat(96) }].map((digest): [string, () => void, string] => [
      `VEX about an image that is named only by ${Object.keys(digest).join()}`,
      () => {
        const statement = { ...statementOf('https://openvex.dev/ns', VEX), subject: [{ name: 'app', digest }] };
        refer(pushed(statement, { mediaType: IN_TOTO }));
      },
      'attestation-unreadable',
    ]),
    [
      'a manifest about another image',
      () => refer(pushed(sbomOf(BASH), { subject: { ...image, digest: `sha256:${'0'.repeat(64)}` } })),
      'attestation-unreadable',
    ],
    ['a manifest without a subject', () => refer(pushed(sbomOf(BASH), { subject: null })), 'attestation-unreadable'],
    ['a size that is wrong', () => refer(pushed(sbomOf(BASH), { layer: { size: 3 } })), 'attestation-unreadable'],
    [
      'VEX',
      () => refer(pushed(statementOf('https://openvex.dev/ns', VEX), { mediaType: IN_TOTO })),
      'attestation-unused',
    ],
    [
      'invalid VEX',
      () => refer(pushed(statementOf('https://openvex.dev/ns', {}), { mediaType: IN_TOTO })),
      'attestation-unreadable',
    ],
  ])('%s gives a diagnostic', async (_what, push, code) => {
    push();
    expect((await said()).map((each) => each.split(' ')[0])).toEqual([code]);
  });

  it('never replaces the layers: the report names the packages that only the SBOM or only the layers have', async () => {
    refer(
      pushed(sbomOf('pkg:npm/a@1'), { annotations: { 'org.opencontainers.image.created': '2026-01-02T00:00:00Z' } }),
    );
    const [message] = await said();
    expect(message).toMatch(
      /^attestation-differs SBOM \(CycloneDX 1\.6\) sha256:[0-9a-f]{64} of 2026-01-02T00:00:00Z, not signed, lists 1 package: 1 is not in the layers \(npm a 1\); 1 package of the layers is not in the SBOM \(deb bash 5\.2-1\)$/,
    );
  });

  it('is compared in part if Clair cannot match all of its components', async () => {
    refer(pushed(cyclonedxOf([DEBIAN, withPurl(BASH), { type: 'library', name: 'unnamed', version: '1' }])));
    const [message] = await said();
    expect(message).toMatch(/: the same packages as in the layers; components that Clair cannot match: 1$/);
  });

  it('is listed with the other documents, newest first, and replaces none of them', async () => {
    const at = (created: string, purl: string) =>
      pushed(sbomOf(purl), { annotations: { 'org.opencontainers.image.created': created } });
    refer(
      at('2026-01-01T00:00:00Z', BASH),
      at('2026-03-01T00:00:00Z', 'pkg:npm/a@1'),
      at('2026-02-01T00:00:00Z', 'pkg:npm/b@1'),
    );
    expect((await read()).documents.map(({ created }) => created.slice(5, 7))).toEqual(['03', '02', '01']);
  });

  it('is about the index, and not about the platform, if it is attached to the index', async () => {
    const platform = { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch };
    const index = registry.manifest({ schemaVersion: 2, manifests: [{ ...image, platform }] }, OCI_INDEX, 'index');
    lists.set(index.digest, [[pushed(sbomOf(BASH), { subject: index })]]);
    const attached = await read({}, 'index');
    expect(attached.documents.map(({ isOfIndex }) => isOfIndex)).toEqual([true]);
    expect(attachmentDiagnostics(attached, PACKAGES, false).map(({ code }) => code)).toEqual(['attestation-unused']);
  });

  it.each<[string, [object, Attached]]>([
    ['OpenVEX alone', [VEX, { mediaType: 'application/vnd.openvex+json' }]],
    ['an SBOM with a version in its media type', [sbomOf(BASH), { mediaType: `${CYCLONEDX}; version=1.6` }]],
  ])('may be %s', async (_what, attached) => {
    refer(pushed(...attached));
    expect((await read()).documents).toHaveLength(1);
  });

  it.each<[string, () => [object, Attached], string | undefined]>([
    [
      'CSAF',
      () => [{}, { mediaType: 'application/json', artifactType: 'application/csaf+json' }],
      'application/csaf+json',
    ],
    ['SPDX in RDF', () => [{}, { mediaType: 'application/spdx+xml' }], 'application/spdx+xml'],
    [
      'no artifact type',
      () => [{}, { mediaType: 'application/x', artifactType: 'application/vnd.oci.empty.v1+json' }],
      'application/x',
    ],
    [
      'another predicate',
      () => [statementOf('https://x.example/scan/v1', {}), { mediaType: IN_TOTO }],
      'https://x.example/scan/v1',
    ],
    [
      'another predicate in an annotation',
      () => [
        {},
        { mediaType: IN_TOTO, layer: { annotations: { 'in-toto.io/predicate-type': 'https://x.example/scan/v1' } } },
      ],
      'https://x.example/scan/v1',
    ],
    ['provenance', () => [statementOf('https://slsa.dev/provenance/v1', {}), { mediaType: IN_TOTO }], undefined],
    [
      'a signature of Notary',
      () => [{}, { mediaType: 'application/jose+json', artifactType: 'application/vnd.cncf.notary.signature' }],
      undefined,
    ],
    [
      'a signature of cosign 3',
      () => [statementOf('https://sigstore.dev/cosign/sign/v1', {}), { mediaType: IN_TOTO }],
      undefined,
    ],
  ])('is named if its type is unknown: %s', async (_what, attached, type) => {
    refer(pushed(...attached()));
    expect((await read()).unknown).toEqual(type === undefined ? [] : [type]);
    const message = `attestation-unused attached documents of unknown types were not read: 1 (${type})`;
    const none = 'attestation-read no SBOM or VEX document is attached to the image';
    expect(await said()).toEqual([type === undefined ? none : message]);
  });

  it('with a digest of another algorithm is not silently left out', async () => {
    refer(pushed(sbomOf(BASH), { layer: { digest: `sha512:${'0'.repeat(128)}` } }));
    expect((await said()).map((each) => each.split(' ')[0])).toEqual(['attestation-unreadable']);
  });

  it('that cannot be read makes the report incomplete if attached VEX applies, which it may revoke', async () => {
    refer(pushed(VEX, { mediaType: 'application/vnd.openvex+json' }), pushed('{"bomFormat":'));
    const codes = (await said(true)).map((each) => each.split(' ')[0]);
    expect(codes).toContain('attestation-vex-unread');
    expect(DIAGNOSTICS['attestation-vex-unread'].incomplete).toBe(true);
  });

  it('is unknown, not absent, if the next page of the list cannot be found', async () => {
    registry.intercept = (request, response) => {
      if (!(request.url ?? '').includes('/referrers/')) return false;
      response.writeHead(200, { 'content-type': OCI_INDEX, link: '</v2/next>; title=x; rel="next"' });
      response.end(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }));
      return true;
    };
    expect((await said()).map((each) => each.split(' ')[0])).toEqual(['attestation-unreadable']);
  });

  it.each([401, 403, 500])('is unknown, not absent, if the registry responds with %i', async (status) => {
    registry.intercept = (request, response) => {
      if (!(request.url ?? '').includes('/referrers/')) return false;
      response.writeHead(status).end();
      return true;
    };
    expect((await said()).map((each) => each.split(' ')[0])).toEqual(['attestation-unreadable']);
  });

  it.each<[string, Partial<AttestationLimits>, string]>([
    ['too many manifests', { maxManifests: 1 }, 'more than 1 manifests are attached'],
    ['too many documents', { maxDocuments: 1 }, 'more than 1 documents are attached'],
    ['a large document', { maxDocumentBytes: 100 }, 'is larger than 100 bytes'],
    ['large documents together', { maxBytes: 400 }, 'the attached documents exceed 400 bytes in total'],
  ])('is bounded: %s', async (_what, limits, words) => {
    refer(pushed(sbomOf(BASH)), pushed(sbomOf('pkg:npm/a@1')));
    const { failures } = await read(limits);
    expect(failures.join('\n')).toContain(words);
  });

  it('is bounded in pages and in time', async () => {
    lists.set(
      image.digest,
      Array.from({ length: 5 }, () => []),
    );
    expect((await read({ maxPages: 4 })).failures.join()).toContain('more than 4 pages');
    registry.intercept = (request) => (request.url ?? '').includes('/referrers/');
    expect((await read({ maxMilliseconds: 200 })).failures).toEqual([
      'the attached documents were not read within 0.2 seconds',
    ]);
  });
});
