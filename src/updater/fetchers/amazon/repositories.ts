import { allBytes } from '../../../bytes/all-bytes.ts';
import { shownAddress } from '../../../bytes/http/client.ts';
import { ClairError } from '../../../errors.ts';
import { type RepositoryFile, repositoryFile } from '../../formats/repomd.ts';
import type { FetchContext } from '../../feed/fetcher.ts';

/** A repository and the address of its mirror list. `name` must be the same in every update. */
export type Repository = {
  readonly name: string;
  readonly arch: string;
  readonly mirrors: string;
  /**
   * Set if the repository or its advisories may be missing. Not every extra exists for every architecture, and Amazon
   * Linux 1 has reached its end of life.
   */
  readonly isOptional?: true;
};

export type PublishedUpdates = { readonly repository: Repository; readonly url: string; readonly file: RepositoryFile };

type Http = Pick<FetchContext, 'http' | 'signal'>;

/** The maximum size of a list in bytes; lists of mirrors are a few kB, and the catalog of extras is 2 MB. */
const MAX_LIST_BYTES = 16 * 1024 * 1024;

/**
 * Returns the repositories of Amazon Linux 1, of Amazon Linux 2 with its extras, and of Amazon Linux 2023.
 *
 * @throws ClairError `bytes/…`; `feed/invalid` when the list of extras is malformed.
 */
export async function listRepositories(context: Http): Promise<readonly Repository[]> {
  const extras = (await extraNames(context)).flatMap((name) =>
    ARCHS.map((arch) => ({
      name: `2/extras/${name}/${arch}`,
      arch,
      mirrors: `${CDN}/2/extras/${encodeURIComponent(name)}/latest/${arch}/mirror.list`,
      isOptional: true as const,
    })),
  );
  return [...BASE, ...extras];
}

/**
 * Returns the address of a repository's advisories on the first mirror that responds.
 *
 * @returns undefined for an optional repository without advisories
 * @throws ClairError `bytes/…`; `feed/invalid` and `feed/truncated` for a malformed `repomd.xml`, and for a repository
 * without advisories unless the repository is optional.
 */
export async function findUpdates(repository: Repository, context: Http): Promise<PublishedUpdates | undefined> {
  try {
    const mirrors = await listMirrors(repository, context);
    return await firstAnswer(mirrors, async (mirror) => {
      const { text, where } = await getText(`${mirror}repodata/repomd.xml`, context);
      const file = await repositoryFile(once(text), where, 'updateinfo');
      if (file !== undefined) return { repository, url: new URL(file.location, mirror).href, file };
      if (repository.isOptional === true) return undefined;
      throw new ClairError('feed/invalid', `${where} names no updateinfo`);
    });
  } catch (error) {
    const isAbsent = error instanceof ClairError && error.code === 'bytes/not-found';
    if (isAbsent && repository.isOptional === true) return undefined;
    throw error;
  }
}

const CDN = 'https://cdn.amazonlinux.com';

const ARCHS = ['x86_64', 'aarch64'] as const;

/**
 * The repositories other than extras. Amazon Linux 1 is published without TLS and only for x86_64; i686 packages are in
 * the same repositories.
 */
const BASE: readonly Repository[] = [
  ...['main', 'updates'].map((name) => ({
    name: `1/${name}/x86_64`,
    arch: 'x86_64',
    mirrors: `http://repo.us-west-2.amazonaws.com/2018.03/${name}/x86_64/mirror.list`,
    isOptional: true as const,
  })),
  ...ARCHS.map((arch) => ({ name: `2/core/${arch}`, arch, mirrors: `${CDN}/2/core/latest/${arch}/mirror.list` })),
  ...ARCHS.map((arch) => ({
    name: `2023/core/${arch}`,
    arch,
    mirrors: `${CDN}/al2023/core/mirrors/latest/${arch}/mirror.list`,
  })),
  ...ARCHS.map((arch) => ({
    name: `2023/kernel-livepatch/${arch}`,
    arch,
    mirrors: `${CDN}/al2023/kernel-livepatch/mirrors/latest/${arch}/mirror.list`,
    isOptional: true as const,
  })),
];

/** Reads the catalog of `amazon-linux-extras`: `{ topics: [{ n: "docker", … }] }`. */
async function extraNames(context: Http): Promise<readonly string[]> {
  const { text, where } = await getText(`${CDN}/2/extras-catalog.json`, context);
  const topics: unknown = fieldOf(parsed(text, where), 'topics');
  const names = Array.isArray(topics) ? topics.map((topic: unknown) => fieldOf(topic, 'n')) : [];
  if (names.length === 0 || !names.every((name) => typeof name === 'string' && /^[\w.+-]+$/.test(name))) {
    throw new ClairError('feed/invalid', `${where} is not a catalog of extras`);
  }
  return [...new Set(names.map(String))];
}

function parsed(text: Buffer, where: string): unknown {
  try {
    return JSON.parse(text.toString());
  } catch (error) {
    throw new ClairError('feed/invalid', `${where} is not JSON`, { cause: error });
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Reads a list of mirrors, which has one address per line. */
async function listMirrors({ mirrors, arch }: Repository, context: Http): Promise<readonly string[]> {
  const { text, where } = await getText(mirrors, context);
  const lines = text
    .toString()
    .split('\n')
    .map((line) => line.trim().replaceAll('$basearch', arch));
  const addresses = lines.filter((line) => /^https?:\/\//.test(line) && URL.canParse(line));
  if (addresses.length === 0) throw new ClairError('feed/invalid', `${where} names no mirror`);
  return addresses.map((address) => address.replace(/\/*$/, '/'));
}

/** Returns the first response; throws the error of the last mirror when all mirrors fail. */
async function firstAnswer<Answer>(
  mirrors: readonly string[],
  ask: (mirror: string) => Promise<Answer>,
): Promise<Answer> {
  let failure: unknown;
  for (const mirror of mirrors) {
    try {
      return await ask(mirror);
    } catch (error) {
      if (!(error instanceof ClairError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/**
 * Reads a file. Amazon's storage may respond with 403 for a missing file, because the storage does not permit listing.
 */
async function getText(
  url: string,
  { http, signal }: Http,
): Promise<{ readonly text: Buffer; readonly where: string }> {
  const where = shownAddress(url);
  const answer = await http.get(url, { refusals: [403], ...(signal && { signal }) });
  if (answer.status === 403) throw new ClairError('bytes/not-found', `${where} does not exist (403)`);
  if (answer.status !== 200)
    throw new ClairError('bytes/unreachable', `${where} responded with status ${answer.status}`);
  const text = await allBytes(answer.body, MAX_LIST_BYTES);
  if (text === undefined)
    throw new ClairError('bytes/limit-exceeded', `${where} is larger than ${MAX_LIST_BYTES} bytes`);
  return { text, where };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
