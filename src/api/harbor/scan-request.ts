import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { ClairError } from '../../errors.ts';
import { isDigest } from '../../model/digest.ts';
import { imageReferenceText, parseImageReference } from '../../model/image-reference.ts';
import type { LentAccess } from '../../model/submission.ts';
import { parseLentAuthorization } from '../../worker/sources/registry/lent-credentials.ts';
import { documentOf, IMAGE_TYPES, SBOM_FORMATS } from './media-types.ts';
import type { HarborSettings } from './settings.ts';

/** The artifact of a scan request, which the report repeats. */
export const ARTIFACT: Type.TSchema = Type.Object(
  {
    repository: Type.Optional(Type.String({ maxLength: 512 })),
    digest: Type.Optional(Type.String({ maxLength: 256 })),
    tag: Type.Optional(Type.String({ maxLength: 256 })),
    mime_type: Type.Optional(Type.String({ maxLength: 256 })),
    size: Type.Optional(Type.Integer()),
    namespace_id: Type.Optional(Type.Integer()),
  },
  { title: 'Artifact' },
);

/**
 * The body of `POST /scan`. Every field is optional in this schema, because a missing field and a wrong type have
 * different status codes.
 */
export const SCAN_REQUEST: Type.TSchema = Type.Object(
  {
    registry: Type.Optional(
      Type.Object({
        url: Type.Optional(Type.String({ maxLength: 2048, description: 'http: or https: URL of the registry' })),
        authorization: Type.Optional(
          Type.String({
            maxLength: 64 * 1024,
            description: '`Basic …` or `Bearer …`; used only for this image, and deleted when the scan ends',
          }),
        ),
      }),
    ),
    artifact: Type.Optional(ARTIFACT),
    enabled_capabilities: Type.Optional(
      Type.Array(
        Type.Object({
          type: Type.Optional(Type.String({ maxLength: 64, description: 'vulnerability or sbom' })),
          produces_mime_types: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 16 })),
          parameters: Type.Optional(
            Type.Object({
              sbom_media_types: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 16 })),
            }),
          ),
        }),
        { maxItems: 8 },
      ),
    ),
  },
  { title: 'ScanRequest' },
);

/** A value of {@link SCAN_REQUEST}. */
export type ScanRequest = {
  readonly registry?: { readonly url?: string; readonly authorization?: string };
  readonly artifact?: Artifact;
  readonly enabled_capabilities?: readonly Capability[];
};

type Artifact = {
  readonly repository?: string;
  readonly digest?: string;
  readonly tag?: string;
  readonly mime_type?: string;
  readonly size?: number;
  readonly namespace_id?: number;
};

type Capability = {
  readonly type?: string;
  readonly produces_mime_types?: readonly string[];
  readonly parameters?: { readonly sbom_media_types?: readonly string[] };
};

/** A valid scan request: the image to submit, and the data to store for the report. */
export type RequestedScan = {
  readonly target: string;
  readonly registryUrl: URL;
  readonly access: LentAccess;
  readonly stored: StoredScan;
};

/** The part of a scan request that the report needs. */
export type StoredScan = {
  readonly family: typeof FAMILY;
  readonly artifact: Artifact;
  /** The kind of document to return if the client accepts any kind. */
  readonly capability: 'vulnerability' | 'sbom';
};

const FAMILY = 'harbor';

/**
 * Checks a scan request from Harbor.
 *
 * @throws ClairError `harbor/request-invalid` that names the field; `harbor/type-unsupported` for a capability or media
 * type that this adapter does not support
 */
