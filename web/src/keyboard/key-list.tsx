import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Modal } from './modal.tsx';
import { KEYS } from './shortcuts.ts';

/** Shows the keys, and lets the user turn the single-key shortcuts on and off. */
export function KeyList({
  hasSingleKeys,
  setSingleKeys,
  close,
}: {
  readonly hasSingleKeys: boolean;
  readonly setSingleKeys: (isOn: boolean) => void;
  readonly close: () => void;
}): VNode {
  const [isOn, setOn] = useState(hasSingleKeys);
  return (
    <Modal label="Keys" close={close}>
      <div class="panel-top">
        <h2>Keys</h2>
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
      <dl class="keys">
        {KEYS.map(({ keys, words, isSingle }) => (
          <div key={words} class={isSingle && !isOn ? 'off' : undefined}>
            <dt>
              {keys.map((key, index) => (
                <span key={key}>
                  {index > 0 && ' or '}
                  <kbd>{key}</kbd>
                </span>
              ))}
            </dt>
            <dd>
              {words}
              {isSingle && !isOn && ' (off)'}
            </dd>
          </div>
        ))}
      </dl>
      <label>
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ currentTarget }) => {
            setOn(currentTarget.checked);
            setSingleKeys(currentTarget.checked);
          }}
        />{' '}
        Single-key shortcuts (turn off for speech input)
      </label>
    </Modal>
  );
}
