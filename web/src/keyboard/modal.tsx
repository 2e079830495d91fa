import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

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
  useEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={close}
      onClick={(event) => {
        // A click beside the content is a click on the dialog itself.
        if (event.target === dialog.current) close();
      }}
    >
      <div class="modal">{children}</div>
    </dialog>
  );
}
