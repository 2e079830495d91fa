/**
 * Determines the order of versions with Gem::Version of RubyGems 3.6.7 (Debian package ruby): `npx tsx
 * scripts/version-oracles/gem.ts [FEED …]`.
 */
import { gem } from '../../src/versions/gem.ts';
import { GEM_PIECES, gemVersions } from '../../src/versions/testing/gem-rule.ts';
import { askProgram } from './ask-program.ts';
import { refreshAnswers } from './oracle-answers.ts';

await refreshAnswers({
  scheme: gem,
  file: 'gem-order.txt',
  comment: 'The order of Gem::Version of RubyGems 3.6.7 (Debian package ruby); see scripts/version-oracles/gem.ts',
  compare: async (pairs) => askProgram('ruby', 'gem.rb', pairs),
  randomVersions: gemVersions(),
  pieces: GEM_PIECES,
  // RubyGems reads the empty version as 0.
  isExcepted: (version) => version.trim() === '',
});
