import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import { useLoaded } from '../loaded.ts';
import { useShortcuts } from './shortcuts.ts';

const SETTING = 'clair-single-keys';

/** Shows the buttons for the command palette and for the list of keys, and handles the keyboard shortcuts. */
export function ShortcutLayer({ api, settings }: { readonly api: ApiClient; readonly settings: Storage }): VNode {
  const [opened, setOpened] = useState<'palette' | 'help' | undefined>(undefined);
  const hasSingleKeys = (): boolean => settings.getItem(SETTING) !== 'off';
  useShortcuts(hasSingleKeys, setOpened);
  const close = (): void => setOpened(undefined);
  return (
    <div class="shortcuts">
      <button type="button" aria-keyshortcuts="Control+K Meta+K" onClick={() => setOpened('palette')}>
        Search{' '}
        <kbd class="key-hint" aria-hidden="true">
          Ctrl K
        </kbd>
      </button>
      <button type="button" aria-label="Keys" aria-keyshortcuts="?" onClick={() => setOpened('help')}>
        ?
      </button>
      {opened !== undefined && (
        <Dialogs
          {...{ api, opened, close, hasSingleKeys: hasSingleKeys() }}
          setSingleKeys={(isOn) => settings.setItem(SETTING, isOn ? 'on' : 'off')}
        />
      )}
    </div>
  );
}

/** Loads the code of a dialog when the reader opens it, so that the code does not delay the first page. */
function Dialogs({
  api,
  opened,
  close,
  hasSingleKeys,
  setSingleKeys,
}: {
  readonly api: ApiClient;
  readonly opened: 'palette' | 'help';
  readonly close: () => void;
  readonly hasSingleKeys: boolean;
  readonly setSingleKeys: (isOn: boolean) => void;
}): VNode | null {
  const [loaded] = useLoaded(
    async () => await Promise.all([import('./key-list.tsx'), import('./palette.tsx')]),
    'dialog',
  );
  if (loaded.state === 'failed') return <p role="alert">Could not load the dialog. Reload the page.</p>;
  if (loaded.state !== 'ready') return null;
  const [{ KeyList }, { Palette }] = loaded.value;
  return opened === 'palette' ? (
    <Palette api={api} close={close} />
  ) : (
    <KeyList {...{ hasSingleKeys, setSingleKeys, close }} />
  );
}
