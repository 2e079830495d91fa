import { Argument, Command, Option } from 'commander';
import { isIncomplete } from '../../model/report/diagnostic.ts';
import { explanationText } from '../../report/explanation/explanation-text.ts';
import { explanationOf } from '../../report/explanation/stored-explanation.ts';
import type { Console } from '../console.ts';
import { EXIT_STATUS } from '../exit-status.ts';
import { addImageOptions, type ImageOptions, TARGET_FORMS, withAnalyzedTargets } from '../image-run.ts';
import { vulnerabilityArgument, vulnerabilityId } from '../options/vulnerability-argument.ts';
import { jsonText } from '../output/json-text.ts';

type ExplainOptions = ImageOptions & { readonly format: 'text' | 'json' };

const HELP = `
Exit status: 0 explained, 2 it could not be done, 3 explained, but the answer is incomplete: no source knows it or has data
for the release, or a diagnostic of the image stands in the way.

Examples:
  clair explain CVE-2024-1234 debian:12
  clair explain RHSA-2024:1234 image.tar --format json`;

/** `clair explain CVE TARGET`: why a vulnerability is a finding of an image, or why it is none. */
export function explainCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('explain')
    .description(
      'Explain why a vulnerability is a finding of an image, or why it is none: rule, range, versions, layer.',
    )
    .addArgument(vulnerabilityArgument())
    .addArgument(new Argument('<target>', TARGET_FORMS))
    .addOption(new Option('--format <format>', 'how to write it').choices(['text', 'json']).default('text'));
  return addImageOptions(command)
    .addHelpText('after', HELP)
    .action(async (name: string, target: string, options: ExplainOptions) => {
      const id = vulnerabilityId(name);
      exit(
        await withAnalyzedTargets(console, options, [target], async ({ store }, [image]) => {
          if (image === undefined) throw new Error(`${target} was not analysed`);
          const explanation = await explanationOf(store, id, image);
          const isText = options.format === 'text';
          console.out(isText ? explanationText(explanation, console.look) : jsonText(explanation));
          const isUnknown = explanation.verdict === 'no-data' || explanation.verdict === 'unknown';
          return isUnknown || isIncomplete(explanation.diagnostics) ? EXIT_STATUS.incomplete : EXIT_STATUS.done;
        }),
      );
    });
}
