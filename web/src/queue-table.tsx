import type { VNode } from 'preact';
import type { Submission } from './api-shapes.ts';
import { TableFrame } from './parts/table-frame.tsx';
import { AgoWord } from './parts/ago-word.tsx';
import { imageAddress } from './place.ts';

/** Shows the latest submissions and their progress. */
export function QueueTable({ submissions }: { readonly submissions: readonly Submission[] }): VNode {
  if (submissions.length === 0) return <p class="empty">No submissions in the last 7 days.</p>;
  return (
    <TableFrame label="Queue" columns={['Image', 'State', 'Layers', 'Submitted', 'Error']}>
      {submissions.map((submission) => (
        <SubmissionRow key={submission.id} submission={submission} />
      ))}
    </TableFrame>
  );
}

function SubmissionRow({ submission }: { readonly submission: Submission }): VNode {
  const { target, platform, state, layers, images, error, createdAt } = submission;
  const [digest] = images;
  return (
    <tr>
      <th scope="row">
        {digest === undefined ? <bdi>{target}</bdi> : <a href={imageAddress(digest)}>{target}</a>}
        {platform !== null && <small>{platform}</small>}
      </th>
      <td>
        <span class={`state ${state}`}>{state}</span>
      </td>
      <td data-label="Layers">
        {layers.done.toLocaleString('en')} of {layers.total.toLocaleString('en')}
      </td>
      <td data-label="Submitted">
        <AgoWord at={createdAt} />
      </td>
      <td class="words">{error !== null && `${error.message} ${error.remedy}`}</td>
    </tr>
  );
}
