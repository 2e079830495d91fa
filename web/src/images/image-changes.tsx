import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import type { ImageChange, ImageChangeKind, ImageChanges as Changes } from '../api-shapes.ts';
import { SinceForm } from '../changes/since-form.tsx';
import { type Since, startOf } from '../changes/since.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { TimeWord } from '../parts/time-word.tsx';
import { imageAddress } from '../place.ts';
import { shortDigest } from '../words.ts';
import { ChangesOfKind } from './image-changes-table.tsx';

const KINDS: readonly ImageChangeKind[] = ['new', 'rescored', 'fixed', 'withdrawn'];

/**
 * Shows how the findings of an image changed since a selected time, and whether the image or feed data caused the
 * change.
 */
export function ImageChanges({
  api,
  path,
  digest,
  since,
}: {
  readonly api: ApiClient;
  readonly path: string;
  readonly digest: string;
  readonly since: Since;
}): VNode {
  const start = useMemo(() => startOf(since, Date.now()) ?? '', [since]);
  const query = `${path}/changes?${new URLSearchParams({ since: start }).toString()}`;
  const [loaded, reload] = useLoaded(async (signal) => await api.get<Changes>(query, signal), query);
  return (
    <section aria-labelledby="changes-title">
      <h2 id="changes-title">Changes</h2>
      <SinceForm
        since={since}
        change={(next) => {
          window.location.hash = imageAddress(digest, { tab: 'changes', since: next });
        }}
      />
      <LoadingView loaded={loaded} what="the changes" reload={reload}>
        {(changes) => (
          <>
            <WholeWords changes={changes} />
            <ComparedWords changes={changes} digest={digest} />
            {changes.changes.length === 0 ? (
              <p class="empty">{changes.isWhole ? 'No changes since then.' : 'No known changes since then.'}</p>
            ) : (
              KINDS.map((kind) => <ChangesOfKind key={kind} kind={kind} changes={changesOf(changes.changes, kind)} />)
            )}
          </>
        )}
      </LoadingView>
    </section>
  );
}

/** Shows a notice if the change log does not reach back far enough. */
function WholeWords({ changes: { since, isWhole, knownFrom } }: { readonly changes: Changes }): VNode | null {
  if (isWhole) return null;
  return (
    <p class="notice incomplete">
      <b>Some changes are missing.</b>{' '}
      {knownFrom === null ? (
        <>
          The change log does not reach back to <TimeWord at={since} />.
        </>
      ) : (
        <>
          Feed changes between <TimeWord at={since} /> and <TimeWord at={knownFrom} /> are missing: the change log
          starts later or contains too many changes.
        </>
      )}
    </p>
  );
}

function ComparedWords({
  changes: { since, comparedWith, baseline },
  digest,
}: {
  readonly changes: Changes;
  readonly digest: string;
}): VNode {
  const then = <TimeWord at={since} />;
  if (baseline !== null) {
    return (
      <p>
        The changes start at <TimeWord at={baseline} />, because no image with this reference was indexed before.
        {comparedWith !== null && comparedWith.digest !== digest && (
          <>
            {' '}
            This image is compared with the image that the reference pointed to at that time,{' '}
            <a href={imageAddress(comparedWith.digest)}>{shortDigest(comparedWith.digest)}</a>.
          </>
        )}
      </p>
    );
  }
  if (comparedWith === null) {
    return (
      <p>
        The database does not contain the image that this reference pointed to at {then}. This image is compared with
        itself, using the feed data from that time.
      </p>
    );
  }
  if (comparedWith.digest === digest) {
    return <p>The reference already pointed to this image at {then}, so only feed data can have changed.</p>;
  }
  return (
    <p>
      Compared with the image that this reference pointed to at {then}:{' '}
      <a href={imageAddress(comparedWith.digest)}>{shortDigest(comparedWith.digest)}</a>, scanned{' '}
      <TimeWord at={comparedWith.scannedAt} />.
    </p>
  );
}

function changesOf(changes: readonly ImageChange[], wanted: ImageChangeKind): readonly ImageChange[] {
  return changes.filter(({ kind }) => kind === wanted);
}
