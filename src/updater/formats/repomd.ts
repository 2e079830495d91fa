import type { ByteStream } from '../../bytes/byte-stream.ts';
import { type XmlElement, xmlElements } from '../../bytes/documents/xml-elements.ts';

export type RepositoryFile = {
  /** The path relative to the repository, such as `repodata/updateinfo.xml.gz`. */
  readonly location: string;
  /** The checksum of the published, compressed file. */
  readonly checksum: Checksum;
};

/** `type` is the name of the hash in repomd.xml, such as `sha256`, or `sha` for SHA-1. */
export type Checksum = { readonly type: string; readonly value: string };

/**
 * Reads `repomd.xml` (http://linux.duke.edu/metadata/repo) and returns the file of a type such as `updateinfo`;
 * undefined if the file, its location or its checksum is missing.
 *
 * @throws ClairError the errors of {@link xmlElements}.
 */
export async function repositoryFile(
  stream: ByteStream,
  where: string,
  type: string,
): Promise<RepositoryFile | undefined> {
  let found: RepositoryFile | undefined;
  for await (const { element } of xmlElements(stream, { where, root: 'repomd', depth: 1 })) {
    if (element.name === 'data' && element.attributes['type'] === type) found ??= readFile(element);
  }
  return found;
}

function readFile({ children }: XmlElement): RepositoryFile | undefined {
  const location = children.find(({ name }) => name === 'location')?.attributes['href'];
  const checksum = children.find(({ name }) => name === 'checksum');
  const type = checksum?.attributes['type'];
  if (location === undefined || checksum === undefined || type === undefined) return undefined;
  return { location, checksum: { type, value: checksum.text.toLowerCase() } };
}
