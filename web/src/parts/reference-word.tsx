import type { VNode } from 'preact';
import { Fragment } from 'preact';

/** Shows an image reference that can break after slashes, colons, at signs and dots. */
export function ReferenceWord({ reference }: { readonly reference: string }): VNode {
  return (
    <bdi>
      {reference.split(/(?<=[/:@.])/).map((part, index) => (
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </bdi>
  );
}
