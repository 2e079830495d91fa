import type { ComponentChildren, VNode } from 'preact';
import { ApiError } from '../api-client.ts';
import type { Loaded } from '../loaded.ts';

/** Shows the loaded value or, if there is none, a loading or error message. */
export function LoadingView<Value>({
  loaded,
  what,
  reload,
  toFirst = null,
  children,
}: {
  readonly loaded: Loaded<Value>;
  /** The noun for the messages, such as `the images`. */
  readonly what: string;
  readonly reload: () => void;
  /** Returns to the first page of a list, because page tokens expire after an hour. */
  readonly toFirst?: (() => void) | null;
  readonly children: (value: Value) => ComponentChildren;
}): VNode {
  if (loaded.state === 'loading') {
    return (
      <p class="loading" role="status">
        Loading {what} …
      </p>
    );
  }
  if (loaded.state === 'ready') return <div aria-busy={loaded.isReplaced}>{children(loaded.value)}</div>;
  return (
    <div class="notice incomplete" role="alert">
      <p>
        <b>Could not load {what}.</b> <ErrorWords error={loaded.error} />
      </p>
      <button type="button" onClick={reload}>
        Try again
      </button>{' '}
      {toFirst !== null && (
        <button type="button" onClick={toFirst}>
          Go to the first page
        </button>
      )}
    </div>
  );
}

/** Shows the message, the next step and the code of an error. */
export function ErrorWords({ error }: { readonly error: unknown }): VNode {
  if (!(error instanceof ApiError)) return <>{error instanceof Error ? error.message : String(error)}</>;
  const { code, message, remedy } = error.fault;
  return (
    <>
      {asSentence(message)} {remedy} <code>{code}</code>
    </>
  );
}

/** Returns a message as a sentence. Messages of the server start in lower case and have no full stop. */
function asSentence(message: string): string {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1).replace(/\.$/, '')}.`;
}
