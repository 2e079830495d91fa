/**
 * Determines the order of versions with packaging 25.0 (Debian package python3-packaging): `npx tsx
 * scripts/version-oracles/pep440.ts [FEED …]`.
 */
import { pep440 } from '../../src/versions/pep440.ts';
import { PEP440_PIECES, pep440Versions } from '../../src/versions/testing/pep440-rule.ts';
import { askProgram } from './ask-program.ts';
import { refreshAnswers } from './oracle-answers.ts';

await refreshAnswers({
  scheme: pep440,
  file: 'pep440-order.txt',
  comment: 'The order of packaging 25.0 (Debian package python3-packaging); see scripts/version-oracles/pep440.ts',
  compare: async (pairs) => askProgram('python3', 'pep440.py', pairs),
  randomVersions: pep440Versions(),
  pieces: PEP440_PIECES,
});
