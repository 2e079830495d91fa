import { Option } from 'commander';
import type { Classifier } from '../../worker/detectors/libraries/programs/classifier.ts';

/** Returns the option `--classifiers` of every command that analyses images. */
export function classifiersOption(): Option {
  return new Option('--classifiers <file>', 'Recognise more programs with the classifiers in this file');
}

/**
 * Reads the file of the option or, without the option, the file that the configuration names. Without a file, returns
 * no classifiers.
 *
 * @throws ClairError `classifiers/invalid`
 */
export async function chosenClassifiers(
  option: string | undefined,
  configured: string | undefined,
): Promise<readonly Classifier[]> {
  const file = option ?? configured;
  if (file === undefined) return [];
  const { readClassifiers } = await import('../settings/classifier-file.ts');
  return await readClassifiers(file);
}
