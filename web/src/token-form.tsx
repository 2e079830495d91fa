import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Shows a form for the bearer token that the server requires. */
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
      <h1>This server requires a token</h1>
      {isRefused && (
        <p class="notice incomplete" role="alert">
          The server rejected the token. The token may have expired.
        </p>
      )}
      <label for="token">Bearer token</label>
      <input id="token" ref={field} type="password" autocomplete="off" required />
      <p class="faint">The token is kept until this tab is closed, and is sent only to this server.</p>
      <button type="submit">Continue</button>
    </form>
  );
}
