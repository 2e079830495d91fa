import { Argument, Command } from 'commander';
import { isIncomplete } from '../../model/report/diagnostic.ts';
import type { PackageKind } from '../../model/package-kind.ts';
import type { Severity } from '../../model/severity.ts';
import { graphDot } from '../../report/graph/graph-dot.ts';
import { graphSvg } from '../../report/graph/graph-svg.ts';
import type { ImageGraph } from '../../report/graph/image-graph.ts';
import { graphOfImage } from '../../report/graph/stored-graph.ts';
import { jsonLines } from '../../report/writing/json-pieces.ts';
import { type Console, interruptible } from '../console.ts';
import { EXIT_STATUS } from '../exit-status.ts';
import { addHelp, type HelpParts } from '../help.ts';
import { withAnalyzedTargets } from '../image-run.ts';
import { addImageOptions, IMAGE_ARGUMENT, IMAGE_FORMS, type ImageOptions } from '../image-options.ts';
import { severityOption, typeOption } from '../options/finding-options.ts';
import { nameList } from '../options/list-option.ts';
import { addOutputOptions, type OutputOptions, writeOutput } from '../options/output-options.ts';

const FORMATS: Readonly<Record<'dot' | 'json' | 'svg', (graph: ImageGraph) => Iterable<string>>> = {
  dot: (graph) => [graphDot(graph)],
  json: jsonLines,
  svg: (graph) => [graphSvg(graph)],
};

type GraphOptions = ImageOptions &
  OutputOptions<keyof typeof FORMATS> & {
    readonly package?: readonly string[];
    readonly severity?: readonly Severity[];
    readonly type?: readonly PackageKind[];
  };

const HELP: HelpParts = {
  examples: [
    'clair graph image.tar --format svg --output image.svg',
    'clair graph image.tar --package openssl --severity high,critical | dot -Tpng > openssl.png',
  ],
  notes: [IMAGE_FORMS],
  exitStatus: {
    0: 'the graph was written',
    2: 'the image could not be analysed, or an option is invalid',
    3: 'the report is incomplete',
    130: 'the command was stopped',
  },
};

/** Creates `clair graph IMAGE`, which draws layers, packages, version lines and vulnerabilities. */
export function graphCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('graph')
    .description('Draw the layers, version lines and vulnerabilities of an image.')
    .addArgument(new Argument('<image>', IMAGE_ARGUMENT));
  addOutputOptions(command, Object.keys(FORMATS))
    .option('--package <names>', 'Draw only these packages or source packages (list)', nameList)
    .addOption(severityOption('Draw only vulnerabilities of these severities, such as high,critical'))
    .addOption(typeOption('Draw only findings of this type'));
  return addHelp(addImageOptions(command), HELP).action(async (target: string, options: GraphOptions) => {
    exit(
      await withAnalyzedTargets(console, options, [target], async ([image]) => {
        if (image === undefined) throw new Error(`${target} was not analysed`);
        const { package: packages, severity: severities, type: kinds } = options;
        const filter = { ...(packages && { packages }), ...(severities && { severities }), ...(kinds && { kinds }) };
        const graph = await interruptible(console, () => graphOfImage(image.store, image, filter, console.signal));
        await writeOutput(console, options, () => FORMATS[options.format](graph));
        return isIncomplete(image.report.diagnostics) ? EXIT_STATUS.incomplete : EXIT_STATUS.done;
      }),
    );
  });
}
