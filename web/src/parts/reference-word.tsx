import type { VNode } from 'preact';
import { Fragment } from 'preact';

/** The reference of an image, which breaks behind its slashes, colons and dots where it is too long for a line. */
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
