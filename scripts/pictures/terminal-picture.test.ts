import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { terminalPicture } from './terminal-picture.ts';
import { inSequence, MAX_PAUSE_MS, type Recording, withoutLongPauses } from './terminal-recording.ts';

type Line = { readonly look: string; readonly text: string };

/** Returns the groups of rows that appear and disappear together, with their words, positions and styles. */
async function linesOf(recording: Recording): Promise<readonly Line[]> {
  const svg = await terminalPicture(recording, { columns: 40, title: 'a <b>', description: 'c & d' });
  const lines: { look: string; text: string }[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'g')
      lines.push({ look: `${attributes['class'] ?? ''} ${attributes['style'] ?? ''}`.trim(), text: '' });
    const line = lines.at(-1);
    if (name === 'text' && line !== undefined) line.text += `[${attributes['x']} ${attributes['class']}]`;
  });
  parser.on('text', (text) => {
    const line = lines.at(-1);
    if (line !== undefined) line.text += text.trim();
  });
  parser.write(svg).close();
  return lines;
}

describe('terminalPicture', () => {
  it('places text in columns and colours it', async () => {
    const text = 'one  two\r\n\u001B[1mbold\u001B[0m \u001B[31mred\u001B[39m \u001B[2mdim\u001B[0m\r\n';
    expect(await linesOf([{ at: 0, text }])).toEqual([
      { look: '', text: '[16 ]one[55 ]two[16 b]bold[55 c1]red[86.2 d]dim' },
    ]);
  });

  it('shows each row when it was written, and the earlier row until then', async () => {
    const recording = [
      { at: 100, text: 'reading 1' },
      { at: 400, text: '\r\u001B[Kreading 2' },
      { at: 1000, text: '\r\u001B[Kdone\r\n' },
    ];
    expect(await linesOf(recording)).toEqual([
      { look: 'gone animation:show 0.3s 0.1s', text: '[16 ]reading 1' },
      { look: 'gone animation:show 0.6s 0.4s', text: '[16 ]reading 2' },
      { look: 'animation:hide 1s', text: '[16 ]done' },
    ]);
  });

  it('shows each of several commands on a clear screen', async () => {
    const one = [{ at: 0, text: 'one\r\nmore\r\n' }];
    expect(await linesOf(inSequence([one, [{ at: 200, text: 'two\r\n' }]], 1000))).toEqual([
      { look: 'gone animation:show 1s 0s', text: '[16 ]one[16 ]more' },
      { look: 'animation:hide 1.2s', text: '[16 ]two' },
    ]);
  });

  it('escapes any output as text', async () => {
    expect(await linesOf([{ at: 0, text: '</text><script>&amp;\r\n' }])).toEqual([
      { look: '', text: '[16 ]</text><script>&amp;' },
    ]);
  });

  it('has a title and a description for screen readers', async () => {
    const svg = await terminalPicture([{ at: 0, text: 'x' }], { columns: 9, title: 'a <b>', description: 'c & d' });
    expect(svg).toContain('role="img" aria-labelledby="title description"');
    expect(svg).toContain('<title id="title">a &lt;b&gt;</title>\n<desc id="description">c &amp; d</desc>');
  });
});

it('withoutLongPauses shortens a pause and moves later output forward', () => {
  const at = [0, 130, 130 + MAX_PAUSE_MS, 5000, 5210].map((time) => ({ at: time, text: '' }));
  expect(withoutLongPauses(at).map((each) => each.at)).toEqual([0, 100, 800, 1500, 1700]);
});
