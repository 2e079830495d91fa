import type { VNode } from 'preact';
import { Fragment } from 'preact';

/**
 * Shows an image reference with a faint registry. The line may break after slashes, at signs and dots, but before or in
 * a tag only if the tag is long.
 */
export function ReferenceWord({ reference }: { readonly reference: string }): VNode {
  const [registry, rest] = splitReference(reference);
  return (
    <bdi>
      {registry !== '' && (
        <span class="registry">
          <Breakable text={registry} />
          <wbr />
        </span>
      )}
      <Breakable text={rest} />
    </bdi>
  );
}

/** Splits a reference into its registry with the slash, if any, and the rest, such as `r.example/` and `team/app:1`. */
export function splitReference(reference: string): readonly [registry: string, rest: string] {
  const end = reference.indexOf('/');
  const host = reference.slice(0, Math.max(0, end));
  // A registry contains a dot or a port, or is localhost (distribution/reference, splitDockerDomain).
  if (!/[.:]/.test(host) && host !== 'localhost') return ['', reference];
  // A reference that starts with a dot or a slash is a path.
  if (host.startsWith('.')) return ['', reference];
  return [reference.slice(0, end + 1), reference.slice(end + 1)];
}

function Breakable({ text }: { readonly text: string }): VNode {
  const tag = /:[\w.-]+$/.exec(text)?.[0] ?? '';
  return (
    <>
      {text
        .slice(0, text.length - tag.length)
        .split(/(?<=[/@.])/)
        .map((part, index) => (
          <Fragment key={index}>
            {index > 0 && <wbr />}
            {part}
          </Fragment>
        ))}
      {tag !== '' && <Tag tag={tag} />}
    </>
  );
}

/** The maximum length of a tag on one line with the last part of the name, in characters. */
const MAX_WHOLE = 20;

/** Shows a tag with its colon. */
function Tag({ tag }: { readonly tag: string }): VNode {
  if (tag.length - 1 <= MAX_WHOLE) return <span class="tag">{tag}</span>;
  return (
    <span class="long-tag">
      {tag.split(/(?<=[._-])/).map((part, index) => (
        <Fragment key={index}>
          <wbr />
          {part}
        </Fragment>
      ))}
    </span>
  );
}
