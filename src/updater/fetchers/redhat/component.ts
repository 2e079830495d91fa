import { isRpmVersion } from './rpm-version.ts';

/** A component of a product that is an rpm package. */
export type Component = {
  readonly name: string;
  /** Set for a source package; the statement then applies to all packages built from it. */
  readonly role?: 'source';
  /** The module stream, in the form `name:stream`. */
  readonly module?: string;
  /**
   * The version. The version of a source package has no epoch, because an installed package does not state the epoch of
   * its source package.
   */
  readonly version?: string;
  /** The architecture; absent for all architectures. */
  readonly arch?: string;
  /** A diagnostic about the parts that cannot be interpreted. */
  readonly diagnostic?: string;
};

/**
 * Parses the package URL of a component, such as `pkg:rpm/redhat/openssl@3.0.7-27.el9?arch=x86_64&epoch=1`. The
 * qualifier `rpmmod` is the module; the package URL of an unfixed component has no version. In documents before 2024,
 * which have no package URLs, parses the identifier: the name of a source package, `name:stream/source` or
 * `name-epoch:version-release.arch`.
 *
 * @returns undefined for images, language libraries and other components
 */
export function readComponent(id: string, purl: string | undefined): Component | undefined {
  return purl === undefined ? readIdentifier(id) : readPurl(purl);
}

/** Returns the module stream in the package URL or identifier of a module, such as `nodejs:18:8090020240301:abc`. */
export function readModule(id: string, purl: string | undefined): string | undefined {
  const [, name, label] = (purl !== undefined && MODULE_PURL.exec(purl)) || [];
  if (name !== undefined && label !== undefined) return moduleStream(`${name}:${decoded(label)}`);
  return purl === undefined && /^[^/]+:[^/]+$/.test(id) ? moduleStream(id) : undefined;
}

const PURL = /^pkg:rpm\/redhat\/([^@?#/]+)(?:@([^?#]*))?(?:\?([^#]*))?$/;
const MODULE_PURL = /^pkg:rpmmod\/redhat\/([^@?#/]+)@([^?#]+)/;

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;

function readPurl(purl: string): Component | undefined {
  const [, encodedName, encodedVersion = '', qualifiers = ''] = PURL.exec(purl) ?? [];
  if (encodedName === undefined) return undefined;
  const words = new Map(qualifiers.split('&').map((each) => keyAndValue(each)));
  const arch = words.get('arch') ?? '';
  const label = words.get('rpmmod') ?? '';
  const epoch = words.get('epoch') ?? '';
  const version = decoded(encodedVersion);
  const known = {
    name: decoded(encodedName),
    version: arch === 'src' || epoch === '' || epoch === '0' ? version : `${epoch}:${version}`,
    arch,
  };
  return label === '' ? component(known) : component({ ...known, label });
}

function readIdentifier(id: string): Component | undefined {
  const [, name, epoch, version, arch = ''] = /^(.+)-(\d+):([^-]+-[^-]+)\.([a-z0-9_]+)$/.exec(id) ?? [];
  if (name !== undefined && version !== undefined) {
    return component({ name, version: arch === 'src' || epoch === '0' ? version : `${epoch}:${version}`, arch });
  }
  const [, label, source = id] = /^([^/:]+:[^/:]+)\/([^/]+)$/.exec(id) ?? [];
  const known = { name: source.replace(/\.src$/, ''), version: '', arch: 'src' };
  if (!NAME.test(known.name)) return undefined;
  return label === undefined ? component(known) : component({ ...known, label });
}

function component(of: {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly label?: string;
}): Component {
  const { name, version, arch, label } = of;
  const module = label === undefined ? undefined : moduleStream(label);
  const diagnostics = [
    ...(label !== undefined && module === undefined ? [`invalid module ${label}, expected name:stream`] : []),
    ...(NAME.test(name) ? [] : [`invalid package name ${name}`]),
  ];
  return {
    name,
    ...(arch === 'src' && { role: 'source' as const }),
    ...(module !== undefined && { module }),
    // In an unfixed module, the place of the version contains the stream, which has no hyphen.
    ...(version !== '' && isRpmVersion(version) && version.includes('-') && { version }),
    ...(arch !== '' && arch !== 'src' && { arch }),
    ...(diagnostics.length > 0 && { diagnostic: diagnostics.join('; ') }),
  };
}

function moduleStream(label: string): string | undefined {
  return /^[^:]+:[^:]+/.exec(label)?.[0];
}

function keyAndValue(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  return [text.slice(0, equals), decoded(text.slice(equals + 1))];
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
