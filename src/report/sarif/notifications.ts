import type { Notification } from 'sarif';
import type { Report } from '../../model/report/report.ts';
import { dataWords, diagnosticWords, undecidedWords } from '../writing/finding-words.ts';
import { noteWords } from '../writing/library-words.ts';
import { messageText } from './message-text.ts';

/** Returns the notifications about results that a document omits or that GitHub does not show. */
export function remarkNotifications(remarks: readonly string[]): Notification[] {
  return remarks.map((remark) => ({
    descriptor: { id: 'results-limited' },
    level: 'warning',
    message: { text: messageText(remark) },
  }));
}

/**
 * Returns the notifications of a run (SARIF §3.58) about diagnostics, undetermined findings, notes and feeds.
 * Diagnostics that make a report incomplete are errors.
 */
export function sarifNotifications({ diagnostics, undecided, notes, feeds }: Report): Notification[] {
  return [
    ...diagnostics.map((diagnostic): Notification => {
      const { code, where, incomplete } = diagnostic;
      return {
        descriptor: { id: code },
        level: incomplete ? 'error' : 'warning',
        message: { text: messageText(diagnosticWords(diagnostic)) },
        properties: { where, incomplete },
      };
    }),
    ...undecided.listed.map((each): Notification => {
      const message = { text: messageText(undecidedWords(each)) };
      return { descriptor: { id: 'undecided' }, level: 'note', message, properties: each };
    }),
    ...notes.map((each): Notification => {
      const message = { text: messageText(noteWords(each)) };
      return { descriptor: { id: 'note' }, level: 'note', message, properties: each };
    }),
    ...feeds
      .filter(({ isUsed }) => isUsed)
      .map((feed): Notification => {
        const message = { text: messageText(dataWords(feed)) };
        return { descriptor: { id: 'data' }, level: feed.isStale ? 'warning' : 'note', message };
      }),
  ];
}
