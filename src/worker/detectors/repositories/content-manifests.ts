import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import type { Detector, FileFacts } from '../detector.ts';
import { childrenOf } from '../path-pattern.ts';

/**
 * Reads content manifests, which list the repositories (content sets) that a Red Hat image was built from. Red Hat's
 * older build system writes a manifest for each layer, `NAME-VERSION-RELEASE.json`; the newer build system writes a
 * `content-sets.json`. Other JSON files in these directories, such as SBOMs, result in a diagnostic, except the labels
 * of the image.
 *
 * Source: content_manifest.json in the schemas of atomic-reactor.
 */
export const contentManifests: Detector = {
  id: 'content-manifests',
  kind: 'repositories',
  version: 1,
  wants: childrenOf('root/buildinfo/content_manifests', 'usr/share/buildinfo/content_manifests', 'usr/share/buildinfo'),
  read: readContentManifest,
  coverage: {
    use: 'names the repositories of Red Hat packages; the repositories determine the products of the packages ([redhat](#redhat))',
    notes: [
      'The content sets are stored with each layer and listed in the JSON report (`contentSets`). The content sets also apply to the packages of the layers above. Other JSON files in the directories of content manifests, such as SBOMs, cause a diagnostic, except `labels.json`.',
    ],
  },
};

/** A manifest also lists all dependencies of the image, possibly tens of thousands. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** Red Hat has several thousand content sets altogether. */
const MAX_SETS_OF_FILE = 2000;

/** Matches the printable name of a content set, such as `rhel-9-for-x86_64-baseos-rpms`. Names appear in reports. */
const CONTENT_SET = /^[\x21-\x7e]{1,256}$/;

const LABELS = 'usr/share/buildinfo/labels.json';

/**
 * Returns the content sets, sorted and without duplicates. An invalid or partly invalid manifest results in a
 * diagnostic; its valid content sets are used.
 */
function readContentManifest(path: string, bytes: Uint8Array): FileFacts {
  if (!path.endsWith('.json') || path === LABELS) return { diagnostics: [] };
  if (bytes.length > MAX_MANIFEST_BYTES) {
    return { diagnostics: [unreadable(path, `it is larger than ${MAX_MANIFEST_BYTES} bytes`)] };
  }
  const manifest = parsed(bytes);
  if (typeof manifest !== 'object' || manifest === null)
    return { diagnostics: [unreadable(path, 'it is not a JSON object')] };
  const sets: unknown = Reflect.get(manifest, 'content_sets');
  if (sets === undefined) return { diagnostics: isManifest(manifest) ? [] : [unreadable(path, otherKind(manifest))] };
  if (!Array.isArray(sets)) return { diagnostics: [unreadable(path, 'content_sets is not a list')] };

  const named = new Set(sets.filter(isContentSet));
  const contentSets = [...named].slice(0, MAX_SETS_OF_FILE).toSorted();
  const unnamed = sets.filter((each) => !isContentSet(each)).length;
  const diagnostics: Diagnostic[] = [];
  if (unnamed > 0)
    diagnostics.push(
      unreadable(path, `${unnamed} of its content_sets ${unnamed === 1 ? 'has' : 'have'} an invalid name`),
    );
  if (named.size > MAX_SETS_OF_FILE) {
    const message = `${path} has ${named.size} content_sets; only the first ${MAX_SETS_OF_FILE} were used`;
    diagnostics.push({ code: 'content-manifest-unreadable', message, where: path });
  }
  return { contentSets, diagnostics };
}

function isContentSet(name: unknown): name is string {
  return typeof name === 'string' && CONTENT_SET.test(name);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The schema requires only `metadata`: a manifest of an image without packages has no content sets. */
function isManifest(value: object): boolean {
  const metadata: unknown = Reflect.get(value, 'metadata');
  return typeof metadata === 'object' && metadata !== null && 'icm_version' in metadata;
}

function otherKind(value: object): string {
  const isSbom = 'bomFormat' in value || 'spdxVersion' in value;
  return isSbom ? 'it is an SBOM without content sets' : 'it has no content sets';
}

function unreadable(path: string, why: string): Diagnostic {
  const message = `${path} is not a valid content manifest: ${why}`;
  return { code: 'content-manifest-unreadable', message, where: path };
}
