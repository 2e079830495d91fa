import type { Severity } from '../../model/severity.ts';

/** The functions that colour text for a terminal. The output remains understandable without colour. */
export type Paint = {
  readonly strong: (text: string) => string;
  readonly alarm: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly severity: (severity: Severity, text: string) => string;
};

/** Creates the functions that colour text. If `colors` is false, the functions return every text unchanged. */
export function createPaint(colors: boolean): Paint {
  const style =
    (codes: string) =>
    (text: string): string =>
      colors && text !== '' ? `\u001B[${codes}m${text}\u001B[0m` : text;
  return {
    strong: style('1'),
    alarm: style('1;31'),
    warning: style('33'),
    faint: style('2'),
    severity: (severity, text) => style(CODES[severity])(text),
  };
}

/** The SGR codes of ECMA-48 (8.3.117), limited to the eight colours that every terminal has. */
const CODES: Readonly<Record<Severity, string>> = {
  Defcon1: '1;35',
  Critical: '1;31',
  High: '31',
  Medium: '33',
  Low: '36',
  Negligible: '2',
  Unknown: '2',
};
