import { allBytes } from '../../../bytes/all-bytes.ts';
import { ClairError } from '../../../errors.ts';
import { MAX_CPES, MAX_REPOSITORIES, type RepositoryCpes } from '../../../model/repository-cpes.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import type { RecordDiagnostic } from '../../../model/feed.ts';
import { addRecordDiagnostic, at, inexact, skipped } from '../../advisories/record-diagnostics.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { namesOfProduct } from './product-cpe.ts';

/** Returns whether a name or path refers to Red Hat's list of repositories. */
export function isRepositoryList(name: string): boolean {
  return /(?:^|\/)repository-to-cpe\.json$/i.test(name);
}

/**
 * Reads Red Hat's list of repositories (content sets) and their products, which has the form `{"data":
 * {"rhel-9-for-x86_64-baseos-rpms": {"cpes": ["cpe:/o:redhat:enterprise_linux:9::baseos"]}}}`. Adds a diagnostic to
 * `recordDiagnostics` for each part that it cannot interpret.
 *
 * Source: https://redhatproductsecurity.github.io/security-data-guidelines/scanning-vendors/
 *
 * @throws ClairError `feed/invalid` if the document is not a list of repositories or the list is empty;
 * `bytes/limit-exceeded`; the errors of reading the document.
 */
export async function readRepositoryList(
  { stream, where }: Pick<FeedDocument, 'stream' | 'where'>,
  recordDiagnostics: RecordDiagnostics,
): Promise<RepositoryCpes> {
  const bytes = await allBytes(stream, MAX_LIST_BYTES);
  if (bytes === undefined) throw new ClairError('bytes/limit-exceeded', `${where}: more than ${MAX_LIST_BYTES} bytes`);
  const data = fieldOf(parsed(bytes), 'data');
  const entries = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  if (entries.length > MAX_REPOSITORIES) {
    throw new ClairError('bytes/limit-exceeded', `${where}: more than ${MAX_REPOSITORIES} repositories`);
  }
  const found = new Map<string, readonly string[]>();
  for (const [name, entry] of entries) {
    const diagnostic = NAME.test(name)
      ? addRepository(found, name, fieldOf(entry, 'cpes'))
      : inexact('ignored: invalid repository name');
    if (diagnostic !== undefined)
      addRecordDiagnostic(recordDiagnostics, at(`${where}: ${JSON.stringify(name.slice(0, 256))}`, diagnostic));
  }
  if (found.size > 0) return found;
  throw new ClairError('feed/invalid', `${where} lists no repository with the CPEs of its products`);
}

/** The maximum size of the list in bytes; the list is a few megabytes. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** The form of the repository names in content manifests. */
const NAME = /^[\x21-\x7e]{1,256}$/;

/** Adds the valid products of a repository; returns a diagnostic if other products are malformed. */
function addRepository(
  found: Map<string, readonly string[]>,
  name: string,
  cpes: unknown,
): RecordDiagnostic | undefined {
  if (!Array.isArray(cpes)) return skipped('skipped: the value is not a list of CPEs');
  const all: readonly unknown[] = cpes;
  const names = all.map((cpe) => (typeof cpe === 'string' ? namesOfProduct(cpe) : []));
  const known = new Set(names.flat());
  if (known.size > MAX_CPES) return skipped(`skipped: more than ${MAX_CPES} product names`);
  if (known.size > 0) found.set(name, [...known].toSorted());
  const strange = all.find((_, index) => names[index]?.length === 0);
  return strange === undefined
    ? undefined
    : inexact(`CPE without a product ignored: ${JSON.stringify(strange).slice(0, 256)}`);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Parses JSON; returns undefined for malformed JSON, which the caller reports. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
