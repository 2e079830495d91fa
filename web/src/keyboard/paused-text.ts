import { useEffect, useState } from 'preact/hooks';

/** The time between the last key press and the search request, in milliseconds. */
const PAUSE_MS = 150;

/** Returns the last text that did not change for {@link PAUSE_MS}. */
export function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setPaused(text), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return paused;
}
