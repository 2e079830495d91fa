import { type GoReport, goReport } from './go-decoding.ts';
import type { PostedManifest } from './quay-storage.ts';
import type { Answer, Transport } from './transport.ts';

/** The rows of the text output of `clairctl report`. */
export type ClairctlRow = readonly [package_: string, version: string, vulnerability: string, fixed: string];

const INDEX = '/indexer/api/v1/index_report';
const LINK = /<([^>]+)>; rel="https:\/\/projectquay\.io\/clair\/v1\/index_report"/;

/** The headers of every request of clairctl; it sends no `Accept`. */
const HEADERS = { 'user-agent': 'clairctl/4.9', 'accept-encoding': 'gzip' };

/**
 * Reports a manifest, as `clairctl report` does (clair-v4-api.md, section 8), and deletes the manifest.
 *
 * @throws Error where clairctl shows an error, regardless of its exit status, or a row without a name
 */
export async function clairctlReport(send: Transport, manifest: PostedManifest): Promise<readonly ClairctlRow[]> {
  const path = `${INDEX}/${manifest.hash}`;
  const known = await send('GET', path, { headers: HEADERS });
  if (![200, 304, 404].includes(known.status)) throw new Error(`unexpected return status: ${known.status}`);
  const posted = await send('POST', INDEX, { headers: HEADERS, body: JSON.stringify(manifest) });
  if (![200, 201].includes(posted.status)) throw new Error(`unexpected return status: ${posted.status}`);
  const { success = false, err = '' } = decoded(posted);
  if (err !== '' && !success) throw new Error(`indexer error: ${err}`);
  await checkRemembered(send, posted, path);
  const answer = await send('GET', `/matcher/api/v1/vulnerability_report/${manifest.hash}`, { headers: HEADERS });
  if (answer.status !== 200) throw new Error(`unexpected return status: ${answer.status}`);
  const rows = rowsOf(decoded(answer));
  const deleted = await send('DELETE', INDEX, { headers: HEADERS, body: JSON.stringify([manifest.hash]) });
  if (deleted.status !== 200) throw new Error(`unexpected return status: ${deleted.status}`);
  const gone: unknown = JSON.parse(deleted.text);
  if (!Array.isArray(gone) || gone[0] !== manifest.hash) throw new Error('the manifest was not deleted');
  return rows;
}

/** clairctl caches the entity tag by the path of the link, and sends the tag with its next request. */
async function checkRemembered(send: Transport, { headers }: Answer, path: string): Promise<void> {
  const [, linked] = LINK.exec(headers['link'] ?? '') ?? [];
  if (linked !== path) throw new Error(`the link leads to ${linked}`);
  const { etag } = headers;
  if (etag === undefined) throw new Error('the response has no ETag');
  const again = await send('GET', path, { headers: { ...HEADERS, 'if-none-match': etag } });
  if (again.status !== 304) throw new Error(`the tag is not the tag of the report: ${again.status}`);
}

function decoded({ text }: Answer): GoReport {
  return goReport(text);
}

function rowsOf({ packages = {}, vulnerabilities = {}, package_vulnerabilities = {} }: GoReport): ClairctlRow[] {
  return Object.entries(package_vulnerabilities).flatMap(([id, found]) => {
    const of = packages[id];
    if (of?.name === undefined || of.version === undefined) throw new Error(`a row without the package ${id}`);
    const { name, version } = of;
    if (found.length === 0) throw new Error(`a failed case without a vulnerability for ${name}`);
    return found.map((each): ClairctlRow => {
      const vulnerability = vulnerabilities[each];
      if (vulnerability?.name === undefined) throw new Error(`a row without the vulnerability ${each}`);
      return [name, version, vulnerability.name, vulnerability.fixed_in_version ?? ''];
    });
  });
}
