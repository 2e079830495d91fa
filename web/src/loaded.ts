import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** What is asked of the server: on its way, there, or not to be had. */
export type Loaded<Value> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: unknown }
  /** `isReplaced` while what was asked for since is on its way. */
  | { readonly state: 'ready'; readonly value: Value; readonly isReplaced: boolean };

/**
 * Loads what `key` names, and again when the key is another one or `reload` is called; what is there stays until the new is.
 * What was asked for and is no longer wanted is aborted.
 *
 * @param list of which list `key` is a page: what is there of another list does not stay, since its pages lead on elsewhere
 */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  key: string,
  list = '',
): readonly [Loaded<Value>, reload: () => void] {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ state: 'loading' });
  const [attempt, setAttempt] = useState(0);
  const present = useRef(list);
  useEffect(() => {
    const controller = new AbortController();
    const isKept = present.current === list;
    present.current = list;
    setLoaded((last) => (last.state === 'ready' && isKept ? { ...last, isReplaced: true } : { state: 'loading' }));
    void load(controller.signal).then(
      (value) => !controller.signal.aborted && setLoaded({ state: 'ready', value, isReplaced: false }),
      (error: unknown) => !controller.signal.aborted && setLoaded({ state: 'failed', error }),
    );
    return () => controller.abort();
    // The function is another one at each drawing; the key says what it loads.
  }, [key, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  return [loaded, reload];
}