export function requestedScan(request: ScanRequest, settings: Pick<HarborSettings, 'sbom'>): RequestedScan {
  const { registry = {}, artifact = {}, enabled_capabilities: capabilities = [] } = request;
  const registryUrl = registryUrlOf(registry.url);
  const { repository = '', digest = '', tag = '', mime_type: mimeType } = artifact;
  if (repository === '') throw invalid('artifact.repository is missing');
  if (!isDigest(digest)) throw invalid(`artifact.digest ${JSON.stringify(digest)} is not a SHA-256 or SHA-512 digest`);
  if (mimeType !== undefined && !IMAGE_TYPES.includes(mimeType)) {
    throw unsupported(
      `artifact.mime_type ${JSON.stringify(mimeType)} is not supported: use ${IMAGE_TYPES.join(' or ')}`,
    );
  }
  // A host without a dot, such as `harbor-core`, would be parsed as part of the repository unless it has a port.
  const port = registryUrl.protocol === 'http:' ? '80' : '443';
  const host = /[.:]/.test(registryUrl.host) ? registryUrl.host : `${registryUrl.host}:${port}`;
  const name = `${host}/${repository}`;
  const reference =
    parseImageReference(`${name}${tag === '' ? '' : `:${tag}`}@${digest}`) ?? parseImageReference(`${name}@${digest}`);
  if (reference === undefined) {
    throw invalid(
      `artifact.repository ${JSON.stringify(repository)} is not a repository name such as "library/debian"`,
    );
  }
  const { authorization = '' } = registry;
  if (authorization.trim() !== '' && parseLentAuthorization(authorization) === undefined) {
    throw invalid('registry.authorization must be "Basic" with a user name and a password, or "Bearer" with a token');
  }
  return {
    target: imageReferenceText(reference),
    registryUrl,
    access: { authorization, isPlain: registryUrl.protocol === 'http:' },
    stored: { family: FAMILY, artifact, capability: capabilityOf(capabilities, settings) },
  };
}

/** Parses the stored JSON of {@link RequestedScan.stored}. Returns undefined for a submission from another API. */
export function parseStoredScan(text: string | null): StoredScan | undefined {
  const value: unknown = text === null ? undefined : JSON.parse(text);
  return isStored(value) ? value : undefined;
}

function isStored(value: unknown): value is StoredScan {
  return Value.Check(STORED, value);
}

const STORED: Type.TSchema = Type.Object({
  family: Type.Literal(FAMILY),
  artifact: ARTIFACT,
  capability: Type.Union([Type.Literal('vulnerability'), Type.Literal('sbom')]),
});

function registryUrlOf(text: string | undefined): URL {
  const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    throw invalid('invalid registry.url: it contains credentials, which belong in registry.authorization');
  }
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid(`invalid registry.url ${JSON.stringify(text ?? '')}: use http://HOST[:PORT] or https://HOST[:PORT]`);
  }
  if (!/^\/?$/.test(url.pathname)) throw invalid(`registry.url ${url.origin}${url.pathname} must not have a path`);
  return url;
}

/** Harbor before 2.11 sends no capability; later versions send exactly one capability. */
function capabilityOf(
  capabilities: readonly Capability[],
  { sbom }: Pick<HarborSettings, 'sbom'>,
): StoredScan['capability'] {
  for (const { type = '', produces_mime_types: types = [], parameters = {} } of capabilities) {
    if (type !== 'vulnerability' && type !== 'sbom')
      throw invalid(`the capability ${JSON.stringify(type)} is unknown: use vulnerability or sbom`);
    if (type === 'sbom' && !sbom) throw unsupported('this server creates no SBOMs for Harbor (harbor.sbom is false)');
    for (const each of types) {
      const document = documentOf(each);
      if (document === undefined || (document === 'sbom') !== (type === 'sbom')) {
        throw unsupported(`the capability ${type} cannot produce ${JSON.stringify(each)}`);
      }
    }
    if (type === 'vulnerability') continue;
    const { sbom_media_types: formats = [] } = parameters;
    if (!formats.some((each) => SBOM_FORMATS[each] !== undefined)) {
      const known = Object.keys(SBOM_FORMATS).join(' or ');
      throw invalid(`parameters.sbom_media_types must contain ${known}, not ${JSON.stringify(formats)}`);
    }
  }
  return capabilities.length > 0 && capabilities.every(({ type }) => type === 'sbom') ? 'sbom' : 'vulnerability';
}

function invalid(message: string): ClairError {
  return new ClairError('harbor/request-invalid', message);
}

function unsupported(message: string): ClairError {
  return new ClairError('harbor/type-unsupported', message);
}
