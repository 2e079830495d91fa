import { Argument, Command, Option } from 'commander';
import type { Store } from '../database/store.ts';
import { ClairError } from '../errors.ts';
import { isAdvisoryId } from '../model/advisory.ts';
import { isIncomplete } from '../model/problem.ts';
import { explainFinding } from '../report/explanation/explained-finding.ts';
import type { Explanation } from '../report/explanation/explanation.ts';
import { explanationText } from '../report/explanation/explanation-text.ts';
import type { Console } from './console.ts';
import { EXIT_STATUS } from './exit-status.ts';
import {
  addImageOptions,
  type AnalyzedImage,
  type ImageOptions,
  TARGET_FORMS,
  withAnalyzedTargets,
} from './image-run.ts';

type ExplainOptions = ImageOptions & { readonly format: 'text' | 'json' };

const HELP = `
Exit status: 0 explained, 2 it could not be done, 3 explained, but the answer is incomplete: no source knows it or has data
for the release, or a problem of the image stands in the way.

Examples:
  clair explain CVE-2024-1234 debian:12
  clair explain RHSA-2024:1234 image.tar --format json`;

/** `clair explain CVE TARGET`: why a vulnerability is a finding of an image, or why it is none. */
export function explainCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('explain')
    .description(
      'Explain why a vulnerability is a finding of an image, or why it is none: rule, range, versions, layer.',
    )
    .addArgument(new Argument('<vulnerability>', 'its identifier: CVE-2024-1234, RHSA-2024:1234'))
    .addArgument(new Argument('<target>', TARGET_FORMS))
    .addOption(new Option('--format <format>', 'how to write it').choices(['text', 'json']).default('text'));
  return addImageOptions(command)
    .addHelpText('after', HELP)
    .action(async (name: string, target: string, options: ExplainOptions) => {
      const id = /^cve-/i.test(name) ? name.toUpperCase() : name;
      if (!isAdvisoryId(id)) throw new ClairError('cli/usage', `"${name}" cannot be the name of a vulnerability`);
      exit(
        await withAnalyzedTargets(console, options, [target], async ({ store }, [image]) => {
          if (image === undefined) throw new Error(`${target} was not analysed`);
          const explanation = await explained(store, id, image);
          const isText = options.format === 'text';
          console.out(
            isText ? explanationText(explanation, console.look) : `${JSON.stringify(explanation, null, 2)}\n`,
          );
          const isUnknown = explanation.verdict === 'no-data' || explanation.verdict === 'unknown';
          return isUnknown || isIncomplete(explanation.problems) ? EXIT_STATUS.incomplete : EXIT_STATUS.done;
        }),
      );
    });
}

/** How many records of one name are looked at: errata that fix the same CVE. */
const MAX_RECORDS = 1000;

async function explained(store: Store, id: string, { report, layers }: AnalyzedImage): Promise<Explanation> {
  const records = await store.vulnerabilities.about(id, MAX_RECORDS);
  const leaf = layers.at(-1);
  const installed = leaf === undefined ? [] : await store.layers.packages(leaf.id);
  const cpes = await store.repositories.cpesOf([...new Set(layers.flatMap(({ contentSets }) => contentSets))]);
  const products = layers.map(({ contentSets }) => new Set(contentSets.flatMap((name) => cpes.get(name) ?? [])));
  const changes = await Promise.all(layers.map((layer) => store.layers.changes(layer.id)));
  return explainFinding({ id, report, records, installed, changes, products });
}
