import { type Command, Help, Option } from 'commander';

/** The parts of a command's help that Commander does not create. */
export type HelpParts = {
  readonly examples: readonly string[];
  /** Notes that a user needs in addition to the options. Each note takes one line. */
  readonly notes?: readonly string[];
  /** The meanings of the exit statuses that the command distinguishes. */
  readonly exitStatus?: Readonly<Record<number, string>>;
};

/** The headings of the parts; `scripts/pages/cli-page.ts` uses the headings to find the parts. */
export const HELP_HEADINGS = { examples: 'Examples:', notes: 'Notes:', exitStatus: 'Exit status:' } as const;

/** Adds examples, notes and exit statuses to the help of a command. The examples precede the options. */
export function addHelp(command: Command, { examples, notes = [], exitStatus = {} }: HelpParts): Command {
  const statuses = Object.entries(exitStatus).map(([status, meaning]) => `${status.padEnd(3)}  ${meaning}`);
  return command.addHelpOption(new Option('-h, --help', 'Show this help').helpGroup('Options:')).configureHelp({
    optionDescription(option) {
      // The defaults `false` and `[]` give the reader no information.
      return new Help().optionDescription(option).replace(/ \(default: (?:false|\[\])\)$/, '');
    },
    formatHelp(of, helper) {
      const [usage = '', description = '', ...options] = new Help().formatHelp(of, helper).trimEnd().split('\n\n');
      const parts = [
        description,
        usage,
        block(HELP_HEADINGS.examples, examples),
        ...options,
        block(HELP_HEADINGS.notes, notes),
        block(HELP_HEADINGS.exitStatus, statuses),
      ];
      return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
    },
  });
}

function block(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : [heading, ...lines.map((line) => `  ${line}`)].join('\n');
}
