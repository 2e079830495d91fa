import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Asks for the token that the server wants; it is kept in this tab only. */
export function TokenForm({
  isRefused,
  take,
}: {
  readonly isRefused: boolean;
  readonly take: (token: string) => void;
}): VNode {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        const token = field.current?.value.trim() ?? '';
        if (token !== '') take(token);
      }}
    >
      <h1>This server wants a token</h1>
      {isRefused && (
        <p class="notice incomplete" role="alert">
          The token was not accepted: it may have expired.
        </p>
      )}
      <label for="token">Bearer token</label>
      <input id="token" ref={field} type="password" autocomplete="off" required />
      <p class="faint">It is kept in this tab until it is closed, and sent to this server only.</p>
      <button type="submit">Go on</button>
    </form>
  );
}
