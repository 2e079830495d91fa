/** Replaces the address without a new entry in the history, because some filters change with each keystroke. */
export function replaceAddress(address: string): void {
  window.history.replaceState(null, '', address);
  // The event is sent here, because the browser reports only changes by links and by the reader.
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
