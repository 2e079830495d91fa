import { type Expression, parseExpression } from './expression.ts';
import { createFileTest } from './name-test.ts';

/** Describes how to recognise a program by its content, and which advisories apply to the program. */
export type Classifier = {
  /** The name of the package. */
  readonly name: string;
  /** File names, or paths from the root if they contain a slash; `*` matches any characters. */
  readonly files: readonly string[];
  /** The formats of the files; all formats when absent. */
  readonly formats?: readonly ProgramFormat[];
  /** The expressions, in the order in which they are tried; {@link parseExpression} defines the syntax. */
  readonly expressions: readonly string[];
  /** The name of the package in the Bitnami advisories; absent if no feed covers the program. */
  readonly bitnami?: string;
};

export const PROGRAM_FORMATS = ['elf', 'pe', 'mach-o'] as const;

export type ProgramFormat = (typeof PROGRAM_FORMATS)[number];

/** A classifier that is ready to read files. */
export type ReadyClassifier = Pick<Classifier, 'name' | 'bitnami' | 'formats'> & {
  /** Returns whether the classifier names a file. @param path the path from the root, without a leading slash */
  readonly isAt: (path: string) => boolean;
  /**
   * Returns the parsed expressions for a file. Leaves out the expressions with `{release}` if the file name contains no
   * version.
   *
   * @param release the version in the file name, such as `3.13`; undefined if the file name contains no version
   */
  readonly expressionsFor: (release: string | undefined) => readonly Expression[];
};

/**
 * Prepares a classifier. Throws an `Error` for an invalid expression, which is a programming error, because the
 * expressions of users are validated before.
 */
export function readyClassifier({ name, files, formats, expressions, bitnami }: Classifier): ReadyClassifier {
  const fixed = expressions.filter((text) => !text.includes('{release}')).map((text) => validExpression(text, ''));
  return {
    name,
    ...(formats !== undefined && { formats }),
    ...(bitnami !== undefined && { bitnami }),
    isAt: createFileTest(files),
    expressionsFor(release) {
      if (release === undefined || fixed.length === expressions.length) return fixed;
      return expressions.map((text) => validExpression(text, release));
    },
  };
}

function validExpression(text: string, release: string): Expression {
  const expression = parseExpression(text, release);
  if ('fault' in expression) throw new Error(`the expression ${JSON.stringify(text)} ${expression.fault}`);
  return expression;
}
