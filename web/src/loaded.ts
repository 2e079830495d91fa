import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** The state of a request. */
export type Loaded<Value> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: unknown }
  /** `isReplaced` is true while a newer request runs. */
  | { readonly state: 'ready'; readonly value: Value; readonly isReplaced: boolean };

/**
 * Loads the value of `key`, and loads it again when the key changes or `reload` is called. The old value remains until
 * the new value arrives. Superseded requests are aborted.
 *
 * @param list the list that contains the page `key`; the old value is discarded if it belongs to another list
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
    // `load` is not a dependency, because it is a new function at each rendering; the key identifies the loaded value.
  }, [key, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  return [loaded, reload];
}
