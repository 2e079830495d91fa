import type { ComponentChildren, VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Shows a modal dialog until the reader closes it; the browser returns the focus to the element that had it. */
export function Modal({
  label,
  close,
  children,
}: {
  /** The name of the dialog for screen readers. */
  readonly label: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const closing = useRef(close);
  closing.current = close;
  // Neither the opening nor the end waits for a frame, because the reader may press the next key before it.
  useLayoutEffect(() => {
    const element = dialog.current;
    const follow = (): void => closing.current();
    element?.showModal();
    element?.addEventListener('close', follow);
    return () => {
      // The event comes in a later frame, and would close the dialog that the reader opened meanwhile.
      element?.removeEventListener('close', follow);
      element?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onCancel={(event) => {
        // Esc closes the dialog at once: until the event `close`, keys would still find the dialog open.
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        // A click beside the content is a click on the dialog itself.
        if (event.target === dialog.current) close();
      }}
    >
      <div class="modal">{children}</div>
    </dialog>
  );
}
