import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { CommandWords } from './command-words.tsx';

/**
 * Shows a text and a button that copies it. If the browser provides no clipboard, as with plain HTTP, the button
 * selects the text.
 */
export function CopyText({ text, label }: { readonly text: string; readonly label: string }): VNode {
  const code = useRef<HTMLElement>(null);
  const [outcome, setOutcome] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('Copied');
    } catch {
      if (code.current !== null) window.getSelection()?.selectAllChildren(code.current);
      setOutcome('Selected: press Ctrl+C');
    }
  };
  return (
    <span class="copied">
      <code ref={code}>
        <CommandWords text={text} />
      </code>{' '}
      <button type="button" aria-label={`Copy ${label}`} onClick={() => void copy()}>
        Copy
      </button>{' '}
      <small role="status">{outcome}</small>
    </span>
  );
}
