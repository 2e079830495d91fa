import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import type { ImageChange, ImageChangeKind, ImageChanges as Changes } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { TimeWord } from '../parts/time-word.tsx';
import { imageAddress } from '../place.ts';
import { shortDigest } from '../words.ts';
import { ChangesOfKind } from './image-changes-table.tsx';
import { SinceForm, sinceDaysAgo } from './since-form.tsx';

const KINDS: readonly ImageChangeKind[] = ['new', 'rescored', 'fixed', 'withdrawn'];

const DAYS_AT_FIRST = 7;

/** What changed for an image since a time that the reader chooses: in the image, or in what the feeds say. */
export function ImageChanges({
  api,
  path,
  digest,
}: {
  readonly api: ApiClient;
  readonly path: string;
  readonly digest: string;
}): VNode {
  const [since, setSince] = useState(() => sinceDaysAgo(DAYS_AT_FIRST));
  const query = `${path}/changes?${new URLSearchParams({ since }).toString()}`;
  const [loaded, reload] = useLoaded(async (signal) => await api.get<Changes>(query, signal), query);
  return (
    <section aria-labelledby="changes-title">
      <h2 id="changes-title">What changed</h2>
      <SinceForm days={DAYS_AT_FIRST} change={setSince} />
      <LoadingView loaded={loaded} what="what changed" reload={reload}>
        {(changes) => (
          <>
            <WholeWords changes={changes} />
            <ComparedWords changes={changes} digest={digest} />
            {changes.changes.length === 0 ? (
              <p class="empty">{changes.isWhole ? 'Nothing changed since then.' : 'No change is known since then.'}</p>
            ) : (
              KINDS.map((kind) => <ChangesOfKind key={kind} kind={kind} changes={changesOf(changes.changes, kind)} />)
            )}
          </>
        )}
      </LoadingView>
    </section>
  );
}

/** A list that may lack something is not read as a whole one. */
function WholeWords({ changes: { since, isWhole, knownFrom } }: { readonly changes: Changes }): VNode | null {
  if (isWhole) return null;
  return (
    <p class="notice incomplete">
      <b>Not all changes are known.</b>{' '}
      {knownFrom === null ? (
        <>What the feeds changed since then is not known, and is missing here.</>
      ) : (
        <>
          What the feeds changed is known from <TimeWord at={knownFrom} /> on: what they changed from{' '}
          <TimeWord at={since} /> until then is missing here.
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
        Changes since the first image of this name was read, at <TimeWord at={baseline} />
        {comparedWith !== null && comparedWith.digest !== digest && (
          <>
            : <a href={imageAddress(comparedWith.digest)}>{shortDigest(comparedWith.digest)}</a>
          </>
        )}
        .
      </p>
    );
  }
  if (comparedWith === null) {
    return (
      <p>
        No image of this name and platform was known at {then}: this one is compared with itself, by what the feeds said
        then.
      </p>
    );
  }
  if (comparedWith.digest === digest) {
    return <p>The same image was under this name at {then}: only what the feeds say can have changed.</p>;
  }
  return (
    <p>
      Compared with what was under this name at {then}:{' '}
      <a href={imageAddress(comparedWith.digest)}>{shortDigest(comparedWith.digest)}</a>, scanned{' '}
      <TimeWord at={comparedWith.scannedAt} />.
    </p>
  );
}

function changesOf(changes: readonly ImageChange[], wanted: ImageChangeKind): readonly ImageChange[] {
  return changes.filter(({ kind }) => kind === wanted);
}
