import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { isIncomplete } from '../../model/report/diagnostic.ts';
import { parseSeverity, SEVERITIES, type Severity } from '../../model/severity.ts';
import { graphDot } from '../../report/graph/graph-dot.ts';
import { graphSvg } from '../../report/graph/graph-svg.ts';
import type { ImageGraph } from '../../report/graph/image-graph.ts';
import { graphOfImage } from '../../report/graph/stored-graph.ts';
import { jsonLines } from '../../report/writing/json-pieces.ts';
import { type Console, endableAtOnce } from '../console.ts';
import { EXIT_STATUS } from '../exit-status.ts';
import { writePieces } from '../output/report-output.ts';
import { addImageOptions, type ImageOptions, TARGET_FORMS, withAnalyzedTargets } from '../image-run.ts';

const FORMATS: Readonly<Record<'dot' | 'json' | 'svg', (graph: ImageGraph) => Iterable<string>>> = {
  dot: (graph) => [graphDot(graph)],
  json: jsonLines,
  svg: (graph) => [graphSvg(graph)],
};

type GraphOptions = ImageOptions & {
  readonly format: keyof typeof FORMATS;
  readonly package?: readonly string[];
  readonly severity?: Severity;
};

const HELP = `
Exit status: 0 drawn, 2 it could not be done, 3 drawn, but the answer is incomplete.

Examples:
  clair graph image.tar --format svg > image.svg
  clair graph image.tar --package openssl --severity High | dot -Tpng > openssl.png`;

/** `clair graph TARGET`: layers, packages, version lines and vulnerabilities of an image as a graph. */
export function graphCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('graph')
    .description('Draw an image: its layers, what they add and remove, version lines, and the vulnerabilities on them.')
    .addArgument(new Argument('<target>', TARGET_FORMS))
    .addOption(new Option('--format <format>', 'how to write it').choices(Object.keys(FORMATS)).default('dot'))
    .option('--package <name...>', 'only these packages, by their names or those of their source packages')
    .addOption(
      new Option('--severity <severity>', 'only vulnerabilities of this severity and worse').argParser(severity),
    );
  return addImageOptions(command)
    .addHelpText('after', HELP)
    .action(async (target: string, options: GraphOptions) => {
      exit(
        await withAnalyzedTargets(console, options, [target], async ({ store }, [image]) => {
          if (image === undefined) throw new Error(`${target} was not analysed`);
          const { package: packages, severity: least } = options;
          const filter = { ...(packages && { packages }), ...(least && { severity: least }) };
          const graph = await endableAtOnce(console, () => graphOfImage(store, image, filter, console.signal));
          await writePieces(console, FORMATS[options.format](graph));
          return isIncomplete(image.report.diagnostics) ? EXIT_STATUS.incomplete : EXIT_STATUS.done;
        }),
      );
    });
}

function severity(text: string): Severity {
  const parsed = parseSeverity(text);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError(`It must be one of ${SEVERITIES.join(', ')}.`);
}
