import { printable } from '../../model/printable.ts';
import type { Report } from '../../model/report/report.ts';
import { meansUnchecked } from '../../model/report/unchecked-packages.ts';
import { countOf } from '../../model/counted-noun.ts';
import { dataWords, diagnosticWords, summaryWords, undecidedWords } from '../writing/finding-words.ts';
import { noteWords } from '../writing/library-words.ts';
import { isLeftOut } from './suppressed.ts';

/**
 * A message about the scan. `fatal` means that packages of the image could not be checked at all; `warn` means that the
 * report is incomplete.
 */
type Message = { readonly level: 'info' | 'warn' | 'fatal'; readonly value: string };

/**
 * Returns the messages of a report, about the summary, diagnostics, omitted findings, undecided findings, notes and
 * feeds.
 *
 * @param isOneOfMany whether each message names the platform
 */
export function gitlabMessages(report: Report, isOneOfMany: boolean): readonly Message[] {
  const { diagnostics, suppressed, undecided, notes, feeds, target } = report;
  const leftOut = suppressed.filter(isLeftOut).length;
  const all: readonly Message[] = [
    info(summaryWords(report)),
    ...diagnostics.map((diagnostic): Message => {
      const level = diagnostic.incomplete ? (meansUnchecked(diagnostic) ? 'fatal' : 'warn') : 'info';
      return { level, value: diagnosticWords(diagnostic) };
    }),
    ...(leftOut === 0 ? [] : [info(`Ignore rules leave ${countOf(leftOut, 'finding')} out of this report.`)]),
    ...undecided.listed.map((each) => info(undecidedWords(each))),
    ...notes.map((each) => info(noteWords(each))),
    ...feeds.filter(({ isUsed }) => isUsed).map((feed) => info(dataWords(feed))),
  ];
  const prefix = isOneOfMany ? `${target.platform}: ` : '';
  return all.map(({ level, value }) => ({ level, value: printable(`${prefix}${value}`) }));
}

function info(text: string): Message {
  return { level: 'info', value: text };
}
