import { describe, expect, it } from 'vitest';
import { collected, streamOf } from '../testing/feed-documents.ts';
import { type DocumentForm, isNamedJson, recogniseForm } from './document-form.ts';

describe('the form of a document', () => {
  it.each<[DocumentForm, string]>([
    ['json', '{"a":1}'],
    ['json', '[1]'],
    ['xml', '<?xml version="1.0"?>'],
    ['xml', '<html>'],
    ['text', 'Candidate: CVE-2099-0001'],
    ['text', '---\npackages:'],
    ['text', '\u0000\u0001'],
    ['text', 'ü'],
    ['json', ' \t\r\n{'],
    ['xml', '\ufeff<a/>'],
    ['json', '\ufeff\n {"a":1}'],
  ])('is %s for %j', async (form, text) => {
    for (const chunks of [[text], Array.from(text), ['', text]]) {
      const recognised = await recogniseForm(streamOf(...chunks), 'feed');
      expect(recognised.form).toBe(form);
      expect(Buffer.concat(await collected(recognised.stream)).toString()).toBe(text);
    }
  });

  it.each([
    ['an empty file', ''],
    ['white space', ' \n\t '],
    ['a byte order mark alone', '\ufeff'],
  ])('is unknown for %s', async (_, text) => {
    await expect(recogniseForm(streamOf(text), 'feed')).rejects.toMatchObject({ code: 'feed/empty' });
  });

  it('is unknown after too many blanks, and the stream is closed', async () => {
    const sent = { chunks: 0, isOpen: true };
    async function* blanks(): AsyncGenerator<Uint8Array> {
      try {
        for (; sent.chunks < 100; sent.chunks += 1) yield Buffer.alloc(16 * 1024, ' ');
      } finally {
        sent.isOpen = false;
      }
    }
    await expect(recogniseForm(blanks(), 'feed')).rejects.toMatchObject({ code: 'feed/empty' });
    expect(sent.chunks).toBeLessThan(10);
    expect(sent.isOpen).toBe(false);
  });
});

describe('the name of a document', () => {
  it.each([
    ['a.json', true],
    ['a/b.JSON', true],
    ['a.json.md', false],
    ['json', false],
    ['a.jsonl', false],
  ])('%s is the name of a JSON document: %s', (name, expected) => {
    expect(isNamedJson(name)).toBe(expected);
  });
});
