import type { VNode } from 'preact';
import type { Submission } from './api-shapes.ts';
import { imageAddress } from './place.ts';

/** The images that were submitted last, and how far they are. */
export function QueueTable({ submissions }: { readonly submissions: readonly Submission[] }): VNode {
  if (submissions.length === 0) return <p class="empty">Nothing was submitted lately.</p>;
  return (
    <div class="wide" role="region" aria-label="Queue" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Image</th>
            <th scope="col">State</th>
            <th scope="col">Layers</th>
            <th scope="col">Submitted</th>
            <th scope="col">What is wrong</th>
          </tr>
        </thead>
        <tbody>
          {submissions.map((submission) => (
            <SubmissionRow key={submission.id} submission={submission} />
          ))}
        </tbody>
      </table>
    </div>
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
      <td>
        {layers.done.toLocaleString('en')} of {layers.total.toLocaleString('en')}
      </td>
      <td>
        <time dateTime={createdAt}>{createdAt.slice(0, 16).replace('T', ' ')}</time>
      </td>
      <td class="words">{error !== null && `${error.message} ${error.remedy}`}</td>
    </tr>
  );
}
