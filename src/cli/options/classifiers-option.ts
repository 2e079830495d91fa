import { Option } from 'commander';
import type { Classifier } from '../../worker/detectors/libraries/programs/classifier.ts';
import { readClassifiers } from '../settings/classifier-file.ts';

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
  return file === undefined ? [] : await readClassifiers(file);
}
