import type { ByteStream } from '../../bytes/byte-stream.ts';
import { type XmlElement, xmlElements } from '../../bytes/documents/xml-elements.ts';

/** An update in `updateinfo.xml` of an rpm repository (createrepo_c, `updateinfo.h`). */
export type Update = {
  /** The identifier; like the other texts, empty if missing. */
  readonly id: string;
  /** `security`, `bugfix`, `enhancement` or another word. */
  readonly type: string;
  readonly title: string;
  readonly severity: string;
  readonly description: string;
  readonly references: readonly UpdateReference[];
  readonly packages: readonly UpdatePackage[];
};

/** `type` is the kind of identifier, such as `cve`, `bugzilla` or `self`. */
export type UpdateReference = { readonly id: string; readonly type: string; readonly href: string };

export type UpdatePackage = {
  readonly name: string;
  /**
   * The version in the form `[epoch:]version-release`, without the epoch 0. If a part is missing, the version is
   * invalid for rpm.
   */
  readonly version: string;
  readonly arch: string;
  /** The short name of the collection that contains the package. */
  readonly collection: string;
  /** The module of the collection, in the form `name:stream`. */
  readonly module?: string;
};

/**
 * Yields the updates in `updateinfo.xml`, and holds one update in memory.
 *
 * @throws ClairError during iteration: the errors of {@link xmlElements}.
 */
export async function* updates(stream: ByteStream, where: string): AsyncGenerator<Update> {
  for await (const { element } of xmlElements(stream, { where, root: 'updates', depth: 1 })) {
    if (element.name === 'update') yield readUpdate(element);
  }
}

function readUpdate(element: XmlElement): Update {
  return {
    id: textOf(element, 'id'),
    type: element.attributes['type'] ?? '',
    title: textOf(element, 'title'),
    severity: textOf(element, 'severity'),
    description: textOf(element, 'description'),
    references: childrenOf(element, 'references', 'reference').map(({ attributes }) => ({
      id: attributes['id'] ?? '',
      type: attributes['type'] ?? '',
      href: attributes['href'] ?? '',
    })),
    packages: childrenOf(element, 'pkglist', 'collection').flatMap(readCollection),
  };
}

function readCollection(collection: XmlElement): readonly UpdatePackage[] {
  const { name, stream } = collection.children.find((child) => child.name === 'module')?.attributes ?? {};
  const module = name === undefined || stream === undefined ? {} : { module: `${name}:${stream}` };
  return collection.children
    .filter((child) => child.name === 'package')
    .map(({ attributes }) => ({
      name: attributes['name'] ?? '',
      version: versionOf(attributes),
      arch: attributes['arch'] ?? '',
      collection: collection.attributes['short'] ?? '',
      ...module,
    }));
}

function versionOf({ epoch = '0', version = '', release = '' }: XmlElement['attributes']): string {
  return `${epoch === '0' || epoch === '' ? '' : `${epoch}:`}${version}-${release}`;
}

function textOf({ children }: XmlElement, name: string): string {
  return children.find((child) => child.name === name)?.text ?? '';
}

function childrenOf({ children }: XmlElement, list: string, name: string): readonly XmlElement[] {
  return children
    .filter((child) => child.name === list)
    .flatMap((each) => each.children.filter((x) => x.name === name));
}
