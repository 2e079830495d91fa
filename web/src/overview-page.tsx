import type { ComponentChildren, VNode } from 'preact';
import type { ApiClient } from './api-client.ts';
import type { Overview } from './api-shapes.ts';
import { RECENT_CHANGES } from './changes/changes-query.ts';
import { EVERY_IMAGE, type ImageListQuery } from './image-list/image-list-query.ts';
import { ImagesTable } from './image-list/images-table.tsx';
import { useLoaded } from './loaded.ts';
import { kevGapOf, KevMark, PresentKevGap } from './parts/kev-mark.tsx';
import { LoadingView } from './parts/loading-view.tsx';
import { hasFeedData, NoFeedData } from './parts/no-feed-data.tsx';
import { TableFrame } from './parts/table-frame.tsx';
import { TimeWord } from './parts/time-word.tsx';
import { changesAddress, imagesAddress } from './place.ts';
import { ageInWords, countOf } from './words.ts';

/** Shows the state of all images and feeds, urgent findings, and the changes of the last 7 days. */
export function OverviewPage({ api }: { readonly api: ApiClient }): VNode {
  const [loaded, reload] = useLoaded(async (signal) => await api.get<Overview>('overview', signal), 'overview');
  return (
    <>
      <h1>Overview</h1>
      <LoadingView loaded={loaded} what="the overview" reload={reload}>
        {(overview) => (
          <>
            <FeedNotice overview={overview} />
            {!overview.isCurrent && overview.images.total > 0 && (
              <p class="mark incomplete" role="status">
                Some counts are missing or out of date.
                {overview.images.waiting > 0 && ` ${countOf(overview.images.waiting, 'image')} not counted yet.`}
              </p>
            )}
            <Tiles overview={overview} />
            <Worst overview={overview} />
            <EndedReleases overview={overview} />
            <Week overview={overview} />
          </>
        )}
      </LoadingView>
    </>
  );
}

type Shown = { readonly overview: Overview };

function listWith(filters: Partial<ImageListQuery>): string {
  return imagesAddress({ ...EVERY_IMAGE, sort: 'severity', ...filters });
}

function Tiles({ overview: { images, endOfLife, feeds } }: Shown): VNode {
  const ended = endOfLife.reduce((sum, release) => sum + release.images, 0);
  const badFeeds = feeds.failing.length + feeds.neverUpdated;
  return (
    <ul class="tiles">
      <Tile count={images.total} href={imagesAddress(EVERY_IMAGE)}>
        {images.total === 1 ? 'image' : 'images'}
      </Tile>
      <Tile count={images.exploited} href={listWith({ exploited: true })} isBad>
        with a known exploited vulnerability <KevMark gap={kevGapOf(feeds.enrichments)} />
      </Tile>
      <Tile count={images.fixableHigh} href={listWith({ fixableHigh: true })} isBad>
        with fixable findings of High or above
      </Tile>
      <Tile count={ended} isBad>
        with an end-of-life distribution
      </Tile>
      <Tile count={images.incomplete} href={listWith({ incomplete: true })} isBad>
        with an incomplete report
      </Tile>
      <Tile count={badFeeds} href="#/feeds" isBad>
        stale, failing or never updated {badFeeds === 1 ? 'feed' : 'feeds'}
      </Tile>
    </ul>
  );
}

function Tile({
  count,
  href,
  isBad = false,
  children,
}: {
  readonly count: number;
  /** The address of the list; absent if the page shows the list. */
  readonly href?: string;
  /** Whether a number above 0 needs attention. */
  readonly isBad?: boolean;
  readonly children: ComponentChildren;
}): VNode {
  const content = (
    <>
      <b>{count.toLocaleString('en')}</b> <span>{children}</span>
    </>
  );
  const look = isBad && count > 0 ? 'tile bad' : 'tile';
  return (
    <li>
      {href === undefined ? (
        <div class={look}>{content}</div>
      ) : (
        <a href={href} class={look}>
          {content}
        </a>
      )}
    </li>
  );
}

/** Shows a notice about missing or old feeds, because all numbers are too low without feed data. */
function FeedNotice({ overview: { feeds, images } }: Shown): VNode | null {
  const { fresh, failing } = feeds;
  const hasData = fresh > 0 || hasFeedData(failing);
  return (
    <>
      {!hasData && <NoFeedData />}
      {failing.length > 0 && (
        <div class="notice incomplete">
          <p>
            <b>{countOf(failing.length, 'feed')} may lack recent data:</b>{' '}
            {failing
              .slice(0, MAX_NAMED)
              .map(
                ({ name, state, ageSeconds }) =>
                  `${name} (${ageSeconds === null ? state : `${state}, ${ageInWords(ageSeconds)} old`})`,
              )
              .join(', ')}
            . <a href="#/feeds">Show the feeds</a> or{' '}
            <a href={listWith({ feeds: 'stale' })}>the images with stale feeds</a>
          </p>
        </div>
      )}
      {images.total === 0 && <NoImages />}
    </>
  );
}

/** The maximum number of feeds that the notice names. */
const MAX_NAMED = 5;

function NoImages(): VNode {
  return (
    <p class="empty">
      No images yet. <a href={imagesAddress(EVERY_IMAGE)}>Submit an image</a>
    </p>
  );
}

function Worst({ overview: { worst, feeds } }: Shown): VNode | null {
  if (worst.length === 0) return null;
  return (
    <section aria-labelledby="worst-title">
      <h2 id="worst-title">Most urgent images</h2>
      <PresentKevGap.Provider value={kevGapOf(feeds.enrichments)}>
        <ImagesTable images={worst} label="Table of the most urgent images" />
      </PresentKevGap.Provider>
      <p>
        <a href={listWith({})}>All images, most urgent first</a>
      </p>
    </section>
  );
}

function EndedReleases({ overview: { endOfLife } }: Shown): VNode | null {
  if (endOfLife.length === 0) return null;
  return (
    <section aria-labelledby="ended-title">
      <h2 id="ended-title">End-of-life distributions</h2>
      <p class="faint">These releases no longer receive security updates, so findings may be missing.</p>
      <TableFrame label="Table of end-of-life distributions" columns={['Release', 'Support ended on', 'Images']}>
        {endOfLife.map(({ namespace, endedOn, images }) => (
          <tr key={namespace}>
            <th scope="row">{namespace}</th>
            <td data-label="Support ended on">{endedOn}</td>
            <td class="number" data-label="Images">
              <a href={listWith({ distribution: namespace })}>{images.toLocaleString('en')}</a>
            </td>
          </tr>
        ))}
      </TableFrame>
    </section>
  );
}

function Week({ overview: { week } }: Shown): VNode {
  const { added, changed, withdrawn } = week.advisories;
  const total = added + changed + withdrawn;
  return (
    <section aria-labelledby="week-title">
      <h2 id="week-title">Last 7 days</h2>
      <p>
        Since <TimeWord at={week.since} />: {countOf(week.scanned, 'image')} scanned;{' '}
        {total === 0 ? (
          'no advisory changes'
        ) : (
          <>
            {!week.isWhole && 'at least '}
            <a href={changesAddress(RECENT_CHANGES)}>{countOf(total, 'advisory change')}</a> (
            {added.toLocaleString('en')} added, {changed.toLocaleString('en')} changed, {withdrawn.toLocaleString('en')}{' '}
            withdrawn)
          </>
        )}
        , excluding first imports of feeds.
      </p>
    </section>
  );
}
