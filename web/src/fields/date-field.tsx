import type { RefObject, VNode } from 'preact';
import { useId, useLayoutEffect, useState } from 'preact/hooks';

/** The texts for a date that the field does not accept. */
export type DateFaults = {
  /** For an empty field; absent if the date is optional. */
  readonly missing?: string;
  readonly early: string;
  readonly late: string;
};

/** A day that does not exist, such as 30 February, is indistinguishable from an incomplete date. */
const UNREADABLE = 'This date is incomplete or does not exist.';

/**
 * Shows a field for a date, and beside the field why the date is not accepted. The reason appears when the reader leaves
 * the field or submits the form, and disappears when the date is accepted. The field keeps the typed text.
 */
export function DateField({
  words,
  name,
  initial,
  subject,
  bounds,
  faults,
  title,
  field,
  whenTyped,
  whenLeft,
}: {
  /** The label. */
  readonly words: string;
  readonly name?: string;
  /** The initial date, or an empty text. */
  readonly initial: string;
  /** A value that identifies what the date is for; another value removes the reason. */
  readonly subject: string | number;
  readonly bounds: { readonly min: string; readonly max: string | undefined };
  readonly faults: DateFaults;
  readonly title?: string;
  readonly field?: RefObject<HTMLInputElement | null>;
  readonly whenTyped?: (input: HTMLInputElement) => void;
  readonly whenLeft?: () => void;
}): VNode {
  const id = useId();
  const [fault, setFault] = useState<string>();
  useLayoutEffect(() => setFault(undefined), [subject]);
  return (
    <div class="date-field">
      <label>
        {words}{' '}
        <input
          type="date"
          ref={field ?? null}
          {...{ name, title, ...bounds }}
          defaultValue={initial}
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? undefined : id}
          onInput={({ currentTarget }) => {
            if (fault !== undefined) setFault(faultOf(currentTarget, faults));
            whenTyped?.(currentTarget);
          }}
          onKeyDown={({ key, currentTarget }) => {
            if (key === 'Enter') setFault(faultOf(currentTarget, faults));
          }}
          onBlur={({ currentTarget }) => {
            afterPress(() => setFault(faultOf(currentTarget, faults)));
            whenLeft?.();
          }}
          onInvalid={(event) => {
            // The reason beside the field replaces the message of the browser, which also moves the focus.
            event.preventDefault();
            event.currentTarget.focus();
            setFault(faultOf(event.currentTarget, faults));
          }}
        />
      </label>
      <span id={id} class="fault" aria-live="polite">
        {fault}
      </span>
    </div>
  );
}

/**
 * Calls a function when no pointer is pressed, because a reason that appears while the reader presses a button moves the
 * button away from the pointer, so that the button receives no click.
 */
function afterPress(show: () => void): void {
  if (document.querySelector(':active') === null) show();
  else window.addEventListener('mouseup', () => setTimeout(show), { once: true });
}

/** Returns why a field does not accept its date; undefined for an accepted date. */
function faultOf({ value, validity }: HTMLInputElement, { missing, early, late }: DateFaults): string | undefined {
  if (validity.badInput) return UNREADABLE;
  if (validity.rangeUnderflow) return early;
  if (validity.rangeOverflow) return late;
  return value === '' ? missing : undefined;
}
