import { describe, expect, it } from 'vitest';
import { type KeyAction, type KeyPress, keyAction } from './shortcuts.ts';

const PLAIN: KeyPress = { key: '', ctrlKey: false, metaKey: false, altKey: false, isTyped: false };

describe('the action of a key', () => {
  it.each<[string, Partial<KeyPress>, KeyAction | undefined]>([
    ['Ctrl+K', { key: 'k', ctrlKey: true }, 'palette'],
    ['⌘K with caps lock', { key: 'K', metaKey: true }, 'palette'],
    ['Ctrl+K in a field', { key: 'k', ctrlKey: true, isTyped: true }, 'palette'],
    ['Ctrl+Alt+K', { key: 'k', ctrlKey: true, altKey: true }, undefined],
    ['j', { key: 'j' }, 'next-row'],
    ['k', { key: 'k' }, 'previous-row'],
    ['k in a field', { key: 'k', isTyped: true }, undefined],
    ['Alt+J', { key: 'j', altKey: true }, undefined],
    ['/', { key: '/' }, 'search'],
    ['?', { key: '?' }, 'help'],
    ['another key', { key: 'x' }, undefined],
  ])('%s', (_, press, action) => {
    expect(keyAction({ ...PLAIN, ...press }, true)).toBe(action);
  });

  it('is none if the single-key shortcuts are turned off', () => {
    expect(keyAction({ ...PLAIN, key: 'j' }, false)).toBeUndefined();
    expect(keyAction({ ...PLAIN, key: 'k', ctrlKey: true }, false)).toBe('palette');
  });
});
