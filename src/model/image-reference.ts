import { type Digest, DIGEST_PATTERN, isDigest, MAX_DIGEST } from './digest.ts';

/** A complete image reference. At least one of tag and digest is set. */
export type ImageReference = {
  /** The host of the registry, with the port if given, such as `docker.io` or `localhost:5000`. */
  readonly domain: string;
  readonly repository: string;
  readonly tag: string | undefined;
  /** The digest, which takes precedence over the tag. */
  readonly digest: Digest | undefined;
};

/**
 * Parses `[HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]` as Docker does (reference package of distribution, grammar and
 * `ParseNormalizedNamed`). The part before the first slash is a host if the part contains a dot, a colon or a capital
 * letter, or is `localhost`. Defaults are Docker Hub, `library/` for a single word and, without a digest, the tag
 * `latest`. Returns undefined for other texts.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  if (text.length > MAX_REFERENCE) return undefined;
  const { host, path = '', tag, digest } = REFERENCE.exec(text)?.groups ?? {};
  const domain = host === undefined || host === 'index.docker.io' ? DOCKER_HUB : host;
  const repository = domain === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path;
  if (path === '' || `${domain}/${repository}`.length > MAX_NAME || !URL.canParse(`https://${domain}`))
    return undefined;
  // Docker treats 64 hexadecimal digits as a local image ID, which does not exist in registries.
  if (host === undefined && /^[0-9a-f]{64}$/.test(path)) return undefined;
  const promised = digest !== undefined && isDigest(digest) ? digest : undefined;
  return { domain, repository, tag: tag ?? (promised === undefined ? 'latest' : undefined), digest: promised };
}

/** Returns a complete reference as text. */
export function imageReferenceText({ domain, repository, tag, digest }: ImageReference): string {
  return `${domain}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/**
 * Returns whether a text can be a repository in a rule. `sha256` and `sha512` are not repositories, because the
 * reference of an image without a name is its digest. As repositories, the two words would match every image without a
 * name.
 */
export function isRepository(text: string): boolean {
  return /^(?!sha(?:256|512)$)[\w./:[\]-]*[\w./[\]-]$/.test(text);
}

/** The parts of any image name, including a name that a registry would reject. */
export type ReferenceParts = {
  /** The name from the input, without the tag and the digest. */
  readonly name: string;
  /** The name without the host and `library/` of Docker Hub, such as `debian` or `ghcr.io/org/app`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
};

/**
 * Splits any image name into its parts, because archives may contain any name. The repository omits the host and
 * `library/` of Docker Hub. Adds no default tag.
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

/** The Docker Hub host in references. */
const DOCKER_HUB = 'docker.io';

/** The maximum length of a repository name with its host (distribution, `NameTotalLengthMax`). */
const MAX_NAME = 255;

/**
 * The maximum total length of the name, tag and digest. The length is checked before the pattern, because the pattern
 * backtracks on long names.
 */
const MAX_REFERENCE: number = MAX_NAME + ':'.length + 128 + '@'.length + MAX_DIGEST;

const REFERENCE = referencePattern();

function referencePattern(): RegExp {
  const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
  const host = String.raw`(?:${label}(?:\.${label})*|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?`;
  const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
  const path = String.raw`${component}(?:\/${component})*`;
  const startsWithHost = String.raw`localhost\/|[^/]*[.:A-Z][^/]*\/`;
  const tag = String.raw`\w[\w.-]{0,127}`;
  return new RegExp(
    String.raw`^(?:(?=${startsWithHost})(?<host>${host})\/|(?!${startsWithHost}))(?<path>${path})(?::(?<tag>${tag}))?(?:@(?<digest>${DIGEST_PATTERN}))?$`,
  );
}
