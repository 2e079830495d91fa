import type { ComponentChildren, VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Shows a modal dialog until the reader closes it. The browser then returns the focus to the element that had it
 * before.
 */
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
  // The dialog opens and closes without waiting for a frame, because the reader might press the next key before the
  // frame.
  useLayoutEffect(() => {
    const element = dialog.current;
    const follow = (): void => closing.current();
    element?.showModal();
    element?.addEventListener('close', follow);
    return () => {
      // The event arrives in a later frame, and would close a dialog that the reader has opened in the meantime.
      element?.removeEventListener('close', follow);
      element?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onCancel={(event) => {
        // Esc closes the dialog at once, because the dialog would otherwise receive further keys until the event
        // `close`.
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        // A click outside the content is a click on the dialog itself.
        if (event.target === dialog.current) close();
      }}
    >
      <div class="modal">{children}</div>
    </dialog>
  );
}
