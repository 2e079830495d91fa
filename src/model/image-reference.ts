import { type Digest, isDigest } from './digest.ts';

/** An image in a registry, with all that its short name leaves out. At least one of tag and digest is there. */
export type ImageReference = {
  /** The host of the registry, with the port if one is named: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  readonly repository: string;
  readonly tag: string | undefined;
  /** Decides when there is a tag as well. */
  readonly digest: Digest | undefined;
};

/**
 * Reads `[HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]` as Docker does (distribution's reference package, grammar and
 * `ParseNormalizedNamed`): what stands before the first slash is a host when it has a dot, a colon or a capital letter,
 * or is `localhost`; without a host it is Docker Hub, where a single word is below `library/`; without tag and digest it
 * is the tag `latest`. Undefined for any other text, and for digests that are not SHA-256.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text.length > MAX_REFERENCE) return undefined;
  const { host, path = '', tag, digest } = REFERENCE.exec(text)?.groups ?? {};
  const domain = host === undefined || host === 'index.docker.io' ? DOCKER_HUB : host;
  const repository = domain === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path;
  if (path === '' || `${domain}/${repository}`.length > MAX_NAME || !URL.canParse(`https://${domain}`))
    return undefined;
  // Docker reads 64 hexadecimal digits as the identifier of an image of its own, which no registry knows.
  if (host === undefined && /^[0-9a-f]{64}$/.test(path)) return undefined;
  const promised = digest !== undefined && isDigest(digest) ? digest : undefined;
  return { domain, repository, tag: tag ?? (promised === undefined ? 'latest' : undefined), digest: promised };
}

/** Writes a reference in full. */
export function imageReferenceText({ domain, repository, tag, digest }: ImageReference): string {
  return `${domain}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The parts of the name of an image, which need not be a name that a registry accepts. */
export type ReferenceParts = {
  /** As it stands, without tag and digest. */
  readonly name: string;
  /** The name without the host of Docker Hub: `debian`, `ghcr.io/org/app`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
};

/**
 * Splits any name of an image into its parts: archives may use any name. The repository leaves out the host and `library/` of
 * Docker Hub. No default tag is added.
 */
export function referenceParts(text: string): ReferenceParts {
  const [named = '', digest] = text.split('@', 2);
  const [, tag] = TAG_AT_END.exec(named) ?? [];
  const name = tag === undefined ? named : named.slice(0, -':'.length - tag.length);
  const repository = name.replace(HUB_PREFIX, '');
  return { name, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

const TAG_AT_END = /:(\w[\w.-]{0,127})$/;

const HUB_PREFIX = /^(index\.)?docker\.io\/(library\/)?/;

/** The name that Docker Hub has in references. */
const DOCKER_HUB = 'docker.io';

/** The longest name of a repository, its host included (distribution, `NameTotalLengthMax`). */
const MAX_NAME = 255;

/** The longest name, tag and digest. A bound that is kept before the pattern is tried, which tries long names in turn. */
const MAX_REFERENCE: number = MAX_NAME + ':'.length + 128 + '@sha256:'.length + 64;

const REFERENCE = referencePattern();

function referencePattern(): RegExp {
  const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
  const host = String.raw`(?:${label}(?:\.${label})*|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?`;
  const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
  const path = String.raw`${component}(?:\/${component})*`;
  const startsWithHost = String.raw`localhost\/|[^/]*[.:A-Z][^/]*\/`;
  const tag = String.raw`\w[\w.-]{0,127}`;
  return new RegExp(
    String.raw`^(?:(?=${startsWithHost})(?<host>${host})\/|(?!${startsWithHost}))(?<path>${path})(?::(?<tag>${tag}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
  );
}
