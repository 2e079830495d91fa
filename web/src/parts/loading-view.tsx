import type { ComponentChildren, VNode } from 'preact';
import { ApiError } from '../api-client.ts';
import type { Loaded } from '../loaded.ts';

/** What is loaded, or in its place what is the matter with it. */
export function LoadingView<Value>({
  loaded,
  what,
  reload,
  toFirst = null,
  children,
}: {
  readonly loaded: Loaded<Value>;
  /** What is being loaded, for people: `the images`. */
  readonly what: string;
  readonly reload: () => void;
  /** Leads to the first page of a list, from behind it: the token of a page is good for an hour only. */
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
          To the first page
        </button>
      )}
    </div>
  );
}

/** An error in the words of the server, with what to do. */
export function ErrorWords({ error }: { readonly error: unknown }): VNode {
  if (!(error instanceof ApiError)) return <>{error instanceof Error ? error.message : String(error)}</>;
  const { code, message, remedy } = error.fault;
  return (
    <>
      {asSentence(message)} {remedy} <code>{code}</code>
    </>
  );
}

/** Messages of the server are made to follow a colon. */
function asSentence(message: string): string {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1).replace(/\.$/, '')}.`;
}
