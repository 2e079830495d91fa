import { Argument, Command } from 'commander';
import { isIncomplete } from '../../model/report/diagnostic.ts';
import { explanationText } from '../../report/explanation/explanation-text.ts';
import { explanationOf } from '../../report/explanation/stored-explanation.ts';
import type { Console } from '../console.ts';
import { addHelp, type HelpParts } from '../help.ts';
import { EXIT_STATUS } from '../exit-status.ts';
import { withAnalyzedTargets } from '../image-run.ts';
import { addImageOptions, IMAGE_ARGUMENT, IMAGE_FORMS, type ImageOptions } from '../image-options.ts';
import { addOutputOptions, type OutputOptions, writeOutput } from '../options/output-options.ts';
import { vulnerabilityArgument, vulnerabilityId } from '../options/vulnerability-argument.ts';
import { jsonText } from '../output/json-text.ts';

type ExplainOptions = ImageOptions & OutputOptions<'text' | 'json'>;

const HELP: HelpParts = {
  examples: ['clair explain CVE-2024-1234 debian:12', 'clair explain RHSA-2024:1234 image.tar --format json'],
  notes: [IMAGE_FORMS],
  exitStatus: {
    0: 'the explanation was printed',
    2: 'the image could not be analysed, or an option is invalid',
    3: 'no feed lists the vulnerability, no feed covers the release or package, or the report is incomplete',
    130: 'the command was stopped',
  },
};

/** Creates `clair explain CVE IMAGE`, which explains why a vulnerability does or does not affect an image. */
export function explainCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('explain')
    .description('Explain why a vulnerability does or does not affect an image.')
    .addArgument(vulnerabilityArgument())
    .addArgument(new Argument('<image>', IMAGE_ARGUMENT));
  addOutputOptions(command, ['text', 'json']);
  return addHelp(addImageOptions(command), HELP).action(
    async (name: string, target: string, options: ExplainOptions) => {
      const id = vulnerabilityId(name);
      exit(
        await withAnalyzedTargets(console, options, [target], async ([image]) => {
          if (image === undefined) throw new Error(`${target} was not analysed`);
          const explanation = await explanationOf(image.store, id, image);
          await writeOutput(console, options, (look) => [
            options.format === 'text' ? explanationText(explanation, look) : jsonText(explanation),
          ]);
          const isUnknown = explanation.verdict === 'no-data' || explanation.verdict === 'unknown';
          return isUnknown || isIncomplete(explanation.diagnostics) ? EXIT_STATUS.incomplete : EXIT_STATUS.done;
        }),
      );
    },
  );
}
