import { expect, it } from 'vitest';
import { markup, textOf } from './markup.ts';

it('escapes inserted text, but not its own markup', () => {
  const name = `<b>&"'</b>\u0000\u202E\uD800`;
  const item = markup`<li title="${name}">${name}</li>`;
  const escaped = '&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt;\\u0000\\u202e\u{FFFD}';
  expect(textOf(markup`<ul>${[item, 7]}</ul>`)).toBe(`<ul><li title="${escaped}">${escaped}</li>7</ul>`);
});
