import type { VNode } from 'preact';
import type { ApiClient } from '../api-client.ts';
import type { AffectedImage, AffectedImageList, ImageFinding } from '../api-shapes.ts';
import { useNumberedPage } from '../paging/numbered-pages.ts';
import { useFirstShown } from '../parts/first-shown.tsx';
import { LoadingView } from '../parts/loading-view.tsx';
import { LibraryPlace } from '../parts/path-list.tsx';
import { RangePager, toFirstPage, totalWords } from '../paging/range-pager.tsx';
import { ReferenceWord } from '../parts/reference-word.tsx';
import { SeverityWord } from '../parts/severity-word.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { AgoWord } from '../parts/ago-word.tsx';
import { withPage } from '../paging/page-query.ts';
import { NoFix } from '../findings/no-fix.tsx';
import { imageAddress, layerAddress, vulnerabilityAddress } from '../place.ts';
import { instructionOf, shortDigest } from '../words.ts';

const IMAGES_PER_PAGE = 25;

/** The number of images on passed pages, which is low because the server creates a report of each image. */
const PASSED_IMAGES = 100;

/** The number of packages shown at first, because a kernel has dozens of packages. */
const FIRST_SHOWN = 8;

/** Shows the images with a vulnerability, and for each image the affected packages, their layers and fixed versions. */
export function AffectedImages({
  api,
  id,
  path,
  number,
}: {
  readonly api: ApiClient;
  readonly id: string;
  /** The path of the vulnerability in the API. */
  readonly path: string;
  readonly number: number;
}): VNode {
  const [loaded, reload] = useNumberedPage({
    list: path,
    number,
    load: async (token, limit, signal) =>
      await api.page<AffectedImageList>(`${path}/images?${withPage({ limit: `${limit}` }, token)}`, signal),
    sizeOf: ({ images }) => images.length,
    pageSize: IMAGES_PER_PAGE,
    passedSize: PASSED_IMAGES,
  });
  const addressOf = (page: number): string => vulnerabilityAddress(id, page);
  return (
    <section aria-labelledby="affected-title">
      <h2 id="affected-title">Affected images</h2>
      <LoadingView loaded={loaded} what="the affected images" reload={reload} toFirst={toFirstPage(number, addressOf)}>
        {(of) => (
          <>
            {of.size === 0 ? (
              <p class="empty">{emptyWords(of.number > 1, of.page.nextPage !== null)}</p>
            ) : (
              <>
                <p class="list-words">{totalWords(of, 'image')}, including images whose findings are suppressed.</p>
                <TableFrame label="Table of affected images" columns={['Image', 'Packages']}>
                  {of.page.images.map((image) => (
                    <ImageRow key={image.digest} image={image} />
                  ))}
                </TableFrame>
              </>
            )}
            <RangePager of={of} label="Pages of images" addressOf={addressOf} />
          </>
        )}
      </LoadingView>
    </section>
  );
}

/** Returns the text for an empty list. The text states that no image is affected only if all images were searched. */
function emptyWords(isBehindOthers: boolean, leadsOn: boolean): string {
  if (leadsOn)
    return 'No affected image found so far; not all images have been searched. Select “Next” to search further.';
  return isBehindOthers ? 'No more affected images.' : 'No indexed image is affected.';
}

function ImageRow({
  image: { digest, reference, platform, scannedAt, findings },
}: {
  readonly image: AffectedImage;
}): VNode {
  const [shown, more] = useFirstShown(findings, FIRST_SHOWN);
  return (
    <tr>
      <th scope="row">
        <a href={imageAddress(digest)}>
          <ReferenceWord reference={reference} />
        </a>
        <small>
          {platform} · <code>{shortDigest(digest)}</code> · scanned <AgoWord at={scannedAt} />
        </small>
      </th>
      <td>
        <ul class="affected">
          {shown.map((finding, index) => (
            <FindingItem key={index} digest={digest} finding={finding} />
          ))}
        </ul>
        {more}
      </td>
    </tr>
  );
}

function FindingItem({ digest, finding }: { readonly digest: string; readonly finding: ImageFinding }): VNode {
  const { version, arch, severity, status, fixedIn, layer, createdBy, isSuppressed } = finding;
  return (
    <li>
      <SeverityWord severity={severity} /> <bdi>{finding.package}</bdi> <code>{version}</code>
      {fixedIn === null ? (
        <>
          , <NoFix status={status} />
        </>
      ) : (
        <>
          , fixed in <code>{fixedIn}</code>
        </>
      )}{' '}
      {isSuppressed && <b class="state">suppressed</b>}
      <small class="by-layer">
        <a href={layerAddress(digest, layer, finding.package)}>layer {layer}</a>
        {arch !== '' && <span>{arch}</span>}
        <code class="brief">{instructionOf(createdBy)}</code>
      </small>
      <LibraryPlace of={finding} />
    </li>
  );
}
