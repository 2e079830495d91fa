import { Fragment, type VNode } from 'preact';

/** Shows a command, whose lines break between its words and not within its options. */
export function CommandWords({ text }: { readonly text: string }): VNode {
  return (
    <>
      {text.split(' ').map((word, index) => (
        <Fragment key={index}>
          {index > 0 && ' '}
          <span class="whole-word">{word}</span>
        </Fragment>
      ))}
    </>
  );
}
