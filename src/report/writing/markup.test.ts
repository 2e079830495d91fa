import { expect, it } from 'vitest';
import { markup } from './markup.ts';

it('escapes what is put in, and nothing that it made itself', () => {
  const name = `<b>&"'</b>\u0000\u202E\uD800`;
  const item = markup`<li title="${name}">${name}</li>`;
  const escaped = '&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;\\u0000\\u202e\u{FFFD}';
  expect(markup`<ul>${[item, 7]}</ul>`.pieces.join('')).toBe(`<ul><li title="${escaped}">${escaped}</li>7</ul>`);
});
