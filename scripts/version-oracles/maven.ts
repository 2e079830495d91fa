/**
 * Determines the order of versions with ComparableVersion of Maven 3.9.9 (Debian package `libmaven3-core-java`): `npx
 * tsx scripts/version-oracles/maven.ts [FEED …]`.
 */
import { maven } from '../../src/versions/maven.ts';
import { MAVEN_PIECES, mavenVersions } from '../../src/versions/testing/maven-rule.ts';
import { askProgram } from './ask-program.ts';
import { refreshAnswers } from './oracle-answers.ts';

const JARS = ['artifact', 'model', 'model-builder'].map((name) => `/usr/share/java/maven-${name}-3.x.jar`);

await refreshAnswers({
  scheme: maven,
  file: 'maven-order.txt',
  comment:
    'The order of ComparableVersion of Maven 3.9.9 (Debian package libmaven3-core-java), without versions on which it contradicts itself; see scripts/version-oracles/maven.ts',
  compare: async (pairs) =>
    askProgram(['java', '-cp', [...JARS, '/usr/share/java/commons-lang3.jar'].join(':')], 'Maven.java', pairs),
  randomVersions: mavenVersions(),
  pieces: MAVEN_PIECES,
  // Maven reads zeros of more than nine digits as a number above all numbers of up to nine digits.
  isExcepted: (version) => version === '' || /[^ -~]|(?<!\d)0{10,}(?!\d)/.test(version),
  between: (pair) => pair.flatMap(startsOf),
});

/**
 * Returns 0 and the prefixes of a version, each with and without a final dot. Maven puts a word at the end of a version
 * into a list of its own, but leaves a word before a dot in the current list.
 */
function startsOf(version: string): readonly string[] {
  const ends = Array.from(version.matchAll(/(?<=\d)(?=\D)|(?<=\D)(?=\d)|(?<=[^.-])(?=[.-])|$/g), ({ index }) => index);
  const starts = ends.map((end) => version.slice(0, end));
  return ['0', ...starts.flatMap((start) => [start, `${start}.`])].filter((start) => start !== '');
}
