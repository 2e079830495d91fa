import { Argument, Command, Option } from 'commander';
import { isIncomplete } from '../model/problem.ts';
import { differenceMarkdown } from '../report/difference/difference-markdown.ts';
import { differenceText } from '../report/difference/difference-text.ts';
import { differenceOf, type ImageDifference } from '../report/difference/image-difference.ts';
import type { Look } from '../report/format.ts';
import type { Console } from './console.ts';
import { EXIT_STATUS } from './exit-status.ts';
import { addImageOptions, type ImageOptions, TARGET_FORMS, withAnalyzedTargets } from './image-run.ts';

const FORMATS: Readonly<Record<'table' | 'json' | 'markdown', (difference: ImageDifference, look?: Look) => string>> = {
  table: differenceText,
  json: (difference) => `${JSON.stringify(difference, null, 2)}\n`,
  markdown: differenceMarkdown,
};

type DiffOptions = ImageOptions & { readonly format: keyof typeof FORMATS };

const HELP = `
Exit status: 0 compared, 2 it could not be done, 3 compared, but the answer about one of them is incomplete.

Examples:
  clair diff registry.example/app:1.0 registry.example/app:1.1
  clair diff debian:12 image.tar --format markdown`;

/** `clair diff TARGET TARGET`: what packages and findings the second image has that the first one has not, and the reverse. */
export function diffCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('diff')
    .description(
      'Compare two images: packages and vulnerabilities that were added, removed and changed, with their layers.',
    )
    .addArgument(new Argument('<before>', TARGET_FORMS))
    .addArgument(new Argument('<after>', 'the same'))
    .addOption(new Option('--format <format>', 'how to write it').choices(Object.keys(FORMATS)).default('table'));
  return addImageOptions(command)
    .addHelpText('after', HELP)
    .action(async (before: string, after: string, options: DiffOptions) => {
      exit(
        await withAnalyzedTargets(console, options, [before, after], async (_, [one, other]) => {
          if (one === undefined || other === undefined) throw new Error('of two images not both were analysed');
          console.out(FORMATS[options.format](differenceOf(one.report, other.report), console.look));
          const problems = [...one.report.problems, ...other.report.problems];
          return isIncomplete(problems) ? EXIT_STATUS.incomplete : EXIT_STATUS.done;
        }),
      );
    });
}
