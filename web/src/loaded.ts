import { useCallback, useEffect, useState } from 'preact/hooks';

/** What is asked of the server: on its way, there, or not to be had. */
export type Loaded<Value> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: unknown }
  | { readonly state: 'ready'; readonly value: Value };

/**
 * Loads what `key` names, and again when the key is another one or `reload` is called; what is there stays until the new is.
 * What was asked for and is no longer wanted is aborted.
 */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  key: string,
): readonly [Loaded<Value>, reload: () => void] {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ state: 'loading' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    setLoaded((present) => (present.state === 'failed' ? { state: 'loading' } : present));
    void load(controller.signal).then(
      (value) => !controller.signal.aborted && setLoaded({ state: 'ready', value }),
      (error: unknown) => !controller.signal.aborted && setLoaded({ state: 'failed', error }),
    );
    return () => controller.abort();
    // The function is another one at each drawing; the key says what it loads.
  }, [key, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  return [loaded, reload];
}
